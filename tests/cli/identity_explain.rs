//! `keyward identity explain`. That it is right about JVMs, tests/interop/key_managers.rs says.

use serde_json::{Value, json};

use crate::certificates::{Folder, path, pem};
use crate::keyward::{Keyward, Outcome, testdata};
use crate::loopback;

const PASSWORD: [&str; 2] = ["--password", "pass:changeit"];

fn explain(store: &str, more: &[&str]) -> Outcome {
    Keyward::new(["identity", "explain", store]).args(PASSWORD).args(more).run()
}

fn server() -> String {
    loopback::tls_that_demands_a_client_certificate(&["localhost", "issuing"])
}

/// A request of TLS 1.2 without names.
fn request(folder: &Folder, change: impl Fn(&mut Value)) -> String {
    let mut asked = json!({
        "status": "required", "version": 771, "types": [{"id": 1, "name": null}, {"id": 64, "name": null}],
        "signature_algorithms": [{"id": 0x0403, "name": null}, {"id": 0x0804, "name": null}],
        "authorities": [],
    });
    change(&mut asked);
    folder.with("request.json", asked.to_string().as_bytes())
}

/// The key of `localhost.pem` with the certificate alone.
fn leaf_only(folder: &Folder) -> String {
    let store = folder.file("leaf.p12");
    let key = path(testdata("pki/localhost.key"));
    Keyward::new(["convert", &pem("localhost"), &key, "-o", &store]).args(PASSWORD).run().exits(0);
    store
}

fn rejections<'a>(report: &'a Value, manager: &str) -> Vec<&'a Value> {
    let choices = report["choices"].as_array().expect("choices").iter();
    choices
        .filter(|choice| choice["manager"] == manager)
        .flat_map(|choice| choice["rejected"].as_array().expect("rejected"))
        .collect()
}

#[test]
fn identity_explain_a_chain_below_a_listed_ca() {
    let folder = Folder::new();
    let store = folder.store("openssl-chain.p12");
    let report = explain(&store, &["--for", &server(), "--json"]).exits(0).json();
    assert_eq!(report["schema"], "keyward.identity-explain/1");
    assert_eq!(report["sent"], "server");
    let choices = report["choices"].as_array().expect("choices");
    let named: Vec<(&Value, &Value)> = choices.iter().map(|one| (&one["manager"], &one["java"])).collect();
    let all =
        [("SunX509", 17), ("SunX509", 25), ("PKIX", 17), ("PKIX", 25)].map(|(m, j)| (json!(m), json!(j)));
    assert_eq!(named, all.iter().map(|(manager, java)| (manager, java)).collect::<Vec<_>>());
    assert!(choices.iter().all(|one| one["alias"] == "server" && one["outcome"] == "sent"), "{report}");
    assert!(choices.iter().all(|one| one["signature_algorithm"] == "ecdsa_secp256r1_sha256"), "{report}");
    // Its extended key usage is for servers: it is sent, and that will not help.
    assert!(report["reservations"][0].as_str().expect("one").contains("usage"), "{report}");
    assert_eq!(report["fix"], Value::Null);
    let text = explain(&format!("{store}#SERVER"), &["--for", &server()]).exits(0);
    assert!(
        text.text().contains("alias \"server\" is sent; SunX509 and PKIX of Java 17 and 25 agree"),
        "{text}"
    );
}

#[test]
fn identity_explain_a_leaf_alone() {
    let folder = Folder::new();
    let outcome = explain(&leaf_only(&folder), &["--for", &server(), "--json"]).exits(1);
    let report = outcome.json();
    assert_eq!(report["sent"], Value::Null);
    for manager in ["SunX509", "PKIX"] {
        let rejected = rejections(&report, manager);
        assert_eq!(rejected.len(), 2, "{report}");
        for one in rejected {
            assert_eq!(one["test"], "issuers");
            let message = one["message"].as_str().expect("a message");
            let words =
                "the chain has only the leaf: add the intermediate \"CN=Example Issuing CA,O=Example,C=CH\"";
            assert!(message.contains(words), "{message}");
        }
    }
    let conclusion = report["conclusion"].as_str().expect("a line");
    let words = "nothing is sent: Certificate message of length 0, which the server will answer with";
    assert!(conclusion.starts_with(words) && conclusion.contains("certificate_required"), "{conclusion}");
    let fix = report["fix"].as_str().expect("a command");
    assert!(fix.starts_with("keyward identity build --from ") && fix.contains("--replace"), "{fix}");
    assert!(!fix.contains("changeit"), "{fix}");
}

#[test]
fn identity_explain_what_tls_1_2_answers() {
    let folder = Folder::new();
    let file =
        request(&folder, |asked| asked["signature_algorithms"] = json!([{"id": 0x0804, "name": null}]));
    let outcome = explain(&folder.store("own-key.p12"), &["--request", &file]).exits(1);
    assert!(outcome.text().contains("the alert handshake_failure"), "{outcome}");
    assert!(outcome.text().contains("the key is of the type EC, and the server asks for RSA"), "{outcome}");
    assert!(outcome.text().contains("--key-type rsa:3072"), "{outcome}");
}

#[test]
fn identity_explain_a_server_that_asks_for_nothing() {
    let server = loopback::tls(&["localhost", "issuing"]);
    let folder = Folder::new();
    let store = folder.store("own-key.p12");
    let report = explain(&store, &["--for", &server, "--json"]).exits(1).json();
    assert_eq!((&report["choices"], &report["sent"]), (&json!([]), &Value::Null));
    let conclusion = report["conclusion"].as_str().expect("a line");
    assert!(conclusion.contains("the server asks for no client certificate"), "{conclusion}");
}

#[test]
fn identity_explain_a_saved_request() {
    let folder = Folder::new();
    let (store, server) = (leaf_only(&folder), server());
    let saved = Keyward::new(["fetch", "--json", &server]).run().exits(0);
    let live = explain(&store, &["--for", &server, "--json"]).exits(1).json();
    let part = saved.json()["targets"][0]["client_auth"].to_string();
    for (name, bytes) in [("whole.json", saved.out.clone()), ("part.json", part.into_bytes())] {
        let report = explain(&store, &["--request", &folder.with(name, &bytes), "--json"]).exits(1).json();
        assert_eq!(report["choices"], live["choices"], "{name}");
        assert_eq!(report["client_auth"], live["client_auth"], "{name}");
    }
    let piped = Keyward::new(["identity", "explain", &store, "--request", "-", "--json"]).args(PASSWORD);
    assert_eq!(piped.stdin(&saved.out).run().exits(1).json()["choices"], live["choices"]);
}

#[test]
fn identity_explain_a_key_with_a_password_of_its_own() {
    let folder = Folder::new();
    let store = folder.store("other-key-password.jks");
    let file = request(&folder, |_| {});
    let with_key_password = ["--request", &file, "--key-password", "pass:keypassword", "--json"];
    for more in [&["--request", &file, "--json"][..], &with_key_password] {
        let report = explain(&store, more).exits(1).json();
        let sun = &report["choices"][0];
        assert_eq!((&sun["outcome"], &sun["alias"]), (&json!("no-key-manager"), &Value::Null));
        assert_eq!(sun["exception"], "java.security.UnrecoverableKeyException: Cannot recover key");
        assert!(rejections(&report, "SunX509").iter().all(|one| one["test"] == "key-password"), "{report}");
        // PKIX opens only what it chose, and then has no key to sign with.
        let tests: Vec<&Value> = rejections(&report, "PKIX").iter().map(|one| &one["test"]).collect();
        assert_eq!(tests, ["key-password", "order", "key-password", "order"], "{report}");
        let fix = report["fix"].as_str().expect("a command");
        assert!(fix.contains("identity build") && fix.contains("--key-password env:KEYPASS"), "{fix}");
        assert!(!report.to_string().contains("pass:"), "{report}");
    }
}

#[test]
fn identity_explain_another_identity_wins() {
    let folder = Folder::new();
    let (store, file) = (folder.store("rich.jks"), request(&folder, |_| {}));
    let report = explain(&store, &["--request", &file, "--json"]).exits(0).json();
    let sent = report["sent"].as_str().expect("an alias").to_owned();
    let other = if sent == "server" { "second" } else { "server" };
    explain(&format!("{store}#{sent}"), &["--request", &file]).exits(0);
    let meant = explain(&format!("{store}#{other}"), &["--request", &file, "--json"]).exits(1).json();
    assert_eq!(rejections(&meant, "SunX509")[0]["test"], "order");
    let conclusion = meant["conclusion"].as_str().expect("a line");
    assert!(conclusion.starts_with(&format!("alias \"{sent}\" is sent, not \"{other}\"")), "{conclusion}");
    assert!(meant["fix"].as_str().expect("a command").contains(&format!("#{other}")), "{meant}");
}

#[test]
fn identity_explain_repairs_the_nearest_identity() {
    let folder = Folder::new();
    let store = folder.store("rich.jks");
    // CN=Nobody: "second" is self-signed, the chain of "server" lacks its root.
    let file = request(&folder, |asked| {
        asked["authorities"] = json!([{"name": null, "der": "MBExDzANBgNVBAMMBk5vYm9keQ=="}]);
    });
    let report = explain(&store, &["--request", &file, "--json"]).exits(1).json();
    assert!(rejections(&report, "PKIX").iter().all(|one| one["test"] == "issuers"), "{report}");
    let fix = report["fix"].as_str().expect("a command");
    assert!(fix.contains("#server' --chain") || fix.contains("#server --chain"), "{fix}");
}

#[test]
fn identity_explain_disabled_algorithms() {
    let folder = Folder::new();
    let (store, file) = (folder.store("own-key.p12"), request(&folder, |_| {}));
    explain(&store, &["--request", &file]).exits(0);
    let properties = folder.with("java.security", b"jdk.tls.disabledAlgorithms=EC\n");
    let report =
        explain(&store, &["--request", &file, "--java-security", &properties, "--json"]).exits(1).json();
    assert_eq!(report["key_types"], json!(["RSA"]));
    assert_eq!(rejections(&report, "PKIX")[0]["test"], "key-type");
}

#[test]
fn identity_explain_the_jvm_gives_up_first() {
    let folder = Folder::new();
    let store = folder.store("own-key.p12");
    type Change = fn(&mut Value);
    let aborts: [(Change, &str, &str); 3] = [
        (
            |asked| asked["signature_algorithms"] = json!([{"id": 0x0503, "name": null}]),
            "signature-scheme",
            "internal_error",
        ),
        (
            |asked| asked["signature_algorithms"] = json!([{"id": 0x0203, "name": null}]),
            "request",
            "handshake_failure",
        ),
        (|asked| asked["authorities"] = json!([{"name": null, "der": "MAE="}]), "request", "decode_error"),
    ];
    for (change, test, alert) in aborts {
        let file = request(&folder, change);
        let report = explain(&store, &["--request", &file, "--json"]).exits(1).json();
        assert_eq!(rejections(&report, "SunX509")[0]["test"], test, "{report}");
        assert_eq!(report["choices"][0]["outcome"], "aborted", "{report}");
        assert!(report["conclusion"].as_str().expect("a line").contains(alert), "{report}");
    }
    let old = request(&folder, |asked| {
        asked["version"] = json!(0x0301);
        asked["signature_algorithms"] = Value::Null;
    });
    let outcome = explain(&store, &["--request", &old]).exits(1);
    assert!(outcome.text().contains("does not speak the protocol version"), "{outcome}");
    // Where the properties leave TLS 1.0 alone, the types decide.
    let properties = folder.with("java.security", b"jdk.tls.disabledAlgorithms=SSLv3\n");
    explain(&store, &["--request", &old, "--java-security", &properties]).exits(0);
}

#[test]
fn identity_explain_what_is_no_request() {
    let folder = Folder::new();
    let store = folder.store("own-key.p12");
    let two = json!({"targets": [{}, {}]}).to_string();
    let failed = json!({"targets": [{"target": "x:1", "error": {"id": "timeout", "message": "no answer"}}]});
    let broken = json!({"status": "required", "version": 771, "authorities": [{"name": null, "der": "%"}]});
    for (text, words) in [
        ("certainly not", "it is no JSON"),
        (two.as_str(), "2 targets"),
        (&failed.to_string(), "no answer"),
        ("{}", "client_auth"),
        (&broken.to_string(), "no base64"),
    ] {
        let outcome =
            explain(&store, &["--request", &folder.with("bad.json", text.as_bytes()), "--json"]).exits(2);
        assert_eq!(outcome.json()["error"]["id"], "not-a-request", "{outcome}");
        assert!(outcome.err.contains(words), "{outcome}");
    }
    let unread = json!({"status": "required", "unread": "it is cut off"}).to_string();
    let outcome = explain(&store, &["--request", &folder.with("unread.json", unread.as_bytes())]).exits(1);
    assert!(
        outcome.text().contains("cannot be said") && outcome.text().contains("it is cut off"),
        "{outcome}"
    );
}

#[test]
fn identity_explain_a_store_without_the_alias() {
    let folder = Folder::new();
    let (store, file) = (folder.store("own-key.p12"), request(&folder, |_| {}));
    let outcome = explain(&format!("{store}#nobody"), &["--request", &file, "--json"]).exits(2);
    assert_eq!(outcome.json()["error"]["id"], "no-such-alias");
    assert!(outcome.err.contains("the store has \"server\""), "{outcome}");
    let outcome = explain(&folder.store("trust.p12"), &["--request", &file, "--json"]).exits(1);
    assert!(outcome.err.contains("trusted certificates only"), "{outcome}");
    assert_eq!(outcome.json()["choices"][0]["outcome"], "empty");
}
