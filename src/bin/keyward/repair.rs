//! The command line that repairs a finding.

use std::path::Path;

use keyward::format::detect;
use keyward::model::Certificate;
use keyward::report::finding::{Finding, FindingId, Repair, Severity};

use crate::again::Again;
use crate::args::DiagnoseArgs;
use crate::source::{self, Source};

/// The store that is named where the caller named none.
const NEW_STORE: &str = "truststore.p12";

/// Makes command lines for the findings of one subject.
pub(crate) struct Repairer<'a> {
    args: &'a DiagnoseArgs,
    source: &'a Source,
    alias: Option<&'a str>,
}

impl<'a> Repairer<'a> {
    /// For the findings of `source`, as it was diagnosed with `args`; of a keystore, those of the entry `alias`.
    pub(crate) fn new(args: &'a DiagnoseArgs, source: &'a Source, alias: Option<&'a str>) -> Self {
        Self { args, source, alias }
    }

    /// The command that repairs a finding. What it imports is pinned: it can import nothing else than what
    /// was seen. A trust store that is a file of certificates has none: it is not written.
    pub(crate) fn command(&self, finding: &Finding) -> Option<String> {
        match finding.repair.as_ref()? {
            Repair::TrustRoot { certificate, store } => self.import(certificate, store),
            Repair::TrustLeaf { certificate, stores } => {
                self.import(certificate, stores.first().map_or("", String::as_str))
            }
            Repair::SendChain { certificates } => {
                // Who asks with a trust store is a client: the server is not theirs to repair. What is no
                // error to them, their store has already.
                let store = self.args.trust.first().filter(|_| finding.severity == Severity::Error);
                let missing = finding
                    .certificate
                    .filter(|_| finding.id == FindingId::MissingIntermediate)
                    .and_then(|print| certificates.iter().find(|sent| sent.fingerprint() == print));
                match (store, missing) {
                    (Some(store), Some(missing)) => self.import(missing, &store.display().to_string()),
                    _ => Some(self.write_chain()),
                }
            }
        }
    }

    fn import(&self, certificate: &Certificate, label: &str) -> Option<String> {
        let asked = self.args.trust.iter().find(|path| path.display().to_string() == label);
        let store = match asked {
            Some(path) if !is_key_store(path) => return None,
            Some(path) => path.display().to_string(),
            None => NEW_STORE.to_owned(),
        };
        let pin = format!("sha256:{}", certificate.fingerprint());
        let of_store = self.args.passwords.password.as_ref().filter(|_| !self.args.trust.is_empty());
        let import = |source: &str| {
            Again::keyward(["trust", "add", source, "--pick", &pin])
                .to(&store)
                .password(of_store)
                .connect(&self.args.connect)
                .issuers(&self.args.issuers)
                .line()
        };
        Some(match self.alias {
            // A keystore is no source of an import, but what it exports is.
            Some(alias) => format!("{} | {}", self.export(alias), import("-")),
            None => import(&self.subject()),
        })
    }

    fn export(&self, alias: &str) -> String {
        let of_source = self.args.passwords.in_password.first().or(self.args.passwords.password.as_ref());
        Again::keyward(["trust", "export", &self.subject(), alias, "--chain"]).password(of_source).line()
    }

    fn write_chain(&self) -> String {
        Again::keyward(["diagnose", &self.subject()])
            .diagnosis(self.args)
            .connect(&self.args.connect)
            .issuers(&self.args.issuers)
            .words(["-o", &new_file()])
            .line()
    }

    /// The source as a word that is no option.
    fn subject(&self) -> String {
        let label = self.source.label();
        match self.source {
            Source::File(_) if label.starts_with('-') => format!("./{label}"),
            _ => label,
        }
    }
}

/// Whether a store that was asked can take an entry: a file of certificates cannot.
fn is_key_store(path: &Path) -> bool {
    source::read_file(path).is_ok_and(|bytes| detect::detect(&bytes).is_key_store())
}

/// A file for the chain that does not exist yet, so that the command overwrites nothing, the least of all what was
/// diagnosed.
fn new_file() -> String {
    let numbered = (2..100).map(|number| format!("repaired-{number}.pem"));
    let names = ["chain.pem", "repaired.pem"].into_iter().map(str::to_owned).chain(numbered);
    names.into_iter().find(|name| !Path::new(name).exists()).unwrap_or_else(|| "repaired-100.pem".to_owned())
}
