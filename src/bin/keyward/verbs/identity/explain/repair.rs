//! The commands that get an identity sent.

use std::path::Path;

use keyward::identity::Identity;
use keyward::identity::select::{Choice, Rejection, Test};
use keyward::model::key_store::alias;

use super::nearness;
use crate::again::Again;
use crate::args::IdentityExplainArgs;

/// Makes commands for the identities of one store.
pub(super) struct Repairs<'a> {
    args: &'a IdentityExplainArgs,
    store: String,
}

impl<'a> Repairs<'a> {
    pub(super) fn new(args: &'a IdentityExplainArgs, store: &Path) -> Self {
        Self { args, store: store.display().to_string() }
    }

    /// The command for what keeps an identity from being sent, where one helps.
    pub(super) fn of(&self, rejection: &Rejection<'_>) -> Option<String> {
        let identity = rejection.identity;
        match &rejection.test {
            Test::Issuers { .. } if is_incomplete(identity) => {
                // What the certificates name as the place of their issuer, the command finds itself.
                let reachable = identity.chain.last().is_some_and(|last| !last.ca_issuers().is_empty());
                let chain: &[&str] = if reachable { &[] } else { &["--chain", "INTERMEDIATE.pem"] };
                Some(self.rebuild(identity, chain))
            }
            Test::Algorithms { is_root: true, .. } => Some(self.rebuild(identity, &["--root", "omit"])),
            Test::KeyPassword => Some(self.rebuild(identity, &[])),
            Test::Issuers { .. } | Test::KeyType { .. } | Test::Scheme(_) => Some(self.request(rejection)),
            Test::KeyTypeOrder { .. } | Test::Order { .. } => Some(self.alone(identity)),
            _ => None,
        }
    }

    /// The command for the identity that is asked about, else for the one that came nearest; none where all is well.
    pub(super) fn best(&self, choice: &Choice<'_>, wanted: Option<&str>) -> Option<String> {
        let folded = wanted.map(alias::fold);
        let is_meant = |rejection: &&Rejection<'_>| match &folded {
            Some(folded) => alias::fold(&rejection.identity.alias) == *folded,
            None => choice.sent().is_none(),
        };
        let meant: Vec<&Rejection<'_>> = choice.rejected.iter().filter(is_meant).collect();
        // Where one key keeps the manager from being made, that is what to repair.
        let blocking = choice.rejected.iter().find(|rejection| {
            matches!(rejection.test, Test::KeyPassword) && choice.chosen.is_none() && !meant.is_empty()
        });
        let nearest = meant.into_iter().rev().max_by_key(|rejection| nearness(&rejection.test));
        blocking.or(nearest).and_then(|rejection| self.of(rejection))
    }

    fn rebuild(&self, identity: &Identity, more: &[&str]) -> String {
        let from = format!("{}#{}", self.store, identity.alias);
        Again::keyward(["identity", "build", "--from", &from])
            .words(more)
            .alias(&identity.alias)
            .words(["-o", &self.store, "--replace"])
            .key_of(identity, &self.args.passwords.key_password)
            .password(self.args.passwords.password.as_ref())
            .line()
    }

    /// A store of its own, so that there is nothing else to choose.
    fn alone(&self, identity: &Identity) -> String {
        let from = format!("{}#{}", self.store, identity.alias);
        let plain: String = alias::from_name(&identity.alias).chars().take(64).collect::<String>();
        let name = if plain.is_empty() { "identity" } else { &plain };
        Again::keyward(["identity", "build", "--from", &from])
            .alias(&identity.alias)
            .words(["-o", &format!("{name}-alone.p12")])
            .key_of(identity, &self.args.passwords.key_password)
            .password(self.args.passwords.password.as_ref())
            .line()
    }

    /// A new identity that the server may take.
    fn request(&self, rejection: &Rejection<'_>) -> String {
        let subject = rejection.identity.chain.first().map(|leaf| leaf.subject().rfc4514().to_owned());
        let key_type = match &rejection.test {
            Test::KeyType { asked, .. } => match asked.first() {
                Some(&"RSA") => Some("rsa:3072"),
                Some(&"EC") => Some("ec:p256"),
                _ => None,
            },
            _ => None,
        };
        let key_type: Vec<&str> = key_type.map(|key| vec!["--key-type", key]).unwrap_or_default();
        Again::keyward(["identity", "request", "--subject", &subject.unwrap_or_default()])
            .words(key_type)
            .alias(&rejection.identity.alias)
            .words(["-o", "new-identity.p12", "--csr", "new-identity.csr"])
            .password(self.args.passwords.password.as_ref())
            .line()
    }
}

/// Whether the chain's last certificate has an issuer that the chain lacks, and that may be an intermediate.
fn is_incomplete(identity: &Identity) -> bool {
    identity.chain.last().is_some_and(|last| !last.is_self_issued())
}
