//! Real handshakes of JVMs with `openssl s_server`: what was sent, and what `identity explain` had said.

use std::io::Read;
use std::net::TcpListener;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};

use ::keyward::format::jks;
use ::keyward::format::key_store;
use ::keyward::format::pkcs12::Derivations;
use ::keyward::model::entropy::SystemEntropy;
use ::keyward::model::key_store::pfx::Profile;
use ::keyward::model::key_store::{NewContent, NewEntry, StoreFormat};
use ::keyward::model::{EncodedCertificate, KeyStore, Password};
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use time::macros::datetime;

use super::generated::{
    Draft, FOREIGN, Generator, PASSWORD, SIGNATURES, Style, extension, name, openssl, tlv,
};
use super::{KeyManagers, classes, release};
use crate::jvm::{scratch, text};
use crate::keyward::Keyward;
use crate::peers::jdks;

const SHA256_RSA: usize = 0;
const SHA256_ECDSA: usize = 1;
const SHA1_RSA: usize = 3;
const MD5_RSA: usize = 8;

/// One situation: who the client is, what the server asks, and what is sent then.
struct Row {
    name: &'static str,
    /// The key of the leaf.
    key: &'static str,
    /// Leaf, intermediate, root: how each that stands in the chain is signed.
    chain: &'static [usize],
    /// The names that the server lists.
    list: &'static [&'static str],
    /// The server's signature algorithms, where not OpenSSL's own.
    algorithms: Option<&'static str>,
    twist: Twist,
    /// Whether SunX509 sends the chain, and whether PKIX does.
    sent: (bool, bool),
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Twist {
    Usual,
    Expired,
    NotYetValid,
    ServerOnly,
    NoSignatures,
    KeyPassword,
    TrustedOnly,
}

const ROOT: &[&str] = &["Root"];
const INTER: &[&str] = &["Inter"];
const BOTH: &[&str] = &["Root", "Inter"];

const USUAL: Row = Row {
    name: "",
    key: "rsa",
    chain: &[SHA256_RSA, SHA256_RSA],
    list: BOTH,
    algorithms: None,
    twist: Twist::Usual,
    sent: (true, true),
};

/// The rows of the table in which it was first written down what JSSE sends.
const ROWS: [Row; 20] = [
    Row { name: "0 full chain", chain: &[SHA256_RSA, SHA256_RSA, SHA256_RSA], ..USUAL },
    Row {
        name: "1a leaf only, root listed",
        chain: &[SHA256_RSA],
        list: ROOT,
        sent: (false, false),
        ..USUAL
    },
    Row { name: "1b leaf only, intermediate listed", chain: &[SHA256_RSA], list: INTER, ..USUAL },
    Row { name: "1c with intermediate, root listed", list: ROOT, ..USUAL },
    Row { name: "1d leaf only, no names", chain: &[SHA256_RSA], list: &[], ..USUAL },
    Row { name: "1e another CA listed", list: &["Stranger"], sent: (false, false), ..USUAL },
    Row { name: "2a RSA key, ECDSA asked", algorithms: Some("ECDSA+SHA256"), sent: (false, false), ..USUAL },
    Row {
        name: "2c EC key, RSA-signed chain, ECDSA asked",
        key: "p256",
        algorithms: Some("ECDSA+SHA256"),
        sent: (true, false),
        ..USUAL
    },
    Row {
        name: "2c' EC key, ECDSA-signed chain, ECDSA asked",
        key: "p256",
        chain: &[SHA256_ECDSA, SHA256_ECDSA],
        algorithms: Some("ECDSA+SHA256"),
        ..USUAL
    },
    Row {
        name: "2d PKCS1-signed chain, PSS asked",
        algorithms: Some("rsa_pss_rsae_sha256"),
        sent: (true, false),
        ..USUAL
    },
    Row {
        name: "2s SHA-1 root in the chain",
        chain: &[SHA256_RSA, SHA256_RSA, SHA1_RSA],
        sent: (true, false),
        ..USUAL
    },
    Row { name: "2m leaf signed with MD5", chain: &[MD5_RSA, SHA256_RSA], sent: (true, false), ..USUAL },
    Row { name: "2f Ed25519 key", key: "ed25519", ..USUAL },
    Row { name: "2g RSASSA-PSS key", key: "pss", ..USUAL },
    Row { name: "2g' RSA 1024", key: "rsa-1024", ..USUAL },
    Row { name: "3 key password of its own", twist: Twist::KeyPassword, sent: (false, false), ..USUAL },
    Row { name: "5 expired", twist: Twist::Expired, ..USUAL },
    Row { name: "5' not yet valid", twist: Twist::NotYetValid, ..USUAL },
    Row { name: "6 for servers, without digitalSignature", twist: Twist::ServerOnly, ..USUAL },
    Row { name: "6' no digitalSignature", twist: Twist::NoSignatures, ..USUAL },
];

const NOTHING: Row =
    Row { name: "7 trusted certificates only", twist: Twist::TrustedOnly, sent: (false, false), ..USUAL };

/// Each row, on TLS 1.2 and 1.3, with both managers of each JVM; and `identity explain` beforehand.
pub fn over_the_table() {
    let folder = scratch("key-managers-live");
    let generator = Generator::new();
    let (key, certificate) = (folder.join("server.key"), folder.join("server.pem"));
    openssl(&[
        "req",
        "-x509",
        "-newkey",
        "ec",
        "-pkeyopt",
        "ec_paramgen_curve:P-256",
        "-nodes",
        "-subj",
        "/CN=localhost",
        "-days",
        "30",
        "-keyout",
        text(&key),
        "-out",
        text(&certificate),
    ]);
    let classes = classes();
    let mut jvms: Vec<_> = jdks()
        .iter()
        .filter_map(|jdk| release(jdk).map(|_| (jdk.feature, KeyManagers::start(jdk, &classes))))
        .collect();
    let (mut agree, mut all, mut wrong) = (0, 0, Vec::new());
    for (number, row) in ROWS.iter().chain([&NOTHING]).enumerate() {
        let (store, list) = files(row, &generator, &folder, number);
        for (option, protocol) in [("-tls1_2", "TLSv1.2"), ("-tls1_3", "TLSv1.3")] {
            let serve =
                |once| Server::start(&key, &certificate, list.as_deref(), row.algorithms, option, once);
            let server = serve(false);
            let outcome = Keyward::new(["identity", "explain", text(&store), "--password", "pass:changeit"])
                .args(["--for", &format!("localhost:{}", server.port), "--json"])
                .run();
            drop(server);
            assert_eq!(outcome.code, i32::from(!row.sent.0), "{} {protocol}: {}", row.name, outcome.err);
            let said = outcome.json();
            for (feature, jvm) in &mut jvms {
                jvm.open(&store);
                for (at, (manager, expected)) in
                    [("SunX509", row.sent.0), ("PKIX", row.sent.1)].into_iter().enumerate()
                {
                    let server = serve(true);
                    let ended = jvm.line(&["live", &at.to_string(), &server.port.to_string(), protocol]);
                    let sent = ended[0] != "none" && server.got_a_chain();
                    let choice = said["choices"]
                        .as_array()
                        .expect("choices")
                        .iter()
                        .find(|choice| choice["manager"] == manager && choice["java"] == *feature)
                        .expect("a choice");
                    let foretold = choice["alias"] == "client";
                    all += 1;
                    if sent == expected && foretold == expected {
                        agree += 1;
                    } else {
                        wrong.push(format!("{}, {protocol}, {manager} of {feature}: sent {sent}, foretold {foretold}, expected {expected}: {ended:?} {choice}", row.name));
                    }
                }
            }
        }
    }
    println!("{agree} of {all} handshakes went as foretold");
    assert!(wrong.is_empty() && all > 0, "{}", wrong.join("\n"));
}

/// The store of a row, and the file with the authorities of its server.
fn files(row: &Row, generator: &Generator, folder: &Path, number: usize) -> (PathBuf, Option<PathBuf>) {
    let key = |name: &str| generator.keys.iter().find(|key| key.name == name).expect("a key");
    let names = ["client", "Inter", "Root"].map(|common| name(common, Style::Usual));
    let dates = match row.twist {
        Twist::Expired => ("000101000000Z", "100101000000Z"),
        Twist::NotYetValid => ("20850101000000Z", "20900101000000Z"),
        _ => ("000101000000Z", "20900101000000Z"),
    };
    let draft = |at: usize, signature: usize| {
        let (oid, parameters) = SIGNATURES[signature];
        let for_leaf = match row.twist {
            Twist::ServerOnly => vec![extension(37, &tlv(0x30, &[&[6, 8, 0x2b, 6, 1, 5, 5, 7, 3, 1]]))],
            Twist::NoSignatures => vec![extension(15, &[3, 2, 5, 0x20])],
            _ => Vec::new(),
        };
        Draft {
            issuer: &names[(at + 1).min(2)],
            subject: &names[at],
            spki: &key(if at == 0 { row.key } else { "rsa" }).spki,
            algorithm: &tlv(0x30, &[&tlv(6, &[oid]), parameters]),
            dates: if at == 0 { dates } else { ("000101000000Z", "20900101000000Z") },
            extensions: if at == 0 { for_leaf } else { vec![extension(19, &[0x30, 3, 1, 1, 0xff])] },
            serial: [0, 0, at as u8],
        }
        .encode()
    };
    let chain: Vec<EncodedCertificate> = row
        .chain
        .iter()
        .enumerate()
        .map(|(at, signature)| EncodedCertificate::x509(&draft(at, *signature)))
        .collect();
    let password = Password::new(if row.twist == Twist::KeyPassword { FOREIGN } else { PASSWORD }.to_owned());
    let content = if row.twist == Twist::TrustedOnly {
        NewContent::TrustedCertificate(chain[0].clone())
    } else {
        let protected = jks::protect_key(&key(row.key).pkcs8, &password, [7; 20]);
        NewContent::PrivateKey { protected, chain: chain.into_iter().map(Into::into).collect() }
    };
    let created = datetime!(2026-01-01 0:00 UTC);
    let entry = NewEntry { alias: "client".to_owned(), created, content, attributes: Vec::new() };
    let store = KeyStore::assemble(StoreFormat::Jks, &Profile::java17(), vec![entry]).expect("a store");
    let password = Password::new(PASSWORD.to_owned());
    let bytes = key_store::encode(&store, Some(&password), &mut SystemEntropy, &mut Derivations::new());
    let path = folder.join(format!("{number}.jks"));
    std::fs::write(&path, bytes.expect("a store")).expect("target/ can be written");
    let pem: String = row
        .list
        .iter()
        .map(|common| {
            let subject = name(common, Style::Usual);
            let (oid, parameters) = SIGNATURES[SHA256_RSA];
            let authority = Draft {
                issuer: &subject,
                subject: &subject,
                spki: &key("rsa").spki,
                algorithm: &tlv(0x30, &[&tlv(6, &[oid]), parameters]),
                dates: ("000101000000Z", "20900101000000Z"),
                extensions: vec![extension(19, &[0x30, 3, 1, 1, 0xff])],
                serial: [1, 1, 1],
            };
            let body = STANDARD.encode(authority.encode());
            let lines: Vec<&str> =
                body.as_bytes().chunks(64).map(|line| std::str::from_utf8(line).expect("base64")).collect();
            format!("-----BEGIN CERTIFICATE-----\n{}\n-----END CERTIFICATE-----\n", lines.join("\n"))
        })
        .collect();
    let list = folder.join(format!("{number}.pem"));
    std::fs::write(&list, &pem).expect("target/ can be written");
    (path, (!pem.is_empty()).then_some(list))
}

/// An `openssl s_server` that demands a client certificate, and writes down the messages.
struct Server {
    child: Child,
    port: u16,
}

impl Server {
    fn start(
        key: &Path,
        certificate: &Path,
        list: Option<&Path>,
        algorithms: Option<&str>,
        version: &str,
        once: bool,
    ) -> Self {
        let port = TcpListener::bind("127.0.0.1:0").and_then(|l| l.local_addr()).expect("a port").port();
        let accept = format!("127.0.0.1:{port}");
        let mut command = Command::new("openssl");
        command.args(["s_server", "-accept", &accept, "-www", "-msg", "-Verify", "3", version]);
        command.args(["-key", text(key), "-cert", text(certificate)]);
        match list {
            Some(list) => command.args(["-CAfile", text(list)]),
            None => command.args(["-no-CAfile", "-no-CApath", "-no-CAstore"]),
        };
        if let Some(algorithms) = algorithms {
            command.args(["-client_sigalgs", algorithms]);
        }
        if once {
            command.args(["-naccept", "1"]);
        }
        let mut child = command
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .spawn()
            .expect("openssl starts");
        // It says that it accepts before the first connection, which must not be spent on looking.
        let mut said = Vec::new();
        let mut one = [0];
        let stdout = child.stdout.as_mut().expect("stdout is piped");
        while !said.ends_with(b"ACCEPT\n") {
            assert_eq!(stdout.read(&mut one).expect("openssl speaks"), 1, "openssl ended");
            said.push(one[0]);
        }
        Self { child, port }
    }

    /// Whether the client's Certificate message had a certificate in it. Waits for the end of the server.
    fn got_a_chain(mut self) -> bool {
        let mut said = String::new();
        let stdout = self.child.stdout.as_mut().expect("stdout is piped");
        let _ = stdout.read_to_string(&mut said);
        let message = said.lines().find(|line| line.starts_with("<<<") && line.ends_with(", Certificate"));
        let message = message.unwrap_or_else(|| panic!("no Certificate message: {said}"));
        !message.contains("[length 0007]") && !message.contains("[length 0008]")
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}
