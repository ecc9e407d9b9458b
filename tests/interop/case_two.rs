//! The client certificate that was never sent, from end to end: a PFX that names nothing and has a password of its
//! own, what keytool makes of it, and what `identity build` makes of it, in a JVM against nginx, openssl and Java.

use std::path::{Path, PathBuf};

use keyward::format::pem;
use keyward::serve::{CertificateAuthority, Draft, KeyKind, pki::CLIENT_AUTH};
use time::macros::datetime;

use crate::daemons::{Daemon, Site, free_port};
use crate::jvm::{Jvm, keytool_process, text};
use crate::keyward::{Keyward, testdata};
use crate::peers::{jdk, jdks};

/// Of all stores that an application is told about.
const STORE: &str = "store-secret";
/// Of the PFX, and of the key in it.
const PFX: &str = "pfx-secret";

const PROTOCOLS: [&str; 2] = ["TLSv1.2", "TLSv1.3"];
const MANAGERS: [&str; 2] = ["SunX509", "PKIX"];

/// What the consumer has: a PFX, the CA's certificates, a trust store for the server.
struct Consumer {
    site: Site,
    trust: PathBuf,
}

impl Consumer {
    fn new() -> Self {
        let site = Site::new();
        let draft = |subject: &str, serial| {
            Draft::new(subject, serial, datetime!(2024-01-01 0:00 UTC), datetime!(2044-01-01 0:00 UTC))
        };
        let root =
            CertificateAuthority::root(&draft("Partner root", 1).key(KeyKind::Rsa2048)).expect("a root");
        let issuing = root.subordinate(&draft("Partner issuing CA", 2).key(KeyKind::Rsa2048)).expect("a CA");
        let mut client = draft("consumer", 3).key(KeyKind::Rsa2048);
        client.purposes = vec![CLIENT_AUTH.to_vec()];
        let client = issuing.issue(&client).expect("a client");
        for (name, label, der) in [
            ("partner-root.pem", "CERTIFICATE", &*root.certificate.der),
            ("partner-issuing.pem", "CERTIFICATE", &*issuing.certificate.der),
            ("client.pem", "CERTIFICATE", &*client.certificate.der),
            ("client.key", "PRIVATE KEY", &client.key),
        ] {
            site.file(name, &pem::encode(label, der));
        }
        let (key, leaf, pfx) =
            (site.text("client.key"), site.text("client.pem"), site.text("my-private-key.pfx"));
        let password = format!("pass:{PFX}");
        let made = std::process::Command::new("openssl")
            .args(["pkcs12", "-export", "-inkey", &key, "-in", &leaf, "-out", &pfx, "-passout", &password])
            .status();
        assert!(made.expect("openssl runs").success());
        let trust = site.path("trust.p12");
        trusted(&testdata("pki/root.pem"), &trust);
        Self { site, trust }
    }

    /// Builds the identity anew, as an operator would.
    fn build(&self, out: &str) -> PathBuf {
        let outcome = Keyward::new(["identity", "build", "--alias", "consumer", "--no-aia", "--json"])
            .args(["--from", &format!("{}#1", self.site.text("my-private-key.pfx"))])
            .args(["--chain", &self.site.text("partner-root.pem"), &self.site.text("partner-issuing.pem")])
            .args(["-o", &self.site.text(out), "--in-password", "env:PFX", "--password", "env:STORE"])
            .env("PFX", PFX)
            .env("STORE", STORE)
            .run()
            .exits(0);
        let json = outcome.json();
        assert_eq!(json["chain"].as_array().map(Vec::len), Some(2), "{outcome}");
        assert_eq!(json["root"]["state"], "omitted");
        for secret in [PFX, STORE] {
            assert!(!outcome.to_string().contains(secret), "{outcome}");
        }
        self.site.path(out)
    }

    /// What `keytool -importkeystore` makes of the PFX.
    fn imported(&self, out: &str, format: &str) -> PathBuf {
        let (from, to) = (self.site.text("my-private-key.pfx"), self.site.text(out));
        let source = ["-srckeystore", &from, "-srcstoretype", "PKCS12", "-srcstorepass", PFX];
        let target = ["-destkeystore", &to, "-deststoretype", format, "-deststorepass", STORE];
        let run =
            keytool_process(jdk(), "", &[&["-importkeystore", "-noprompt"][..], &source, &target].concat());
        assert_eq!(run.code, 0, "{run:?}");
        self.site.path(out)
    }

    /// `identity check` and `identity explain` name the causes, for the store that was imported in each format.
    fn explained(&self, jks: &Path, p12: &Path, servers: &[Server]) {
        for (store, own_password) in [(jks, true), (p12, false)] {
            let check = self.asks(&["identity", "check", text(store), "--no-aia"]);
            let found = ids(&check["findings"], "id");
            assert_eq!(found.contains(&"key-password"), own_password, "{check}");
            for id in ["made-up-alias", "missing-intermediate"] {
                assert!(found.contains(&id), "{id}: {check}");
            }
            for server in servers {
                let target = format!("localhost:{}", server.port);
                let explain = self.asks(&["identity", "explain", text(store), "--for", &target]);
                assert!(explain["sent"].is_null(), "{}: {explain}", server.name);
                let choices = explain["choices"].as_array().expect("choices");
                assert_eq!(choices.len(), 4, "{explain}");
                for choice in choices {
                    let opens_all = own_password && choice["manager"] == "SunX509";
                    let test = if opens_all { "key-password" } else { "issuers" };
                    assert_eq!(ids(&choice["rejected"], "test"), [test], "{}: {choice}", server.name);
                }
                assert!(
                    explain["fix"].as_str().is_some_and(|fix| fix.contains("identity build")),
                    "{explain}"
                );
            }
        }
    }

    /// What a verb says of a store that will not be sent.
    fn asks(&self, words: &[&str]) -> serde_json::Value {
        let password = ["--password", "env:STORE", "--json"];
        Keyward::new(words).args(password).env("STORE", STORE).run().exits(1).json()
    }
}

/// One member of each object of a list.
fn ids<'a>(list: &'a serde_json::Value, member: &str) -> Vec<&'a str> {
    list.as_array().into_iter().flatten().filter_map(|item| item[member].as_str()).collect()
}

/// A trust store with one certificate.
fn trusted(certificate: &Path, store: &Path) {
    Keyward::new(["trust", "add", text(certificate), "--to", text(store), "--alias", "root", "--yes"])
        .args(["--password", &format!("pass:{STORE}")])
        .run()
        .exits(0);
}

/// A partner's server that demands a certificate below its root, and lists that root alone.
struct Server {
    name: &'static str,
    port: u16,
    _daemon: Option<Daemon>,
}

fn nginx(site: &Site) -> Server {
    let port = free_port();
    let configuration = site.file(
        "nginx.conf",
        &format!(
            "daemon off; pid @/nginx.pid; events {{}} http {{ access_log off; client_body_temp_path @/body; \
             proxy_temp_path @/proxy; fastcgi_temp_path @/fastcgi; uwsgi_temp_path @/uwsgi; scgi_temp_path @/scgi; \
             server {{ listen 127.0.0.1:{port} ssl; ssl_protocols TLSv1.2 TLSv1.3; \
             ssl_certificate @/localhost-chain.pem; ssl_certificate_key @/localhost.key; \
             ssl_client_certificate @/partner-root.pem; ssl_verify_client on; ssl_verify_depth 4; \
             location / {{ return 200 \"ok\"; }} }} }}"
        ),
    );
    let errors = site.text("nginx.errors");
    let daemon = Daemon::start(site, "nginx", &["-c", &configuration, "-e", &errors], &[port]);
    Server { name: "nginx", port, _daemon: Some(daemon) }
}

fn openssl(site: &Site) -> Server {
    let port = free_port();
    let accept = port.to_string();
    let arguments = [
        "s_server",
        "-accept",
        &accept,
        "-cert",
        "localhost-chain.pem",
        "-cert_chain",
        "localhost-chain.pem",
        "-key",
        "localhost.key",
        "-CAfile",
        "partner-root.pem",
        "-Verify",
        "4",
        "-verify_return_error",
        "-www",
        "-quiet",
    ];
    let daemon = Daemon::start(site, "openssl", &arguments, &[port]);
    Server { name: "openssl", port, _daemon: Some(daemon) }
}

fn java(site: &Site) -> Server {
    let (keys, trust) = (site.path("server.p12"), site.path("partner.p12"));
    Keyward::new([
        "convert",
        &site.text("localhost.key"),
        &site.text("localhost-chain.pem"),
        "-o",
        text(&keys),
    ])
    .args(["--alias", "server", "--password", &format!("pass:{STORE}")])
    .run()
    .exits(0);
    trusted(&site.path("partner-root.pem"), &trust);
    Server { name: "Java", port: Jvm::of(jdk()).demand(&keys, &trust, STORE), _daemon: None }
}

/// Each JVM, key manager, protocol and server with a store; what happened, one line a call.
fn calls(
    consumer: &Consumer,
    servers: &[Server],
    store: &Path,
    mut judge: impl FnMut(&str, &str, &str, crate::jvm::Call) -> bool,
) -> (usize, Vec<String>) {
    let (mut count, mut wrong) = (0, Vec::new());
    for jdk in jdks() {
        for manager in MANAGERS {
            for protocol in PROTOCOLS {
                for server in servers {
                    count += 1;
                    let how = (manager, protocol);
                    let call = Jvm::of(jdk).call(server.port, &consumer.trust, store, STORE, how);
                    let shown =
                        format!("JDK {}, {manager}, {protocol}, {}: {call:?}", jdk.feature, server.name);
                    if !judge(manager, protocol, server.name, call) {
                        wrong.push(shown);
                    }
                }
            }
        }
    }
    (count, wrong)
}

pub fn end_to_end() {
    let consumer = Consumer::new();
    let servers = [nginx(&consumer.site), openssl(&consumer.site), java(&consumer.site)];

    // As it was: the key keeps the PFX's password, the chain is the leaf alone, the alias is "1".
    let jks = consumer.imported("abc.jks", "JKS");
    let (count, wrong) = calls(&consumer, &servers, &jks, |manager, protocol, server, call| match manager {
        "SunX509" => call.failure.contains("UnrecoverableKeyException"),
        _ => never_sent(protocol, server, &call),
    });
    assert!(wrong.is_empty(), "abc.jks: {} of {count}\n{}", wrong.len(), wrong.join("\n"));
    let p12 = consumer.imported("abc.p12", "PKCS12");
    let (_, wrong) =
        calls(&consumer, &servers, &p12, |_, protocol, server, call| never_sent(protocol, server, &call));
    assert!(wrong.is_empty(), "abc.p12: {} of {count}\n{}", wrong.len(), wrong.join("\n"));
    consumer.explained(&jks, &p12, &servers);

    let (mut all, mut failed) = (0, Vec::new());
    for out in ["client.p12", "client.jks"] {
        let store = consumer.build(out);
        let (count, wrong) = calls(&consumer, &servers, &store, |_, _, _, call| {
            call.sent == 2 && call.failure.is_empty() && call.status.contains(" 200 ")
        });
        all += count;
        failed.extend(wrong.into_iter().map(|line| format!("{out}: {line}")));
    }
    println!("case two: {} of {all} calls succeed", all - failed.len());
    assert!(failed.is_empty(), "{} of {all} calls failed\n{}", failed.len(), failed.join("\n"));
}

/// The certificate message had the length 0, and the server ended it in its own way.
fn never_sent(protocol: &str, server: &str, call: &crate::jvm::Call) -> bool {
    call.sent == 0
        && match (server, protocol) {
            ("nginx", _) => call.status.contains(" 400 "),
            ("openssl", "TLSv1.2") => call.failure.contains("Received fatal alert: handshake_failure"),
            ("openssl", _) => call.failure.contains("certificate_required"),
            // A Java server's alert is lost in a race with the end of the connection.
            _ => !call.failure.is_empty() || call.status.is_empty(),
        }
}
