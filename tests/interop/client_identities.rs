//! What real clients send to `identity listen`, what real servers make of `identity try`.

use std::io::{BufRead, BufReader, Write};
use std::path::Path;
use std::process::{Child, ChildStdin, Command, Stdio};
use std::time::{Duration, Instant};

use serde_json::Value;

use crate::daemons::{Daemon, Site, free_port};
use crate::keyward::{Keyward, binary};
use crate::peers::jdks;

const PASSWORD: &str = "changeit";

/// A root, below it a server for localhost, and clients in PEM and PKCS12.
struct Pki(Site);

impl Pki {
    fn new() -> Self {
        let pki = Self(Site::new());
        pki.root("root");
        pki.root("other");
        pki.leaf("server", "root", "subjectAltName=DNS:localhost", &["-days", "3650"]);
        pki.identity("client", "root", "extendedKeyUsage=clientAuth", &["-days", "3650"], true);
        pki
    }

    fn text(&self, name: &str) -> String {
        self.0.text(name)
    }

    fn root(&self, name: &str) {
        let (key, pem) = (self.text(&format!("{name}.key")), self.text(&format!("{name}.pem")));
        let subject = format!("/O=Identities/CN={name}");
        openssl(&[
            "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-keyout", &key, "-out", &pem, "-subj",
            &subject, "-days", "3650",
        ]);
    }

    fn leaf(&self, name: &str, issuer: &str, extension: &str, dates: &[&str]) {
        let file = |end: &str| self.text(&format!("{name}{end}"));
        let (key, csr, pem) = (file(".key"), file(".csr"), file(".pem"));
        let subject = format!("/O=Identities/CN={name}");
        openssl(&["req", "-newkey", "rsa:2048", "-nodes", "-keyout", &key, "-out", &csr, "-subj", &subject]);
        let extensions = self.0.file(&format!("{name}.ext"), &format!("{extension}\n"));
        let (ca, ca_key) = (self.text(&format!("{issuer}.pem")), self.text(&format!("{issuer}.key")));
        let sign =
            ["x509", "-req", "-in", &csr, "-CA", &ca, "-CAkey", &ca_key, "-CAcreateserial", "-extfile"];
        openssl(&[&sign[..], &[&extensions, "-out", &pem], dates].concat());
    }

    /// A client as PKCS12, with the root or without.
    fn identity(&self, name: &str, issuer: &str, extension: &str, dates: &[&str], with_root: bool) {
        self.leaf(name, issuer, extension, dates);
        let file = |end: &str| self.text(&format!("{name}{end}"));
        let (key, pem, store, root) =
            (file(".key"), file(".pem"), file(".p12"), self.text(&format!("{issuer}.pem")));
        let password = format!("pass:{PASSWORD}");
        let mut arguments = vec![
            "pkcs12", "-export", "-in", &pem, "-inkey", &key, "-name", name, "-out", &store, "-passout",
            &password,
        ];
        if with_root {
            arguments.extend(["-certfile", &root]);
        }
        openssl(&arguments);
    }
}

fn openssl(arguments: &[&str]) {
    let output = Command::new("openssl").args(arguments).output().expect("openssl runs");
    assert!(output.status.success(), "{arguments:?}: {}", String::from_utf8_lossy(&output.stderr));
}

/// A running `identity listen`.
struct Listener {
    child: Child,
    lines: BufReader<std::process::ChildStdout>,
    port: u16,
}

impl Listener {
    fn start(options: &[&str]) -> Self {
        let mut child = Command::new(binary())
            .args(["identity", "listen", "--json"])
            .args(options)
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .spawn()
            .expect("keyward starts");
        let lines = BufReader::new(child.stdout.take().expect("a pipe"));
        let mut listener = Self { child, lines, port: 0 };
        let first = listener.next();
        let address = first["address"].as_str().unwrap_or_else(|| panic!("an address: {first}"));
        listener.port = address.rsplit(':').next().and_then(|port| port.parse().ok()).expect("a port");
        listener
    }

    fn next(&mut self) -> Value {
        let mut text = String::new();
        self.lines.read_line(&mut text).expect("a line");
        serde_json::from_str(&text).unwrap_or_else(|e| panic!("{text:?}: {e}"))
    }
}

impl Drop for Listener {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// openssl, curl and JVMs, with their certificate and without, on both versions: the answer that each gets, and what
/// listen says of it.
pub fn listen_sees_real_clients() {
    let pki = Pki::new();
    let listener_ca = pki.text("listener.pem");
    let root = pki.text("root.pem");
    let mut listener = Listener::start(&["--ca", &root, "--write-ca", &listener_ca]);
    let port = listener.port;
    let mut seen = 0;
    for (protocol, version) in [("TLSv1.2", "1.2"), ("TLSv1.3", "1.3")] {
        for with in [false, true] {
            let mut answers = vec![("openssl", by_openssl(&pki, port, version, with))];
            told(&mut listener, protocol, with, "openssl");
            answers.push(("curl", by_curl(&pki, port, version, with)));
            told(&mut listener, protocol, with, "curl");
            for jdk in jdks() {
                let name = format!("JDK {}", jdk.feature);
                answers.push(("a JVM", by_java(&pki, &jdk.tool("java"), port, protocol, with)));
                told(&mut listener, protocol, with, &name);
            }
            for (who, answer) in &answers {
                assert!(answer.contains("200 OK"), "{who} {protocol} with={with}: {answer}");
            }
            seen += answers.len();
        }
    }
    println!("{seen} clients told apart");
}

fn told(listener: &mut Listener, protocol: &str, with: bool, who: &str) {
    let told = listener.next();
    let what = format!("{who}: {told}");
    assert_eq!((&told["protocol"], &told["finished"]), (&protocol.into(), &true.into()), "{what}");
    assert_eq!(told["certificate"], if with { "chain" } else { "none" }, "{what}");
    // JSSE sends no name of one label.
    let sni = if who.starts_with("JDK") { Value::Null } else { "localhost".into() };
    assert_eq!(told["sni"], sni, "{what}");
    assert!(!told["signature_algorithms"].as_array().expect("algorithms").is_empty(), "{what}");
    if with {
        assert_eq!(told["chain"][0]["subject"], "CN=client,O=Identities", "{what}");
        assert_eq!((&told["key_proof"], &told["issuer_listed"]), (&"proved".into(), &true.into()), "{what}");
        let jsse = told["verdicts"].as_array().expect("verdicts").iter().find(|v| v["rules"] == "jsse17");
        assert_eq!(jsse.expect("a verdict")["accepted"], true, "{what}");
    }
}

fn by_openssl(pki: &Pki, port: u16, version: &str, with: bool) -> String {
    let (cert, key, ca) = (pki.text("client.pem"), pki.text("client.key"), pki.text("listener.pem"));
    let flag = if version == "1.2" { "-tls1_2" } else { "-tls1_3" };
    let to = format!("127.0.0.1:{port}");
    let mut arguments =
        vec!["s_client", "-quiet", "-connect", &to, "-servername", "localhost", "-CAfile", &ca, flag];
    if with {
        arguments.extend(["-cert", &cert, "-key", &key]);
    }
    let mut child = Command::new("openssl")
        .args(&arguments)
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .expect("openssl starts");
    let mut stdin: ChildStdin = child.stdin.take().expect("a pipe");
    stdin.write_all(b"GET / HTTP/1.1\r\n\r\n").expect("openssl reads");
    let output = child.wait_with_output().expect("openssl ends");
    drop(stdin);
    String::from_utf8_lossy(&output.stdout).into_owned()
}

fn by_curl(pki: &Pki, port: u16, version: &str, with: bool) -> String {
    let (cert, key, ca) = (pki.text("client.pem"), pki.text("client.key"), pki.text("listener.pem"));
    let url = format!("https://localhost:{port}/");
    let least = format!("--tlsv{version}");
    let mut arguments =
        vec!["-4", "-sS", "-i", "--max-time", "20", "--cacert", &ca, &least, "--tls-max", version, &url];
    if with {
        arguments.extend(["--cert", &cert, "--key", &key]);
    }
    let output = Command::new("curl").args(&arguments).output().expect("curl runs");
    format!("{}{}", String::from_utf8_lossy(&output.stdout), String::from_utf8_lossy(&output.stderr))
}

fn by_java(pki: &Pki, java: &Path, port: u16, protocol: &str, with: bool) -> String {
    let source = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/interop/java/PresentIdentity.java");
    let store = if with { pki.text("client.p12") } else { "-".to_owned() };
    let output = Command::new(java)
        .arg("-XX:TieredStopAtLevel=1")
        .arg(source)
        .args([&port.to_string(), protocol, &pki.text("listener.pem"), &store, PASSWORD])
        .env_remove("JDK_JAVA_OPTIONS")
        .output()
        .expect("java runs");
    format!("{}{}", String::from_utf8_lossy(&output.stdout), String::from_utf8_lossy(&output.stderr))
}

/// `openssl s_server`, with what it needs to present itself.
struct Server {
    child: Child,
    _stdin: ChildStdin,
    port: u16,
}

impl Server {
    fn start(pki: &Pki, arguments: &[&str]) -> Self {
        let port = free_port();
        let log = std::fs::File::create(pki.0.path("s_server.log")).expect("a log");
        let (cert, key) = (pki.text("server.pem"), pki.text("server.key"));
        let mut child = Command::new("openssl")
            .args(["s_server", "-accept", &port.to_string(), "-cert", &cert, "-key", &key])
            .args(arguments)
            .stdin(Stdio::piped())
            .stdout(log.try_clone().expect("a log"))
            .stderr(log)
            .spawn()
            .expect("openssl starts");
        let start = Instant::now();
        loop {
            let said = std::fs::read_to_string(pki.0.path("s_server.log")).unwrap_or_default();
            if said.contains("ACCEPT") {
                break;
            }
            let ended = child.try_wait().expect("it can be waited for");
            assert!(ended.is_none() && start.elapsed() < Duration::from_secs(20), "{arguments:?}: {said}");
            std::thread::sleep(Duration::from_millis(20));
        }
        let stdin = child.stdin.take().expect("a pipe");
        Self { child, _stdin: stdin, port }
    }

    fn target(&self) -> String {
        format!("localhost:{}", self.port)
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

fn client_auth(target: &str, options: &[&str]) -> Value {
    let json = Keyward::new(["fetch", target, "--json"]).args(options).run().exits(0).json();
    json["targets"][0]["client_auth"].clone()
}

/// The double asks what the original asks: names, algorithms, types, version, optional or required.
pub fn like_asks_what_openssl_asks() {
    let pki = Pki::new();
    let names =
        ["root.pem", "other.pem"].map(|name| std::fs::read_to_string(pki.text(name)).expect("a file"));
    let list = pki.0.file("authorities.pem", &names.concat());
    let odd = "RSA-PSS+SHA512:ECDSA+SHA256:RSA+SHA256:ed25519:DSA+SHA256:RSA+SHA1:rsa_pss_pss_sha256";
    let mut equal = 0;
    for version in [&["-tls1_2"][..], &["-tls1_3"], &[]] {
        for verify in ["-verify", "-Verify"] {
            for algorithms in [None, Some(odd)] {
                for authorities in [&[][..], &["-CAfile", &list]] {
                    let mut arguments = vec!["-www", verify, "3", "-verify_return_error"];
                    arguments.extend(version);
                    arguments.extend(authorities);
                    arguments.extend(algorithms.into_iter().flat_map(|list| ["-client_sigalgs", list]));
                    let server = Server::start(&pki, &arguments);
                    let listener = Listener::start(&["--like", &server.target()]);
                    let double = format!("localhost:{}", listener.port);
                    let (theirs, ours) = (client_auth(&server.target(), &[]), client_auth(&double, &[]));
                    assert_eq!(ours, theirs, "{arguments:?}");
                    assert_ne!(ours["status"], "none");
                    equal += 1;
                }
            }
        }
    }
    println!("{equal} requests equal to those of openssl");
}

/// Each alert of openssl over a client's certificate, on both versions.
pub fn try_hears_openssl() {
    let pki = Pki::new();
    let years = ["-days", "3650"];
    pki.identity("stranger", "other", "extendedKeyUsage=clientAuth", &years, true);
    pki.identity("web", "root", "extendedKeyUsage=serverAuth", &years, true);
    pki.identity("old", "root", "extendedKeyUsage=clientAuth", &["-days", "-1"], true);
    pki.identity("leaf", "other", "extendedKeyUsage=clientAuth", &years, false);
    let root = pki.text("root.pem");
    let mut heard = 0;
    for version in ["-tls1_2", "-tls1_3"] {
        for (name, alert, cause) in [
            ("client", None, None),
            ("stranger", Some("unknown_ca"), Some("issuer-not-listed")),
            ("leaf", Some("unknown_ca"), Some("issuer-not-listed")),
            ("web", Some("unsupported_certificate"), Some("no-client-auth")),
            ("old", Some("certificate_expired"), Some("expired")),
        ] {
            for options in [&["--json"][..], &["--json", "--hold"]] {
                let server = Server::start(
                    &pki,
                    &[version, "-WWW", "-CAfile", &root, "-Verify", "3", "-verify_return_error"],
                );
                let store = pki.text(&format!("{name}.p12"));
                let json = Keyward::new(["identity", "try", &server.target(), "--identity", &store])
                    .args(["--password", "env:PW"])
                    .env("PW", PASSWORD)
                    .args(options)
                    .run()
                    .exits(i32::from(alert.is_some()))
                    .json();
                let what = format!("{version} {name}: {json}");
                assert_eq!(json["outcome"], if alert.is_some() { "refused" } else { "accepted" }, "{what}");
                assert_eq!(json["refusal"]["alert"]["name"].as_str(), alert, "{what}");
                assert_eq!(json["causes"][0]["id"].as_str(), cause, "{what}");
                assert_eq!(json["client_auth"]["authorities"][0]["name"], "CN=root,O=Identities", "{what}");
                heard += 1;
            }
        }
    }
    println!("{heard} words of openssl heard");
}

/// nginx shakes hands with everybody, and says no by HTTP.
pub fn try_hears_nginx() {
    let pki = Pki::new();
    pki.identity("stranger", "other", "extendedKeyUsage=clientAuth", &["-days", "3650"], true);
    let port = free_port();
    let configuration = pki.0.file(
        "nginx.conf",
        &format!(
            "daemon off; pid @/nginx.pid; events {{}} http {{ access_log off; client_body_temp_path @/body; \
             proxy_temp_path @/proxy; fastcgi_temp_path @/fastcgi; uwsgi_temp_path @/uwsgi; scgi_temp_path @/scgi; \
             server {{ listen 127.0.0.1:{port} ssl; ssl_certificate @/server.pem; ssl_certificate_key @/server.key; \
             ssl_client_certificate @/root.pem; ssl_verify_client on; location / {{ return 204; }} }} }}"
        ),
    );
    let errors = pki.text("nginx.errors");
    let _daemon = Daemon::start(&pki.0, "nginx", &["-c", &configuration, "-e", &errors], &[port]);
    for (name, code, outcome) in [("client", 0, "accepted"), ("stranger", 1, "refused")] {
        let json = Keyward::new(["identity", "try", &format!("localhost:{port}"), "--json"])
            .args(["--identity", &pki.text(&format!("{name}.p12")), "--password", "env:PW"])
            .env("PW", PASSWORD)
            .run()
            .exits(code)
            .json();
        assert_eq!(json["outcome"], outcome, "{json}");
        assert_eq!(json["status"], if code == 0 { 204 } else { 400 }, "{json}");
    }
}
