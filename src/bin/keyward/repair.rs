//! The command line that repairs a finding.

use keyward::model::Certificate;
use keyward::report::finding::{Finding, Repair, Severity};

use crate::args::DiagnoseArgs;
use crate::password::Spec;
use crate::shell;
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
            // A store that has the link itself needs no import: only the server is left to repair.
            Repair::SendChain { .. } if finding.severity < Severity::Error => Some(self.write_chain()),
            Repair::SendChain { certificates } => Some(match self.args.trust.first() {
                // Who asks with a trust store is a client: the server is not theirs to repair.
                Some(store) => match finding.certificate.and_then(|print| {
                    certificates.iter().find(|certificate| certificate.fingerprint() == print)
                }) {
                    Some(missing) => self.import(missing, store.display().to_string()),
                    None => self.write_chain(),
                },
                None => self.write_chain(),
            }),
        }
    }

    fn store(&self, label: &str) -> String {
        let asked = self.args.trust.iter().map(|path| path.display().to_string());
        asked.into_iter().find(|path| path == label).unwrap_or_else(|| NEW_STORE.to_owned())
    }

    fn import(&self, certificate: &Certificate, store: String) -> String {
        let pin = format!("sha256:{}", certificate.fingerprint());
        let mut words = vec!["keyward".to_owned(), "trust".to_owned(), "add".to_owned(), self.source.label()];
        words.extend(["--pick".to_owned(), pin, "--to".to_owned(), store]);
        if !self.args.trust.is_empty() {
            // A password on the command line is not repeated on the screen.
            let spec = self.args.passwords.password.as_ref().and_then(|text| text.parse().ok());
            if let Some(spec) = spec.filter(|spec| !matches!(spec, Spec::Text(_))) {
                words.extend(["--password".to_owned(), spec.to_string()]);
            }
        }
        self.carry_over(&mut words);
        shell::command(words)
    }

    fn write_chain(&self) -> String {
        let mut words = vec!["keyward".to_owned(), "diagnose".to_owned(), self.source.label()];
        self.carry_over(&mut words);
        words.extend(["-o".to_owned(), "chain.pem".to_owned()]);
        shell::command(words)
    }

    /// The arguments without which the source would not be found, or not the same path.
    fn carry_over(&self, words: &mut Vec<String>) {
        let mut option = |name: &str, value: Option<String>| {
            if let Some(value) = value {
                words.extend([name.to_owned(), value]);
            }
        };
        option("--sni", self.args.connect.sni.clone());
        option("--connect", self.args.connect.connect.clone());
        for path in &self.args.issuers.untrusted {
            option("--untrusted", Some(path.display().to_string()));
        }
        option("--java-home", self.args.issuers.java_home.as_ref().map(|path| path.display().to_string()));
        if self.args.issuers.no_aia {
            words.push("--no-aia".to_owned());
        }
        if self.args.issuers.aia_local {
            words.push("--aia-local".to_owned());
        }
    }
}
