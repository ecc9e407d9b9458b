//! What `identity check` says of a JVM, shown by JVMs: they connect to `openssl s_server` with stores of each fault.

use keyward::model::key_store::StoreFormat;
use rcgen::{ExtendedKeyUsagePurpose, KeyPair};
use serde_json::Value;
use sha2::{Digest as _, Sha256};
use time::macros::datetime;

use crate::daemons::Site;
use crate::identities::{Authority, Digest, Made, PASSWORD, Store, ec, rsa};
use crate::jvm::{Jvm, Presented, text};
use crate::keyward::{Keyward, testdata};
use crate::old_servers::Server;
use crate::peers::jdks;

const MANAGERS: [&str; 2] = ["SunX509", "PKIX"];
const FORMATS: [(StoreFormat, &str); 2] =
    [(StoreFormat::Jks, "client.jks"), (StoreFormat::Pkcs12, "client.p12")];

struct Pki {
    root: Authority,
    issuing: Authority,
}

impl Pki {
    fn new() -> Self {
        let root = Authority::root("Partner Root", ec());
        let issuing = root.below("Partner Issuing", ec(), |_| ());
        Self { root, issuing }
    }

    fn client(&self, name: &str) -> Made {
        self.issuing.client(name, &ec(), |_| ())
    }
}

/// A server that asks for a certificate; `ca` is what it lists and verifies by, without it nothing is verified.
fn server(site: &Site, ca: Option<&[u8]>, version: &str) -> Server {
    let (key, chain) = (testdata("pki/localhost.key"), testdata("pki/localhost.pem"));
    let mut arguments = vec!["-www", version, "-key", text(&key), "-cert", text(&chain)];
    let file = site.text("ca.pem");
    if let Some(ca) = ca {
        let pem = pem(ca);
        std::fs::write(&file, pem).expect("a file");
        arguments.extend(["-CAfile", &file, "-Verify", "4", "-verify_return_error"]);
    } else {
        arguments.extend(["-verify", "4"]);
    }
    Server::start(site, &arguments)
}

fn pem(der: &[u8]) -> String {
    use base64::Engine as _;
    let body = base64::engine::general_purpose::STANDARD.encode(der);
    let lines: Vec<&str> =
        body.as_bytes().chunks(64).map(|line| std::str::from_utf8(line).unwrap()).collect();
    format!("-----BEGIN CERTIFICATE-----\n{}\n-----END CERTIFICATE-----\n", lines.join("\n"))
}

fn check(site: &Site, name: &str, store: &Store) -> (Vec<Value>, std::path::PathBuf) {
    let path = site.path(name);
    std::fs::write(&path, store.bytes()).expect("a store");
    let outcome =
        Keyward::new(["identity", "check", text(&path), "--no-aia", "--json", "--password", "env:P"])
            .env("P", PASSWORD)
            .run();
    (outcome.json()["findings"].as_array().expect("findings").clone(), path)
}

fn message<'a>(findings: &'a [Value], id: &str) -> &'a str {
    let found = findings.iter().find(|finding| finding["id"] == id);
    found.unwrap_or_else(|| panic!("{id} in {findings:?}"))["message"].as_str().expect("a message")
}

/// Each manager of each JVM, over both versions of TLS.
fn each(site: &Site, ca: Option<&[u8]>, store: &std::path::Path, judge: impl Fn(&str, &str, Presented)) {
    for version in ["-tls1_2", "-tls1_3"] {
        let server = server(site, ca, version);
        for jdk in jdks() {
            for manager in MANAGERS {
                judge(manager, version, Jvm::of(jdk).present(server.port, store, PASSWORD, manager));
            }
        }
    }
}

pub fn key_password() {
    let (site, pki) = (Site::new(), Pki::new());
    for (format, name) in FORMATS {
        let (good, bad) = (pki.client("good"), pki.client("bad"));
        let store = Store::new(format).key("good", &good.key, &[&good.der, &pki.issuing.der]).key_under(
            "bad",
            &bad.key,
            &[&bad.der, &pki.issuing.der],
            "of the PFX",
        );
        let (findings, path) = check(&site, name, &store);
        assert!(message(&findings, "key-password").contains("UnrecoverableKeyException"), "{findings:?}");
        each(&site, None, &path, |manager, _, presented| match manager {
            "SunX509" => assert!(
                presented.init.as_ref().is_some_and(|thrown| thrown.contains("UnrecoverableKeyException")),
                "{presented:?}"
            ),
            _ => assert!(presented.init.is_none(), "{presented:?}"),
        });
        let only = Store::new(format).key_under("bad", &bad.key, &[&bad.der, &pki.issuing.der], "of the PFX");
        let (_, path) = check(&site, name, &only);
        each(&site, None, &path, |manager, _, presented| {
            assert!(manager == "SunX509" || presented.init.is_none(), "{presented:?}");
            assert_eq!(presented.sent, Vec::<String>::new(), "{presented:?}");
        });
    }
}

pub fn root_of_sha1() {
    let site = Site::new();
    let root = Authority::root("Old Root", rsa()).with_old_signature(Digest::Sha1);
    let issuing = root.below("Issuing", ec(), |_| ());
    let client = issuing.client("consumer", &ec(), |_| ());
    let chain = [&client.der[..], &issuing.der, &root.der];
    // The CA's own signature by RSA and SHA-256 is in every usual list.
    for (length, sent_by_pkix) in [(3, 0), (2, 2)] {
        let store = Store::new(StoreFormat::Jks).key("client", &client.key, &chain[..length]);
        let (findings, path) = check(&site, "client.jks", &store);
        let is_error = findings.iter().any(|f| f["id"] == "root-sent" && f["severity"] == "error");
        assert_eq!(is_error, length == 3, "{findings:?}");
        each(&site, None, &path, |manager, version, presented| {
            let expected = if manager == "PKIX" { sent_by_pkix } else { length };
            assert_eq!(presented.sent.len(), expected, "{manager} {version} {length}: {presented:?}");
        });
    }
}

pub fn root_that_comes_back() {
    let site = Site::new();
    let root = Authority::root("Old Root", rsa()).with_old_signature(Digest::Sha1);
    let client = root.client("consumer", &ec(), |_| ());
    let store = Store::new(StoreFormat::Pkcs12).trusted("root", &root.der).key(
        "client",
        &client.key,
        &[&client.der[..], &root.der],
    );
    let (findings, path) = check(&site, "client.p12", &store);
    assert!(message(&findings, "root-sent").contains("SHA1withRSA"), "{findings:?}");
    each(&site, None, &path, |manager, _, presented| {
        assert_eq!(presented.sent.len(), if manager == "PKIX" { 0 } else { 2 }, "{manager}: {presented:?}");
    });
}

pub fn sent_and_refused() {
    let (site, pki) = (Site::new(), Pki::new());
    let past = datetime!(2021-01-01 0:00 UTC);
    let expired = pki.issuing.client("expired", &ec(), |params| params.not_after = past);
    let server_only = vec![ExtendedKeyUsagePurpose::ServerAuth];
    let usage =
        pki.issuing.client("server", &ec(), |params| params.extended_key_usages = server_only.clone());
    let narrow = pki.root.below("Servers Only", ec(), |params| params.extended_key_usages = server_only);
    let below = narrow.client("consumer", &ec(), |_| ());
    // The alert shows that it was sent: without a certificate these servers say handshake_failure or
    // certificate_required.
    for (id, alert, made, issuer) in [
        ("expired", "certificate_expired", &expired, &pki.issuing),
        ("no-client-auth", "unsupported_certificate", &usage, &pki.issuing),
        ("no-client-auth", "unsupported_certificate", &below, &narrow),
    ] {
        let store = Store::new(StoreFormat::Jks).key("client", &made.key, &[&made.der, &issuer.der]);
        let (findings, path) = check(&site, "client.jks", &store);
        message(&findings, id);
        each(&site, Some(&pki.root.der), &path, |manager, version, presented| {
            let refused = presented.refused.as_ref().is_some_and(|reason| reason.contains(alert));
            assert!(refused, "{id} {manager} {version}: {presented:?}");
        });
    }
    // A sound one is taken, or none of this says anything.
    let sound = pki.client("sound");
    let store = Store::new(StoreFormat::Jks).key("client", &sound.key, &[&sound.der, &pki.issuing.der]);
    let (findings, path) = check(&site, "client.jks", &store);
    assert!(findings.is_empty(), "{findings:?}");
    each(&site, Some(&pki.root.der), &path, |manager, version, presented| {
        assert_eq!(
            (presented.sent.len(), &presented.refused),
            (2, &None),
            "{manager} {version}: {presented:?}"
        );
    });
    // Without its intermediate it is not sent to a server that lists the root.
    let store = Store::new(StoreFormat::Jks).key("client", &sound.key, &[&sound.der]);
    let (findings, path) = check(&site, "client.jks", &store);
    message(&findings, "missing-intermediate");
    each(&site, Some(&pki.root.der), &path, |manager, version, presented| {
        assert_eq!(presented.sent, Vec::<String>::new(), "{manager} {version}: {presented:?}");
    });
}

pub fn curves() {
    let (site, pki) = (Site::new(), Pki::new());
    for curve in ["secp256k1", "brainpoolP256r1"] {
        let pkcs8 = std::fs::read_to_string(testdata(&format!("keys/{curve}.pem"))).expect("a key");
        let body: String =
            pkcs8.lines().skip(1).take_while(|line| !line.starts_with('-')).collect::<Vec<_>>().concat();
        use base64::Engine as _;
        let key = base64::engine::general_purpose::STANDARD.decode(body).expect("base64");
        let request = site.text("request.csr");
        let file = testdata(&format!("keys/{curve}.pem"));
        crate::old_servers::openssl(&[
            "req",
            "-new",
            "-key",
            text(&file),
            "-subj",
            "/CN=curve",
            "-out",
            &request,
        ]);
        let (ca, ca_key, out) = (site.text("issuing.pem"), site.text("issuing.key"), site.text("curve.der"));
        std::fs::write(&ca, pem(&pki.issuing.der)).expect("a file");
        std::fs::write(&ca_key, pki.issuing.key_pem()).expect("a file");
        crate::old_servers::openssl(&[
            "x509",
            "-req",
            "-in",
            &request,
            "-CA",
            &ca,
            "-CAkey",
            &ca_key,
            "-set_serial",
            "7",
            "-days",
            "9000",
            "-outform",
            "DER",
            "-out",
            &out,
        ]);
        let der = std::fs::read(&out).expect("a certificate");
        let store = Store::new(StoreFormat::Jks).key("client", &key, &[&der, &pki.issuing.der]);
        let (findings, path) = check(&site, "client.jks", &store);
        assert!(message(&findings, "curve-without-scheme").contains(curve), "{findings:?}");
        each(&site, None, &path, |manager, version, presented| {
            let failed = presented.init.is_some() || presented.refused.is_some() || presented.sent.is_empty();
            assert!(failed, "{curve} {manager} {version}: {presented:?}");
        });
    }
}

/// Stores of many identities, some expired: what each manager sends is what the finding says, or no finding is there
/// and what it sends is sound.
pub fn the_wrong_one() {
    let (site, pki) = (Site::new(), Pki::new());
    let past = datetime!(2021-01-01 0:00 UTC);
    let server = server(&site, None, "-tls1_3");
    let (mut wrong, mut asked) = (0, 0);
    for round in 0..24_usize {
        let format = FORMATS[round % 2];
        let count = 2 + round % 13;
        let mut store = Store::new(format.0);
        let mut made: Vec<(String, bool, String)> = Vec::new();
        for number in 0..count {
            let alias = format!("id{}-{}", (number * 7919 + round * 104_729) % 9973, "x".repeat(number % 5));
            let expired = (number + round) % 3 != 0;
            let key: KeyPair = if (number * round) % 4 == 1 {
                rcgen::KeyPair::generate_for(&rcgen::PKCS_ED25519).unwrap()
            } else {
                ec()
            };
            let client = pki.issuing.client(&alias, &key, |params| {
                if expired {
                    params.not_after = past;
                }
            });
            store = store.key(&alias, &client.key, &[&client.der, &pki.issuing.der]);
            let print = Sha256::digest(&client.der).iter().map(|octet| format!("{octet:02x}")).collect();
            made.push((alias, expired, print));
        }
        if made.iter().all(|(_, expired, _)| *expired) {
            continue;
        }
        let (findings, path) = check(&site, format.1, &store);
        for jdk in jdks() {
            for manager in MANAGERS {
                asked += 1;
                let presented = Jvm::of(jdk).present(server.port, &path, PASSWORD, manager);
                let sent = presented.sent.first().unwrap_or_else(|| panic!("{presented:?}"));
                let (alias, expired, _) =
                    made.iter().find(|(_, _, print)| print == sent).expect("one of them");
                let told: Vec<&str> = findings
                    .iter()
                    .filter(|finding| finding["id"] == "wrong-identity-first")
                    .filter_map(|finding| finding["message"].as_str())
                    .filter(|message| message.starts_with(manager))
                    .collect();
                if *expired {
                    wrong += 1;
                    assert!(
                        !told.is_empty()
                            && told.iter().all(|message| message.contains(&format!("takes \"{alias}\""))),
                        "round {round}, JDK {}, {manager} sends {alias}: {told:?}",
                        jdk.feature
                    );
                } else {
                    assert_eq!(
                        told,
                        Vec::<&str>::new(),
                        "round {round}, JDK {}, {manager} sends {alias}",
                        jdk.feature
                    );
                }
            }
        }
    }
    println!("{asked} of {asked} choices agree; the wrong one was sent, and foretold, {wrong} times");
    assert!(wrong > 5, "{wrong}");
}
