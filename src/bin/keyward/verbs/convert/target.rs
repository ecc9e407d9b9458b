//! What is to be written, from the options and the file's name.

use std::path::Path;

use keyward::convert::Target;
use keyward::model::key_store::StoreFormat;

use crate::args::{ConvertArgs, TargetFormat};
use crate::exit::Failure;
use crate::store;

/// The target of a call.
pub(super) fn of(args: &ConvertArgs, path: Option<&Path>) -> Result<Target, Failure> {
    let format = match (args.format, path) {
        (Some(format), _) => format,
        (None, None) => TargetFormat::Pem,
        (None, Some(path)) => by_extension(path)?,
    };
    let target = match format {
        TargetFormat::Pem => Target::Pem,
        TargetFormat::Der => Target::Der,
        TargetFormat::P7b => Target::P7b,
        TargetFormat::Jks => Target::Java(StoreFormat::Jks),
        TargetFormat::Jceks => Target::Java(StoreFormat::Jceks),
        TargetFormat::Pkcs12 => Target::Pkcs12(Box::new(args.profile.protection())),
    };
    if args.profile.is_given() && !matches!(target, Target::Pkcs12(_)) {
        return Err(store::no_profile(target.name()));
    }
    Ok(target)
}

fn by_extension(path: &Path) -> Result<TargetFormat, Failure> {
    let extension = path.extension().and_then(|e| e.to_str()).unwrap_or_default().to_lowercase();
    Ok(match extension.as_str() {
        "pem" | "crt" | "cer" | "key" => TargetFormat::Pem,
        "der" => TargetFormat::Der,
        "p7b" | "p7c" | "spc" => TargetFormat::P7b,
        "jks" => TargetFormat::Jks,
        "jceks" => TargetFormat::Jceks,
        "p12" | "pfx" | "pkcs12" => TargetFormat::Pkcs12,
        _ => {
            return Err(Failure::unusable(
                "no-format",
                format!("the name {} does not say in which format to write", path.display()),
            )
            .hint("give --format pem, der, p7b, jks, jceks or pkcs12"));
        }
    })
}
