use std::net::TcpListener;
use std::thread;
use std::time::Duration;

use super::*;

/// A connection whose peer does as told, and then closes.
fn with_peer(time: Duration, peer: impl FnOnce(TcpStream) + Send + 'static) -> Connection {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let socket = TcpStream::connect(listener.local_addr().unwrap()).unwrap();
    let (accepted, _) = listener.accept().unwrap();
    thread::spawn(move || peer(accepted));
    Connection::new(socket, Instant::now() + time)
}

#[test]
fn bytes_are_bounded() {
    let mut connection =
        with_peer(Duration::from_secs(20), |mut peer| while peer.write_all(&[22; 65536]).is_ok() {});
    let mut buffer = vec![0; 65536];
    let mut total = 0;
    let error = loop {
        match connection.read(&mut buffer) {
            Ok(count) => total += count,
            Err(error) => break error,
        }
    };
    assert!(error.get_ref().is_some_and(|inner| inner.is::<TooMuch>()), "{error}");
    assert!(total <= limits::HANDSHAKE_BYTES);
    assert_eq!(connection.received(), total);
}

#[test]
fn each_read_leaves_less_time_for_the_next() {
    let mut connection = with_peer(Duration::from_millis(300), |mut peer| {
        while peer.write_all(&[22]).is_ok() {
            thread::sleep(Duration::from_millis(20));
        }
    });
    let start = Instant::now();
    let error = loop {
        if let Err(error) = connection.read(&mut [0; 16]) {
            break error;
        }
    };
    assert_eq!(error.kind(), io::ErrorKind::TimedOut);
    assert!(start.elapsed() < Duration::from_secs(3));
    assert_eq!(connection.write(&[0]).unwrap_err().kind(), io::ErrorKind::TimedOut);
}

#[test]
fn first_words_are_told_from_tls() {
    for (words, tls) in [
        (&[22, 3, 1, 0][..], true),
        (&[21, 3, 3][..], true),
        (&[22][..], true),
        (b"HTTP", false),
        (&[22, 2][..], false),
        (b"5", false),
    ] {
        let mut connection =
            with_peer(Duration::from_secs(20), move |mut peer| peer.write_all(words).unwrap());
        connection.read_to_end(&mut Vec::new()).unwrap();
        assert_eq!(connection.first_words_unlike_tls().is_none(), tls, "{words:?}");
    }
}
