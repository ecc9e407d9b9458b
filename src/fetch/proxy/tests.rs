use super::*;
use crate::fetch::target::Target;

fn shown(text: &str) -> String {
    Proxy::parse(text).unwrap().to_string()
}

#[test]
fn addresses_are_read_as_curl_reads_them() {
    for (text, expected) in [
        ("proxy.example", "http://proxy.example:1080"),
        ("proxy.example:3128", "http://proxy.example:3128"),
        ("HTTP://proxy.example:3128/", "http://proxy.example:3128"),
        ("http://user:pass@proxy.example:3128", "http://proxy.example:3128"),
        ("http://user:p@ss@proxy.example:3128", "http://proxy.example:3128"),
        ("socks5://[::1]:1080", "socks5://[::1]:1080"),
        ("socks://127.0.0.1", "socks5://127.0.0.1:1080"),
        ("socks5h://u:p@127.0.0.1:9050", "socks5h://127.0.0.1:9050"),
    ] {
        assert_eq!(shown(text), expected, "{text}");
    }
}

#[test]
fn credentials_are_decoded_and_never_shown() {
    let proxy = Proxy::parse("http://us%40er:s%3Aecret%25@proxy.example").unwrap();
    let credentials = proxy.credentials.as_ref().unwrap();
    assert_eq!((&credentials.user[..], &credentials.password[..]), (&b"us@er"[..], &b"s:ecret%"[..]));
    assert_eq!(proxy.authorization().unwrap().as_str(), "Basic dXNAZXI6czplY3JldCU=");
    for shown in
        [format!("{proxy:?}"), proxy.to_string(), format!("{:?}", Proxies::new(proxy, Bypass::default()))]
    {
        assert!(!shown.contains("ecret") && !shown.contains("er:"), "{shown}");
    }
}

#[test]
fn what_is_no_proxy_is_refused_without_repeating_it() {
    for text in [
        "https://user:secret@h",
        "socks4://user:secret@h",
        "http://user:secret%4@h",
        "http://user:secret%zz@h",
        "http://user:secret@",
        "http://user:secret@h:0",
        "http://us%3Aer:secret@h",
        "socks5://user@h",
        "socks5://:secret@h",
        &format!("socks5://user:secret{}@h", "x".repeat(256)),
        "",
    ] {
        let error = Proxy::parse(text).unwrap_err();
        assert!(!format!("{error} {error:?}").contains("secret"), "{text}: {error}");
    }
}

#[test]
fn hosts_of_the_list_go_without() {
    let bypass = Bypass::parse(
        "example.org, .example.net,*.example.com\tonly.example:8443,10.0.0.0/8 192.0.2.7,[2001:db8::1]:443,fd00::/8,\
         bad/99,,192.0.2.0/33",
    );
    let includes = |target: &str| {
        let target = Target::parse(target).unwrap();
        bypass.includes(target.host(), target.port())
    };
    for (target, expected) in [
        ("example.org", true),
        ("EXAMPLE.ORG.", true),
        ("www.example.org:8443", true),
        ("notexample.org", false),
        ("example.org.evil", false),
        ("example.net", true),
        ("a.b.example.net", true),
        ("a.example.com", true),
        ("only.example:8443", true),
        ("only.example:443", false),
        ("10.255.0.1", true),
        ("11.0.0.1", false),
        ("192.0.2.7", true),
        ("192.0.2.8", false),
        ("[2001:db8::1]:443", true),
        ("[2001:db8::1]:444", false),
        ("fd12::1", true),
        ("fe80::1", false),
        ("localhost", false),
    ] {
        assert_eq!(includes(target), expected, "{target}");
    }
    let everything = Bypass::parse(" * ");
    assert!(everything.includes(Target::parse("::1").unwrap().host(), 1));
    let zero = Bypass::parse("0.0.0.0/0,::/0");
    for address in ["192.0.2.1", "2001:db8::1"] {
        assert!(zero.includes(Target::parse(address).unwrap().host(), 1), "{address}");
    }
}

#[test]
fn answers_to_connect_are_read() {
    let answer = |text: &[u8]| http::Answer::read(text);
    for (text, status, said, length) in [
        (&b"HTTP/1.1 200 Connection established\r\n\r\n"[..], 200, "200 Connection established", 39),
        (b"HTTP/1.0 200 OK\r\nA: b\r\n\r\nrest", 200, "200 OK", 25),
        (b"HTTP/1.0 200\n\nrest", 200, "200", 14),
        (b"HTTP/1.1 403 \x1b[2JFiltered\r\n\r\n<html>", 403, "403 \\u{1b}[2JFiltered", 29),
        (
            b"HTTP/1.1 407 Who?\r\nproxy-AUTHENTICATE: Basic realm=\"x\"\r\n\r\n",
            407,
            "407 Who? (Basic realm=\"x\")",
            58,
        ),
    ] {
        let read = answer(text).unwrap().unwrap();
        assert_eq!(
            (read.status, read.said.as_str(), read.length),
            (status, said, length),
            "{}",
            text.escape_ascii()
        );
        // Whole or nothing.
        for cut in 0..length {
            assert_eq!(answer(&text[..cut]).unwrap(), None, "{cut} of {}", text.escape_ascii());
        }
    }
    for text in [
        &b"SSH-2.0-x\r\n"[..],
        b"HTTP/1.1 OK\r\n\r\n",
        b"HTTP/2 200\r\n\r\n",
        b"\x05\x00",
        b"HTTP/1.1 -20 x\r\n\r\n",
    ] {
        assert!(matches!(answer(text), Err(ProxyError::Unexpected(_))), "{}", text.escape_ascii());
    }
}
