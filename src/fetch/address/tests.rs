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

#[test]
fn families_take_turns_and_ipv6_begins() {
    let read = |text: &str| text.parse::<SocketAddr>().unwrap();
    let [a4, b4, c4] = ["192.0.2.1:1", "192.0.2.2:1", "192.0.2.3:1"].map(read);
    let [a6, b6] = ["[2001:db8::1]:1", "[2001:db8::2]:1"].map(read);
    assert_eq!(in_turn(&[a4, b4, a6, c4, b6]), [a6, a4, b6, b4, c4]);
    assert_eq!(in_turn(&[a4, b4]), [a4, b4]);
    assert_eq!(in_turn(&[]), []);
}

#[test]
fn a_failed_address_hides_no_other() {
    let server = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let open = server.local_addr().unwrap();
    let closed = std::net::TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap();
    // Nobody listens at this port of ::1 either; without IPv6 it cannot be reached at all.
    let v6 = SocketAddr::new(std::net::Ipv6Addr::LOCALHOST.into(), closed.port());
    let deadline = Instant::now() + Duration::from_secs(20);
    let (stream, tried) = connect(&[closed, open, v6], deadline);
    let stream = stream.unwrap();
    assert_eq!(stream.peer_addr().unwrap(), open);
    assert_eq!(tried, [v6, closed, open]);
    // As a socket that waits.
    stream.set_read_timeout(Some(Duration::from_millis(50))).unwrap();
    let start = Instant::now();
    assert!(std::io::Read::read(&mut &stream, &mut [0]).is_err());
    assert!(start.elapsed() >= Duration::from_millis(40));
    let (failed, tried) = connect(&[closed, v6], deadline);
    assert_eq!((failed.unwrap_err(), tried.len()), (FetchCause::Refused, 2));
    let (late, tried) = connect(&[open], Instant::now());
    assert_eq!((late.unwrap_err(), tried.len()), (FetchCause::Timeout(Phase::Connect), 0));
}

#[test]
fn a_silent_address_is_not_waited_for() {
    // A queue that is full answers no more: the next address is tried beside it.
    let listener = rustix::net::socket(AddressFamily::INET, SocketType::STREAM, None).unwrap();
    rustix::net::bind(&listener, &"127.0.0.1:0".parse::<SocketAddr>().unwrap()).unwrap();
    rustix::net::listen(&listener, 0).unwrap();
    let full = std::net::TcpListener::from(listener);
    let silent = full.local_addr().unwrap();
    let mut filling = Vec::new();
    while filling.len() < 20 {
        match TcpStream::connect_timeout(&silent, Duration::from_millis(100)) {
            Ok(stream) => filling.push(stream),
            Err(_) => break,
        }
    }
    assert!(filling.len() < 20, "the queue is never full here");
    let server = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let open = server.local_addr().unwrap();
    let start = Instant::now();
    let (stream, tried) = connect(&[silent, open], start + Duration::from_secs(20));
    assert_eq!((stream.unwrap().peer_addr().unwrap(), tried), (open, vec![silent, open]));
    let elapsed = start.elapsed();
    assert!(elapsed >= limits::CONNECT_STAGGER && elapsed < Duration::from_secs(3), "{elapsed:?}");
}
