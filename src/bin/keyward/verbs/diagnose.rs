//! `keyward diagnose`.

use keyward::model::EncodedCertificate;
use keyward::report::certificate::CertificateReport;
use keyward::report::diagnose::{DiagnoseReport, DiagnosedSubject, RepairableFinding};
use keyward::report::fetch::ErrorReport;
use keyward::report::finding::{Finding, FindingId, Severity};

use crate::args::DiagnoseArgs;
use crate::connection::NoHandshake;
use crate::exit::{Exit, Failure};
use crate::output::Output;
use crate::presented::{self, Chain};
use crate::purse::Purse;
use crate::repair::Repairer;
use crate::source::Source;
use crate::survey::{Survey, Surveyed};
use crate::{anchors, certificates, connection, render};

pub(crate) fn run(args: &DiagnoseArgs, output: &mut Output) -> Result<Exit, Failure> {
    let sources = args.subjects.iter().map(|text| Source::parse(text)).collect::<Result<Vec<_>, _>>()?;
    let stdin_is_source = sources.contains(&Source::Stdin);
    let asked_name = args.name.as_deref().map(presented::server_name).transpose()?;
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
        let (subject, code) = match presented::read(source, &args.connect, &mut purse, output) {
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
    let mut diagnosis = survey.diagnose(&Surveyed {
        name: &chain.label,
        host: chain.host.as_ref(),
        presented: &chain.presented,
        peer: chain.peer,
    });
    if let Some(NoHandshake { severity, message, .. }) = &chain.no_handshake {
        diagnosis.findings.push(Finding::new(FindingId::NoHandshake, *severity, None, message));
        diagnosis.findings.sort_by_key(|finding| std::cmp::Reverse(finding.severity));
    }
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
    let repairer = Repairer::new(args, source, chain.alias.as_deref());
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
