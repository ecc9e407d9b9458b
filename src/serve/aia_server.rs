//! A small HTTP server that gives the certificates of issuers, or misbehaves as told.

use std::collections::HashMap;
use std::io::{self, Read, Write};
use std::net::{SocketAddr, TcpStream};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use super::listener::{Listener, Stop};

/// What the server does when a path is asked for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Answer {
    /// 200 and this body.
    Body(Vec<u8>),
    /// This status and an empty body.
    Status(u16),
    /// 302 to this `Location`, as it stands.
    Redirect(String),
    /// 200, these headers (`Name: value`), and this body, without a length of its own.
    Headers(Vec<String>, Vec<u8>),
    /// Silence until the client gives up.
    Stall,
    /// 200 and this body, a byte at each interval.
    Drip(Vec<u8>, Duration),
    /// 200 and zeros without end, with a length of a gigabyte or, chunked, without one.
    Endless {
        /// Chunked transfer coding.
        chunked: bool,
    },
    /// The connection is closed without a word.
    HangUp,
}

/// An HTTP server on 127.0.0.1 with given answers to given paths, 404 for others, one request a
/// connection. It ends when it is dropped.
#[derive(Debug)]
pub struct AiaServer {
    listener: Listener,
    book: Arc<Mutex<Book>>,
}

#[derive(Debug, Default)]
struct Book {
    answers: HashMap<String, Answer>,
    requests: Vec<String>,
}

impl AiaServer {
    /// Starts one without answers.
    ///
    /// # Errors
    ///
    /// When the socket cannot be had.
    pub fn start() -> io::Result<Self> {
        let book = Arc::new(Mutex::new(Book::default()));
        let shared = Arc::clone(&book);
        let listener = Listener::start(move |socket, stop| {
            // A client that has enough and leaves is not the server's failure.
            let _ = serve(socket, &shared, stop);
        })?;
        Ok(Self { listener, book })
    }

    /// The address at which it listens.
    #[must_use]
    pub fn address(&self) -> SocketAddr {
        self.listener.address()
    }

    /// The `http` address of a path, which begins with `/`.
    #[must_use]
    pub fn url(&self, path: &str) -> String {
        format!("http://{}{path}", self.address())
    }

    /// Sets the answer to a path.
    pub fn answer(&self, path: &str, answer: Answer) {
        lock(&self.book).answers.insert(path.to_owned(), answer);
    }

    /// The paths that were asked for so far, in order.
    #[must_use]
    pub fn requests(&self) -> Vec<String> {
        lock(&self.book).requests.clone()
    }
}

/// Bytes of a request; a larger one is cut off.
const HEAD: usize = 8 * 1024;

fn lock(book: &Mutex<Book>) -> MutexGuard<'_, Book> {
    book.lock().unwrap_or_else(PoisonError::into_inner)
}

fn serve(mut socket: TcpStream, book: &Mutex<Book>, stop: &Stop) -> io::Result<()> {
    let head = read_request(&mut socket)?;
    let Some(path) = head.split_whitespace().nth(1) else { return Ok(()) };
    let answer = {
        let mut book = lock(book);
        book.requests.push(path.to_owned());
        book.answers.get(path).cloned().unwrap_or(Answer::Status(404))
    };
    match answer {
        Answer::Body(body) => {
            write!(socket, "{}Content-Length: {}\r\n\r\n", head_of(200), body.len())?;
            socket.write_all(&body)
        }
        Answer::Status(status) => write!(socket, "{}Content-Length: 0\r\n\r\n", head_of(status)),
        Answer::Redirect(location) => {
            write!(socket, "{}Location: {location}\r\nContent-Length: 0\r\n\r\n", head_of(302))
        }
        Answer::Headers(headers, body) => {
            socket.write_all(head_of(200).as_bytes())?;
            for header in headers {
                write!(socket, "{header}\r\n")?;
            }
            socket.write_all(b"\r\n")?;
            socket.write_all(&body)
        }
        Answer::Stall => {
            stop.sleep(crate::limits::SERVED_TIME);
            Ok(())
        }
        Answer::Drip(body, interval) => {
            write!(socket, "{}Content-Length: {}\r\n\r\n", head_of(200), body.len())?;
            for byte in body {
                if stop.is_set() {
                    break;
                }
                socket.write_all(&[byte])?;
                stop.sleep(interval);
            }
            Ok(())
        }
        Answer::Endless { chunked } => endless(&mut socket, chunked, stop),
        Answer::HangUp => Ok(()),
    }
}

fn endless(socket: &mut TcpStream, chunked: bool, stop: &Stop) -> io::Result<()> {
    const GIGABYTE: u64 = 1 << 30;
    let block = [0u8; 4096];
    if chunked {
        write!(socket, "{}Transfer-Encoding: chunked\r\n\r\n", head_of(200))?;
    } else {
        write!(socket, "{}Content-Length: {GIGABYTE}\r\n\r\n", head_of(200))?;
    }
    while !stop.is_set() {
        if chunked {
            write!(socket, "{:x}\r\n", block.len())?;
        }
        socket.write_all(&block)?;
        if chunked {
            socket.write_all(b"\r\n")?;
        }
    }
    Ok(())
}

/// The head of a request. Its body is read and forgotten: a connection that is closed on unread bytes is reset, and the
/// answer may be lost with it.
fn read_request(socket: &mut TcpStream) -> io::Result<String> {
    let mut request = Vec::new();
    let mut buffer = [0u8; 1024];
    let mut end = None;
    while request.len() < HEAD && end.is_none_or(|end| request.len() < end) {
        match socket.read(&mut buffer)? {
            0 => break,
            count => request.extend(buffer.iter().take(count)),
        }
        if end.is_none() {
            end = request.windows(4).position(|end| end == b"\r\n\r\n").map(|head| {
                head.saturating_add(4).saturating_add(body_length(&String::from_utf8_lossy(&request)))
            });
        }
    }
    Ok(String::from_utf8_lossy(&request).into_owned())
}

fn body_length(head: &str) -> usize {
    head.lines()
        .filter_map(|line| line.split_once(':'))
        .find(|(name, _)| name.eq_ignore_ascii_case("content-length"))
        .and_then(|(_, length)| length.trim().parse().ok())
        .unwrap_or_default()
}

fn head_of(status: u16) -> String {
    let reason = match status {
        200 => "OK",
        302 => "Found",
        404 => "Not Found",
        _ => "Other",
    };
    format!("HTTP/1.1 {status} {reason}\r\nConnection: close\r\n")
}
