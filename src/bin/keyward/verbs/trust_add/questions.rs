//! The questions of an import: asked of a person, answered by `--yes`, or a reason to refuse.

use keyward::model::Certificate;
use keyward::trust::{Basis, Plan, Question, Step};

use super::Gathered;
use crate::again::Again;
use crate::args::TrustAddArgs;
use crate::exit::{Exit, Failure};
use crate::output::Output;
use crate::{question, render};

/// On what basis a question counts as answered with yes: what somebody was shown is confirmed, what `--yes`
/// says of something that only a network stands behind is not.
pub(super) fn basis(step: &Step, question: &Question, args: &TrustAddArgs, gathered: &Gathered) -> Basis {
    let about = subject_of(step, question);
    if args.yes && question_is_of_trust(question) && gathered.only_seen_on_a_network(about) {
        Basis::Unverified
    } else {
        Basis::Confirmed
    }
}

/// Settles what a plan leaves open. Nothing has been written yet.
pub(super) fn settle(
    plan: &Plan,
    args: &TrustAddArgs,
    gathered: &Gathered,
    output: &mut Output,
) -> Result<(), Failure> {
    let stdin_is_source = args.source == "-";
    for (step, question) in plan.open_questions() {
        let about = subject_of(step, question);
        if args.yes {
            if basis(step, question, args, gathered) == Basis::Unverified {
                output.warn(&format!(
                    "{} was only seen on the network; compare its SHA-256 with what its issuer publishes:\n  {}",
                    about.subject().short(),
                    about.fingerprint()
                ));
            }
            continue;
        }
        if !question::somebody_is_there(stdin_is_source) {
            return Err(nobody_to_ask(step, question, args));
        }
        output.talk(&render::certificate::for_question(&about.into()));
        if !question::yes(&sentence(step, question, args), stdin_is_source)? {
            return Err(Failure {
                exit: Exit::Short,
                id: "declined",
                message: "the answer was no: nothing was written".to_owned(),
                hints: Vec::new(),
            });
        }
    }
    Ok(())
}

fn question_is_of_trust(question: &Question) -> bool {
    matches!(question, Question::Trust | Question::Unproved | Question::TrustReply { .. })
}

fn subject_of<'a>(step: &'a Step, question: &'a Question) -> &'a Certificate {
    match question {
        Question::TrustReply { top } => top,
        _ => &step.certificate,
    }
}

fn sentence(step: &Step, question: &Question, args: &TrustAddArgs) -> String {
    let store = args.to.display();
    match question {
        Question::Trust => "Trust this certificate?".to_owned(),
        Question::Unproved => {
            "It is vouched for, but was read in the clear: the server did not prove that it holds the key. \
             Trust this certificate?"
                .to_owned()
        }
        Question::AlreadyInStore { alias } => {
            format!(
                "{store} holds this certificate already, as \"{alias}\". Add it as \"{}\" too?",
                step.alias
            )
        }
        Question::AlreadyInCacerts => {
            format!("The JDK's cacerts holds this certificate already. Add it to {store} too?")
        }
        Question::TrustReply { .. } => {
            format!(
                "The reply for \"{}\" ends with this certificate, which nothing vouches for. Install it?",
                step.alias
            )
        }
    }
}

fn nobody_to_ask(step: &Step, question: &Question, args: &TrustAddArgs) -> Failure {
    let about = subject_of(step, question);
    let name = about.subject().short();
    let print = about.fingerprint();
    let store = args.to.display();
    let (id, message) = match question {
        Question::Trust => (
            "not-vouched",
            format!("nothing in {store} vouches for {name} (sha256 {print}), and there is nobody to ask"),
        ),
        Question::Unproved => (
            "possession-not-proved",
            format!(
                "{name} (sha256 {print}) was read in the clear: the server did not prove that it holds the key, and \
                 there is nobody to ask"
            ),
        ),
        Question::AlreadyInStore { alias } => (
            "already-in-store",
            format!(
                "{store} holds {name} already, as \"{alias}\", and there is nobody to ask whether to add it again"
            ),
        ),
        Question::AlreadyInCacerts => (
            "already-in-cacerts",
            format!(
                "the JDK's cacerts holds {name} already, and there is nobody to ask whether to add it here too"
            ),
        ),
        Question::TrustReply { .. } => (
            "reply-not-vouched",
            format!(
                "the reply for \"{}\" ends with {name} (sha256 {print}), which nothing in {store} vouches for, and there is nobody to ask",
                step.alias
            ),
        ),
    };
    let failure = Failure::unusable(id, message);
    match question {
        Question::Trust | Question::Unproved => failure
            .hint("compare the SHA-256 with what its issuer publishes, then pin it:")
            .hint(pinned_command(step, args))
            .hint("or answer every question beforehand with --yes"),
        _ => failure.hint("to answer yes beforehand, add --yes"),
    }
}

fn pinned_command(step: &Step, args: &TrustAddArgs) -> String {
    let pin = format!("sha256:{}", step.certificate.fingerprint());
    let store = args.to.display().to_string();
    let again = Again::keyward(["trust", "add", &args.source, "--pick", &pin, "--to", &store]).import(args);
    format!("  {}", again.line())
}
