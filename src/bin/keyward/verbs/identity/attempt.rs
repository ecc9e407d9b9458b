//! `keyward identity try`.

use keyward::fetch::attempt::{
    self as handshake, Attempt, AttemptError, Evidence, Method, Outcome, Probe, Sent,
};
use keyward::fetch::{FetchCause, Options, Target};
use keyward::identity::Identity;
use keyward::identity::refusal::{self, Cause, Complaint, Seen, Signal};
use keyward::limits;
use keyward::model::{EncodedCertificate, PrivateKey};
use keyward::report::certificate::CertificateReport;
use keyward::report::client_auth::{ClientAuth, Numbered};
use keyward::report::identity_try::{
    CauseReport, IdentityTryReport, RefusalReport, SentReport, TriedIdentity,
};

use crate::again::Again;
use crate::args::IdentityTryArgs;
use crate::exit::{Exit, Failure};
use crate::output::Output;
use crate::purse::Purse;
use crate::{clock, connection, identity, render, source};

pub(crate) fn run(args: &IdentityTryArgs, output: &mut Output) -> Result<Exit, Failure> {
    let target = source::target(&args.target)?;
    let options = connection::options(&args.connect, Some(&target))?;
    let mut purse = Purse::new(&args.passwords, false)?;
    let (store, identity) = identity::one(&args.identity, &mut purse)?;
    let key = identity::opened(&identity, &store)?;
    let report = Trial { args, target: &target, options, store, identity: &identity, key }.report()?;
    let accepted = report.outcome == "accepted";
    if args.json {
        output.json(&report)?;
    } else {
        let text = render::identity_try::report(&report, output);
        output.text(&text)?;
    }
    Ok(if accepted { Exit::Done } else { Exit::Short })
}

/// One identity at one server.
struct Trial<'a> {
    args: &'a IdentityTryArgs,
    target: &'a Target,
    options: Options,
    store: String,
    identity: &'a Identity,
    key: &'a PrivateKey,
}

impl Trial<'_> {
    fn report(&self) -> Result<IdentityTryReport, Failure> {
        let held = Probe::Hold { time: limits::HOLD_TIME };
        let request = |method| Probe::Http { method, path: self.args.path.clone() };
        let probe = if self.args.hold { held.clone() } else { request(Method::Head) };
        let mut attempt = self.attempt(&probe)?;
        let mut refused_by_http = refused_by_http(&attempt);
        // What speaks first, or has other words than HTTP, is listened to only.
        let holds = self.args.hold || attempt.start_tls.is_some();
        if !self.args.hold && attempt.start_tls.is_none() && status(&attempt) == Some(400) {
            // nginx shakes hands with everybody and answers 400 to a certificate that it does not accept; what it
            // means stands in the body, which HEAD does not get.
            if let Ok(whole) = self.attempt(&request(Method::Get))
                && says_certificate(&whole.said)
            {
                attempt.said = whole.said;
                refused_by_http = true;
            }
        }
        Ok(self.tell(attempt, refused_by_http, holds))
    }

    fn attempt(&self, probe: &Probe) -> Result<Attempt, Failure> {
        let chain: Vec<EncodedCertificate> =
            self.identity.chain.iter().map(EncodedCertificate::from).collect();
        handshake::attempt(self.target, &self.options, self.key, &chain, probe).map_err(|error| match error {
            AttemptError::Key(error) => Failure::unusable(
                "unusable-key",
                format!("{}, alias \"{}\": {error}", self.store, self.identity.alias),
            )
            .hint("a JVM or openssl may sign with it; to see what a client really sends:")
            .hint(format!("  {}", Again::keyward(["identity", "listen"]).line())),
            AttemptError::Fetch(error) => connection::failure(&error),
        })
    }

    fn tell(&self, attempt: Attempt, refused_by_http: bool, holds: bool) -> IdentityTryReport {
        let sent = matches!(attempt.sent, Sent::Chain { .. });
        let signal = match &attempt.outcome {
            Outcome::Ended(FetchCause::Alert { number, .. }) => Some(Signal::Alert(*number)),
            Outcome::Ended(_) => Some(Signal::Close),
            Outcome::WentOn(Evidence::Status(status)) if refused_by_http => Some(Signal::Status(*status)),
            Outcome::WentOn(_) | Outcome::AskedAfterwards => None,
        };
        let outcome = match (&attempt.outcome, &attempt.sent, signal) {
            (_, _, Some(_)) => "refused",
            (Outcome::AskedAfterwards, _, _) => "asked-afterwards",
            (_, Sent::NotAsked, _) => "not-asked",
            (_, Sent::Nothing { .. }, _) => "not-sent",
            _ => "accepted",
        };
        let complaint = signal.map(|signal| signal.complaint(sent));
        let causes = match (complaint, &attempt.sent) {
            (Some(complaint), _) => self.causes(&attempt, sent, complaint),
            (None, Sent::Nothing { .. }) => self.causes(&attempt, sent, Complaint::NoCertificate),
            _ => Vec::new(),
        };
        IdentityTryReport {
            schema: IdentityTryReport::SCHEMA,
            target: self.target.to_string(),
            identity: TriedIdentity {
                store: self.store.clone(),
                alias: self.identity.alias.clone(),
                key: self.key.key().to_string(),
                chain: self.identity.chain.iter().map(CertificateReport::from).collect(),
            },
            peer: attempt.peer.to_string(),
            proxy: attempt.proxy.clone(),
            starttls: attempt.start_tls.map(|protocol| protocol.name().to_owned()),
            protocol: attempt.protocol.clone(),
            cipher_suite: attempt.cipher_suite.clone(),
            alpn: attempt.alpn.clone(),
            server_chain: attempt.server_chain.iter().map(CertificateReport::from).collect(),
            server_verified: false,
            client_auth: asked(&attempt, outcome),
            sent: sent_report(&attempt.sent),
            probe: if holds { "hold" } else { "head" },
            outcome,
            evidence: evidence(&attempt.outcome),
            status: status(&attempt),
            refusal: complaint.map(|complaint| refusal_report(complaint, &attempt)),
            next: self.next(outcome, &causes),
            causes: causes
                .iter()
                .map(|cause| CauseReport { id: cause.id(), message: cause.to_string() })
                .collect(),
        }
    }

    /// What explains a refusal. What `identity check` and `identity explain` know belongs here too.
    fn causes(&self, attempt: &Attempt, sent: bool, complaint: Complaint) -> Vec<Cause> {
        let seen = Seen {
            chain: &self.identity.chain,
            fits: self.identity.chain.first().and_then(|leaf| self.key.fits(leaf)),
            request: attempt.request.as_ref(),
            sent,
            now: clock::now(),
        };
        refusal::causes(&seen, complaint)
    }

    /// Commands that lead on.
    fn next(&self, outcome: &str, causes: &[Cause]) -> Vec<String> {
        let with_alias = format!("{}#{}", self.store, self.identity.alias);
        let password = self.args.passwords.password.as_ref();
        let keys = &self.args.passwords.key_password;
        let check = || {
            Again::keyward(["identity", "check", &with_alias])
                .password(password)
                .key_of(self.identity, keys)
                .line()
        };
        let explain = || {
            Again::keyward(["identity", "explain", &self.store, "--for", &self.args.target])
                .password(password)
                .key_of(self.identity, keys)
                .connect(&self.args.connect)
                .line()
        };
        let by_path = |path: &str| {
            Again::keyward(["fetch", &self.args.target, "--path", path]).connect(&self.args.connect).line()
        };
        let incomplete = |cause: &Cause| {
            matches!(cause, Cause::LeafOnly { .. } | Cause::OutOfOrder { .. } | Cause::NotListed { .. })
        };
        match outcome {
            "accepted" => Vec::new(),
            "not-asked" | "asked-afterwards" => vec![by_path(&self.args.path)],
            _ if causes.iter().any(incomplete) => vec![
                Again::keyward(["identity", "build", "--from", &with_alias])
                    .alias(&self.identity.alias)
                    .words(["-o", "rebuilt.p12"])
                    .password(password)
                    .key_of(self.identity, keys)
                    .line(),
                explain(),
            ],
            _ => vec![check(), explain()],
        }
    }
}

/// What was asked. Whether a certificate is optional shows only where none was sent.
fn asked(attempt: &Attempt, outcome: &str) -> ClientAuth {
    let status = match (&attempt.sent, outcome) {
        (_, "asked-afterwards") => "after-request",
        (Sent::NotAsked, _) => "none",
        (Sent::Nothing { .. }, "not-sent") => "optional",
        (Sent::Nothing { .. }, _) => "required",
        (Sent::Chain { .. }, _) => "requested",
    };
    ClientAuth::new(status, attempt.request.as_ref(), attempt.request_unread.clone())
}

fn sent_report(sent: &Sent) -> Option<SentReport> {
    match *sent {
        Sent::NotAsked => None,
        Sent::Nothing { bytes } => Some(SentReport { certificates: 0, bytes, signature_algorithm: None }),
        Sent::Chain { certificates, bytes, scheme } => {
            Some(SentReport { certificates, bytes, signature_algorithm: Some(Numbered::scheme(scheme)) })
        }
    }
}

fn status(attempt: &Attempt) -> Option<u16> {
    match attempt.outcome {
        Outcome::WentOn(Evidence::Status(status)) => Some(status),
        _ => None,
    }
}

fn evidence(outcome: &Outcome) -> Option<&'static str> {
    match outcome {
        Outcome::WentOn(Evidence::Status(_)) => Some("http"),
        Outcome::WentOn(Evidence::Data) => Some("data"),
        Outcome::WentOn(Evidence::Finished) => Some("finished"),
        Outcome::WentOn(Evidence::Ticket) => Some("ticket"),
        Outcome::WentOn(Evidence::Silence(_)) => Some("silence"),
        Outcome::AskedAfterwards | Outcome::Ended(_) => None,
    }
}

fn refusal_report(complaint: Complaint, attempt: &Attempt) -> RefusalReport {
    let (alert, ended) = match &attempt.outcome {
        Outcome::Ended(cause @ FetchCause::Alert { name, number }) => {
            (Some(Numbered { id: u16::from(*number), name: Some((*name).to_owned()) }), cause.to_string())
        }
        Outcome::Ended(FetchCause::Closed(_)) => {
            (None, "the server closed the connection without an alert".to_owned())
        }
        Outcome::Ended(cause) => (None, cause.to_string()),
        Outcome::WentOn(_) | Outcome::AskedAfterwards => {
            let status = status(attempt).map(|status| status.to_string()).unwrap_or_default();
            (None, format!("the HTTP server answered with the status {status}"))
        }
    };
    RefusalReport { id: complaint.id(), message: complaint.to_string(), alert, ended }
}

/// Statuses of nginx for a certificate that is not accepted, and for one that did not come.
fn refused_by_http(attempt: &Attempt) -> bool {
    matches!(status(attempt), Some(495 | 496))
}

/// The body of nginx's answer: "The SSL certificate error", "No required SSL certificate was sent".
fn says_certificate(said: &[u8]) -> bool {
    String::from_utf8_lossy(said).contains("SSL certificate")
}
