//! The way through a proxy.

use std::io::{BufRead, BufReader, Read, Write};
use std::net::TcpStream;
use std::sync::{Arc, Mutex};
use std::thread;

use serde_json::Value;

use crate::certificates::sha256;
use crate::doubles;
use crate::keyward::{Keyward, Outcome};
use crate::loopback::{self, listen};

/// What a proxy was asked for.
pub type Heard = Arc<Mutex<Vec<String>>>;

/// Passes bytes both ways until both ends are done.
fn pass(client: TcpStream, server: TcpStream) {
    let copy = |mut from: TcpStream, mut to: TcpStream| {
        let _ = std::io::copy(&mut from, &mut to);
        let _ = to.shutdown(std::net::Shutdown::Write);
    };
    let (client_too, server_too) =
        (client.try_clone().expect("a socket"), server.try_clone().expect("a socket"));
    let back = thread::spawn(move || copy(server_too, client_too));
    copy(client, server);
    let _ = back.join();
}

/// An HTTP proxy that takes these credentials, if any, `127.0.0.1:PORT`.
pub fn http(credentials: Option<&'static str>) -> (String, Heard) {
    let heard = Heard::default();
    let noted = Arc::clone(&heard);
    let place = listen(move |mut client| {
        let mut reader = BufReader::new(client.try_clone().expect("a socket"));
        let mut head = String::new();
        while !head.ends_with("\r\n\r\n") {
            if reader.read_line(&mut head).unwrap_or(0) == 0 {
                return;
            }
        }
        noted.lock().expect("notes").push(head.lines().next().unwrap_or_default().to_owned());
        let authorized = credentials
            .is_none_or(|due| head.lines().any(|line| line == format!("Proxy-Authorization: Basic {due}")));
        if !authorized {
            let _ = client.write_all(
                b"HTTP/1.1 407 Who are you?\r\nProxy-Authenticate: Basic realm=\"x\"\r\nContent-Length: 0\r\n\r\n",
            );
            return;
        }
        let mut words = head.split_whitespace();
        if words.next() != Some("CONNECT") {
            let _ = client.write_all(b"HTTP/1.1 404 Nothing here\r\nContent-Length: 0\r\n\r\n");
            return;
        }
        let Ok(server) = TcpStream::connect(words.next().expect("a place")) else {
            let _ = client.write_all(b"HTTP/1.1 503 \x1b[31mNobody there\r\n\r\n");
            return;
        };
        let _ = client
            .write_all(b"HTTP/1.1 100 Wait\r\n\r\nHTTP/1.1 200 Connection established\r\nVia: x\r\n\r\n");
        pass(client, server);
    });
    (place.replace("localhost", "127.0.0.1"), heard)
}

/// A SOCKS 5 proxy with user `u` and password `p`.
fn socks() -> (String, Heard) {
    let heard = Heard::default();
    let noted = Arc::clone(&heard);
    let place = listen(move |mut client| {
        let read = |client: &mut TcpStream, count: usize| {
            let mut bytes = vec![0; count];
            client.read_exact(&mut bytes).map(|()| bytes)
        };
        let _ = (|| -> std::io::Result<()> {
            let count = read(&mut client, 2)?[1];
            let methods = read(&mut client, usize::from(count))?;
            if !methods.contains(&2) {
                return client.write_all(&[5, 0xff]);
            }
            client.write_all(&[5, 2])?;
            let good = read(&mut client, 5)? == b"\x01\x01u\x01p";
            client.write_all(&[1, u8::from(!good)])?;
            if !good {
                return Ok(());
            }
            let kind = read(&mut client, 4)?[3];
            let host = match kind {
                1 => {
                    let octets: [u8; 4] = read(&mut client, 4)?.try_into().expect("four");
                    std::net::Ipv4Addr::from(octets).to_string()
                }
                3 => {
                    let length = read(&mut client, 1)?[0];
                    String::from_utf8(read(&mut client, usize::from(length))?).expect("a name")
                }
                _ => return client.write_all(&[5, 8, 0, 1, 0, 0, 0, 0, 0, 0]),
            };
            let port = u16::from_be_bytes(read(&mut client, 2)?.try_into().expect("two"));
            noted.lock().expect("notes").push(format!("{host}:{port}"));
            match TcpStream::connect((host.as_str(), port)) {
                Ok(server) => {
                    client.write_all(b"\x05\0\0\x03\x04here\0\x01")?;
                    pass(client.try_clone()?, server);
                    Ok(())
                }
                Err(_) => client.write_all(&[5, 5, 0, 1, 0, 0, 0, 0, 0, 0]),
            }
        })();
    });
    (place.replace("localhost", "127.0.0.1"), heard)
}

fn first(outcome: &Outcome) -> Value {
    outcome.json()["targets"][0].clone()
}

fn heard(notes: &Heard) -> Vec<String> {
    std::mem::take(&mut notes.lock().expect("notes"))
}

#[test]
fn fetch_goes_through_http_and_socks_proxies() {
    let (http, http_notes) = http(Some("dTpwQDo="));
    let (socks, socks_notes) = socks();
    let tls = loopback::tls(&["localhost", "issuing"]);
    let smtp = doubles::server("smtp", &["localhost", "issuing"]);
    let port = |target: &str| target.strip_prefix("localhost:").expect("a port").to_owned();
    for (target, protocol) in [(&tls, "none"), (&smtp, "smtp")] {
        for (proxy, shown, notes, asked) in [
            (
                format!("http://u:p%40%3A@{http}"),
                format!("http://{http}"),
                &http_notes,
                format!("CONNECT {target} HTTP/1.1"),
            ),
            (format!("socks5h://u:p@{socks}"), format!("socks5h://{socks}"), &socks_notes, target.clone()),
            (
                format!("socks5://u:p@{socks}"),
                format!("socks5://{socks}"),
                &socks_notes,
                format!("127.0.0.1:{}", port(target)),
            ),
        ] {
            let call = || Keyward::new(["fetch", target, "--json", "--starttls", protocol]);
            for call in [
                call().args(["--proxy", &proxy]),
                call().env("HTTPS_PROXY", &proxy),
                call().env("all_proxy", &proxy),
            ] {
                let outcome = call.run().exits(0);
                let fetched = first(&outcome);
                assert_eq!(fetched["chain"][0]["sha256"], sha256("localhost"), "{outcome}");
                assert_eq!(fetched["proxy"], shown);
                assert!(fetched["phases"]["proxy"].is_f64(), "{outcome}");
                let asked_for = heard(notes);
                assert_eq!(asked_for.last(), Some(&asked), "{outcome}");
            }
        }
    }
}

#[test]
fn fetch_no_proxy_and_proxy_none_go_straight() {
    let (proxy, notes) = http(None);
    let proxy = format!("http://{proxy}");
    let target = loopback::tls(&["localhost"]);
    for bypass in ["localhost", "*", "example.org, .localhost:1 ,LOCALHOST"] {
        let call =
            Keyward::new(["fetch", &target, "--json"]).env("HTTPS_PROXY", &proxy).env("NO_PROXY", bypass);
        assert!(first(&call.run().exits(0))["proxy"].is_null());
    }
    let none = Keyward::new(["fetch", &target, "--json", "--proxy", "none"]).env("HTTPS_PROXY", &proxy);
    assert!(first(&none.run().exits(0))["proxy"].is_null());
    assert!(heard(&notes).is_empty());
    for bypass in ["ocalhost", "127.0.0.1", "localhost:1"] {
        let call =
            Keyward::new(["fetch", &target, "--json"]).env("HTTPS_PROXY", &proxy).env("NO_PROXY", bypass);
        assert_eq!(first(&call.run().exits(0))["proxy"], proxy, "{bypass}");
    }
    let address = target.replace("localhost", "127.0.0.1");
    let call =
        Keyward::new(["fetch", &address, "--json"]).env("https_proxy", &proxy).env("no_proxy", "127.0.0.0/8");
    assert!(first(&call.run().exits(0))["proxy"].is_null());
}

#[test]
fn fetch_a_proxy_that_refuses_is_quoted() {
    let (http, _) = http(Some("dTpw"));
    let (socks, _) = socks();
    let (target, closed) = (loopback::tls(&["localhost"]), loopback::closed());
    let unlike = loopback::plain_text("SSH-2.0-OpenSSH\r\n").replace("localhost", "127.0.0.1");
    let silent = loopback::silent().replace("localhost", "127.0.0.1");
    let endless = doubles::endless(b"HTTP/1.1 200 x\r\nA: b\r\n", std::time::Duration::ZERO);
    for (proxy, target, id, words) in [
        (format!("http://{http}"), &target, "proxy-credentials", "407 Who are you? (Basic realm=\"x\")"),
        (format!("http://u:wrong-secret@{http}"), &target, "proxy-credentials", "407"),
        (format!("http://u:p@{http}"), &closed, "proxy-refused", "503 \\u{1b}[31mNobody there"),
        (format!("socks5h://{socks}"), &target, "proxy-credentials", "takes nobody without"),
        (format!("socks5h://u:wrong-secret@{socks}"), &target, "proxy-credentials", "wrong"),
        (format!("socks5h://u:p@{socks}"), &closed, "proxy-refused", "connection refused (5)"),
        (format!("http://{unlike}"), &target, "proxy-protocol", "SSH-2.0-OpenSSH"),
        (format!("socks5://{unlike}"), &target, "proxy-protocol", "SSH-2.0-OpenSSH"),
        (format!("http://{silent}"), &target, "timeout", "the proxy did not answer in time"),
        (format!("socks5h://{silent}"), &target, "timeout", "the proxy did not answer in time"),
        (format!("http://{endless}"), &target, "proxy-protocol", "more than"),
        (format!("http://{closed}"), &target, "proxy-failed", "refused"),
    ] {
        let outcome =
            Keyward::new(["fetch", target, "--json", "--timeout", "2", "--proxy", &proxy]).run().exits(3);
        let error = first(&outcome)["error"].clone();
        assert_eq!(error["id"], id, "{proxy}\n{outcome}");
        assert!(error["message"].as_str().expect("a message").contains(words), "{proxy}: {error}");
        assert!(!outcome.err.contains("secret") && !outcome.text().contains("secret"), "{outcome}");
    }
    for proxy in ["https://u:secret@h", "ftp://u:secret@h", "http://u:secret%zz@h", "socks5://u:secret@"] {
        let outcome = Keyward::new(["fetch", "h", "--proxy", proxy]).run().exits(2);
        assert!(!outcome.err.contains("secret"), "{outcome}");
    }
}
