//! `keyward identity check`: each thing that makes a client identity fail, with its message and its repair.

use keyward::model::KeyStore;
use keyward::model::key_store::pfx::{Attribute, Bag, BagContent, Part, Pfx, Profile, Protection};
use keyward::model::key_store::{EncodedCertificate, StoreFormat};
use rcgen::{ExtendedKeyUsagePurpose, KeyUsagePurpose};
use serde_json::Value;
use time::macros::datetime;

use crate::certificates::Folder;
use crate::identities::{Authority, Digest, Made, PASSWORD, Store, ec, rsa, self_signed, small_rsa};
use crate::keyward::{Keyward, Outcome, testdata};

const JKS: StoreFormat = StoreFormat::Jks;
const PKCS12: StoreFormat = StoreFormat::Pkcs12;

/// Root, issuing CA, and a client that is sound.
struct Pki {
    root: Authority,
    issuing: Authority,
    client: Made,
}

impl Pki {
    fn new() -> Self {
        let root = Authority::root("Partner Root", ec());
        let issuing = root.below("Partner Issuing", ec(), |_| ());
        let client = issuing.client("consumer", &ec(), |_| ());
        Self { root, issuing, client }
    }

    fn chain(&self) -> [&[u8]; 2] {
        [&self.client.der, &self.issuing.der]
    }
}

fn run(store: &str, more: &[&str]) -> Outcome {
    Keyward::new(["identity", "check", store, "--no-aia", "--json", "--password", "env:STOREPASS"])
        .args(more)
        .env("STOREPASS", PASSWORD)
        .run()
}

fn check(folder: &Folder, name: &str, store: &Store) -> Outcome {
    run(&folder.with(name, &store.bytes()), &[])
}

/// The finding of an id.
#[track_caller]
fn finding(outcome: &Outcome, id: &str) -> Value {
    let json = outcome.json();
    assert_eq!(json["schema"], "keyward.identity-check/1", "{outcome}");
    let findings = json["findings"].as_array().expect("findings").clone();
    let found = findings.into_iter().find(|finding| finding["id"] == id);
    found.unwrap_or_else(|| panic!("{id} is due\n{outcome}"))
}

#[track_caller]
fn has(outcome: &Outcome, id: &str, severity: &str, alias: Option<&str>, words: &[&str]) -> Value {
    let found = finding(outcome, id);
    assert_eq!((&found["severity"], &found["alias"]), (&severity.into(), &alias.into()), "{outcome}");
    let message = found["message"].as_str().expect("a message");
    for word in words {
        assert!(message.contains(word), "{word:?} is due in {message:?}\n{outcome}");
    }
    found
}

fn ids(outcome: &Outcome) -> Vec<String> {
    let json = outcome.json();
    let findings = json["findings"].as_array().expect("findings");
    findings.iter().map(|finding| finding["id"].as_str().expect("an id").to_owned()).collect()
}

#[test]
fn identity_check_a_sound_identity_has_nothing_against_it() {
    let (folder, pki) = (Folder::new(), Pki::new());
    for (format, name) in [(JKS, "client.jks"), (PKCS12, "client.p12")] {
        let store = Store::new(format).key("client", &pki.client.key, &pki.chain());
        let outcome = check(&folder, name, &store).exits(0);
        // PKCS12 as JDK 17 writes it is a riddle to an old Java 8, which is no fault.
        let expected: &[&str] = if format == PKCS12 { &["unreadable-by-old-java"] } else { &[] };
        assert_eq!(ids(&outcome), expected, "{outcome}");
        let json = outcome.json();
        assert_eq!(json["identities"][0]["alias"], "client", "{outcome}");
        assert_eq!(json["identities"][0]["key"], "EC secp256r1", "{outcome}");
        assert_eq!(json["identities"][0]["chain"].as_array().map(Vec::len), Some(2), "{outcome}");
        let not_judged = json["not_judged"].to_string();
        assert!(not_judged.contains("Partner Root") && not_judged.contains("revocation"), "{outcome}");
    }
}

#[test]
fn identity_check_says_it_as_text_too() {
    let (folder, pki) = (Folder::new(), Pki::new());
    let store = Store::new(JKS).key("1", &pki.client.key, &[&pki.client.der]);
    let file = folder.with("text.jks", &store.bytes());
    let outcome = Keyward::new(["identity", "check", &file, "--no-aia", "--password", "env:STOREPASS"])
        .env("STOREPASS", PASSWORD)
        .run()
        .exits(1);
    for line in
        ["warning made-up-alias: the alias \"1\"", "warning missing-intermediate: ", "not judged: revocation"]
    {
        assert!(outcome.text().contains(line), "{line}\n{outcome}");
    }
    assert!(
        outcome.text().contains(&format!("keyward trust rename {file} 1 client --password env:STOREPASS"))
    );
}

#[test]
fn identity_check_a_key_of_another_certificate() {
    let (folder, pki) = (Folder::new(), Pki::new());
    for (other, words) in [(ec().serialize_der(), "EC secp256r1"), (rsa().serialize_der(), "RSA 2048 bit")] {
        let store = Store::new(JKS).key("client", &other, &pki.chain());
        let outcome = check(&folder, "mismatch.jks", &store).exits(1);
        let found = has(&outcome, "key-mismatch", "error", Some("client"), &["\"consumer\"", words]);
        // Both key identifiers.
        assert_eq!(found["message"].as_str().unwrap().matches("sha256:").count(), 2, "{outcome}");
    }
}

#[test]
fn identity_check_a_chain_that_is_incomplete() {
    let (folder, pki) = (Folder::new(), Pki::new());
    let leaf_only = Store::new(PKCS12).key("client", &pki.client.key, &[&pki.client.der]);
    let file = folder.with("leaf.p12", &leaf_only.bytes());
    // Nobody knows whether its issuer is a root.
    let outcome = run(&file, &[]).exits(1);
    has(&outcome, "missing-intermediate", "warning", Some("client"), &["Partner Issuing", "--untrusted"]);
    // Given the issuer, it is.
    let issuing = folder.with("issuing.der", &pki.issuing.der);
    let outcome = run(&file, &["--untrusted", &issuing]).exits(1);
    let found =
        has(&outcome, "missing-intermediate", "error", Some("client"), &["lacks \"Partner Issuing\""]);
    let fix = format!(
        "keyward identity build --from '{file}#client' --alias client --chain {issuing} -o {file} --replace \
         --password env:STOREPASS"
    );
    assert_eq!(found["fix"], fix, "{outcome}");
    // Issued by a root, nothing is missing.
    let direct = pki.root.client("direct", &ec(), |_| ());
    let store = Store::new(JKS).key("client", &direct.key, &[&direct.der]);
    let file = folder.with("direct.jks", &store.bytes());
    let root = folder.with("root.der", &pki.root.der);
    run(&file, &["--untrusted", &root]).exits(0);
}

#[test]
fn identity_check_a_chain_out_of_order() {
    let (folder, pki) = (Folder::new(), Pki::new());
    let store = Store::new(JKS).key("client", &pki.client.key, &[&pki.issuing.der, &pki.client.der]);
    let outcome = check(&folder, "reversed.jks", &store).exits(1);
    has(
        &outcome,
        "wrong-order",
        "error",
        Some("client"),
        &["begins with \"Partner Issuing\"", "\"consumer\""],
    );
    assert!(!ids(&outcome).contains(&"key-mismatch".to_owned()), "one cause, one finding\n{outcome}");
    // Nobody opened the key, and the whole chain stands on its head.
    let chain = [&pki.root.der[..], &pki.issuing.der, &pki.client.der];
    let store = Store::new(JKS).key_under("client", &pki.client.key, &chain, "of the PFX");
    let outcome = check(&folder, "closed.jks", &store).exits(1);
    has(&outcome, "wrong-order", "error", Some("client"), &["begins with \"Partner Root\"", "\"consumer\""]);
    let swapped = [&pki.client.der[..], &pki.root.der, &pki.issuing.der];
    let store = Store::new(JKS).key("client", &pki.client.key, &swapped);
    let outcome = check(&folder, "swapped.jks", &store).exits(1);
    has(&outcome, "wrong-order", "warning", Some("client"), &["Partner Issuing"]);
}

#[test]
fn identity_check_a_stranger_in_the_chain() {
    let (folder, pki) = (Folder::new(), Pki::new());
    let stranger = Authority::root("Stranger", ec());
    let chain = [&pki.client.der[..], &pki.issuing.der, &stranger.der];
    let store = Store::new(JKS).key("client", &pki.client.key, &chain);
    let outcome = check(&folder, "stranger.jks", &store).exits(1);
    has(&outcome, "unrelated-certificate", "warning", Some("client"), &["\"Stranger\""]);
    // One of the issuer's name and another key.
    let namesake = Authority::root("Partner Root", ec()).below("Partner Issuing", ec(), |_| ());
    let store = Store::new(JKS).key("client", &pki.client.key, &[&pki.client.der, &namesake.der]);
    let outcome = check(&folder, "namesake.jks", &store).exits(1);
    has(&outcome, "bad-signature", "error", Some("client"), &["\"consumer\"", "\"Partner Issuing\""]);
}

#[test]
fn identity_check_a_root_in_the_chain() {
    let (folder, pki) = (Folder::new(), Pki::new());
    let chain = [&pki.client.der[..], &pki.issuing.der, &pki.root.der];
    let store = Store::new(JKS).key("client", &pki.client.key, &chain);
    let outcome = check(&folder, "root.jks", &store).exits(0);
    has(&outcome, "root-sent", "info", Some("client"), &["\"Partner Root\""]);
    for (digest, word) in [(Digest::Sha1, "SHA1withRSA"), (Digest::Md5, "MD5withRSA")] {
        let root = Authority::root("Old Root", rsa()).with_old_signature(digest);
        let issuing = root.below("Issuing", ec(), |_| ());
        let client = issuing.client("consumer", &ec(), |_| ());
        let chain = [&client.der[..], &issuing.der, &root.der];
        let store = Store::new(JKS).key("client", &client.key, &chain);
        let outcome = check(&folder, "old-root.jks", &store).exits(1);
        let found = has(&outcome, "root-sent", "error", Some("client"), &[word, "PKIX", "SunX509 sends it"]);
        assert!(found["fix"].as_str().unwrap().contains("old-root.jks --replace"), "{outcome}");
        // In PKCS12 a trusted root comes back into the chain, so the identity needs another file.
        let store = Store::new(PKCS12).trusted("root", &root.der).key("client", &client.key, &chain);
        let outcome = check(&folder, "old-root.p12", &store).exits(1);
        let fix = finding(&outcome, "root-sent")["fix"].as_str().unwrap().to_owned();
        assert!(fix.contains("client.p12") && !fix.contains("--replace"), "{outcome}");
        // Without it, all is well.
        let store = Store::new(JKS).key("client", &client.key, &chain[..2]);
        check(&folder, "without.jks", &store).exits(0);
    }
}

#[test]
fn identity_check_dates() {
    let folder = Folder::new();
    let pki = Pki::new();
    let (past, future) = (datetime!(2021-03-04 05:06:07 UTC), datetime!(2119-01-01 0:00 UTC));
    let expired = pki.issuing.client("expired", &ec(), |params| params.not_after = past);
    let store = Store::new(JKS).key("client", &expired.key, &[&expired.der, &pki.issuing.der]);
    let outcome = check(&folder, "expired.jks", &store).exits(1);
    let found = has(
        &outcome,
        "expired",
        "error",
        Some("client"),
        &["2021-03-04 05:06:07 UTC", "sends it all the same"],
    );
    let fix = found["fix"].as_str().unwrap();
    assert!(fix.starts_with("keyward identity request --subject CN=expired --alias client -o "), "{fix}");
    let early = pki.issuing.client("early", &ec(), |params| params.not_before = future);
    let store = Store::new(JKS).key("client", &early.key, &[&early.der, &pki.issuing.der]);
    let outcome = check(&folder, "early.jks", &store).exits(1);
    has(&outcome, "not-yet-valid", "error", Some("client"), &["2119-01-01"]);
    // The window is the caller's: an identity of a century ends within 99 years, and not within 30 days.
    let soon = Store::new(JKS).key("client", &pki.client.key, &pki.chain());
    let file = folder.with("soon.jks", &soon.bytes());
    run(&file, &["--within", "30d"]).exits(0);
    let outcome = run(&file, &["--within", "5200w"]).exits(1);
    has(&outcome, "expires-soon", "warning", Some("client"), &["2120-01-01"]);
    let issuing = pki.root.below("Old Issuing", ec(), |params| params.not_after = past);
    let below = issuing.client("consumer", &ec(), |_| ());
    let store = Store::new(JKS).key("client", &below.key, &[&below.der, &issuing.der]);
    let outcome = check(&folder, "old-issuing.jks", &store).exits(1);
    has(&outcome, "expired", "error", Some("client"), &["\"Old Issuing\""]);
    Keyward::new(["identity", "check", &file, "--within", "1y"]).run().exits(2);
}

#[test]
fn identity_check_usages() {
    let (folder, pki) = (Folder::new(), Pki::new());
    let server = pki.issuing.client("server", &ec(), |params| {
        params.extended_key_usages = vec![ExtendedKeyUsagePurpose::ServerAuth]
    });
    let store = Store::new(JKS).key("client", &server.key, &[&server.der, &pki.issuing.der]);
    let outcome = check(&folder, "server.jks", &store).exits(1);
    has(
        &outcome,
        "no-client-auth",
        "error",
        Some("client"),
        &["\"server\"", "clientAuth", "unsupported_certificate"],
    );
    for usages in [vec![], vec![ExtendedKeyUsagePurpose::Any]] {
        let any = pki.issuing.client("any", &ec(), |params| params.extended_key_usages = usages);
        let store = Store::new(JKS).key("client", &any.key, &[&any.der, &pki.issuing.der]);
        check(&folder, "any.jks", &store).exits(0);
    }
    let ed25519 = rcgen::KeyPair::generate_for(&rcgen::PKCS_ED25519).unwrap();
    for (key, word) in [(ec(), "nothing better"), (rsa(), "nothing better"), (ed25519, "do not look")] {
        let other = pki
            .issuing
            .client("cipher", &key, |params| params.key_usages = vec![KeyUsagePurpose::KeyEncipherment]);
        let store = Store::new(JKS).key("client", &other.key, &[&other.der, &pki.issuing.der]);
        let outcome = check(&folder, "usage.jks", &store).exits(1);
        has(&outcome, "no-digital-signature", "error", Some("client"), &["digitalSignature", word]);
    }
    let narrow = pki.root.below("Servers Only", ec(), |params| {
        params.extended_key_usages = vec![ExtendedKeyUsagePurpose::ServerAuth];
    });
    let below = narrow.client("consumer", &ec(), |_| ());
    let store = Store::new(JKS).key("client", &below.key, &[&below.der, &narrow.der]);
    let outcome = check(&folder, "narrow.jks", &store).exits(1);
    has(&outcome, "no-client-auth", "error", Some("client"), &["\"Servers Only\"", "OpenSSL"]);
}

#[test]
fn identity_check_weak_algorithms() {
    let folder = Folder::new();
    let root = Authority::root("Root", rsa());
    for (digest, word) in [(Digest::Sha1, "SHA1withRSA"), (Digest::Md5, "MD5withRSA")] {
        let client = root.client("consumer", &ec(), |_| ());
        let der = root.resign(&client.der, digest);
        let store = Store::new(JKS).key("client", &client.key, &[&der, &root.der]);
        let outcome = check(&folder, "weak.jks", &store).exits(1);
        has(&outcome, "weak-signature", "error", Some("client"), &["\"consumer\"", word, "PKIX"]);
    }
    for (bits, severity) in [(1024, "warning"), (768, "error")] {
        let (public, key) = small_rsa(bits);
        let der = root.certify("consumer", &public, |_| ());
        let store = Store::new(JKS).key("client", &key, &[&der, &root.der]);
        let outcome = check(&folder, "small.jks", &store).exits(1);
        has(&outcome, "weak-key", severity, Some("client"), &[&format!("RSA {bits} bit")]);
    }
}

#[test]
fn identity_check_a_key_with_a_password_of_its_own() {
    let (folder, pki) = (Folder::new(), Pki::new());
    for (format, name) in [(JKS, "own.jks"), (PKCS12, "own.p12")] {
        let store = Store::new(format).key_under("client", &pki.client.key, &pki.chain(), "of the PFX");
        let file = folder.with(name, &store.bytes());
        let words = ["SunX509", "UnrecoverableKeyException", "PKIX says nothing"];
        let outcome = run(&file, &[]).exits(1);
        let found = has(&outcome, "key-password", "error", Some("client"), &words);
        // The place for what opens it.
        assert!(
            found["fix"].as_str().unwrap().contains(" --replace --key-password env:KEYPASS"),
            "{outcome}"
        );
        // With its password the key can be compared, and there is a repair.
        let outcome =
            Keyward::new(["identity", "check", &file, "--no-aia", "--json", "--password", "env:STOREPASS"])
                .args(["--key-password", "client=env:KEYPASS"])
                .env("STOREPASS", PASSWORD)
                .env("KEYPASS", "of the PFX")
                .run()
                .exits(1);
        let found = has(&outcome, "key-password", "error", Some("client"), &words);
        let fix = found["fix"].as_str().unwrap();
        assert!(
            fix.ends_with("--replace --key-password client=env:KEYPASS --password env:STOREPASS"),
            "{fix}"
        );
        assert_eq!(outcome.json()["identities"][0]["opens_with_store_password"], false, "{outcome}");
    }
    // One such key is every other's concern, because SunX509 opens them all.
    let other = pki.issuing.client("other", &ec(), |_| ());
    let store = Store::new(JKS).key_under("foreign", &pki.client.key, &pki.chain(), "of the PFX").key(
        "client",
        &other.key,
        &[&other.der, &pki.issuing.der],
    );
    let file = folder.with("two.jks", &store.bytes());
    has(
        &run(&format!("{file}#client"), &[]).exits(1),
        "key-password",
        "error",
        Some("foreign"),
        &["whichever key"],
    );
}

#[test]
fn identity_check_a_key_that_nobody_could_try() {
    let (folder, pki) = (Folder::new(), Pki::new());
    let open = KeyStore::Pkcs12(Pfx::with_profile(&Profile::passwordless()));
    let store = Store::from(open).key("client", &pki.client.key, &pki.chain());
    let file = folder.with("open.p12", &store.bytes());
    let outcome = Keyward::new(["identity", "check", &file, "--no-aia", "--json"]).run().exits(1);
    has(&outcome, "key-not-tried", "warning", Some("client"), &["for want of a password"]);
    run(&file, &[]).exits(0);
}

#[test]
fn identity_check_a_damaged_key() {
    let (folder, pki) = (Folder::new(), Pki::new());
    let bag = |content: BagContent, name: &str| {
        let mut bag = Bag::new(content);
        bag.attributes.push(Attribute::FriendlyName(name.encode_utf16().collect()));
        bag.attributes.push(Attribute::LocalKeyId(b"Time 1".to_vec()));
        bag
    };
    let keys = vec![bag(BagContent::ShroudedKey(vec![0x30, 0x02, 0x05, 0x00]), "client")];
    let certificates =
        vec![bag(BagContent::Certificate(EncodedCertificate::x509(&pki.client.der)), "client")];
    let profile = Profile::java17();
    let parts = vec![Part::new(Protection::Plain, keys), Part::new(profile.certificates, certificates)];
    let store = Store::from(KeyStore::Pkcs12(Pfx::from_parts(parts, profile.mac, Default::default())));
    let outcome = check(&folder, "damaged.p12", &store).exits(1);
    has(&outcome, "damaged-key", "error", Some("client"), &["cannot be read"]);
    // In the clear, where Java does not see it.
    let keys = vec![bag(BagContent::Key(zeroize::Zeroizing::new(pki.client.key.clone())), "client")];
    let certificates =
        vec![bag(BagContent::Certificate(EncodedCertificate::x509(&pki.client.der)), "client")];
    let profile = Profile::java17();
    let parts = vec![Part::new(Protection::Plain, keys), Part::new(profile.certificates, certificates)];
    let store = Store::from(KeyStore::Pkcs12(Pfx::from_parts(parts, profile.mac, Default::default())));
    let outcome = check(&folder, "plain.p12", &store).exits(1);
    let found = has(&outcome, "hidden-key", "error", Some("client"), &["not encrypted"]);
    assert!(found["fix"].as_str().unwrap().starts_with("keyward convert "), "{outcome}");
    has(&outcome, "no-identity", "error", None, &["shown by Java"]);
}

#[test]
fn identity_check_aliases() {
    let (folder, pki) = (Folder::new(), Pki::new());
    for (alias, id) in
        [("1", "made-up-alias"), ("27", "made-up-alias"), (" ", "blank-alias"), ("client ", "blank-alias")]
    {
        let store = Store::new(PKCS12).key(alias, &pki.client.key, &pki.chain());
        let file = folder.with("alias.p12", &store.bytes());
        let outcome = run(&file, &[]).exits(1);
        let fix = has(&outcome, id, "warning", Some(alias), &[&format!("\"{alias}\"")])["fix"].clone();
        // The repair works as it stands.
        let script = format!("keyward() {{ \"$KEYWARD\" \"$@\"; }}; {}", fix.as_str().expect("a fix"));
        let run_fix = std::process::Command::new("/bin/sh")
            .args(["-c", &script])
            .env("KEYWARD", crate::keyward::binary())
            .env("STOREPASS", PASSWORD)
            .output()
            .expect("a shell");
        assert!(run_fix.status.success(), "{script}\n{}", String::from_utf8_lossy(&run_fix.stderr));
        let outcome = run(&file, &[]).exits(0);
        assert_eq!(outcome.json()["identities"][0]["alias"], "client", "{outcome}");
    }
    // Two bags of one name are one entry to Java.
    let one = pki.issuing.client("one", &ec(), |_| ());
    let mut bytes = Store::new(JKS)
        .key("client", &pki.client.key, &pki.chain())
        .key("clienT2", &one.key, &[&one.der, &pki.issuing.der])
        .bytes();
    rename_in_jks(&mut bytes, b"client2", b"cLIENT2");
    let file = folder.with("capitals.jks", &bytes);
    let outcome = run(&file, &[]).exits(1);
    has(&outcome, "hidden-key", "warning", Some("cLIENT2"), &["capitals"]);
}

/// Puts another alias of the same length into a JKS file, and its digest right.
fn rename_in_jks(bytes: &mut Vec<u8>, old: &[u8], new: &[u8]) {
    use sha1::Digest as _;
    let place = bytes.windows(old.len()).position(|window| window == old).expect("the alias");
    bytes[place..place + old.len()].copy_from_slice(new);
    bytes.truncate(bytes.len() - 20);
    let password: Vec<u8> = PASSWORD.encode_utf16().flat_map(u16::to_be_bytes).collect();
    let digest = sha1::Sha1::digest([&password[..], b"Mighty Aphrodite", bytes].concat());
    bytes.extend_from_slice(&digest);
}

#[test]
fn identity_check_aliases_that_are_one_to_java() {
    let (folder, pki) = (Folder::new(), Pki::new());
    let other = pki.issuing.client("other", &ec(), |_| ());
    let mut bytes = Store::new(JKS)
        .key("client", &pki.client.key, &pki.chain())
        .key("clienx", &other.key, &[&other.der, &pki.issuing.der])
        .bytes();
    rename_in_jks(&mut bytes, b"clienx", b"Client");
    let outcome = run(&folder.with("fold.jks", &bytes), &[]).exits(1);
    has(&outcome, "aliases-fold", "warning", Some("client"), &["\"client\" and \"Client\"", "one to Java"]);
}

#[test]
fn identity_check_the_wrong_one_of_several() {
    let (folder, pki) = (Folder::new(), Pki::new());
    let past = datetime!(2021-01-01 0:00 UTC);
    let old = pki.issuing.client("old", &ec(), |params| params.not_after = past);
    // PKIX prefers what is valid, SunX509 looks at the hash of the alias alone: "a" before "b".
    let both = |first: &str, second: &str| {
        Store::new(PKCS12).key(first, &old.key, &[&old.der, &pki.issuing.der]).key(
            second,
            &pki.client.key,
            &pki.chain(),
        )
    };
    let outcome = check(&folder, "several.p12", &both("a", "b")).exits(1);
    let found = has(
        &outcome,
        "wrong-identity-first",
        "error",
        Some("b"),
        &["SunX509", "takes \"a\"", "before \"b\""],
    );
    assert!(found["fix"].as_str().unwrap().contains("b.p12"), "{outcome}");
    assert_eq!(ids(&outcome).iter().filter(|id| *id == "wrong-identity-first").count(), 1, "{outcome}");
    let outcome = check(&folder, "several.p12", &both("b", "a")).exits(1);
    assert!(!ids(&outcome).contains(&"wrong-identity-first".to_owned()), "{outcome}");
    // Of an algorithm that comes later in every usual request.
    let late = pki.issuing.client("late", &rsa(), |params| params.not_after = past);
    let store = Store::new(PKCS12).key("a", &late.key, &[&late.der, &pki.issuing.der]).key(
        "b",
        &pki.client.key,
        &pki.chain(),
    );
    let outcome = check(&folder, "late.p12", &store).exits(1);
    assert!(!ids(&outcome).contains(&"wrong-identity-first".to_owned()), "{outcome}");
}

#[test]
fn identity_check_who_can_read_the_store() {
    let (folder, pki) = (Folder::new(), Pki::new());
    let store = Store::new(PKCS12).key("client", &pki.client.key, &pki.chain());
    let file = folder.with("new.p12", &store.bytes());
    let outcome = run(&file, &["--for-java", "8"]).exits(1);
    let found =
        has(&outcome, "unreadable-by-old-java", "error", None, &["Java 8 before 8u301", "HmacSHA256"]);
    assert!(found["fix"].as_str().unwrap().contains("--profile java8"), "{outcome}");
    let java8 = KeyStore::Pkcs12(Pfx::with_profile(&Profile::java8()));
    let store = Store::from(java8).key("client", &pki.client.key, &pki.chain());
    run(&folder.with("old.p12", &store.bytes()), &["--for-java", "8"]).exits(0);
    // An umlaut is no password for PKCS12 in Java, and one for JKS.
    for (format, code) in [(PKCS12, 1), (JKS, 0)] {
        let store = Store::new(format).password("schlüssel").key("client", &pki.client.key, &pki.chain());
        let file = folder.with("umlaut", &store.bytes());
        let outcome =
            Keyward::new(["identity", "check", &file, "--no-aia", "--json", "--password", "env:STOREPASS"])
                .env("STOREPASS", "schlüssel")
                .run()
                .exits(code);
        if code == 1 {
            has(&outcome, "non-ascii-password", "error", None, &["printable ASCII"]);
        }
    }
    let modern = KeyStore::Pkcs12(Pfx::with_profile(&Profile::modern()));
    let store = Store::from(modern).key("client", &pki.client.key, &pki.chain());
    let outcome = run(&folder.with("modern.p12", &store.bytes()), &[]).exits(1);
    has(&outcome, "unreadable-by-java", "error", None, &["OpenJDK 17"]);
}

#[test]
fn identity_check_trust_stores() {
    let (folder, pki) = (Folder::new(), Pki::new());
    let mut store =
        Store::new(JKS).key("client", &pki.client.key, &pki.chain()).trusted("own", &pki.root.der);
    for number in 0..3 {
        let file = folder.with("mixed.jks", &store.bytes());
        run(&file, &[]).exits(0);
        store = store.trusted(&format!("ca-{number}"), &Authority::root(&format!("CA {number}"), ec()).der);
    }
    let outcome = check(&folder, "mixed.jks", &store).exits(1);
    let found = has(&outcome, "key-in-trust-store", "warning", Some("client"), &["3 trusted CAs"]);
    assert!(found["fix"].as_str().unwrap().contains("identity build --from"), "{outcome}");
    let outcome = run(&testdata("stores/trust.jks").display().to_string(), &[]).exits(1);
    has(&outcome, "only-trusted", "error", None, &["no private key", "trust store"]);
    let outcome = check(&folder, "empty.jks", &Store::new(JKS)).exits(1);
    has(&outcome, "empty-store", "error", None, &["empty"]);
    let outcome = run(&testdata("stores/secret.p12").display().to_string(), &[]).exits(1);
    has(&outcome, "no-identity", "error", None, &["no private key"]);
}

#[test]
fn identity_check_placeholders_and_keys_without_a_certificate() {
    let folder = Folder::new();
    let made = self_signed("placeholder");
    let store = Store::new(JKS).key("client", &made.key, &[&made.der]);
    let outcome = check(&folder, "self.jks", &store).exits(1);
    has(&outcome, "self-signed", "warning", Some("client"), &["no CA has issued it yet"]);
    let store = Store::new(JKS).key("client", &made.key, &[]);
    let outcome = check(&folder, "bare.jks", &store).exits(1);
    has(&outcome, "empty-chain", "error", Some("client"), &["no certificate"]);
}

#[test]
fn identity_check_one_alias() {
    let (folder, pki) = (Folder::new(), Pki::new());
    let server = pki.issuing.client("server", &ec(), |params| {
        params.extended_key_usages = vec![ExtendedKeyUsagePurpose::ServerAuth]
    });
    let store = Store::new(PKCS12)
        .key("Good", &pki.client.key, &pki.chain())
        .key("zz-server", &server.key, &[&server.der, &pki.issuing.der])
        .trusted("root", &pki.root.der);
    let file = folder.with("one.p12", &store.bytes());
    let outcome = run(&format!("{file}#good"), &[]);
    assert!(!ids(&outcome).contains(&"no-client-auth".to_owned()), "{outcome}");
    assert_eq!(outcome.json()["identities"].as_array().map(Vec::len), Some(1), "{outcome}");
    has(&run(&format!("{file}#zz-server"), &[]).exits(1), "no-client-auth", "error", Some("zz-server"), &[]);
    let missing = run(&format!("{file}#nobody"), &[]).exits(2);
    assert_eq!(missing.json()["error"]["id"], "no-such-entry", "{missing}");
    let trusted = run(&format!("{file}#root"), &[]).exits(2);
    assert_eq!(trusted.json()["error"]["id"], "no-private-key", "{trusted}");
}
