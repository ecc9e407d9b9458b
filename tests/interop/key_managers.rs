//! `identity::select` against the key managers of real JVMs, over generated stores and requests.
//!
//! `java/KeyManagers.java` gives the bytes of each request to JSSE's own handshake code, with the store's real key
//! managers behind it.

mod generated;
pub mod live;

use std::io::{BufRead, BufReader, Write};
use std::path::{Path, PathBuf};
use std::process::{Child, ChildStdin, ChildStdout, Command, Stdio};

use ::keyward::identity::Identity;
use ::keyward::identity::select::{Choice, Java, Manager, Outcome, Question, Security, choose, enumeration};
use ::keyward::model::ClientAuthRequest;
use time::macros::datetime;

use self::generated::{Generator, PASSWORD, Store};
use crate::jvm::{scratch, text};
use crate::peers::{Jdk, jdk, jdks};

/// Stores that are generated, and requests for each.
const STORES: usize = 250;
const REQUESTS: usize = 24;

/// Each generated request, put to both managers of each JVM.
pub fn over_generated_stores() {
    let mut generator = Generator::new();
    let folder = scratch("key-managers");
    let stores: Vec<Store> = (0..STORES).map(|number| generator.store(number, &folder)).collect();
    let requests: Vec<Vec<ClientAuthRequest>> =
        stores.iter().map(|store| (0..REQUESTS).map(|_| generator.request(store)).collect()).collect();
    let classes = classes();
    let mut combinations = 0;
    let mut agree = 0;
    let mut tally = std::collections::BTreeMap::<&str, usize>::new();
    let mut wrong = Vec::new();
    for jdk in jdks() {
        let Some(java) = release(jdk) else { continue };
        if is_before_the_rules(jdk) {
            println!("JDK {} is not compared: the rules are those of 17.0.18 and later", jdk.version);
            continue;
        }
        let mut jvm = KeyManagers::start(jdk, &classes);
        let security = Security::default().with_version(&jdk.version);
        for (store, requests) in stores.iter().zip(&requests) {
            let made = jvm.open(&store.path);
            let listed = enumeration::listed(&store.store, &store.identities);
            for request in requests {
                let answers = jvm.ask(request);
                let question = Question {
                    request,
                    format: store.store.format(),
                    identities: &listed,
                    now: datetime!(2026-01-02 03:04:05 UTC),
                    security: &security,
                };
                for (at, manager) in [Manager::SunX509, Manager::Pkix].into_iter().enumerate() {
                    let choice = choose(&question, manager, java);
                    let ours = told(&choice, store);
                    let theirs = match &*made[at] {
                        "ok" => (answers[2 * at].clone(), answers[2 * at + 1].clone()),
                        exception => ("-".to_owned(), format!("none {}", typical(exception))),
                    };
                    combinations += 1;
                    *tally.entry(kind(&theirs.1)).or_default() += 1;
                    if ours == theirs && explained(&choice, &listed) {
                        agree += 1;
                    } else if wrong.len() < 10 {
                        let name = (manager, java, store.path.file_name());
                        wrong.push(format!(
                            "{name:?}: ours {ours:?}, theirs {theirs:?}\n{request:x?}\n{choice:?}"
                        ));
                    }
                }
            }
        }
    }
    println!(
        "{agree} of {combinations} choices agree ({} requests to {STORES} stores); {tally:?}",
        STORES * REQUESTS
    );
    assert_eq!(agree, combinations, "{}", wrong.join("\n\n"));
    // Each ending occurs, and often enough to mean something.
    for ending in ["sent", "empty", "abort", "unsigned", "none"] {
        assert!(tally.get(ending).is_some_and(|count| *count > 50), "{ending}: {tally:?}");
    }
}

/// Every identity is sent or has a reason.
fn explained(choice: &Choice<'_>, listed: &[&Identity]) -> bool {
    listed.iter().all(|identity| {
        let is_sent = choice.sent().is_some_and(|sent| std::ptr::eq(sent, *identity));
        let reasons =
            choice.rejected.iter().filter(|rejection| std::ptr::eq(rejection.identity, *identity)).count();
        reasons == usize::from(!is_sent)
    })
}

/// A choice in the words of `KeyManagers.java`.
fn told(choice: &Choice<'_>, store: &Store) -> (String, String) {
    let format = store.store.format();
    let alias = choice
        .chosen
        .map_or_else(|| "-".to_owned(), |identity| enumeration::java_alias(format, &identity.alias));
    let shown = |identity: &Identity| format!("{} {}", identity.chain.len(), identity.chain[0].fingerprint());
    let outcome = match (&choice.outcome, choice.chosen) {
        (Outcome::Sent { scheme: Some(scheme) }, Some(sent)) => format!("sent {scheme:04x} {}", shown(sent)),
        (Outcome::Aborted(_), Some(sent)) => format!("unsigned {}", shown(sent)),
        (Outcome::Aborted(abort), None) => format!("abort {}", abort.exception().unwrap_or_default()),
        (Outcome::Empty, _) => "empty".to_owned(),
        (Outcome::NoManager { exception, .. }, _) => format!("none {exception}"),
        (Outcome::Sent { .. }, _) => panic!("{choice:?}"),
    };
    (alias, outcome)
}

/// What another key makes of a PKCS12 key looks like padding once in 256 times; Java then says something else.
fn typical(exception: &str) -> String {
    match exception.split_once("Get Key failed: ") {
        Some((start, _)) => format!(
            "{start}Get Key failed: Given final block not properly padded. Such issues can arise if a bad key is used \
             during decryption."
        ),
        None => exception.to_owned(),
    }
}

fn kind(outcome: &str) -> &'static str {
    ["sent", "empty", "abort", "unsigned", "none"]
        .into_iter()
        .find(|kind| outcome.starts_with(kind))
        .unwrap_or("another")
}

fn release(jdk: &Jdk) -> Option<Java> {
    match jdk.feature {
        17 => Some(Java::V17),
        25 => Some(Java::V25),
        _ => None,
    }
}

/// Up to 17.0.17 a JVM reads the schemes of requests otherwise that no server makes (`SignatureScheme` without scopes, 17.0.15;
/// SHA-1 with ECDSA in TLS 1.3, 17.0.17), and has another text for a name that it cannot read.
fn is_before_the_rules(jdk: &Jdk) -> bool {
    let mut numbers = jdk.version.split('.').map(|number| number.parse::<u32>().unwrap_or(0));
    (numbers.next(), numbers.nth(1)) < (Some(17), Some(18))
}

/// A JVM that runs `KeyManagers.java`.
struct KeyManagers {
    _child: Child,
    requests: ChildStdin,
    answers: BufReader<ChildStdout>,
}

impl KeyManagers {
    fn start(jdk: &Jdk, classes: &Path) -> Self {
        let mut child = Command::new(jdk.tool("java"))
            .args(["-Xshare:auto", "-XX:TieredStopAtLevel=1", "-Duser.language=en"])
            .args(["--add-opens", "java.base/sun.security.ssl=ALL-UNNAMED", "-cp"])
            .arg(classes)
            .arg("KeyManagers")
            .env_remove("JDK_JAVA_OPTIONS")
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()
            .expect("java starts");
        let requests = child.stdin.take().expect("stdin is piped");
        let answers = BufReader::new(child.stdout.take().expect("stdout is piped"));
        Self { _child: child, requests, answers }
    }

    fn line(&mut self, fields: &[&str]) -> Vec<String> {
        writeln!(self.requests, "{}", fields.join("\t")).expect("the JVM listens");
        self.requests.flush().expect("the JVM listens");
        let mut answer = String::new();
        self.answers.read_line(&mut answer).expect("the JVM answers");
        answer.trim_end_matches('\n').split('\t').map(str::to_owned).collect()
    }

    /// For SunX509 and PKIX, `ok` or the exception of their start.
    fn open(&mut self, store: &Path) -> Vec<String> {
        self.line(&["store", text(store), PASSWORD])
    }

    /// For SunX509 and then for PKIX: the alias, and what came of it.
    fn ask(&mut self, request: &ClientAuthRequest) -> Vec<String> {
        let schemes = |list: &Option<Vec<u16>>| match list {
            Some(list) => list.iter().map(|id| format!("{id:04x}")).collect(),
            None => "-".to_owned(),
        };
        let names: Vec<String> = request.authorities.iter().map(|name| hex(name)).collect();
        self.line(&[
            "ask",
            &format!("{:04x}", request.version),
            &hex(&request.types),
            &schemes(&request.signature_algorithms),
            &schemes(&request.signature_algorithms_cert),
            &names.join(","),
        ])
    }
}

fn classes() -> PathBuf {
    let folder = scratch("key-manager-classes");
    let source = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/interop/java/KeyManagers.java");
    let status =
        Command::new(jdk().tool("javac")).arg("-d").arg(&folder).arg(source).status().expect("javac starts");
    assert!(status.success(), "javac: {status}");
    folder
}

fn hex(octets: &[u8]) -> String {
    octets.iter().map(|octet| format!("{octet:02x}")).collect()
}
