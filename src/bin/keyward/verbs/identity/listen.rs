//! `keyward identity listen`.

mod double;
mod presence;

use std::sync::mpsc::{self, RecvTimeoutError, SyncSender};
use std::thread;
use std::time::Duration;

use keyward::chain::revocation::Revocation;
use keyward::chain::rules::{Purpose, Question, RuleSet};
use keyward::model::{Certificate, ClientAuthRequest, Name};
use keyward::report::certificate::CertificateReport;
use keyward::report::client_auth::{ClientAuth, Numbered};
use keyward::report::fetch::ErrorReport;
use keyward::report::identity_listen::{ConnectionReport, EndReport, ListeningReport, SCHEMA};
use keyward::serve::listen::{Answered, ClientKeyProof, Heard, ListenOptions, Listening};
use keyward::serve::tls_server::ServerError;
use signal_hook::consts::{SIGINT, SIGTERM};
use signal_hook::iterator::Signals;

use crate::args::IdentityListenArgs;
use crate::exit::{Exit, Failure};
use crate::output::Output;
use crate::purse::Purse;
use crate::{anchors, clock, render};
use double::Asking;
use presence::Presence;

/// What the listener waits for.
enum Event {
    Heard(Box<Heard>),
    Signal,
}

pub(crate) fn run(args: &IdentityListenArgs, output: &mut Output) -> Result<Exit, Failure> {
    let mut purse = Purse::new(&args.passwords, false)?;
    let mut authorities: Vec<Certificate> = Vec::new();
    for set in anchors::given(&args.ca, &mut purse, output)? {
        authorities.extend(set.certificates);
    }
    let presence = Presence::new(args, &mut purse, output)?;
    let asking = Asking::new(args, &authorities)?;
    let options = ListenOptions {
        address: args.listen,
        chain: presence.chain.clone(),
        key: presence.key,
        tls12: asking.tls12.clone(),
        tls13: asking.tls13.clone(),
        required: asking.required,
    };
    let (events, arrivals) = mpsc::sync_channel(WAITING);
    end_on_signals(events.clone())?;
    let server = Listening::start(&options, move |heard| {
        // Where nobody reads what is said, what does not fit is dropped: clients must not fill the memory.
        let _ = events.try_send(Event::Heard(Box::new(heard)));
    })
    .map_err(|error| unstarted(args, &error))?;
    let telling = Telling { args, authorities: &authorities, asking: &asking };
    telling.listening(&server, &presence.chain, output)?;
    let (mut number, mut clients) = (0_u64, 0_u64);
    let reason = loop {
        match arrivals.recv_timeout(LOOK) {
            Ok(Event::Heard(heard)) => {
                number += 1;
                // What says no hello is a port scan or a health check, and no client.
                clients += u64::from(heard.hello);
                telling.connection(number, &heard, output)?;
            }
            Ok(Event::Signal) | Err(RecvTimeoutError::Disconnected) => break "signal",
            Err(RecvTimeoutError::Timeout) => {}
        }
        if args.count.is_some_and(|count| clients >= count) {
            break "count";
        }
        if output.is_closed() || output.nobody_reads() {
            return Ok(Exit::Done);
        }
    };
    // The last client gets its answer.
    thread::sleep(FAREWELL);
    drop(server);
    telling.end(number, reason, output)?;
    Ok(Exit::Done)
}

/// Connections that wait to be told of.
const WAITING: usize = 4_096;

/// Time to end after a signal, for a reader that does not read.
const PATIENCE: Duration = Duration::from_secs(2);

/// Time between two looks at whether anybody reads what is said.
const LOOK: Duration = Duration::from_millis(500);

/// Time for the answer to the last client.
const FAREWELL: Duration = Duration::from_millis(300);

fn end_on_signals(events: SyncSender<Event>) -> Result<(), Failure> {
    let cannot = |error: std::io::Error| {
        Failure::world("signals", format!("the signals that end the command cannot be waited for: {error}"))
    };
    let mut signals = Signals::new([SIGINT, SIGTERM]).map_err(cannot)?;
    crate::signals::await_them();
    thread::Builder::new()
        .name("signals".to_owned())
        .spawn(move || {
            if signals.forever().next().is_some() {
                let _ = events.try_send(Event::Signal);
                // The command ends before, unless it waits for somebody to read.
                thread::sleep(PATIENCE);
                std::process::exit(0);
            }
        })
        .map_err(cannot)?;
    Ok(())
}

fn unstarted(args: &IdentityListenArgs, error: &ServerError) -> Failure {
    match error {
        ServerError::Listen(_) => Failure::world("listen-failed", format!("{}: {error}", args.listen))
            .hint("for a free port: --listen 127.0.0.1:0"),
        ServerError::Setup(_) => Failure::unusable("no-server", error),
    }
}

/// What is told of the server and its clients.
struct Telling<'a> {
    args: &'a IdentityListenArgs,
    authorities: &'a [Certificate],
    asking: &'a Asking,
}

impl Telling<'_> {
    fn listening(
        &self,
        server: &Listening,
        chain: &[keyward::model::EncodedCertificate],
        output: &mut Output,
    ) -> Result<(), Failure> {
        let status = if self.asking.required { "required" } else { "optional" };
        let requests = [&self.asking.tls13, &self.asking.tls12].into_iter().flatten();
        let report = ListeningReport {
            schema: SCHEMA,
            event: "listening",
            address: server.address().to_string(),
            protocols: requests.clone().map(protocol).collect(),
            client_auth: requests.map(|request| ClientAuth::new(status, Some(request), None)).collect(),
            like: self.asking.like.clone(),
            differences: self.asking.differences.clone(),
            server_chain: chain.iter().map(CertificateReport::from).collect(),
            ca_file: self.args.write_ca.as_ref().map(|path| path.display().to_string()),
        };
        if self.args.json {
            output.json_line(&report)
        } else {
            output.text(&render::identity_listen::listening(&report))?;
            output.finish()
        }
    }

    fn connection(&self, number: u64, heard: &Heard, output: &mut Output) -> Result<(), Failure> {
        let report = self.report(number, heard);
        if self.args.json {
            output.json_line(&report)
        } else {
            output.text(&render::identity_listen::connection(&report, output))?;
            output.finish()
        }
    }

    fn end(&self, connections: u64, reason: &'static str, output: &mut Output) -> Result<(), Failure> {
        if self.args.json {
            output.json_line(&EndReport { schema: SCHEMA, event: "end", connections, reason })?;
        }
        Ok(())
    }

    fn report(&self, number: u64, heard: &Heard) -> ConnectionReport {
        let (certificate, chain, bytes) = match &heard.certificate {
            Answered::Unknown => ("unknown", &[][..], None),
            Answered::Nothing { bytes } => ("none", &[][..], Some(*bytes)),
            Answered::Chain { chain, bytes, .. } => ("chain", chain.as_slice(), Some(*bytes)),
        };
        let read: Vec<Certificate> = chain.iter().filter_map(|encoded| encoded.read().ok()).collect();
        ConnectionReport {
            schema: SCHEMA,
            event: "connection",
            number,
            peer: heard.peer.to_string(),
            protocol: heard.protocol.clone(),
            cipher_suite: heard.cipher_suite.clone(),
            sni: heard.sni.clone(),
            alpn: heard.alpn.clone(),
            signature_algorithms: heard.signature_algorithms.iter().map(|id| Numbered::scheme(*id)).collect(),
            certificate,
            chain: chain.iter().map(CertificateReport::from).collect(),
            bytes,
            key_proof: match heard.proof {
                ClientKeyProof::Proved => "proved",
                ClientKeyProof::Failed => "failed",
                ClientKeyProof::NotJudged(_) => "not-judged",
                ClientKeyProof::Absent => "absent",
            },
            issuer_listed: self.issuer_listed(heard, &read),
            verdicts: self.verdicts(chain, &read),
            finished: heard.ended.is_none(),
            ended: heard
                .ended
                .as_ref()
                .map(|ended| ErrorReport { id: ended.id().to_owned(), message: ended.to_string() }),
        }
    }

    /// Whether some certificate's issuer is listed, which is what JSSE and others choose by.
    fn issuer_listed(&self, heard: &Heard, chain: &[Certificate]) -> Option<bool> {
        let asked = match heard.protocol.as_deref() {
            Some("TLSv1.3") => self.asking.tls13.as_ref(),
            _ => self.asking.tls12.as_ref(),
        }?;
        let listed: Vec<Name> = asked.authorities.iter().filter_map(|der| Name::from_der(der)).collect();
        if listed.is_empty() || chain.is_empty() {
            return None;
        }
        Some(chain.iter().any(|certificate| listed.iter().any(|name| name == certificate.issuer())))
    }

    /// What would be said of the chain: by the standard, and by Java servers.
    fn verdicts(
        &self,
        sent: &[keyward::model::EncodedCertificate],
        chain: &[Certificate],
    ) -> Vec<keyward::report::verdict::Verdict> {
        // Nobody can judge a client whose own certificate cannot be read.
        let readable = sent.first().is_some_and(|first| first.read().is_ok());
        if self.authorities.is_empty() || !readable {
            return Vec::new();
        }
        let question = Question {
            chain,
            untrusted: &[],
            anchors: &self.authorities.iter().collect(),
            name: None,
            now: clock::now(),
            purpose: Purpose::Client,
            max_depth: None,
            revocation: Revocation::default(),
        };
        [RuleSet::Rfc5280, RuleSet::Jsse17, RuleSet::Jsse25].map(|rules| rules.judge(&question)).into()
    }
}

fn protocol(request: &ClientAuthRequest) -> &'static str {
    if request.version == 0x0304 { "TLSv1.3" } else { "TLSv1.2" }
}
