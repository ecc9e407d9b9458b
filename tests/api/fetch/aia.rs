//! AIA addresses: good, odd and hostile answers.

use std::time::{Duration, Instant};

use base64::Engine as _;
use keyward::chain::issuers::{IssuerAnswer, IssuerSource};
use keyward::fetch::{AiaAnswers, AiaIssuers, AiaOptions, AiaReach};
use keyward::limits;
use keyward::model::{Certificate, EncodedCertificate};
use keyward::serve::{AiaServer, Answer, Draft};

use super::{END, START, pki};

fn local(time: Duration) -> AiaOptions {
    AiaOptions { reach: AiaReach::of_peer([127, 0, 0, 1].into()), time }
}

fn naming(addresses: &[String]) -> Certificate {
    let mut draft = Draft::new("asks", 1, START, END);
    draft.ca_issuers = addresses.to_vec();
    draft.self_signed().unwrap().certificate.read().unwrap()
}

fn ask(address: &str, options: AiaOptions) -> IssuerAnswer {
    AiaIssuers::new(&AiaAnswers::default(), options).issuers_of(&naming(&[address.to_owned()]))
}

/// The outcome of asking a server with this answer.
fn outcome(answer: Answer, time: Duration) -> Result<usize, String> {
    let server = AiaServer::start().unwrap();
    server.answer("/ca", answer);
    let answer = ask(&server.url("/ca"), local(time));
    assert_eq!(answer.attempts.len(), 1);
    assert_eq!(answer.attempts[0].address, server.url("/ca"));
    answer.attempts[0].outcome.clone()
}

const LONG: Duration = Duration::from_secs(20);
const BRIEF: Duration = Duration::from_millis(400);

fn pem(certificates: &[&EncodedCertificate]) -> Vec<u8> {
    let mut text = String::from("subject=/CN=before the block\r\n");
    for certificate in certificates {
        let body = base64::engine::general_purpose::STANDARD.encode(&certificate.der);
        let lines: Vec<&str> = body.as_bytes().chunks(64).map(|l| std::str::from_utf8(l).unwrap()).collect();
        text += &format!(
            "-----BEGIN CERTIFICATE-----\r\n{}\r\n-----END CERTIFICATE-----\r\n",
            lines.join("\r\n")
        );
    }
    text.into_bytes()
}

#[test]
fn der_and_pem_are_read() {
    let pki = pki();
    let (root, intermediate) = (&pki.root.certificate, &pki.intermediate.certificate);
    let server = AiaServer::start().unwrap();
    server.answer("/der", Answer::Body(intermediate.der.to_vec()));
    server.answer("/pem", Answer::Body(pem(&[intermediate, root])));
    server.answer("/moved", Answer::Redirect("/der".to_owned()));
    server.answer("/far", Answer::Redirect(server.url("/pem")));
    for (path, expected) in [
        ("/der", vec![intermediate]),
        ("/pem", vec![intermediate, root]),
        ("/moved", vec![intermediate]),
        ("/far", vec![intermediate, root]),
    ] {
        let answer = ask(&server.url(path), local(LONG));
        let found: Vec<EncodedCertificate> = answer.certificates.iter().map(Into::into).collect();
        assert_eq!(found.iter().collect::<Vec<_>>(), expected, "{path}");
        assert_eq!(answer.attempts[0].outcome, Ok(expected.len()));
    }
}

#[test]
fn answers_without_a_certificate_are_told() {
    let says = |answer| outcome(answer, LONG).unwrap_err();
    assert_eq!(says(Answer::Status(404)), "HTTP 404");
    assert_eq!(says(Answer::Status(204)), "HTTP 204");
    assert_eq!(says(Answer::Body(Vec::new())), "the answer is empty");
    assert_eq!(says(Answer::Body(b"<html>".to_vec())), "the answer is an HTML page, not a certificate");
    assert!(says(Answer::Body(vec![0x30, 0x82, 0xff, 0xff])).ends_with(", not a certificate"));
    assert_eq!(says(Answer::Redirect(String::new())), "a redirect without a target (HTTP 302)");
    assert_eq!(
        says(Answer::Headers(vec!["Content-Encoding: gzip".to_owned()], vec![0x1f, 0x8b])),
        "the answer is gzip-encoded, which was not asked for"
    );
    assert!(!says(Answer::HangUp).is_empty());
    assert!(!says(Answer::Headers(vec![format!("X: {}", "x".repeat(1 << 20))], Vec::new())).is_empty());
}

#[test]
fn what_does_not_end_is_cut() {
    assert_eq!(outcome(Answer::Endless { chunked: false }, LONG), Err("more than 1 MiB".to_owned()));
    assert_eq!(outcome(Answer::Endless { chunked: true }, LONG), Err("more than 1 MiB".to_owned()));
    let bundle = pem(&[&pki().root.certificate; limits::AIA_CERTIFICATES + 1]);
    assert_eq!(outcome(Answer::Body(bundle), LONG), Err("more than 20 certificates".to_owned()));
    let start = Instant::now();
    assert_eq!(outcome(Answer::Stall, BRIEF), Err("timed out after 400 ms".to_owned()));
    let drip = Answer::Drip(vec![0; 1000], Duration::from_millis(30));
    assert_eq!(outcome(drip, BRIEF), Err("timed out after 400 ms".to_owned()));
    assert!(start.elapsed() < Duration::from_secs(5));
}

#[test]
fn redirects_are_bounded_and_checked_anew() {
    let server = AiaServer::start().unwrap();
    server.answer("/loop", Answer::Redirect("/loop".to_owned()));
    server.answer("/https", Answer::Redirect("https://127.0.0.1/".to_owned()));
    server.answer("/metadata", Answer::Redirect("http://169.254.169.254/latest/meta-data".to_owned()));
    server.answer("/mapped", Answer::Redirect("http://[::ffff:169.254.169.254]/".to_owned()));
    let says = |path: &str| ask(&server.url(path), local(LONG)).attempts[0].outcome.clone().unwrap_err();
    assert_eq!(says("/loop"), "more than 3 redirects");
    assert_eq!(server.requests().len(), 1 + limits::AIA_REDIRECTS);
    assert_eq!(says("/https"), "a redirect to https, and only http is followed");
    let metadata = says("/metadata");
    assert!(metadata.starts_with("the address 169.254.169.254 is link-local"), "{metadata}");
    assert!(says("/mapped").contains("link-local"));
}

#[test]
fn a_loopback_address_is_asked_for_a_loopback_target_only() {
    let pki = pki();
    let server = AiaServer::start().unwrap();
    server.answer("/ca", Answer::Body(pki.intermediate.certificate.der.to_vec()));
    let url = server.url("/ca");
    let by_name = url.replace("127.0.0.1", "localhost");
    for reach in [AiaReach::default(), AiaReach::of_peer([203, 0, 113, 1].into())] {
        for url in [&url, &by_name] {
            let answer = ask(url, AiaOptions { reach, time: LONG });
            let said = answer.attempts[0].outcome.clone().unwrap_err();
            assert!(said.contains("is loopback"), "{said}");
        }
    }
    assert!(server.requests().is_empty());
    for reach in [AiaReach::local(), AiaReach::of_peer([127, 0, 0, 1].into())] {
        assert_eq!(ask(&url, AiaOptions { reach, time: LONG }).certificates.len(), 1);
    }
}

#[test]
fn an_address_is_asked_once_in_a_run() {
    let pki = pki();
    let server = AiaServer::start().unwrap();
    server.answer("/ca", Answer::Body(pki.intermediate.certificate.der.to_vec()));
    let answers = AiaAnswers::default();
    let asks = naming(&[server.url("/ca"), server.url("/ca"), server.url("/none")]);
    std::thread::scope(|scope| {
        for _ in 0..8 {
            scope.spawn(|| {
                let answer = AiaIssuers::new(&answers, local(LONG)).issuers_of(&asks);
                assert_eq!(answer.certificates.len(), 1);
                assert_eq!(answer.attempts.len(), 2);
            });
        }
    });
    assert_eq!(server.requests().len(), 2);
}

#[test]
fn a_subject_may_ask_so_often_and_no_more() {
    let server = AiaServer::start().unwrap();
    let addresses: Vec<String> = (0..20).map(|n| server.url(&format!("/{n}"))).collect();
    let answers = AiaAnswers::default();
    let answer = AiaIssuers::new(&answers, local(LONG)).issuers_of(&naming(&addresses));
    assert_eq!(answer.attempts.len(), 20);
    assert_eq!(server.requests().len(), limits::AIA_REQUESTS);
    let said = answer.attempts[limits::AIA_REQUESTS].outcome.clone().unwrap_err();
    assert_eq!(said, "not asked: 8 addresses were asked before it");
}

#[test]
fn other_schemes_are_reported_and_not_followed() {
    let addresses = ["ldap:///CN=CA?cACertificate", "https://127.0.0.1/ca", "file:///etc/passwd"];
    let answer = AiaIssuers::new(&AiaAnswers::default(), local(LONG))
        .issuers_of(&naming(&addresses.map(str::to_owned)));
    assert_eq!(answer.attempts.len(), 3);
    for attempt in answer.attempts {
        assert_eq!(attempt.outcome, Err("only http is followed".to_owned()));
    }
}

#[test]
fn a_certificate_without_addresses_asks_nothing() {
    let answer = AiaIssuers::new(&AiaAnswers::default(), local(LONG)).issuers_of(&naming(&[]));
    assert!(answer.certificates.is_empty() && answer.attempts.is_empty());
}

/// An HTTP proxy that answers every request with this, and notes the requests' first lines.
fn proxy(body: Vec<u8>) -> (std::net::SocketAddr, std::sync::mpsc::Receiver<String>) {
    use std::io::{Read, Write};
    let listener = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let address = listener.local_addr().unwrap();
    let (sender, receiver) = std::sync::mpsc::channel();
    std::thread::spawn(move || {
        for mut socket in listener.incoming().flatten() {
            let mut head = Vec::new();
            while !head.ends_with(b"\r\n\r\n") {
                let mut byte = [0];
                if socket.read(&mut byte).unwrap_or(0) == 0 {
                    break;
                }
                head.push(byte[0]);
            }
            let _ = sender.send(String::from_utf8_lossy(&head).into_owned());
            let _ = write!(socket, "HTTP/1.1 200 OK\r\nContent-Length: {}\r\n\r\n", body.len());
            let _ = socket.write_all(&body);
        }
    });
    (address, receiver)
}

#[test]
fn an_http_proxy_is_given_the_whole_address() {
    use keyward::fetch::{Bypass, Proxies, Proxy};
    let pki = pki();
    let (address, heard) = proxy(pki.intermediate.certificate.der.to_vec());
    let proxies = Proxies::new(
        Proxy::parse(&format!("http://user:secret@{address}")).unwrap(),
        Bypass::parse("straight.example"),
    );
    let answers = AiaAnswers::through(proxies);
    let ask =
        |place: &str, options| AiaIssuers::new(&answers, options).issuers_of(&naming(&[place.to_owned()]));
    // The name is the proxy's to resolve: here it has no address.
    let answer = ask("http://pki.invalid/ca.cer?x=1", AiaOptions::default());
    assert_eq!(answer.attempts[0].outcome, Ok(1));
    let said = heard.recv().unwrap();
    assert!(said.starts_with("GET http://pki.invalid/ca.cer?x=1 HTTP/1.1\r\n"), "{said}");
    assert!(said.to_lowercase().contains("\r\nhost: pki.invalid\r\n"), "{said}");
    assert!(said.to_lowercase().contains("\r\nproxy-authorization: basic dxnlcjpzzwnyzxq=\r\n"), "{said}");
    // What stands in the text is checked all the same.
    for inside in [
        "http://169.254.169.254/ca",
        "http://127.0.0.1/ca",
        "http://[::1]/ca",
        "http://localhost/ca",
        "http://a.localhost/",
    ] {
        let outcome = ask(inside, AiaOptions::default()).attempts[0].outcome.clone().unwrap_err();
        assert!(outcome.contains("not asked for another's sake"), "{inside}: {outcome}");
    }
    let answer =
        ask("http://localhost:81/ca", AiaOptions { reach: AiaReach::local(), ..AiaOptions::default() });
    assert_eq!(answer.attempts[0].outcome, Ok(1));
    assert!(heard.recv().unwrap().starts_with("GET http://localhost:81/ca HTTP/1.1\r\n"));
    assert!(heard.try_recv().is_err(), "nothing else was asked");
    let outcome = ask("http://user:secret@pki.invalid/", AiaOptions::default()).attempts[0].outcome.clone();
    assert!(!outcome.unwrap_err().contains("secret"));
}

#[test]
fn a_proxy_that_is_not_there_is_named_without_its_password() {
    use keyward::fetch::{Bypass, Proxies, Proxy};
    let closed = std::net::TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap();
    for scheme in ["http", "socks5h"] {
        let proxy = Proxy::parse(&format!("{scheme}://user:secret@{closed}")).unwrap();
        let answers = AiaAnswers::through(Proxies::new(proxy, Bypass::default()));
        let answer = AiaIssuers::new(&answers, AiaOptions::default())
            .issuers_of(&naming(&["http://pki.invalid/".to_owned()]));
        let said = answer.attempts[0].outcome.clone().unwrap_err();
        assert_eq!(said, format!("the proxy {scheme}://{closed}: the connection was refused"));
    }
}
