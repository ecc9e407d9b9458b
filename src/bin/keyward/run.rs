//! From the command line to the exit code.

use clap::{CommandFactory, FromArgMatches};

use crate::args::{Cli, IdentityVerb, TrustVerb, Verb};
use crate::exit::{Exit, Failure};
use crate::manual;
use crate::output::Output;
use crate::verbs;

/// Parses the command line, runs the verb and says how it ended.
pub(crate) fn run() -> Exit {
    let cli = match parse() {
        Ok(cli) => cli,
        Err(error) => {
            let _ = error.print();
            // clap's code for a wrong call is 2 and for --help 0, as here.
            return if error.use_stderr() { Exit::Unusable } else { Exit::Done };
        }
    };
    let mut output = Output::new(cli.verb.schema_if_json());
    match run_verb(&cli.verb, &mut output) {
        Ok(exit) => output.finish().map_or_else(|failure| say(&failure, &mut output), |()| exit),
        Err(failure) => say(&failure, &mut output),
    }
}

/// What is on the command line, as `Cli::try_parse` reads it.
fn parse() -> Result<Cli, clap::Error> {
    let mut command = Cli::command();
    let mut matches = command.try_get_matches_from_mut(std::env::args_os())?;
    let cli = Cli::from_arg_matches_mut(&mut matches).map_err(|error| error.format(&mut command));
    // Hundreds of small allocations, which the end of the process frees at once.
    std::mem::forget((command, matches));
    cli
}

pub(crate) fn run_verb(verb: &Verb, output: &mut Output) -> Result<Exit, Failure> {
    match verb {
        Verb::Fetch(args) => verbs::fetch::run(args, output),
        Verb::Diagnose(args) => verbs::diagnose::run(args, output),
        Verb::Verify(args) => verbs::verify::run(args, output),
        Verb::Inspect(args) => verbs::inspect::run(args, output),
        Verb::Convert(args) => verbs::convert::run(args, output),
        Verb::Trust(verb) => match verb.as_ref() {
            TrustVerb::Add(args) => verbs::trust_add::run(args, output),
            TrustVerb::List(args) => verbs::trust_list::run(args, output),
            TrustVerb::Remove(args) => verbs::trust_edit::remove(args, output),
            TrustVerb::Rename(args) => verbs::trust_edit::rename(args, output),
            TrustVerb::Export(args) => verbs::trust_export::run(args, output),
        },
        Verb::Identity(verb) => match verb.as_ref() {
            IdentityVerb::Build(args) => verbs::identity::build::run(args, output),
            IdentityVerb::Request(args) => verbs::identity::request::run(args, output),
            IdentityVerb::Check(args) => verbs::identity::check::run(args, output),
            IdentityVerb::Explain(args) => verbs::identity::explain::run(args, output),
            IdentityVerb::Try(args) => verbs::identity::attempt::run(args, output),
            IdentityVerb::Listen(args) => verbs::identity::listen::run(args, output),
        },
        Verb::Demo(args) => verbs::demo::run(args, output),
        Verb::Completions(args) => {
            let mut script = Vec::new();
            clap_complete::generate(args.shell, &mut Cli::command(), "keyward", &mut script);
            output.bytes(&script)?;
            Ok(Exit::Done)
        }
        Verb::Manual(args) => {
            output.bytes(&manual::page(&args.verb)?)?;
            Ok(Exit::Done)
        }
    }
}

fn say(failure: &Failure, output: &mut Output) -> Exit {
    output.failure(failure);
    failure.exit
}

impl Verb {
    /// The schema of the verb's JSON, when JSON was asked for: an error is then written as JSON too.
    fn schema_if_json(&self) -> Option<&'static str> {
        let (json, schema) = match self {
            Self::Fetch(args) => (args.json, "keyward.fetch/1"),
            Self::Diagnose(args) => (args.json, "keyward.diagnose/1"),
            Self::Verify(args) => (args.json, "keyward.verify/1"),
            Self::Inspect(args) => (args.json, "keyward.inspect/1"),
            Self::Convert(args) => (args.json, "keyward.convert/1"),
            Self::Trust(verb) => match verb.as_ref() {
                TrustVerb::Add(args) => (args.json, "keyward.trust-add/1"),
                TrustVerb::List(args) => (args.json, "keyward.trust-list/1"),
                TrustVerb::Remove(args) => (args.json, "keyward.trust-remove/1"),
                TrustVerb::Rename(args) => (args.json, "keyward.trust-rename/1"),
                TrustVerb::Export(args) => (args.json, "keyward.trust-export/1"),
            },
            Self::Identity(verb) => match verb.as_ref() {
                IdentityVerb::Build(args) => (args.json, "keyward.identity-build/1"),
                IdentityVerb::Request(args) => (args.json, "keyward.identity-request/1"),
                IdentityVerb::Check(args) => (args.json, "keyward.identity-check/1"),
                IdentityVerb::Explain(args) => (args.json, "keyward.identity-explain/1"),
                IdentityVerb::Try(args) => (args.json, "keyward.identity-try/1"),
                IdentityVerb::Listen(args) => (args.json, "keyward.identity-listen/1"),
            },
            Self::Demo(_) | Self::Completions(_) | Self::Manual(_) => (false, ""),
        };
        json.then_some(schema)
    }
}
