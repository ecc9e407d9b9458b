//! A JVM that runs `java/Peer.java` and answers for Java.

use std::collections::{BTreeMap, HashMap};
use std::fmt::Write as _;
use std::io::{BufRead, BufReader, Write};
use std::os::unix::fs::symlink;
use std::path::{Path, PathBuf};
use std::process::{Child, ChildStdin, ChildStdout, Command, Stdio};
use std::sync::{LazyLock, Mutex, OnceLock, PoisonError};

use serde_json::Value;

use crate::keyward::testdata;
use crate::peers::{Jdk, jdk};

/// What `java.security.KeyStore` shows of one entry. Dates are apart: PKCS12 has none for trusted certificates.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Entry {
    pub alias: String,
    /// `trustedCertEntry`, `PrivateKeyEntry` or `SecretKeyEntry`.
    pub kind: String,
    /// SHA-256 of each certificate.
    pub chain: Vec<String>,
    /// SHA-256 of the opened key, or why it does not open.
    pub key: Option<String>,
    /// Milliseconds since 1970.
    pub date: i64,
}

/// A keystore as Java lists it, by alias.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Listing {
    pub format: String,
    pub entries: Vec<Entry>,
}

impl Listing {
    /// All but the dates.
    pub fn contents(&self) -> Vec<(&str, &str, &[String], Option<&str>)> {
        self.entries.iter().map(|e| (&*e.alias, &*e.kind, &*e.chain, e.key.as_deref())).collect()
    }

    pub fn entry(&self, alias: &str) -> Option<&Entry> {
        self.entries.iter().find(|entry| entry.alias == alias)
    }
}

/// How a keytool run ended.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct KeytoolRun {
    pub code: i64,
    pub out: String,
    pub err: String,
}

/// What a JSSE client said to a server.
#[derive(Clone, Debug)]
pub struct Handshake {
    pub accepted: bool,
    /// The exception of a refusal.
    pub reason: String,
}

/// What a JSSE client did that was asked for its certificate.
#[derive(Clone, Debug)]
pub struct Presented {
    /// The exception with which the key manager was not made.
    pub init: Option<String>,
    /// SHA-256 of each certificate that it sent.
    pub sent: Vec<String>,
    /// The exception of the handshake, or of the first read.
    pub refused: Option<String>,
}

/// What became of a request with a client certificate.
#[derive(Clone, Debug)]
pub struct Call {
    /// The status line of the answer; empty where none came.
    pub status: String,
    /// How many certificates the client sent.
    pub sent: u64,
    /// The exception, where one came.
    pub failure: String,
}

struct Pipes {
    // Dropped with the process, when the tests end.
    _child: Child,
    requests: ChildStdin,
    answers: BufReader<ChildStdout>,
}

/// A running JVM. Requests wait for one another.
pub struct Jvm(Mutex<Pipes>);

impl Jvm {
    /// The JVM of a JDK, started at the first call.
    pub fn of(jdk: &Jdk) -> &'static Self {
        static RUNNING: LazyLock<Mutex<HashMap<PathBuf, &'static Jvm>>> = LazyLock::new(Mutex::default);
        let mut running = RUNNING.lock().unwrap_or_else(PoisonError::into_inner);
        running.entry(jdk.home.clone()).or_insert_with(|| Box::leak(Box::new(Self::start(jdk))))
    }

    fn start(jdk: &Jdk) -> Self {
        let mut child = Command::new(jdk.tool("java"))
            .args(["-Xshare:auto", "-XX:TieredStopAtLevel=1", "-Duser.language=en", "-Duser.timezone=UTC"])
            .args(["--add-opens", "java.base/sun.security.tools.keytool=ALL-UNNAMED"])
            .arg(format!("-Djava.home={}", home_with_own_cacerts(jdk).display()))
            .arg("-cp")
            .arg(classes())
            .arg("Peer")
            .env_remove("JDK_JAVA_OPTIONS")
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()
            .expect("java starts");
        let requests = child.stdin.take().expect("stdin is piped");
        let answers = BufReader::new(child.stdout.take().expect("stdout is piped"));
        Self(Mutex::new(Pipes { _child: child, requests, answers }))
    }

    fn ask(&self, fields: &[&str]) -> Value {
        let line = fields.iter().map(|field| percent(field)).collect::<Vec<_>>().join("\t");
        let mut pipes = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        writeln!(pipes.requests, "{line}").and_then(|()| pipes.requests.flush()).expect("the JVM listens");
        let mut answer = String::new();
        pipes.answers.read_line(&mut answer).expect("the JVM answers");
        serde_json::from_str(&answer).unwrap_or_else(|e| panic!("{fields:?}: {answer:?}: {e}"))
    }

    /// The entries of a keystore.
    ///
    /// # Errors
    ///
    /// The exception with which Java refuses the file.
    pub fn list(&self, store: &Path, password: Option<&str>) -> Result<Listing, String> {
        let password = password.unwrap_or("-");
        let answer = self.ask(&["list", text(store), password, password]);
        if let Some(error) = answer["error"].as_str() {
            return Err(error.to_owned());
        }
        let entries = answer["entries"].as_array().expect("entries").iter().map(|entry| Entry {
            alias: string(&entry["alias"]),
            kind: string(&entry["kind"]),
            chain: entry["chain"].as_array().expect("chain").iter().map(string).collect(),
            key: entry["key"].as_str().map(str::to_owned),
            date: entry["date"].as_i64().expect("date"),
        });
        Ok(Listing { format: string(&answer["type"]), entries: entries.collect() })
    }

    /// What the keys of a keystore do, by alias: `EC signs` of a private key whose signature its certificate
    /// verifies, `AES 0707…` of a secret one.
    ///
    /// # Errors
    ///
    /// The exception with which Java refuses the file or a key.
    pub fn use_keys(
        &self,
        store: &Path,
        password: &str,
        key_password: &str,
    ) -> Result<BTreeMap<String, String>, String> {
        let answer = self.ask(&["use", text(store), password, key_password]);
        if let Some(error) = answer["error"].as_str() {
            return Err(error.to_owned());
        }
        let uses = answer["uses"].as_object().expect("uses");
        Ok(uses.iter().map(|(alias, used)| (alias.clone(), string(used))).collect())
    }

    /// Texts in lower case, as Java's keystores fold aliases.
    pub fn lower(&self, texts: &[&str]) -> Vec<String> {
        let answer = self.ask(&[&["lower"], texts].concat());
        answer["lower"].as_array().expect("texts").iter().map(string).collect()
    }

    /// Runs keytool in this JVM.
    pub fn keytool(&self, stdin: &str, arguments: &[&str]) -> KeytoolRun {
        let answer = self.ask(&[&["keytool", stdin], arguments].concat());
        assert!(answer["error"].is_null(), "keytool {arguments:?}: {answer}");
        KeytoolRun {
            code: answer["code"].as_i64().expect("code"),
            out: string(&answer["out"]),
            err: string(&answer["err"]),
        }
    }

    /// Starts a TLS server that sends a PEM file's chain as it stands; its port.
    pub fn serve(&self, key: &Path, chain: &Path) -> u16 {
        let answer = self.ask(&["serve", text(key), text(chain)]);
        let port = answer["port"].as_u64().unwrap_or_else(|| panic!("serve: {answer}"));
        u16::try_from(port).expect("a port")
    }

    pub fn stop(&self, port: u16) {
        self.ask(&["stop", &port.to_string()]);
    }

    /// A request over TLS with the identity of a store, opened with the password that opens all stores of the call.
    pub fn call(&self, port: u16, trust: &Path, keys: &Path, password: &str, how: (&str, &str)) -> Call {
        let (manager, protocol) = how;
        let port = port.to_string();
        let answer = self.ask(&["call", &port, text(trust), text(keys), password, manager, protocol]);
        assert!(answer["error"].is_null(), "call: {answer}");
        Call {
            status: string(&answer["status"]),
            sent: answer["sent"].as_u64().expect("a count"),
            failure: string(&answer["failure"]),
        }
    }

    /// Starts a TLS server that demands a client certificate; its port.
    pub fn demand(&self, keys: &Path, trust: &Path, password: &str) -> u16 {
        let answer = self.ask(&["demand", text(keys), text(trust), password]);
        let port = answer["port"].as_u64().unwrap_or_else(|| panic!("demand: {answer}"));
        u16::try_from(port).expect("a port")
    }

    /// A handshake with `localhost`, with this trust store, the name checked as HTTPS does.
    pub fn connect(&self, port: u16, trust_store: &Path, password: &str) -> Handshake {
        let answer = self.ask(&["connect", "localhost", &port.to_string(), text(trust_store), password]);
        Handshake {
            accepted: answer["accepted"].as_bool().unwrap_or_default(),
            reason: answer["reason"].as_str().or(answer["error"].as_str()).unwrap_or_default().to_owned(),
        }
    }
}

impl Jvm {
    /// Connects to `localhost`, whoever it is, with the identities of a keystore under a key manager.
    pub fn present(&self, port: u16, store: &Path, password: &str, manager: &str) -> Presented {
        let answer = self.ask(&["present", &port.to_string(), text(store), password, manager]);
        assert!(answer["error"].is_null(), "present: {answer}");
        Presented {
            init: answer["init"].as_str().map(str::to_owned),
            sent: answer["sent"].as_array().expect("sent").iter().map(string).collect(),
            refused: answer["refused"].as_str().map(str::to_owned),
        }
    }
}

/// Runs the real command `keytool`.
pub fn keytool_process(jdk: &Jdk, stdin: &str, arguments: &[&str]) -> KeytoolRun {
    let mut child = Command::new(jdk.tool("keytool"))
        .args(["-J-Duser.language=en", "-J-Duser.timezone=UTC"])
        .args(arguments)
        .env_remove("JDK_JAVA_OPTIONS")
        .env("LC_ALL", "C.UTF-8")
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .expect("keytool starts");
    // It may end without having read.
    let _ = child.stdin.take().expect("stdin is piped").write_all(stdin.as_bytes());
    let output = child.wait_with_output().expect("keytool ends");
    KeytoolRun {
        code: output.status.code().unwrap_or(-1).into(),
        out: String::from_utf8_lossy(&output.stdout).into_owned(),
        err: String::from_utf8_lossy(&output.stderr).into_owned(),
    }
}

/// A Java home whose `cacerts` holds `pki/root.pem` and nothing else; the rest of it is the real one's, by
/// symbolic links.
pub fn home_with_own_cacerts(jdk: &Jdk) -> PathBuf {
    static CACERTS: OnceLock<PathBuf> = OnceLock::new();
    let folder = scratch(&format!("java-home-{}", jdk.feature));
    let security = folder.join("lib/security");
    std::fs::create_dir_all(&security).expect("a Java home");
    for (from, to, but) in [
        (jdk.home.clone(), folder.clone(), "lib"),
        (jdk.home.join("lib"), folder.join("lib"), "security"),
        (jdk.home.join("lib/security"), security.clone(), "cacerts"),
    ] {
        for entry in std::fs::read_dir(&from).expect("the JDK's folder").flatten() {
            let name = entry.file_name();
            // A link may lead nowhere: that of the sources does where they are not installed.
            if name != but && to.join(&name).symlink_metadata().is_err() {
                symlink(entry.path(), to.join(&name)).expect("a link into the JDK");
            }
        }
    }
    let cacerts = CACERTS.get_or_init(|| {
        let cacerts = scratch("cacerts").join("cacerts.jks");
        let root = testdata("pki/root.pem");
        let arguments = ["-importcert", "-noprompt", "-alias", "root", "-file", text(&root)];
        let store = ["-keystore", text(&cacerts), "-storetype", "JKS", "-storepass", "changeit"];
        let run = keytool_process(crate::peers::jdk(), "", &[&arguments[..], &store].concat());
        assert_eq!(run.code, 0, "{run:?}");
        cacerts
    });
    std::fs::copy(cacerts, security.join("cacerts")).expect("cacerts");
    folder
}

/// A fresh folder of this run, removed at the next run's start.
pub fn scratch(name: &str) -> PathBuf {
    static ROOT: LazyLock<PathBuf> = LazyLock::new(|| {
        let root = Path::new(env!("CARGO_TARGET_TMPDIR")).join("interop");
        let _ = std::fs::remove_dir_all(&root);
        std::fs::create_dir_all(&root).expect("target/ can be written");
        root
    });
    let folder = ROOT.join(name);
    std::fs::create_dir_all(&folder).expect("target/ can be written");
    folder
}

/// `Peer.java`, compiled once a run for the oldest JDK that is there.
fn classes() -> PathBuf {
    static CLASSES: OnceLock<PathBuf> = OnceLock::new();
    CLASSES
        .get_or_init(|| {
            let folder = scratch("classes");
            let sources = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/interop/java");
            let source = sources.join("Peer.java");
            let status = Command::new(jdk().tool("javac"))
                .arg("-sourcepath")
                .arg(sources)
                .arg("-d")
                .arg(&folder)
                .arg(source)
                .status()
                .expect("javac starts");
            assert!(status.success(), "javac: {status}");
            folder
        })
        .clone()
}

fn percent(field: &str) -> String {
    field.bytes().fold(String::new(), |mut encoded, byte| {
        match byte {
            b'a'..=b'z' | b'A'..=b'Z' | b'0'..=b'9' | b'/' | b'.' | b'-' | b'_' => {
                encoded.push(char::from(byte))
            }
            _ => write!(encoded, "%{byte:02X}").expect("a String takes all"),
        }
        encoded
    })
}

/// A path as a tool's argument; all the tests' paths are UTF-8.
pub fn text(path: &Path) -> &str {
    path.to_str().expect("a path in UTF-8")
}

fn string(value: &Value) -> String {
    value.as_str().expect("a string").to_owned()
}
