//! `keyward fetch`.

use std::io::{IsTerminal, stderr};
use std::path::Path;
use std::time::Duration;

use indicatif::ProgressBar;
use keyward::fetch::{self, Delivery, FetchError, Presented, Target};
use keyward::model::EncodedCertificate;
use keyward::report::certificate::CertificateReport;
use keyward::report::fetch::{ErrorReport, FetchReport, FetchedTarget, Session};

use crate::args::FetchArgs;
use crate::exit::{Exit, Failure};
use crate::output::Output;
use crate::{certificates, connection, render, source};

pub(crate) fn run(args: &FetchArgs, output: &mut Output) -> Result<Exit, Failure> {
    let targets = targets(args)?;
    let options = connection::options(&args.connect, single(&targets))?;
    let wants_data = args.pem || args.format.is_some() || args.output.is_some();
    let progress = progress(targets.len());
    let mut reports = Vec::new();
    let mut chains: Vec<EncodedCertificate> = Vec::new();
    let mut exit = Exit::Done;
    let mut printed = Ok(());
    fetch::fetch_all(&targets, &options, args.jobs, Delivery::InOrder, |index, result| {
        progress.inc(1);
        let Some(target) = targets.get(index) else { return };
        let report = report(target, &result, args.first);
        progress.suspend(|| {
            if let Err(error) = &result {
                let failure = connection::failure(error);
                exit = exit.max(failure.exit);
                output.say(&failure);
            } else if !args.json && !wants_data && printed.is_ok() {
                let gap = if reports.iter().any(|earlier: &FetchedTarget| earlier.ok) { "\n" } else { "" };
                printed = output.text(&format!("{gap}{}", render::fetch::target(&report)));
            }
        });
        if let Ok(presented) = result {
            let count = if args.first { 1 } else { presented.chain.len() };
            chains.extend(presented.chain.into_iter().take(count));
        }
        reports.push(report);
    });
    progress.finish_and_clear();
    printed?;
    if wants_data && !chains.is_empty() && !(args.json && args.output.is_none()) {
        certificates::write(&chains, args.output.as_deref(), args.format, output)?;
    }
    if args.json {
        output.json(&FetchReport::new(reports))?;
    }
    Ok(exit)
}

fn targets(args: &FetchArgs) -> Result<Vec<Target>, Failure> {
    let mut targets = args.targets.iter().map(|text| source::target(text)).collect::<Result<Vec<_>, _>>()?;
    if let Some(list) = &args.list {
        let (bytes, name) = if list == Path::new("-") {
            (source::read_stdin()?, "standard input".to_owned())
        } else {
            (source::read_file(list)?, list.display().to_string())
        };
        let text = String::from_utf8(bytes)
            .map_err(|_| Failure::unusable("not-text", format!("{name} is not UTF-8 text")))?;
        let listed = fetch::targets_from_list(&text)
            .map_err(|error| Failure::unusable("not-a-target", format!("{name}: {error}")))?;
        targets.extend(listed);
    }
    if targets.is_empty() {
        return Err(Failure::unusable("no-targets", "there is no target to fetch from"));
    }
    Ok(targets)
}

/// The only target: `--connect ADDR` without a port takes its port.
fn single(targets: &[Target]) -> Option<&Target> {
    match targets {
        [only] => Some(only),
        _ => None,
    }
}

fn progress(count: usize) -> ProgressBar {
    if count > 1 && stderr().is_terminal() {
        let bar = ProgressBar::new(u64::try_from(count).unwrap_or(u64::MAX));
        bar.enable_steady_tick(Duration::from_millis(200));
        bar
    } else {
        ProgressBar::hidden()
    }
}

fn report(target: &Target, result: &Result<Presented, FetchError>, first: bool) -> FetchedTarget {
    let target = target.to_string();
    match result {
        Ok(presented) => {
            let count = if first { 1 } else { presented.chain.len() };
            FetchedTarget {
                target,
                ok: true,
                chain: presented.chain.iter().take(count).map(CertificateReport::from).collect(),
                session: Some(session(presented)),
                error: None,
            }
        }
        Err(error) => FetchedTarget {
            target,
            ok: false,
            chain: Vec::new(),
            session: None,
            error: Some(ErrorReport { id: error.id().to_owned(), message: error.to_string() }),
        },
    }
}

fn session(presented: &Presented) -> Session {
    Session {
        peer: presented.peer.to_string(),
        protocol: presented.protocol.clone(),
        // The registry of IANA writes TLS_AES_… and x25519, rustls TLS13_AES_….
        cipher_suite: presented.cipher_suite.as_ref().map(|suite| suite.replacen("TLS13_", "TLS_", 1)),
        group: presented.group.clone(),
        key_proved: presented.key_proved(),
        client_certificate: connection::client_certificate(presented),
        ended: presented
            .ended
            .as_ref()
            .map(|cause| ErrorReport { id: cause.id().to_owned(), message: cause.to_string() }),
        milliseconds: u64::try_from(presented.elapsed.as_millis()).unwrap_or(u64::MAX),
    }
}
