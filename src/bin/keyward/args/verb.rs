//! The verbs. What a verb takes is built when that verb was typed: building all of it at each start of the
//! command took longer than most verbs do.

use clap::error::ErrorKind;
use clap::{ArgMatches, Args, Command, Error, FromArgMatches, Subcommand};

use super::{
    ConvertArgs, DemoArgs, DiagnoseArgs, FetchArgs, IdentityBuildArgs, IdentityCheckArgs,
    IdentityExplainArgs, IdentityListenArgs, IdentityRequestArgs, IdentityTryArgs, InspectArgs, TrustAddArgs,
    TrustExportArgs, TrustListArgs, TrustRemoveArgs, TrustRenameArgs, VerifyArgs,
};

/// Makes an enum of verbs from their arguments, their names and what the help says of them.
macro_rules! verbs {
    ($(#[$doc:meta])* $all:ident { $($variant:ident($args:ty), $name:literal, $about:literal;)+ }) => {
        $(#[$doc])*
        #[derive(Debug)]
        pub(crate) enum $all {
            $(#[doc = $about] $variant(Box<$args>),)+
        }

        impl Subcommand for $all {
            fn augment_subcommands(command: Command) -> Command {
                command
                    .subcommand_required(true)
                    .arg_required_else_help(true)
                    $(.subcommand(Command::new($name).about($about).defer(<$args as Takes>::augment)))+
            }

            fn augment_subcommands_for_update(command: Command) -> Command {
                Self::augment_subcommands(command)
            }

            fn has_subcommand(name: &str) -> bool {
                [$($name),+].contains(&name)
            }
        }

        impl FromArgMatches for $all {
            fn from_arg_matches(matches: &ArgMatches) -> Result<Self, Error> {
                match matches.subcommand() {
                    $(Some(($name, matches)) => {
                        Ok(Self::$variant(Box::new(<$args>::from_arg_matches(matches)?)))
                    })+
                    _ => Err(Error::new(ErrorKind::MissingSubcommand)),
                }
            }

            fn update_from_arg_matches(&mut self, matches: &ArgMatches) -> Result<(), Error> {
                *self = Self::from_arg_matches(matches)?;
                Ok(())
            }
        }
    };
}

verbs! {
    /// What the command can do.
    Verb {
        Fetch(FetchArgs), "fetch", "Show the certificate chain that a server presents, whatever is wrong with it";
        Diagnose(DiagnoseArgs), "diagnose", "Say what is wrong with a chain, and what repairs it";
        Verify(VerifyArgs), "verify", "Say who would accept a chain: a JVM, a rustls client, RFC 5280, the CA/Browser Forum";
        Inspect(InspectArgs), "inspect", "Show what is in files: certificates, keys, requests, CRLs, keystores, and what protects them";
        Convert(ConvertArgs), "convert", "Turn keystores and files of certificates and keys into any other format";
        Trust(TrustVerb), "trust", "Work on a trust store: add, list, remove, rename, export";
        Identity(IdentityVerb), "identity", "Work on a client identity: build, request, check, explain, try, listen";
        Demo(DemoArgs), "demo", "Play the whole story against a server of keyward's own: no network, nothing installed";
        Completions(CompletionsArgs), "completions", "Print a completion script for a shell";
        Manual(ManualArgs), "manual", "Print a manual page: the main one, or that of a verb";
    }
}

verbs! {
    /// What can be done to a trust store.
    TrustVerb {
        Add(TrustAddArgs), "add", "Import a certificate by the rules of keytool -importcert, and say whether a JVM now accepts it";
        List(TrustListArgs), "list", "List the entries of a keystore";
        Remove(TrustRemoveArgs), "remove", "Remove an entry";
        Rename(TrustRenameArgs), "rename", "Give an entry another alias";
        Export(TrustExportArgs), "export", "Write the certificate of an entry, or its chain, as PEM or DER";
    }
}

verbs! {
    /// What can be done with client identities.
    IdentityVerb {
        Build(IdentityBuildArgs), "build", "Make a client identity of a key and certificates, or put it into a keystore";
        Request(IdentityRequestArgs), "request", "Make a key and a certificate request for a CA";
        Check(IdentityCheckArgs), "check", "Say what would make a client identity fail";
        Explain(IdentityExplainArgs), "explain", "Say which identity a JVM would send to a server, and why not the others";
        Try(IdentityTryArgs), "try", "Shake hands with a client identity, and say what the server makes of it";
        Listen(IdentityListenArgs), "listen", "Ask clients for their certificate, and show what they really send";
    }
}

#[derive(Debug, Args)]
#[command(
    after_help = "Example:\n  keyward completions bash > ~/.local/share/bash-completion/completions/keyward"
)]
pub(crate) struct CompletionsArgs {
    /// The shell.
    pub(crate) shell: clap_complete::Shell,
}

#[derive(Debug, Args)]
#[command(after_help = "Examples:\n  keyward manual > keyward.1\n  keyward manual trust add | man -l -")]
pub(crate) struct ManualArgs {
    /// The verb, as in `keyward manual trust add`.
    pub(crate) verb: Vec<String>,
}

/// What a verb takes: arguments, or verbs of its own.
trait Takes {
    fn augment(command: Command) -> Command;
}

impl<A: Args> Takes for A {
    fn augment(command: Command) -> Command {
        // What is written of a group of arguments would be taken for what is said of the verb.
        let about = command.get_about().cloned().unwrap_or_default();
        A::augment_args(command).about(about).long_about(None::<&str>)
    }
}

impl Takes for IdentityVerb {
    fn augment(command: Command) -> Command {
        Self::augment_subcommands(command)
    }
}

impl Takes for TrustVerb {
    fn augment(command: Command) -> Command {
        Self::augment_subcommands(command)
    }
}
