use super::*;

fn names() -> Names {
    Names { server: "host.example".to_owned(), client: [192, 0, 2, 7].into() }
}

/// What a play came to.
#[derive(Debug, PartialEq, Eq)]
enum End {
    Tls,
    /// It would listen on.
    Waits,
    Fails(StartTlsError),
}

/// Plays a server that says its parts one after the other, each in pieces of so many bytes, whatever the client says;
/// gives what the client said, and the end.
fn play(protocol: StartTls, parts: &[&[u8]], piece: usize) -> (Vec<u8>, End) {
    let mut dialogue = Dialogue::new(protocol, &names());
    let mut said = Vec::new();
    let mut pieces = parts.iter().flat_map(|part| part.chunks(piece));
    for _ in 0..1_000_000 {
        match dialogue.turn() {
            Ok(Turn::Say(words)) => said.extend(words),
            Ok(Turn::Begin) => return (said, End::Tls),
            Ok(Turn::Wait) => match pieces.next() {
                Some(piece) => {
                    if let Err(error) = dialogue.hear(piece) {
                        return (said, End::Fails(error));
                    }
                }
                None => return (said, End::Waits),
            },
            Err(error) => return (said, End::Fails(error)),
        }
    }
    panic!("a dialogue without end");
}

struct Good {
    protocol: StartTls,
    server: Vec<&'static [u8]>,
    client: Vec<u8>,
}

fn good(protocol: StartTls, server: &[&'static [u8]], client: &[u8]) -> Good {
    Good { protocol, server: server.to_vec(), client: client.to_vec() }
}

const XMPP: &[u8] = b"<?xml version='1.0'?><stream:stream xmlns='jabber:client' \
xmlns:stream='http://etherx.jabber.org/streams' to='host.example' version='1.0'>\
<starttls xmlns='urn:ietf:params:xml:ns:xmpp-tls'/>";

const XMPP_SERVER: &[u8] = b"<?xml version='1.0'?><stream:stream xmlns='jabber:server' \
xmlns:stream='http://etherx.jabber.org/streams' to='host.example' version='1.0'>\
<starttls xmlns='urn:ietf:params:xml:ns:xmpp-tls'/>";

const STREAM: &[u8] = b"<?xml version='1.0'?><stream:stream id='a>b' from=\"host.example\" version='1.0' \
xmlns:stream='http://etherx.jabber.org/streams' xmlns='jabber:client'>";
const FEATURES: &[u8] =
    b"<stream:features> <starttls xmlns='urn:ietf:params:xml:ns:xmpp-tls'><required/></starttls>\
<mechanisms><mechanism>PLAIN</mechanism></mechanisms></stream:features>";

/// The handshake packet of a MariaDB server, with or without CLIENT_SSL.
fn mysql(tls: bool) -> Vec<u8> {
    let mut payload = vec![10];
    payload.extend(b"5.5.5-10.11.6-MariaDB\0");
    payload.extend([1, 0, 0, 0]);
    payload.extend(b"scramble\0");
    payload.extend(if tls { [0xfe, 0xff] } else { [0xfe, 0xf7] });
    payload.extend([45, 2, 0, 0xff, 0x81, 21]);
    payload.extend([0; 10]);
    payload.extend(b"twelve chars\0mysql_native_password\0");
    let length = u8::try_from(payload.len()).unwrap();
    [&[length, 0, 0, 0][..], &payload].concat()
}

const MYSQL_ASKS: [u8; 36] = [
    32, 0, 0, 1, 0x01, 0xaa, 0, 0, 0xff, 0xff, 0xff, 0, 33, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0,
    0, 0, 0, 0, 0, 0, 0,
];

/// The bytes that `openssl s_client -starttls ldap` sends.
const LDAP_ASKS: &[u8] = b"\x30\x1d\x02\x01\x01\x77\x18\x80\x161.3.6.1.4.1.1466.20037";

fn goods() -> Vec<Good> {
    let mut goods = vec![
        good(
            StartTls::Smtp,
            &[
                b"220-mail.example ESMTP\r\n220 second line\r\n",
                b"250-mail.example\r\n250-SIZE 1\r\n250 STARTTLS\r\n",
                b"220 2.0.0 Ready\r\n",
            ],
            b"EHLO [192.0.2.7]\r\nSTARTTLS\r\n",
        ),
        // Not offered, or no EHLO at all, and yet it works.
        good(StartTls::Smtp, &[b"220 x\n", b"502 what?\n", b"220 go\n"], b"EHLO [192.0.2.7]\r\nSTARTTLS\r\n"),
        good(
            StartTls::Lmtp,
            &[b"220 x LMTP\r\n", b"250 STARTTLS\r\n", b"220 go\r\n"],
            b"LHLO [192.0.2.7]\r\nSTARTTLS\r\n",
        ),
        good(StartTls::Pop3, &[b"+OK hello <1.2@x>\r\n", b"+OK begin\r\n"], b"STLS\r\n"),
        good(
            StartTls::Imap,
            &[
                b"* OK [CAPABILITY IMAP4rev1 STARTTLS] hello\r\n",
                b"* CAPABILITY IMAP4rev1 STARTTLS\r\nk1 OK done\r\n",
                b"k2 ok begin\r\n",
            ],
            b"k1 CAPABILITY\r\nk2 STARTTLS\r\n",
        ),
        good(
            StartTls::Ftp,
            &[b"120 soon\r\n220-Hello\r\n  any line\r\n999 too\r\n220 ready\r\n", b"234 go\r\n"],
            b"AUTH TLS\r\n",
        ),
        good(
            StartTls::Ftp,
            &[b"220 x\r\n", b"504 no TLS\r\n", b"234 but SSL\r\n"],
            b"AUTH TLS\r\nAUTH SSL\r\n",
        ),
        good(
            StartTls::Nntp,
            &[b"200 news\r\n", b"101 list\r\nVERSION 2\r\n..dot\r\nSTARTTLS\r\n.\r\n", b"382 go\r\n"],
            b"CAPABILITIES\r\nSTARTTLS\r\n",
        ),
        good(
            StartTls::Nntp,
            &[b"201 old news\r\n", b"500 what?\r\n", b"382 go\r\n"],
            b"CAPABILITIES\r\nSTARTTLS\r\n",
        ),
        good(
            StartTls::Sieve,
            &[
                b"\"IMPLEMENTATION\" \"x\"\r\n\"SIEVE\" {8}\r\nfile {3}\r\n\"STARTTLS\"\r\nOK \"ready\"\r\n",
                b"OK (TAG {3}\r\n\"a\") \"begin\"\r\n",
            ],
            b"STARTTLS\r\n",
        ),
        good(
            StartTls::Irc,
            &[
                b":irc.example NOTICE * :*** Looking up\r\nPING :42\r\n",
                b":irc.example 670 * :STARTTLS successful\r\n",
            ],
            b"STARTTLS\r\nPONG :42\r\n",
        ),
        good(StartTls::Ldap, &[b"\x30\x0c\x02\x01\x01\x78\x07\x0a\x01\x00\x04\x00\x04\x00"], LDAP_ASKS),
        // Lengths in the long form, as OpenLDAP writes them, and the name of the response.
        good(
            StartTls::Ldap,
            &[b"\x30\x84\x00\x00\x00\x0e\x02\x01\x01\x78\x09\x0a\x01\x00\x04\x00\x04\x00\x8a\x00"],
            LDAP_ASKS,
        ),
        good(StartTls::Postgres, &[b"S"], &[0, 0, 0, 8, 4, 210, 22, 47]),
        good(StartTls::MySql, &[mysql(true).leak()], &MYSQL_ASKS),
        good(
            StartTls::Telnet,
            &[&[255, 253, 46], &[255, 250, 46, 1, 255, 240]],
            &[255, 251, 46, 255, 250, 46, 1, 255, 240],
        ),
        // A server that talks first, and is asked for TLS.
        good(
            StartTls::Telnet,
            &[&[255, 253, 24, 255, 251, 3, b'h', b'i'], &[255, 253, 46], &[255, 250, 46, 1, 255, 240]],
            &[255, 252, 24, 255, 254, 3, 255, 251, 46, 255, 250, 46, 1, 255, 240],
        ),
    ];
    for (protocol, client) in [(StartTls::Xmpp, XMPP), (StartTls::XmppServer, XMPP_SERVER)] {
        let proceed: &[u8] = b"<proceed xmlns='urn:ietf:params:xml:ns:xmpp-tls'/>";
        goods.push(good(protocol, &[STREAM, FEATURES, proceed], client));
        goods.push(good(protocol, &[STREAM, b"\n", FEATURES, b" ", b"<t:proceed></t:proceed>"], client));
    }
    goods
}

#[test]
fn every_dialogue_comes_to_tls() {
    for good in goods() {
        let (said, end) = play(good.protocol, &good.server, usize::MAX);
        assert_eq!(end, End::Tls, "{}: {}", good.protocol, said.escape_ascii());
        assert_eq!(
            said.escape_ascii().to_string(),
            good.client.escape_ascii().to_string(),
            "{}",
            good.protocol
        );
    }
    let played: std::collections::HashSet<StartTls> = goods().iter().map(|good| good.protocol).collect();
    assert_eq!(played.len(), StartTls::ALL.len());
}

#[test]
fn pieces_make_no_difference() {
    for good in goods() {
        for piece in 1..9 {
            let (said, end) = play(good.protocol, &good.server, piece);
            // A telnet server that has said a letter is asked for TLS at once.
            assert_eq!(end, End::Tls, "{} in pieces of {piece}: {}", good.protocol, said.escape_ascii());
        }
    }
}

#[test]
fn what_follows_the_consent_is_an_injection() {
    for mut good in goods() {
        let last = good.server.pop().unwrap();
        let with_more = [last, b"250 injected\r\n"].concat();
        good.server.push(with_more.leak());
        let (_, end) = play(good.protocol, &good.server, usize::MAX);
        let End::Fails(StartTlsError::Injected(said)) = end else { panic!("{}: {end:?}", good.protocol) };
        assert_eq!(said, "250 injected", "{}", good.protocol);
    }
}

#[test]
fn a_dialogue_that_stops_waits() {
    for good in goods() {
        let all = good.server.concat();
        for length in 0..all.len() {
            let (_, end) = play(good.protocol, &[&all[..length]], usize::MAX);
            // MySQL needs no more than the packet; all others wait for the last byte.
            assert_eq!(end, End::Waits, "{} after {length} bytes", good.protocol);
        }
    }
}

#[test]
fn refusals_are_told_in_the_servers_words() {
    let smtp: &[&[u8]] = &[b"220 x\r\n", b"250 x\r\n", b"454-4.7.0 TLS not\r\n454 4.7.0 available\r\n"];
    let no_ssl = mysql(false);
    for (protocol, server, words) in [
        (StartTls::Smtp, smtp, "454-4.7.0 TLS not 454 4.7.0 available"),
        (StartTls::Smtp, &[b"554 go away\r\n"], "554 go away"),
        (StartTls::Smtp, &[b"220 x\r\n", b"421 4.3.2 closing\r\n"], "421 4.3.2 closing"),
        (StartTls::Lmtp, &[b"220 x\r\n", b"250 x\r\n", b"500 what?\r\n"], "500 what?"),
        (StartTls::Pop3, &[b"+OK\r\n", b"-ERR no \x1b[2Jway\r\n"], "-ERR no \\u{1b}[2Jway"),
        (StartTls::Pop3, &[b"-ERR busy\r\n"], "-ERR busy"),
        (StartTls::Imap, &[b"* PREAUTH you are root\r\n"], "* PREAUTH you are root"),
        (StartTls::Imap, &[b"* BYE too many\r\n"], "* BYE too many"),
        (StartTls::Imap, &[b"* OK\r\n", b"k1 OK\r\n", b"k2 BAD unknown\r\n"], "k2 BAD unknown"),
        (StartTls::Imap, &[b"* OK\r\n", b"k1 OK\r\n", b"* BYE\r\n"], "* BYE"),
        (StartTls::Ftp, &[b"530 full\r\n"], "530 full"),
        (StartTls::Ftp, &[b"220 x\r\n", b"530 please log in\r\n", b"530 again\r\n"], "530 please log in"),
        (StartTls::Ftp, &[b"220 x\r\n", b"431 not now\r\n"], "431 not now"),
        (StartTls::Nntp, &[b"400 away\r\n"], "400 away"),
        (StartTls::Nntp, &[b"200 x\r\n", b"101 x\r\n.\r\n", b"580 can not\r\n"], "580 can not"),
        (StartTls::Sieve, &[b"BYE \"too many\"\r\n"], "BYE \"too many\""),
        (StartTls::Sieve, &[b"OK\r\n", b"NO {9}\r\nnot today\r\n"], "NO  not today"),
        (StartTls::Irc, &[b":x 691 * :STARTTLS failed\r\n"], ":x 691 * :STARTTLS failed"),
        (StartTls::Irc, &[b":x 421 * STARTTLS :Unknown command\r\n"], ":x 421 * STARTTLS :Unknown command"),
        (StartTls::Irc, &[b"ERROR :Closing Link\r\n"], "ERROR :Closing Link"),
        (
            StartTls::Ldap,
            &[b"\x30\x16\x02\x01\x01\x78\x11\x0a\x01\x02\x04\x00\x04\x0aunsupport\0"],
            "protocolError (2): unsupport\\0",
        ),
        (
            StartTls::Ldap,
            &[b"\x30\x11\x02\x01\x00\x78\x0c\x0a\x01\x34\x04\x00\x04\x05later"],
            "unavailable (52): later",
        ),
        (StartTls::Ldap, &[b"\x30\x0c\x02\x01\x01\x78\x07\x0a\x01\x50\x04\x00\x04\x00"], "result code (80)"),
        (StartTls::Postgres, &[b"E\0\0\0\x1dSFATAL\0C53300\0Mtoo many\0\0"], "too many"),
        (StartTls::Postgres, &[b"EUnsupported frontend protocol\0"], "Unsupported frontend protocol"),
        (StartTls::MySql, &[b"\x16\0\0\0\xff\x6a\x04Host is not allowed"], "Host is not allowed"),
        (StartTls::Telnet, &[b"\xff\xfe\x2e"], "IAC DONT START_TLS"),
        (StartTls::Telnet, &[b"login: ", b"\xff\xfe\x2e"], "login:"),
        (StartTls::Xmpp, &[STREAM, FEATURES, b"<failure xmlns='x'/></stream:stream>"], "failure"),
        (
            StartTls::Xmpp,
            &[b"<stream:stream><stream:error><host-unknown xmlns='x'/><text>not here</text></stream:error>"],
            "error: host-unknown: not here",
        ),
    ] as [(StartTls, &[&[u8]], &str); 30]
    {
        let (_, end) = play(protocol, server, usize::MAX);
        assert_eq!(end, End::Fails(StartTlsError::Refused(words.to_owned())), "{protocol} {server:?}");
    }
    for (protocol, server, words) in [
        (StartTls::Postgres, &b"N"[..], "it answered N, its TLS is switched off"),
        (StartTls::MySql, &no_ssl, "it is a server of version 5.5.5-10.11.6-MariaDB"),
        (StartTls::Xmpp, b"<stream:stream><stream:features/>", "its stream's features are without it"),
    ] {
        let (_, end) = play(protocol, &[server], usize::MAX);
        assert_eq!(end, End::Fails(StartTlsError::NotOffered(words.to_owned())), "{protocol}");
    }
}

#[test]
fn another_protocol_is_recognised_by_its_first_words() {
    for (protocol, server) in [
        (StartTls::Smtp, &b"HTTP/1.1 400 Bad Request\r\n"[..]),
        (StartTls::Smtp, b"SSH-2.0-x\r\n"),
        (StartTls::Smtp, &[0x15, 3, 1, 0, 2]),
        (StartTls::Smtp, &[0xff; 40]),
        (StartTls::Pop3, b"220 mail.example ESMTP\r\n"),
        (StartTls::Imap, b"+OK pop\r\n"),
        (StartTls::Ftp, b"* OK imap\r\n"),
        (StartTls::Sieve, b"220 x\r\n"),
        (StartTls::Irc, b"220 x\r\nHTTP/1.1 400\r\n"),
        (StartTls::Ldap, b"HTTP/1.1 400 Bad Request\r\n"),
        (StartTls::Ldap, b"\x30\x80\x02"),
        (StartTls::Ldap, b"\x30\x05\x02\x01\x01\x61\x00"),
        (StartTls::Postgres, b"HTTP/1.1 400 Bad Request\r\n"),
        (StartTls::MySql, b"HTTP/1.1 400 Bad Request\r\n"),
        (StartTls::MySql, b"\x01\0\0\0\x09"),
        (StartTls::Xmpp, b"HTTP/1.1 400 Bad Request\r\n"),
    ] {
        let (_, end) = play(protocol, &[server], usize::MAX);
        assert!(
            matches!(end, End::Fails(StartTlsError::Unexpected(_))),
            "{protocol} {}: {end:?}",
            server.escape_ascii()
        );
    }
}

#[test]
fn a_server_without_end_is_cut() {
    for (protocol, start, again) in [
        (StartTls::Smtp, &b""[..], &b"220-more\r\n"[..]),
        (StartTls::Smtp, b"220", b"-"),
        (StartTls::Imap, b"* OK\r\n", b"* CAPABILITY A\r\n"),
        (StartTls::Ftp, b"", b"120 soon\r\n"),
        (StartTls::Nntp, b"200 x\r\n101 x\r\n", b"LINE\r\n"),
        (StartTls::Sieve, b"", b"\"A\"\r\n"),
        (StartTls::Sieve, b"\"A\" {99999999999999999999}\r\n", b"x"),
        (StartTls::Irc, b"", b"PING 1\r\n"),
        (StartTls::Irc, b"", b":x NOTICE * :x\r\n"),
        (StartTls::Pop3, b"", b"+"),
        (StartTls::Ldap, b"\x30\x82\x7f\xff", b"\0"),
        (StartTls::Telnet, b"", &[255, 253, 1]),
        (StartTls::Xmpp, b"", b"<a>x</a>"),
        (StartTls::Xmpp, b"<a b='", &[b'>'; 100]),
        (StartTls::Postgres, b"Etoo long", b"x"),
    ] {
        let many: Vec<&[u8]> = std::iter::once(start).chain(std::iter::repeat_n(again, 40_000)).collect();
        let (said, end) = play(protocol, &many, usize::MAX);
        assert_eq!(end, End::Fails(StartTlsError::TooLarge), "{protocol}");
        assert!(said.len() <= limits::STARTTLS_BYTES * 2, "{protocol} said {}", said.len());
    }
    let (_, end) = play(StartTls::Ldap, &[b"\x30\x83\xff\xff\xff"], usize::MAX);
    assert_eq!(end, End::Fails(StartTlsError::TooLarge));
}

#[test]
fn no_bytes_make_a_machine_panic_or_turn_for_ever() {
    // Every good dialogue with one byte changed, and pure noise.
    let mut noise = 0x2545_f491_4f6c_dd1d_u64;
    let mut next = move || {
        noise ^= noise << 13;
        noise ^= noise >> 7;
        noise ^= noise << 17;
        noise.to_le_bytes()[3]
    };
    for good in goods() {
        let all = good.server.concat();
        for at in 0..all.len() {
            let mut changed = all.clone();
            changed[at] = next();
            play(good.protocol, &[&changed], usize::MAX);
            play(good.protocol, &[&changed], 3);
        }
        for _ in 0..50 {
            let noise: Vec<u8> = (0..300).map(|_| next()).collect();
            play(good.protocol, &[&noise], 7);
        }
    }
}

#[test]
fn an_ipv6_client_greets_with_its_literal() {
    let names = Names { client: "2001:db8::1".parse().unwrap(), ..names() };
    let mut dialogue = Dialogue::new(StartTls::Smtp, &names);
    dialogue.hear(b"220 x\r\n").unwrap();
    assert_eq!(dialogue.turn(), Ok(Turn::Say(b"EHLO [IPv6:2001:db8::1]\r\n".to_vec())));
}

#[test]
fn a_closed_connection_shows_what_was_said() {
    let mut dialogue = Dialogue::new(StartTls::Smtp, &names());
    dialogue.hear(b"421-not fin").unwrap();
    assert_eq!(dialogue.turn(), Ok(Turn::Wait));
    assert_eq!(
        dialogue.closed().to_string(),
        "the server closed the connection after it had said \"421-not fin\""
    );
}

#[test]
fn names_and_ports_are_openssls_and_ianas() {
    for protocol in StartTls::ALL {
        assert_eq!(protocol.name().parse(), Ok(protocol));
        assert_eq!(StartTls::of_port(protocol.port()), Some(protocol));
    }
    assert_eq!(StartTls::of_port(587), Some(StartTls::Smtp));
    assert_eq!(StartTls::of_port(443), None);
    assert_eq!("PostgreSQL".parse(), Ok(StartTls::Postgres));
    assert!("https".parse::<StartTls>().is_err());
}

#[test]
fn words_are_one_escaped_line_of_bounded_length() {
    assert_eq!(words(b"\r\n a\r\n\r\n b \x07\xc3\xa9\xff\"'\n"), "a b \\u{7}\u{e9}\u{fffd}\"'");
    assert_eq!(words(&[b'x'; 5000]).chars().count(), limits::PEER_WORDS + 1);
}
