//! The arguments of a call, repeated in a command that it proposes.

use std::path::Path;
use std::time::Duration;

use keyward::fetch::{Proxy, StartTlsChoice};
use keyward::identity::{Identity, KeyAccess};

use crate::args::{ConnectArgs, DiagnoseArgs, IssuerArgs, PlaintextChoice, SaveArgs, TrustAddArgs};
use crate::password::{Spec, SpecText};
use crate::shell;

/// A command line in the making.
pub(crate) struct Again(Vec<String>);

impl Again {
    /// `keyward` with these words.
    pub(crate) fn keyward<S: AsRef<str>>(words: impl IntoIterator<Item = S>) -> Self {
        Self(vec!["keyward".to_owned()]).words(words)
    }

    /// More words.
    pub(crate) fn words<S: AsRef<str>>(mut self, words: impl IntoIterator<Item = S>) -> Self {
        self.0.extend(words.into_iter().map(|word| word.as_ref().to_owned()));
        self
    }

    /// The password's source, unless it is the password itself: that is not repeated on a screen.
    pub(crate) fn password(self, spec: Option<&SpecText>) -> Self {
        match spec.and_then(|text| text.parse().ok()) {
            None | Some(Spec::Text(_)) => self,
            Some(spec) => self.words(["--password", &spec.to_string()]),
        }
    }

    /// The same of another option.
    pub(crate) fn passwords<'a>(
        mut self,
        option: &str,
        specs: impl IntoIterator<Item = &'a SpecText>,
    ) -> Self {
        for text in specs {
            match text.parse() {
                Err(_) | Ok(Spec::Text(_)) => {}
                Ok(spec) => self = self.words([option, &spec.to_string()]),
            }
        }
        self
    }

    /// The same of `--key-password`, with the aliases.
    pub(crate) fn key_passwords(mut self, specs: &[SpecText]) -> Self {
        for text in specs {
            match text.parse_with_alias() {
                Err(_) | Ok((_, Spec::Text(_))) => {}
                Ok((None, spec)) => self = self.words(["--key-password", &spec.to_string()]),
                Ok((Some(alias), spec)) => {
                    self = self.words(["--key-password", &format!("{alias}={spec}")]);
                }
            }
        }
        self
    }

    /// What opens the key of an identity, where the store's password does not: the given sources, or a place for the
    /// right one.
    pub(crate) fn key_of(self, identity: &Identity, specs: &[SpecText]) -> Self {
        const PLACE: [&str; 2] = ["--key-password", "env:KEYPASS"];
        match identity.key {
            KeyAccess::StorePassword(_) | KeyAccess::Damaged(_) => self,
            KeyAccess::Closed => self.words(PLACE),
            KeyAccess::OwnPassword(_) => {
                let before = self.0.len();
                let again = self.key_passwords(specs);
                if again.0.len() == before { again.words(PLACE) } else { again }
            }
        }
    }

    /// An alias of `--alias`.
    pub(crate) fn alias(self, alias: &str) -> Self {
        self.option("--alias", Some(alias))
    }

    /// How the server is reached.
    pub(crate) fn connect(self, args: &ConnectArgs) -> Self {
        let patience = (args.timeout != ConnectArgs::TIMEOUT).then(|| milliseconds(args.timeout));
        let start_tls = args.starttls.and_then(|choice| match choice {
            StartTlsChoice::ByTarget => None,
            StartTlsChoice::Never => Some("none"),
            StartTlsChoice::Always(protocol) => Some(protocol.name()),
        });
        // Without its credentials, which are not repeated on a screen.
        let proxy = args.proxy.as_ref().map(|text| {
            let proxy = Some(&text.0).filter(|text| *text != "none").and_then(|text| Proxy::parse(text).ok());
            proxy.map_or_else(|| "none".to_owned(), |proxy| proxy.to_string())
        });
        let groups = list(args.groups.iter().map(|group| group.name().to_owned()));
        let plaintext = (args.plaintext != PlaintextChoice::Auto).then(|| args.plaintext.to_string());
        let alpn = list(args.alpn.iter().cloned());
        self.option("--sni", args.sni.as_deref())
            .option("--connect", args.connect.as_deref())
            .option("--timeout", patience.as_deref())
            .option("--starttls", start_tls)
            .option("--proxy", proxy.as_deref())
            .option("--groups", groups.as_deref())
            .option("--plaintext", plaintext.as_deref())
            .option("--alpn", alpn.as_deref())
    }

    /// Where issuers are looked for.
    pub(crate) fn issuers(mut self, args: &IssuerArgs) -> Self {
        for path in &args.untrusted {
            self = self.path("--untrusted", Some(path));
        }
        self.path("--java-home", args.java_home.as_deref())
            .flag("--no-aia", args.no_aia)
            .flag("--aia-local", args.aia_local)
    }

    /// All that an import was told, but for its source, its store and what it picks.
    pub(crate) fn import(self, args: &TrustAddArgs) -> Self {
        let SaveArgs { backup, in_place } = args.save;
        let format = args.format.map(|format| format.to_string());
        self.option("--alias", args.alias.as_deref())
            .flag("--trust-cacerts", args.trust_cacerts)
            .flag("--replace", args.replace)
            .option("--format", format.as_deref())
            .option("--for", args.target.as_deref())
            .flag("--backup", backup)
            .flag("--in-place", in_place)
            .password(args.passwords.password.as_ref())
            .connect(&args.connect)
            .issuers(&args.issuers)
    }

    /// The stores, passwords and the name of a diagnosis.
    pub(crate) fn diagnosis(mut self, args: &DiagnoseArgs) -> Self {
        for store in &args.trust {
            self = self.path("--trust", Some(store));
        }
        self.password(args.passwords.password.as_ref())
            .passwords("--in-password", &args.passwords.in_password)
            .option("--name", args.name.as_deref())
    }

    /// The store of `--to`.
    pub(crate) fn to(self, store: &str) -> Self {
        self.option("--to", Some(store))
    }

    /// The line, quoted for a shell.
    pub(crate) fn line(self) -> String {
        shell::command(self.0)
    }

    fn option(self, name: &str, value: Option<&str>) -> Self {
        match value {
            // Apart from its option, it would be taken for another one.
            Some(value) if value.starts_with('-') => self.words([format!("{name}={value}")]),
            Some(value) => self.words([name, value]),
            None => self,
        }
    }

    fn path(self, name: &str, value: Option<&Path>) -> Self {
        self.option(name, value.map(|path| path.display().to_string()).as_deref())
    }

    fn flag(self, name: &str, given: bool) -> Self {
        if given { self.words([name]) } else { self }
    }
}

fn list(items: impl Iterator<Item = String>) -> Option<String> {
    let items: Vec<String> = items.collect();
    (!items.is_empty()).then(|| items.join(","))
}

fn milliseconds(time: Duration) -> String {
    format!("{}ms", time.as_millis())
}
