use super::*;

#[test]
fn addresses_that_lead_inside_are_told_apart() {
    use LocalClass::{LinkLocal, Loopback, Multicast, Unspecified};
    for (text, expected) in [
        ("127.0.0.1", Some(Loopback)),
        ("127.255.255.254", Some(Loopback)),
        ("::1", Some(Loopback)),
        ("::ffff:127.0.0.1", Some(Loopback)),
        ("::127.0.0.1", Some(Loopback)),
        ("64:ff9b::7f00:1", Some(Loopback)),
        ("2002:7f00:1::1", Some(Loopback)),
        ("169.254.169.254", Some(LinkLocal)),
        ("::ffff:169.254.169.254", Some(LinkLocal)),
        ("fe80::1", Some(LinkLocal)),
        ("febf::1", Some(LinkLocal)),
        ("0.0.0.0", Some(Unspecified)),
        ("0.1.2.3", Some(Unspecified)),
        ("::", Some(Unspecified)),
        ("224.0.0.1", Some(Multicast)),
        ("255.255.255.255", Some(Multicast)),
        ("ff02::1", Some(Multicast)),
        ("10.0.0.1", None),
        ("172.16.0.1", None),
        ("192.168.1.1", None),
        ("fd00::1", None),
        ("93.184.216.34", None),
        ("2606:2800::1", None),
        ("::ffff:10.0.0.1", None),
    ] {
        assert_eq!(LocalClass::of(text.parse().unwrap()), expected, "{text}");
    }
}

#[test]
fn the_next_address_is_tried() {
    let listener = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let open = listener.local_addr().unwrap();
    let closed = {
        let gone = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
        gone.local_addr().unwrap()
    };
    let deadline = Instant::now() + Duration::from_secs(5);
    let (stream, tried) = connect(&[closed, open], deadline);
    assert_eq!(stream.unwrap().peer_addr().unwrap(), open);
    assert_eq!(tried, [closed, open]);
}

#[test]
fn time_that_is_up_is_a_timeout() {
    let address = "127.0.0.1:1".parse().unwrap();
    let (stream, tried) = connect(&[address], Instant::now());
    assert_eq!(stream.unwrap_err(), FetchCause::Timeout(Phase::Connect));
    assert!(tried.is_empty());
}
