//! `keyward diagnose`.

use keyward::chain::names::ServerName;
use keyward::model::key_store::EntryKind;
use keyward::model::{Certificate, EncodedCertificate};
use keyward::report::certificate::CertificateReport;
use keyward::report::diagnose::{DiagnoseReport, DiagnosedSubject, RepairableFinding};
use keyward::report::fetch::ErrorReport;
use keyward::report::finding::Severity;

use crate::args::DiagnoseArgs;
use crate::exit::{Exit, Failure};
use crate::output::Output;
use crate::purse::Purse;
use crate::repair::Repairer;
use crate::source::{self, Source};
use crate::store;
use crate::survey::{Survey, Surveyed};
use crate::{anchors, certificates, connection, render, shell};

/// A chain to diagnose: what it is called, whom it has to be for, where it came from.
struct Chain {
    label: String,
    host: Option<ServerName>,
    presented: Vec<EncodedCertificate>,
    peer: Option<std::net::IpAddr>,
    client_certificate: Option<&'static str>,
}

pub(crate) fn run(args: &DiagnoseArgs, output: &mut Output) -> Result<Exit, Failure> {
    let sources = args.subjects.iter().map(|text| Source::parse(text)).collect::<Result<Vec<_>, _>>()?;
    let stdin_is_source = sources.contains(&Source::Stdin);
    let asked_name = args.name.as_deref().map(server_name).transpose()?;
    if args.output.is_some() && sources.len() > 1 {
        return Err(Failure::unusable(
            "several-chains",
            "one file cannot take the chains of several subjects",
        ));
    }
    let mut purse = Purse::new(&args.passwords, stdin_is_source)?;
    let asked = anchors::given(&args.trust, &mut purse, output)?;
    let survey = Survey::new(&args.issuers, asked, output)?.through(connection::proxies(&args.connect)?);
    let mut subjects = Vec::new();
    let mut exit = Exit::Done;
    for source in &sources {
        let (subject, code) = match read(source, args, &mut purse, output) {
            Ok(mut chain) => {
                chain.host = asked_name.clone().or(chain.host);
                diagnose(&chain, source, &survey, args, output)?
            }
            Err(failure) => {
                output.say(&failure);
                (unread(source, &failure), failure.exit)
            }
        };
        exit = exit.max(code);
        if !args.json && subject.error.is_none() {
            let gap = if subjects.is_empty() { "" } else { "\n" };
            let text = render::diagnose::subject(&subject, output);
            output.text(&format!("{gap}{text}"))?;
        }
        subjects.push(subject);
    }
    if args.json {
        output.json(&DiagnoseReport { schema: "keyward.diagnose/1", subjects })?;
    }
    Ok(exit)
}

fn diagnose(
    chain: &Chain,
    source: &Source,
    survey: &Survey<'_>,
    args: &DiagnoseArgs,
    output: &mut Output,
) -> Result<(DiagnosedSubject, Exit), Failure> {
    let diagnosis = survey.diagnose(&Surveyed {
        name: &chain.label,
        host: chain.host.as_ref(),
        presented: &chain.presented,
        peer: chain.peer,
    });
    if args.output.is_some() || args.format.is_some() {
        let repaired: Vec<EncodedCertificate> =
            diagnosis.to_send().iter().map(EncodedCertificate::from).collect();
        if repaired.is_empty() {
            return Err(Failure::unusable(
                "no-chain",
                format!("{} has no chain that could be written", chain.label),
            ));
        }
        certificates::write(&repaired, args.output.as_deref(), args.format, output)?;
        if let (Some(path), Source::Target(_)) = (&args.output, source) {
            output.talk(&format!("let {} send what is in {}", chain.label, path.display()));
        }
    }
    let code = match diagnosis.worst() {
        Some(Severity::Error | Severity::Warning) => Exit::Short,
        Some(Severity::Info) | None => Exit::Done,
    };
    let repairer = Repairer::new(args, source);
    let findings = diagnosis
        .findings
        .iter()
        .map(|finding| RepairableFinding { fix: repairer.command(finding), finding: finding.clone() })
        .collect();
    let subject = DiagnosedSubject {
        subject: diagnosis.subject,
        error: None,
        findings,
        path: diagnosis.path.iter().map(CertificateReport::from).collect(),
        anchors: diagnosis.anchors,
        client_certificate: chain.client_certificate,
    };
    Ok((subject, code))
}

/// Reads a subject: the chain of a server, of a file, or of the private keys in a keystore.
fn read(
    source: &Source,
    args: &DiagnoseArgs,
    purse: &mut Purse,
    output: &mut Output,
) -> Result<Chain, Failure> {
    let label = source.label();
    let reading = match source {
        Source::Target(target) => {
            let presented = connection::fetch(target, &args.connect)?;
            return Ok(Chain {
                label,
                host: Some(connection::server_name(target)),
                client_certificate: Some(connection::client_certificate(&presented)),
                presented: presented.chain,
                peer: presented.server,
            });
        }
        Source::File(path) => match source::certificates_of_file(path) {
            Err(failure) if failure.id == "is-a-keystore" => {
                let opened = store::open_input(path, purse)?;
                let entries = opened.store.entries();
                let key =
                    entries.iter().find(|entry| entry.kind == EntryKind::PrivateKey).ok_or_else(|| {
                        Failure::unusable(
                            "no-key-entry",
                            format!("{label} holds no private key with a chain"),
                        )
                        .hint(format!(
                            "to look at a trust store: {}",
                            shell::command(["keyward", "trust", "list", &label])
                        ))
                    })?;
                let presented = key.chain.iter().map(|certificate| (*certificate).clone()).collect();
                return Ok(Chain { label, host: None, presented, peer: None, client_certificate: None });
            }
            other => other?,
        },
        Source::Stdin => source::certificates(&source::read_stdin()?, "standard input")?,
    };
    for note in &reading.notes {
        output.warn(note);
    }
    let presented = reading.certificates.iter().map(|c: &Certificate| c.into()).collect();
    Ok(Chain { label, host: None, presented, peer: None, client_certificate: None })
}

fn unread(source: &Source, failure: &Failure) -> DiagnosedSubject {
    DiagnosedSubject {
        subject: source.label(),
        error: Some(ErrorReport { id: failure.id.to_owned(), message: failure.message.clone() }),
        findings: Vec::new(),
        path: Vec::new(),
        anchors: Vec::new(),
        client_certificate: None,
    }
}

fn server_name(text: &str) -> Result<ServerName, Failure> {
    ServerName::parse(text).map_err(|error| Failure::unusable("not-a-name", error))
}
