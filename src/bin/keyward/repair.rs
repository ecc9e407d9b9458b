//! The command line that repairs a finding.

use keyward::model::Certificate;
use keyward::report::finding::{Finding, Repair, Severity};

use crate::again::Again;
use crate::args::DiagnoseArgs;
use crate::source::Source;

/// The store that is named where the caller named none.
const NEW_STORE: &str = "truststore.p12";

/// Makes command lines for the findings of one subject.
pub(crate) struct Repairer<'a> {
    args: &'a DiagnoseArgs,
    source: &'a Source,
}

impl<'a> Repairer<'a> {
    /// For the findings of `source`, as it was diagnosed with `args`.
    pub(crate) fn new(args: &'a DiagnoseArgs, source: &'a Source) -> Self {
        Self { args, source }
    }

    /// The command that repairs a finding. What it imports is pinned: it can import nothing else than what
    /// was seen.
    pub(crate) fn command(&self, finding: &Finding) -> Option<String> {
        match finding.repair.as_ref()? {
            Repair::TrustRoot { certificate, store } => Some(self.import(certificate, self.store(store))),
            Repair::TrustLeaf { certificate, stores } => {
                Some(self.import(certificate, self.store(stores.first().map_or("", String::as_str))))
            }
            Repair::SendChain { certificates } => {
                // Who asks with a trust store is a client: the server is not theirs to repair. What is no
                // error to them, their store has already.
                let store = self.args.trust.first().filter(|_| finding.severity == Severity::Error);
                let missing = finding
                    .certificate
                    .and_then(|print| certificates.iter().find(|sent| sent.fingerprint() == print));
                Some(match (store, missing) {
                    (Some(store), Some(missing)) => self.import(missing, store.display().to_string()),
                    _ => self.write_chain(),
                })
            }
        }
    }

    fn store(&self, label: &str) -> String {
        let asked = self.args.trust.iter().map(|path| path.display().to_string());
        asked.into_iter().find(|path| path == label).unwrap_or_else(|| NEW_STORE.to_owned())
    }

    fn import(&self, certificate: &Certificate, store: String) -> String {
        let pin = format!("sha256:{}", certificate.fingerprint());
        let again = Again::keyward(["trust", "add", &self.source.label(), "--pick", &pin, "--to", &store]);
        let of_store = self.args.passwords.password.as_ref().filter(|_| !self.args.trust.is_empty());
        again.password(of_store).connect(&self.args.connect).issuers(&self.args.issuers).line()
    }

    fn write_chain(&self) -> String {
        Again::keyward(["diagnose", &self.source.label()])
            .connect(&self.args.connect)
            .issuers(&self.args.issuers)
            .words(["-o", "chain.pem"])
            .line()
    }
}
