//! `keyward verify`.

mod revocation;

use std::rc::Rc;

use keyward::chain::budget::Budget;
use keyward::chain::completion;
use keyward::chain::names::PeerName;
use keyward::chain::path::Candidates;
use keyward::chain::revocation::Revocation;
use keyward::chain::rules::jsse::Security;
use keyward::chain::rules::{Purpose, Question, RuleSet};
use keyward::fetch::{AiaAnswers, AiaIssuers, AiaOptions};
use keyward::model::{Certificate, Crl};
use keyward::report::certificate::rfc3339;
use keyward::report::verify::VerifyReport;
use time::OffsetDateTime;

use crate::args::VerifyArgs;
use crate::exit::{Exit, Failure};
use crate::output::Output;
use crate::presented::{self, Chain};
use crate::purse::Purse;
use crate::source::{self, Source};
use crate::{anchors, clock, connection, render};

pub(crate) fn run(args: &VerifyArgs, output: &mut Output) -> Result<Exit, Failure> {
    if args.aia_local && !args.aia && !args.asks_about_revocation() {
        return Err(Failure::unusable(
            "usage",
            "--aia-local is of use with --aia, --revocation soft or --revocation hard",
        ));
    }
    let source = Source::parse(&args.subject)?;
    let asked_name = args.name.as_deref().map(peer_name).transpose()?;
    let mut purse = Purse::new(&args.passwords, source == Source::Stdin)?;
    let security = security(args)?;
    let trust = Trust::new(args, &mut purse, output)?;
    let untrusted = untrusted(args, output)?;
    let crls = revocation::crls(args)?;
    let chain = presented::read(&source, &args.connect, &mut purse, output)?;
    let name = asked_name.or_else(|| chain.host.clone().map(PeerName::Server));
    if name.is_none() && !args.json {
        output.talk("no name is checked; to check one: --name NAME");
    }
    let certificates = read(&chain, output)?;
    let now = args.at.unwrap_or_else(clock::now);
    let found = if args.aia {
        let answers = AiaAnswers::through(connection::proxies(&args.connect)?);
        missing_issuers(args, &answers, &chain, &certificates, &untrusted, &trust, now)
    } else {
        Vec::new()
    };
    let inquiry = revocation::inquiry(args, &chain, &certificates, &crls)?;
    let crls: Vec<Crl> = crls.into_iter().map(|(crl, _)| crl).collect();
    let with_found: Vec<Certificate> = untrusted.iter().chain(&found).cloned().collect();
    let verdicts = trust
        .rules
        .iter()
        .map(|(rules, anchors)| {
            // A client that does not follow AIA has to do with what it was sent.
            let follows_aia = matches!(rules, RuleSet::Rfc5280 | RuleSet::Cabf);
            let question = Question {
                chain: &certificates,
                untrusted: if follows_aia { &with_found } else { &untrusted },
                anchors,
                name: name.as_ref(),
                now,
                purpose: args.purpose.into(),
                max_depth: args.max_depth,
                revocation: Revocation { demand: args.demand(), crls: &crls, inquiry: Some(&inquiry) },
            };
            let mut verdict = rules.judge_with(&question, &security);
            if let Some(none) = &chain.no_handshake {
                none.weigh(*rules, &mut verdict, &security);
            }
            verdict
        })
        .collect();
    let report = VerifyReport {
        schema: "keyward.verify/1",
        subject: chain.label,
        name: name.map(|name| name.to_string()),
        at: rfc3339(now.replace_nanosecond(0).unwrap_or(now)),
        purpose: match args.purpose.into() {
            Purpose::Server => "server",
            Purpose::Client => "client",
            Purpose::Any => "any",
        },
        verdicts,
        revocation: inquiry.reports(),
    };
    let accepted = report.verdicts.iter().all(keyward::report::verdict::Verdict::is_accepted);
    if args.json {
        output.json(&report)?;
    } else {
        let text = render::verify::report(&report, output);
        output.text(&text)?;
    }
    Ok(if accepted { Exit::Done } else { Exit::Short })
}

fn peer_name(text: &str) -> Result<PeerName, Failure> {
    PeerName::parse(text).map_err(|error| Failure::unusable("not-a-name", error))
}

/// What `--java-security` says, else the defaults; and what is known of the JDK at hand.
fn security(args: &VerifyArgs) -> Result<Security, Failure> {
    let security = match &args.java_security {
        None => Security::default(),
        Some(path) => {
            // Properties files are Latin-1.
            let text: String = source::read_file(path)?.iter().map(|&byte| char::from(byte)).collect();
            Security::from_properties(&text).map_err(|error| {
                Failure::unusable("not-java-security", format!("{}: {error}", path.display()))
            })?
        }
    };
    let asks_a_jvm = args.rule_sets().iter().any(|set| matches!(set, RuleSet::Jsse17 | RuleSet::Jsse25));
    Ok(if asks_a_jvm { anchors::with_jdk_at_hand(security, args.java_home.as_deref()) } else { security })
}

/// The rule sets that are asked, each with its anchors.
struct Trust {
    rules: Vec<(RuleSet, Rc<Candidates>)>,
}

impl Trust {
    fn new(args: &VerifyArgs, purse: &mut Purse, output: &mut Output) -> Result<Self, Failure> {
        let asked = args.rule_sets();
        if !args.trust.is_empty() {
            let sets = anchors::given(&args.trust, purse, output)?;
            let given: Rc<Candidates> = Rc::new(sets.iter().flat_map(|set| &set.certificates).collect());
            return Ok(Self { rules: asked.into_iter().map(|rules| (rules, given.clone())).collect() });
        }
        let mut system: Option<Rc<Candidates>> = None;
        let mut java: Option<Option<Rc<Candidates>>> = None;
        let mut rules = Vec::new();
        for set in asked {
            if matches!(set, RuleSet::Jsse17 | RuleSet::Jsse25) {
                if java.is_none() {
                    java = Some(java_anchors(args, output)?);
                }
                if let Some(Some(anchors)) = &java {
                    rules.push((set, anchors.clone()));
                }
            } else {
                let anchors = system
                    .get_or_insert_with(|| Rc::new(keyward::anchors::system().certificates.iter().collect()));
                rules.push((set, anchors.clone()));
            }
        }
        Ok(Self { rules })
    }
}

/// The anchors of the JDK. Without one its rules are left out, unless somebody asked for them.
fn java_anchors(args: &VerifyArgs, output: &mut Output) -> Result<Option<Rc<Candidates>>, Failure> {
    match anchors::java(args.java_home.as_deref()) {
        Ok(Some(set)) => Ok(Some(Rc::new(set.certificates.iter().collect()))),
        Err(failure) if args.java_home.is_some() || !args.rules.is_empty() => Err(failure),
        Err(failure) => {
            output.warn(&format!("{}: a JVM is not asked", failure.message));
            Ok(None)
        }
        Ok(None) if !args.rules.is_empty() => {
            Err(Failure::unusable("no-jdk", "there is no JDK whose cacerts could be asked")
                .hint("give a trust store with --trust STORE, or a JDK with --java-home DIR"))
        }
        Ok(None) => {
            output.warn("there is no JDK whose cacerts could be asked, so a JVM is not");
            Ok(None)
        }
    }
}

fn untrusted(args: &VerifyArgs, output: &mut Output) -> Result<Vec<Certificate>, Failure> {
    let mut all = Vec::new();
    for path in &args.untrusted {
        let reading = source::certificates_of_file(path)?;
        for note in &reading.notes {
            output.warn(note);
        }
        all.extend(reading.certificates);
    }
    Ok(all)
}

/// Reads what was presented. Nobody can judge a peer whose own certificate cannot be read.
fn read(chain: &Chain, output: &mut Output) -> Result<Vec<Certificate>, Failure> {
    let mut certificates = Vec::new();
    for (i, encoded) in chain.presented.iter().enumerate() {
        match encoded.read() {
            Ok(certificate) => certificates.push(certificate),
            Err(error) if i == 0 => {
                return Err(Failure::unusable(
                    "damaged-certificate",
                    format!("the first certificate of {} cannot be read: {error}", chain.label),
                ));
            }
            Err(error) => {
                output.warn(&format!("certificate {} of {} cannot be read: {error}", i + 1, chain.label));
            }
        }
    }
    Ok(certificates)
}

/// Asks the AIA addresses of certificates for what the path lacks.
fn missing_issuers(
    args: &VerifyArgs,
    answers: &AiaAnswers,
    chain: &Chain,
    certificates: &[Certificate],
    untrusted: &[Certificate],
    trust: &Trust,
    now: OffsetDateTime,
) -> Vec<Certificate> {
    let Some(leaf) = certificates.first() else { return Vec::new() };
    let reach = connection::reach(args.aia_local, chain.peer);
    let mut issuers = AiaIssuers::new(answers, AiaOptions { reach, ..AiaOptions::default() });
    let anchors: Candidates = trust.rules.iter().flat_map(|(_, anchors)| anchors.iter()).collect();
    let mut candidates: Candidates = certificates.iter().chain(untrusted).collect();
    let mut found = Vec::new();
    completion::complete(
        leaf,
        &anchors,
        &mut candidates,
        now,
        &mut issuers,
        &mut Budget::default(),
        |_, answer| {
            found.extend(answer.certificates.iter().cloned());
        },
    );
    found
}
