//! The request that is explained: of a server, or saved.

use keyward::model::ClientAuthRequest;
use keyward::report::client_auth::ClientAuth;
use serde_json::Value;

use crate::args::IdentityExplainArgs;
use crate::exit::Failure;
use crate::{connection, source};

/// A request, as it is shown and as it is read.
pub(super) struct Asked {
    /// The server, or the file.
    pub(super) label: String,
    pub(super) shown: ClientAuth,
    /// `None` where the server asks for nothing, or its request could not be read.
    pub(super) request: Option<ClientAuthRequest>,
}

pub(super) fn of(args: &IdentityExplainArgs) -> Result<Asked, Failure> {
    if let Some(path) = &args.request {
        let label = path.display().to_string();
        let bytes = if label == "-" { source::read_stdin()? } else { source::read_file(path)? };
        return saved(&bytes, label);
    }
    let text = args.target.as_deref().unwrap_or_default();
    let target = source::target(text)?;
    let presented = connection::fetch(&target, &args.connect)?;
    let shown = connection::client_auth(&presented);
    Ok(Asked { label: target.to_string(), shown, request: presented.client_request })
}

/// What `fetch --json` or `fetch --jsonl` printed, of one target; or its `client_auth` alone.
fn saved(bytes: &[u8], label: String) -> Result<Asked, Failure> {
    let unusable = |why: String| {
        Failure::unusable("not-a-request", format!("{label}: {why}"))
            .hint("save one with:")
            .hint("  keyward fetch --json TARGET > request.json")
    };
    let document: Value =
        serde_json::from_slice(bytes).map_err(|error| unusable(format!("it is no JSON: {error}")))?;
    let target = match document.get("targets").and_then(Value::as_array).map(Vec::as_slice) {
        Some([only]) => only,
        Some(several) => return Err(unusable(format!("it holds {} targets instead of one", several.len()))),
        None => &document,
    };
    if let Some(message) = target.pointer("/error/message").and_then(Value::as_str) {
        return Err(unusable(format!("the server was not reached: {message}")));
    }
    let asked = target.get("client_auth").unwrap_or(target);
    let shown: ClientAuth = serde_json::from_value(asked.clone())
        .map_err(|error| unusable(format!("it holds no client_auth: {error}")))?;
    let request = shown.request().map_err(|error| unusable(error.to_string()))?;
    let of = target.get("target").and_then(Value::as_str);
    let label = of.map_or_else(|| label.clone(), |of| format!("{label} ({of})"));
    Ok(Asked { label, shown, request })
}
