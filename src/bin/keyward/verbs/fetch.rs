//! `keyward fetch`.

mod targets;

use std::collections::BTreeMap;
use std::ops::ControlFlow;
use std::time::{Duration, Instant};

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use keyward::fetch::{self, Delivery, FetchCause, FetchError, Fetched, Pace, Presented, Reading, Target};
use keyward::format::transparency;
use keyward::model::EncodedCertificate;
use keyward::report::certificate::CertificateReport;
use keyward::report::fetch::{
    ErrorReport, FetchLine, FetchReport, FetchedTarget, PathReport, Phases, SctReport, Session,
};

use crate::args::{CertificateFormat, FetchArgs};
use crate::exit::{Exit, Failure};
use crate::output::Output;
use crate::progress::Progress;
use crate::{certificates, connection, render};
use targets::{BadLine, Targets};

pub(crate) fn run(args: &FetchArgs, output: &mut Output) -> Result<Exit, Failure> {
    let start = Instant::now();
    let targets = Targets::of(args)?;
    let usual = connection::options(&args.connect, targets.single.as_ref())?;
    let options = fetch::Options { path: args.path.clone(), ..usual };
    let pace = Pace {
        jobs: args.jobs,
        rate: args.rate.unwrap_or_default(),
        until: args.total_timeout.map(|time| start + time),
        delivery: if args.jsonl { Delivery::AsTheyCome } else { Delivery::InOrder },
    };
    let mut progress = Progress::of("targets", targets.count, !args.json);
    if args.json {
        output.begin_list(FetchReport::SCHEMA, "targets")?;
    }
    let mut telling = Telling::new(args, output);
    let mut told = Ok(());
    fetch::fetch_each(targets, &options, &pace, |_, fetched| {
        progress.step();
        progress.clear();
        told = telling.tell(fetched);
        if progress.is_visible() && told.is_ok() {
            told = telling.output.finish();
        }
        progress.show();
        if told.is_err() || telling.nobody_listens() {
            ControlFlow::Break(())
        } else {
            ControlFlow::Continue(())
        }
    });
    progress.clear();
    told?;
    telling.finish(start.elapsed())
}

/// What is told of the targets, one after the other.
struct Telling<'a> {
    args: &'a FetchArgs,
    output: &'a mut Output,
    exit: Exit,
    /// Targets of which a chain came.
    chains: usize,
    /// The others, by the id of their failure.
    failures: BTreeMap<&'static str, usize>,
    /// Certificates that are written at the end.
    kept: Vec<EncodedCertificate>,
}

impl<'a> Telling<'a> {
    fn new(args: &'a FetchArgs, output: &'a mut Output) -> Self {
        Self { args, output, exit: Exit::Done, chains: 0, failures: BTreeMap::new(), kept: Vec::new() }
    }

    /// Whether certificates are what is wanted, not a report.
    fn wants_data(&self) -> bool {
        self.args.pem || self.args.format.is_some() || self.args.output.is_some()
    }

    /// Whether the certificates can be written as they come: PEM on stdout.
    fn streams_data(&self) -> bool {
        self.args.output.is_none() && matches!(self.args.format, None | Some(CertificateFormat::Pem))
    }

    fn nobody_listens(&self) -> bool {
        self.output.is_closed() && self.args.output.is_none()
    }

    fn tell(&mut self, fetched: Result<Fetched, BadLine>) -> Result<(), Failure> {
        match fetched {
            Ok(Fetched { target, result: Ok(presented) }) => self.tell_chain(&target, presented),
            Ok(Fetched { target, result: Err(error) }) => {
                self.tell_failure(failed(target.to_string(), &error), connection::failure(&error))
            }
            Err(BadLine { place, failure }) => {
                let error = ErrorReport { id: failure.id.to_owned(), message: failure.message.clone() };
                self.tell_failure(without_chain(place, error), failure)
            }
        }
    }

    fn tell_chain(&mut self, target: &Target, presented: Presented) -> Result<(), Failure> {
        let first = self.chains == 0;
        self.chains += 1;
        let count = if self.args.first { 1 } else { presented.chain.len() };
        if self.args.json || self.args.jsonl {
            self.tell_json(report(target, &presented, count))?;
        } else if !self.wants_data() {
            let gap = if first { "" } else { "\n" };
            let text = render::fetch::target(&report(target, &presented, count));
            self.output.text(&format!("{gap}{text}"))?;
        }
        if !self.wants_data() || (self.args.json && self.args.output.is_none()) {
            return Ok(());
        }
        let chain = presented.chain.into_iter().take(count);
        if self.streams_data() {
            certificates::write(&chain.collect::<Vec<_>>(), None, self.args.format, self.output)
        } else {
            self.kept.extend(chain);
            Ok(())
        }
    }

    fn tell_failure(&mut self, report: FetchedTarget, failure: Failure) -> Result<(), Failure> {
        self.exit = self.exit.max(failure.exit);
        *self.failures.entry(failure.id).or_default() += 1;
        // On lines of JSON the failure stands there; thousands of them on stderr would say it twice.
        if !self.args.jsonl {
            self.output.say(&failure);
        }
        self.tell_json(report)
    }

    fn tell_json(&mut self, report: FetchedTarget) -> Result<(), Failure> {
        if self.args.json {
            self.output.item(&report)
        } else if self.args.jsonl {
            self.output.json_line(&FetchLine::new(report))
        } else {
            Ok(())
        }
    }

    fn finish(self, elapsed: Duration) -> Result<Exit, Failure> {
        if !self.kept.is_empty() {
            certificates::write(&self.kept, self.args.output.as_deref(), self.args.format, self.output)?;
        }
        if self.args.json {
            self.output.end_list()?;
        }
        let failed: usize = self.failures.values().sum();
        let all = self.chains + failed;
        if all == 0 && !self.nobody_listens() {
            return Err(targets::nothing());
        }
        if all > 1 || self.args.jsonl {
            let mut line = format!("{all} targets: {} with a chain", self.chains);
            if all == 1 {
                line = line.replacen("targets", "target", 1);
            }
            if failed > 0 {
                let causes: Vec<String> =
                    self.failures.iter().map(|(id, count)| format!("{id} {count}")).collect();
                line.push_str(&format!(", {failed} without ({})", causes.join(", ")));
            }
            self.output.talk(&format!("{line}; {:.1} s", elapsed.as_secs_f64()));
        }
        Ok(self.exit)
    }
}

fn report(target: &Target, presented: &Presented, count: usize) -> FetchedTarget {
    FetchedTarget {
        target: target.to_string(),
        ok: true,
        chain: presented.chain.iter().take(count).map(CertificateReport::from).collect(),
        session: Some(session(presented)),
        error: None,
    }
}

fn failed(target: String, error: &FetchError) -> FetchedTarget {
    without_chain(target, ErrorReport { id: error.id().to_owned(), message: error.to_string() })
}

fn without_chain(target: String, error: ErrorReport) -> FetchedTarget {
    FetchedTarget { target, ok: false, chain: Vec::new(), session: None, error: Some(error) }
}

fn session(presented: &Presented) -> Session {
    Session {
        peer: presented.peer.to_string(),
        proxy: presented.proxy.clone(),
        starttls: presented.start_tls.map(|protocol| protocol.name().to_owned()),
        protocol: presented.protocol.clone(),
        // The registry of IANA writes TLS_AES_… and x25519, rustls TLS13_AES_….
        cipher_suite: presented.cipher_suite.as_ref().map(|suite| suite.replacen("TLS13_", "TLS_", 1)),
        group: presented.group.clone(),
        alpn: presented.alpn.clone(),
        ocsp_stapled: presented.ocsp.is_some(),
        scts: timestamps(presented),
        ocsp_response: presented.ocsp.as_ref().map(|answer| STANDARD.encode(answer)),
        key_proved: presented.key_proved(),
        possession_proved: presented.key_proved(),
        reading: match presented.reading {
            Reading::Handshake => "handshake",
            Reading::Plaintext { .. } => "plaintext",
        },
        handshake_error: match &presented.reading {
            Reading::Plaintext { after } => after.as_ref().map(error),
            Reading::Handshake => None,
        },
        client_certificate: connection::client_certificate(presented),
        client_auth: connection::client_auth(presented),
        path: presented.path_answer.as_ref().map(|answer| PathReport {
            protocol: answer.protocol.clone(),
            status: answer.status,
            new_handshake: answer.renegotiation,
            ended: answer.ended.as_ref().map(error),
        }),
        ended: presented.ended.as_ref().map(error),
        milliseconds: u64::try_from(presented.elapsed.as_millis()).unwrap_or(u64::MAX),
        phases: Phases {
            resolve: milliseconds(presented.times.resolve),
            connect: milliseconds(presented.times.connect),
            proxy: presented.times.proxy.map(milliseconds),
            starttls: presented.times.start_tls.map(milliseconds),
            handshake: milliseconds(presented.times.handshake),
        },
    }
}

fn timestamps(presented: &Presented) -> Vec<SctReport> {
    let certificate = presented.chain.first().map(|first| transparency::embedded(&first.der));
    let mut reports = SctReport::of("certificate", certificate.unwrap_or_default());
    let stapled = presented.ocsp.as_deref().map(transparency::of_ocsp);
    reports.extend(SctReport::of("ocsp", stapled.unwrap_or_default()));
    reports
}

fn error(cause: &FetchCause) -> ErrorReport {
    ErrorReport { id: cause.id().to_owned(), message: cause.to_string() }
}

/// To the microsecond.
fn milliseconds(time: Duration) -> f64 {
    (time.as_secs_f64() * 1e6).round() / 1e3
}
