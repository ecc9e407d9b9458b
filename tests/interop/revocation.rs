//! `verify --revocation` against `openssl ocsp` as responder, CRLs of `openssl ca -gencrl`, and answers stapled by
//! `openssl s_server`.

mod authority;

use keyward::format::{crl, ocsp};
use keyward::serve::{AiaServer, Answer};
use serde_json::Value;

use crate::keyward::Keyward;
use crate::keyward::Outcome;
use authority::{Authority, CA, INDEX, RESPONDER, in_three_days, responder, s_server, server};

/// The exit code, the reason's id, and what each source said.
fn told(outcome: &Outcome) -> (i32, Option<String>, Vec<(String, String)>) {
    let json = outcome.json();
    let text = |value: &Value| value.as_str().unwrap_or_default().to_owned();
    let answers = json["revocation"].as_array().unwrap_or_else(|| panic!("no revocation\n{outcome}"));
    let said = answers.iter().map(|answer| (text(&answer["source"]), text(&answer["status"]))).collect();
    (outcome.code, json["verdicts"][0]["reason"]["id"].as_str().map(str::to_owned), said)
}

/// What `soft` and `hard` have to say alike.
#[track_caller]
fn alike(authority: &Authority, subject: &str, more: &[&str], reason: Option<&str>, said: &[(&str, &str)]) {
    for demand in ["soft", "hard"] {
        let outcome = authority.verify(subject, &[&["--revocation", demand, "--aia-local"], more].concat());
        let (code, id, answers) = told(&outcome);
        assert_eq!(id.as_deref(), reason, "{demand}\n{outcome}");
        assert_eq!(code, i32::from(reason.is_some()), "{demand}\n{outcome}");
        let answers: Vec<_> =
            answers.iter().map(|(source, status)| (source.as_str(), status.as_str())).collect();
        assert_eq!(answers, said, "{demand}\n{outcome}");
    }
}

/// What only `hard` refuses.
#[track_caller]
fn apart(authority: &Authority, subject: &str, more: &[&str], said: &[(&str, &str)]) -> String {
    let ask = |demand| authority.verify(subject, &[&["--revocation", demand], more].concat());
    let (soft, hard) = (ask("soft").exits(0), ask("hard").exits(1));
    for outcome in [&soft, &hard] {
        let (_, _, answers) = told(outcome);
        let answers: Vec<_> =
            answers.iter().map(|(source, status)| (source.as_str(), status.as_str())).collect();
        assert_eq!(answers, said, "{outcome}");
    }
    assert_eq!(told(&hard).1.as_deref(), Some("revocation-unknown"), "{hard}");
    let passed = soft.json()["verdicts"][0]["not_judged"].to_string();
    assert!(passed.contains("revocation of"), "{soft}");
    passed
}

pub fn asked_responders() {
    let authority = Authority::new();
    authority.issue("ca", "delegate", "2001", RESPONDER);
    authority.issue("ca", "not-a-delegate", "2002", &server(&[], &[]));
    authority.issue("stranger", "foreign-delegate", "2003", RESPONDER);
    let day: &[&str] = &["-ndays", "1"];
    let one = |signer: &str, more: &[&str], name: &str, serial: &str| {
        let (running, address) = responder(&authority, signer, more);
        (running, authority.server(name, serial, &[address], &[]))
    };
    let good = Some(("ocsp", "good"));
    for (signer, more, serial, reason, said) in [
        ("ca", day, "1001", None, good),
        // Without -ndays the answer does not say when there will be newer news.
        ("ca", &[][..], "1001", None, good),
        ("delegate", day, "1001", None, good),
        ("delegate", &["-ndays", "1", "-resp_key_id"], "1001", None, good),
        ("delegate", &["-ndays", "1", "-rmd", "sha384"], "1001", None, good),
        ("ca", day, "1002", Some("revoked"), Some(("ocsp", "revoked"))),
        ("delegate", day, "1004", Some("revoked"), Some(("ocsp", "revoked"))),
        ("ca", day, "1003", Some("ocsp-unknown"), Some(("ocsp", "unknown"))),
        ("stranger", day, "1001", Some("revocation-unusable"), Some(("ocsp", "unusable"))),
        ("foreign-delegate", day, "1001", Some("revocation-unusable"), Some(("ocsp", "unusable"))),
        ("not-a-delegate", day, "1001", Some("revocation-unusable"), Some(("ocsp", "unusable"))),
        (
            "delegate",
            &["-ndays", "1", "-resp_no_certs"],
            "1001",
            Some("revocation-unusable"),
            Some(("ocsp", "unusable")),
        ),
        ("ca", &["-ndays", "1", "-badsig"], "1001", Some("revocation-unusable"), Some(("ocsp", "unusable"))),
        (
            "ca",
            &["-ndays", "1", "-rmd", "sha1"],
            "1001",
            Some("revocation-unusable"),
            Some(("ocsp", "unusable")),
        ),
    ] {
        let (_running, subject) = one(signer, more, "server", serial);
        alike(&authority, &subject, &[], reason, &said.into_iter().collect::<Vec<_>>());
    }
    // A responder may be revoked itself, unless its certificate says not to look.
    let web = AiaServer::start().expect("a server");
    let list = authority.crl("good.crl", "ca", 1);
    web.answer("/crl", Answer::Body(std::fs::read(list).expect("a CRL")));
    let point = format!("crlDistributionPoints=URI:{}\n", web.url("/crl"));
    let checked = RESPONDER.replace("noCheck=ignored\n", &point);
    authority.issue("ca", "revoked-delegate", "1002", &checked);
    authority.issue("ca", "checked-delegate", "1001", &checked);
    authority.issue("ca", "unchecked-delegate", "1002", &format!("{RESPONDER}{point}"));
    for (signer, reason, said) in [
        ("revoked-delegate", Some("revocation-unusable"), "unusable"),
        ("checked-delegate", None, "good"),
        ("unchecked-delegate", None, "good"),
    ] {
        let (_running, subject) = one(signer, day, "server", "1001");
        alike(&authority, &subject, &[], reason, &[("ocsp", said)]);
    }
    let (_running, subject) = one("ca", day, "expired", "1001");
    let expired = [("ocsp", "unusable")];
    alike(&authority, &subject, &["--at", &in_three_days()], Some("revocation-unusable"), &expired);
    let (_running, subject) = one("ca", day, "dates", "1002");
    let answer =
        authority.verify(&subject, &["--revocation", "soft", "--aia-local"]).json()["revocation"][0].clone();
    assert_eq!(answer["revoked_at"], "2026-01-02T03:04:05Z", "{answer}");
    assert_eq!(answer["reason"], "keyCompromise", "{answer}");
    assert!(answer["this_update"].is_string() && answer["next_update"].is_string(), "{answer}");
}

pub fn lists() {
    let authority = Authority::new();
    let web = AiaServer::start().expect("a server");
    let serve = |path: &str, file: &str| {
        let body = std::fs::read(file).expect("a CRL");
        web.answer(path, Answer::Body(body));
        web.url(path)
    };
    let good = authority.crl("good.crl", "ca", 1);
    let expired = authority.crl("expired.crl", "ca", -1);
    let strange = authority.crl("strange.crl", "stranger", 1);
    for (serial, file, reason, said) in [
        ("1001", &good, None, "good"),
        ("1002", &good, Some("revoked"), "revoked"),
        ("1004", &good, Some("revoked"), "revoked"),
        ("1001", &expired, Some("revocation-unusable"), "unusable"),
        ("1001", &strange, Some("revocation-unusable"), "unusable"),
    ] {
        let subject = authority.server("plain", serial, &[], &[]);
        alike(&authority, &subject, &["--crl", file], reason, &[("crl-file", said)]);
        let alone = authority.verify(&subject, &["--crl", file]);
        assert_eq!(told(&alone).1.as_deref(), reason, "{alone}");
        let point = serve("/crl", file);
        let subject = authority.server("pointing", serial, &[], &[point]);
        alike(&authority, &subject, &[], reason, &[("crl", said)]);
    }
    // What does not hold is not the end of it: the next one is asked.
    let subject = authority.server("two", "1001", &[], &[serve("/old", &expired), serve("/new", &good)]);
    alike(&authority, &subject, &[], None, &[("crl", "unusable"), ("crl", "good")]);
    // A list at hand settles it, and nobody is asked.
    let before = web.requests().len();
    alike(&authority, &subject, &["--crl", &good], None, &[("crl-file", "good")]);
    assert_eq!(web.requests().len(), before);
    // Without --revocation nobody is asked either.
    let outcome = authority.verify(&subject, &["--crl", &strange]).exits(1);
    assert_eq!(told(&outcome).2, [("crl-file".to_owned(), "unusable".to_owned())], "{outcome}");
    assert_eq!(web.requests().len(), before);
    let outcome = authority.verify(&subject, &[]).exits(0);
    assert_eq!(told(&outcome).2, [], "{outcome}");
}

pub fn odd_lists() {
    let authority = Authority::new();
    let here = "http://127.0.0.1/here.crl".to_owned();
    let good = authority.server("good", "1001", &[], std::slice::from_ref(&here));
    let revoked = authority.server("revoked", "1002", &[], &[]);
    let point = |text: &str| format!("issuingDistributionPoint=critical,@p\n[p]\n{text}");
    let unusable = |extensions: &str, digest: &str, word: &str| {
        let list = authority.odd_crl(extensions, digest);
        for subject in [&good, &revoked] {
            let outcome = authority.verify(subject, &["--crl", &list]).exits(1);
            let (_, id, answers) = told(&outcome);
            assert_eq!(id.as_deref(), Some("revocation-unusable"), "{outcome}");
            assert_eq!(answers, [("crl-file".to_owned(), "unusable".to_owned())], "{outcome}");
            assert!(outcome.json()["revocation"][0]["message"].to_string().contains(word), "{outcome}");
        }
    };
    unusable("2.5.29.27=critical,DER:02:01:01", "sha256", "delta");
    unusable(&point("indirectCRL=TRUE"), "sha256", "indirect");
    unusable("1.2.3.4=critical,ASN1:NULL", "sha256", "1.2.3.4");
    unusable("2.5.29.46=critical,ASN1:NULL", "sha256", "must not be");
    unusable("", "sha1", "SHA1");
    let says = |extensions: &str, good_says: &[&str], revoked_says: &[&str]| {
        let list = authority.odd_crl(extensions, "sha256");
        for (subject, said) in [(&good, good_says), (&revoked, revoked_says)] {
            let outcome = authority.verify(subject, &["--crl", &list]);
            let statuses: Vec<String> = told(&outcome).2.into_iter().map(|(_, status)| status).collect();
            assert_eq!(statuses, said, "{extensions}\n{outcome}");
            assert_eq!(outcome.code, i32::from(said == ["revoked"]), "{outcome}");
        }
    };
    says("", &["good"], &["revoked"]);
    says(&point("onlyuser=TRUE"), &["good"], &["revoked"]);
    says(&point("onlyCA=TRUE"), &["no-answer"], &["no-answer"]);
    says(&point("onlyAA=TRUE"), &["no-answer"], &["no-answer"]);
    says(&point("onlysomereasons=keyCompromise"), &["no-answer"], &["revoked"]);
    says(&point(&format!("fullname=URI:{here}")), &["good"], &["no-answer"]);
    says(&point("fullname=URI:http://127.0.0.1/there.crl"), &["no-answer"], &["no-answer"]);
    says("1.2.3.4=ASN1:NULL", &["good"], &["revoked"]);
    authority.write("index.txt", &INDEX.replace("keyCompromise", "removeFromCRL"));
    says("", &["good"], &["good"]);
}

pub fn rustls_is_given_lists() {
    let authority = Authority::new();
    let ask = |serial: &str, arguments: &[&str]| {
        let subject = authority.server("server", serial, &[], &[]);
        let outcome = Keyward::new([
            "verify",
            &subject,
            "--json",
            "--rules",
            "webpki",
            "--trust",
            &authority.file("ca.pem"),
        ])
        .args(arguments)
        .run();
        told(&outcome).1
    };
    let good = authority.crl("good.crl", "ca", 1);
    let expired = authority.crl("expired.crl", "ca", -1);
    assert_eq!(ask("1001", &["--crl", &good]), None);
    assert_eq!(ask("1002", &["--crl", &good]).as_deref(), Some("revoked"));
    assert_eq!(ask("1001", &["--crl", &expired]).as_deref(), Some("revocation-unusable"));
    assert_eq!(ask("1002", &["--crl", &good, "--revocation", "off"]), None);
    assert_eq!(ask("1002", &["--revocation", "hard"]), None);
}

pub fn nobody_answers() {
    let authority = Authority::new();
    let closed =
        std::net::TcpListener::bind("127.0.0.1:0").expect("a port").local_addr().expect("an address");
    let nowhere = format!("http://{closed}/");
    let web = AiaServer::start().expect("a server");
    web.answer("/later", Answer::Body(vec![0x30, 3, 0x0a, 1, 3]));
    web.answer("/endless", Answer::Endless { chunked: false });
    web.answer("/chunks", Answer::Endless { chunked: true });
    let silent = authority.server("silent", "1001", &[], &[]);
    assert!(apart(&authority, &silent, &[], &[("none", "no-answer")]).contains("nobody who could be asked"));
    let local: &[&str] = &["--aia-local"];
    let both = |address: &str, arguments: &[&str], word: &str| {
        let subject = authority.server("ocsp", "1001", &[address.to_owned()], &[]);
        let passed = apart(&authority, &subject, arguments, &[("ocsp", "no-answer")]);
        assert!(passed.contains(word), "{passed}");
        let subject = authority.server("crl", "1001", &[], &[address.to_owned()]);
        apart(&authority, &subject, arguments, &[("crl", "no-answer")]);
    };
    both(&nowhere, local, "refused");
    both(&web.url("/missing"), local, "HTTP 404");
    both(&web.url("/endless"), local, "more than");
    both(&web.url("/chunks"), local, "more than");
    // Addresses that must not be asked are not.
    let before = web.requests().len();
    both(&web.url("/missing"), &[], "loopback");
    assert_eq!(web.requests().len(), before);
    both("http://169.254.169.254/latest", &[], "link-local");
    both("ldap://127.0.0.1/CN=x", local, "only http");
    let declines = authority.server("later", "1001", &[web.url("/later")], &[]);
    let passed = apart(&authority, &declines, local, &[("ocsp", "no-answer")]);
    assert!(passed.contains("tryLater"), "{passed}");
    // Where the responder is silent, the list is asked.
    let file = authority.crl("good.crl", "ca", 1);
    web.answer("/crl", Answer::Body(std::fs::read(file).expect("a CRL")));
    let subject = authority.server("fallback", "1001", &[nowhere], &[web.url("/crl")]);
    alike(&authority, &subject, &[], None, &[("ocsp", "no-answer"), ("crl", "good")]);
}

pub fn hostile_answers() {
    let authority = Authority::new();
    let web = AiaServer::start().expect("a server");
    let other = authority.server("other", "1001", &[], &[]);
    let unusable = |name: &str, body: Vec<u8>, responder: bool| {
        let path = format!("/{name}");
        web.answer(&path, Answer::Body(body));
        let (responders, points) =
            if responder { (vec![web.url(&path)], vec![]) } else { (vec![], vec![web.url(&path)]) };
        let subject = authority.server("attacked", "1009", &responders, &points);
        let source = if responder { "ocsp" } else { "crl" };
        alike(&authority, &subject, &[], Some("revocation-unusable"), &[(source, "unusable")]);
        authority.verify(&subject, &["--revocation", "soft", "--aia-local"]).json()["revocation"][0]["message"].to_string()
    };
    let about_another = authority.answer("other.der", "other.pem", "ca", &["-ndays", "1"]);
    let about_another = std::fs::read(about_another).expect("an answer");
    let said = unusable("another", about_another.clone(), true);
    assert!(said.contains("about another certificate"), "{said}");
    let mut with_nonce = authority_answer_with_nonce(&authority);
    let subject = authority.server("replayed", "1001", &[web.url("/replay")], &[]);
    web.answer("/replay", Answer::Body(with_nonce.clone()));
    alike(&authority, &subject, &[], Some("revocation-unusable"), &[("ocsp", "unusable")]);
    for body in [
        b"<html>please log in</html>".to_vec(),
        vec![],
        vec![0x30, 0x84, 0xff, 0xff, 0xff, 0xff],
        [0x30, 0x80].repeat(100_000),
        about_another[..about_another.len() / 2].to_vec(),
    ] {
        unusable("garbage", body.clone(), true);
        unusable("garbage-list", body, false);
    }
    for end in 0..with_nonce.len() {
        assert!(ocsp::read(&with_nonce[..end]).is_err(), "{end}");
    }
    let list = std::fs::read(authority.crl("list.crl", "ca", 1)).expect("a CRL");
    let list = keyward::format::pem::blocks(&list).remove(0).expect("a block").der.to_vec();
    for whole in [&with_nonce, &list] {
        for place in 0..whole.len() {
            for change in [0x01, 0x80, 0xff] {
                let mut changed = whole.clone();
                changed[place] ^= change;
                let _ = (ocsp::read(&changed), crl::read(&changed));
            }
        }
    }
    let last = with_nonce.len() - 1;
    with_nonce[last] ^= 1;
    unusable("broken", with_nonce, true);
    assert!(other.ends_with("other.pem"));
}

/// An answer about serial number 1001 with the nonce of another request.
fn authority_answer_with_nonce(authority: &Authority) -> Vec<u8> {
    authority.openssl(&["ocsp", "-issuer", "ca.pem", "-serial", "0x1001", "-reqout", "nonce.req"]);
    authority.openssl(&[
        "ocsp",
        "-reqin",
        "nonce.req",
        "-index",
        "index.txt",
        "-CA",
        "ca.pem",
        "-rsigner",
        "ca.pem",
        "-rkey",
        "ca.key",
        "-ndays",
        "1",
        "-respout",
        "nonce.der",
        "-noverify",
    ]);
    std::fs::read(authority.path("nonce.der")).expect("an answer")
}

/// `openssl s_server` with a stapled answer.
pub fn stapled_answers() {
    let authority = Authority::new();
    authority.issue("ca", "delegate", "2001", RESPONDER);
    let good = authority.server("good", "1001", &[], &[]);
    authority.server("revoked", "1002", &[], &[]);
    authority.answer("good.der", "good.pem", "delegate", &["-ndays", "1"]);
    authority.answer("revoked.der", "revoked.pem", "ca", &["-ndays", "1"]);
    authority.openssl(&[
        "ocsp",
        "-sha256",
        "-issuer",
        "ca.pem",
        "-cert",
        "good.pem",
        "-index",
        "index.txt",
        "-CA",
        "ca.pem",
        "-rsigner",
        "ca.pem",
        "-rkey",
        "ca.key",
        "-no_nonce",
        "-ndays",
        "1",
        "-respout",
        "sha256.der",
        "-noverify",
    ]);
    authority.answer("strange.der", "good.pem", "stranger", &["-ndays", "1"]);
    for (server, staple, reason, said) in [
        ("good", "good.der", None, "good"),
        ("good", "sha256.der", None, "good"),
        ("revoked", "revoked.der", Some("revoked"), "revoked"),
        ("good", "revoked.der", Some("revocation-unusable"), "unusable"),
        ("good", "strange.der", Some("revocation-unusable"), "unusable"),
    ] {
        for version in ["-tls1_2", "-tls1_3"] {
            let (_running, target) = s_server(&authority, server, staple, version);
            alike(&authority, &target, &[], reason, &[("stapled", said)]);
        }
    }
    let (_running, target) = s_server(&authority, "good", "good.der", "-tls1_3");
    let expired = [("stapled", "unusable")];
    alike(&authority, &target, &["--at", &in_three_days()], Some("revocation-unusable"), &expired);
    // Nothing is stapled to a file.
    apart(&authority, &good, &[], &[("none", "no-answer")]);
}

pub fn authorities_are_asked_about_too() {
    let authority = Authority::new();
    let (_running, address) = responder(&authority, "ca", &["-ndays", "1"]);
    let subordinate = |serial: &str| {
        let extensions = format!("{CA}authorityInfoAccess=OCSP;URI:{address}\n");
        authority.issue("ca", "subordinate", serial, &extensions);
        authority.issue("subordinate", "leaf", "3001", &server(&[], &[]));
        let chain = [authority.path("leaf.pem"), authority.path("subordinate.pem")]
            .map(|path| std::fs::read_to_string(path).expect("a certificate"))
            .concat();
        authority.write("chain.pem", &chain);
        let list = authority.crl("subordinate.crl", "subordinate", 1);
        (authority.file("chain.pem"), list)
    };
    let (chain, list) = subordinate("1005");
    alike(&authority, &chain, &["--crl", &list], None, &[("crl-file", "good"), ("ocsp", "good")]);
    let (chain, list) = subordinate("1002");
    alike(
        &authority,
        &chain,
        &["--crl", &list],
        Some("revoked"),
        &[("crl-file", "good"), ("ocsp", "revoked")],
    );
}
