//! A bounded accept loop on loopback that ends on drop.

use std::io;
use std::net::{Ipv4Addr, SocketAddr, TcpListener, TcpStream};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::thread::{self, JoinHandle};
use std::time::Duration;

use crate::limits;

/// Tells those who serve a connection that the server is being dropped.
#[derive(Clone, Debug, Default)]
pub(super) struct Stop(Arc<AtomicBool>);

impl Stop {
    pub(super) fn is_set(&self) -> bool {
        self.0.load(Ordering::Relaxed)
    }

    /// Sleeps, in steps short enough to end soon once the server is dropped.
    pub(super) fn sleep(&self, time: Duration) {
        const STEP: Duration = Duration::from_millis(20);
        let mut left = time;
        while !left.is_zero() && !self.is_set() {
            let step = left.min(STEP);
            thread::sleep(step);
            left = left.saturating_sub(step);
        }
    }
}

/// A listening socket on 127.0.0.1 whose connections are served on threads of their own, at most
/// [`limits::SERVED_CONNECTIONS`] at once; more are closed unheard.
#[derive(Debug)]
pub(super) struct Listener {
    address: SocketAddr,
    stop: Stop,
    accepting: Option<JoinHandle<()>>,
}

impl Listener {
    pub(super) fn start(serve: impl Fn(TcpStream, &Stop) + Send + Sync + 'static) -> io::Result<Self> {
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0))?;
        let address = listener.local_addr()?;
        let stop = Stop::default();
        let seen = stop.clone();
        let serve = Arc::new(serve);
        let accepting = thread::Builder::new().name("accept".to_owned()).spawn(move || {
            let open = Arc::new(AtomicUsize::new(0));
            for socket in listener.incoming() {
                if seen.is_set() {
                    return;
                }
                // A connection that is gone before it is accepted is nothing to this server.
                let Ok(socket) = socket else { continue };
                let Some(place) = Place::take(&open) else { continue };
                let (serve, stop) = (Arc::clone(&serve), seen.clone());
                // Without a thread the socket is dropped, and so closed.
                let _ = thread::Builder::new().name("serve".to_owned()).spawn(move || {
                    let _place = place;
                    if bound(&socket).is_ok() {
                        serve(socket, &stop);
                    }
                });
            }
        })?;
        Ok(Self { address, stop, accepting: Some(accepting) })
    }

    pub(super) fn address(&self) -> SocketAddr {
        self.address
    }
}

impl Drop for Listener {
    fn drop(&mut self) {
        self.stop.0.store(true, Ordering::Relaxed);
        // The accept loop sees the flag once something connects.
        let woken = TcpStream::connect_timeout(&self.address, Duration::from_secs(1)).is_ok();
        if let Some(accepting) = self.accepting.take().filter(|_| woken) {
            let _ = accepting.join();
        }
    }
}

/// One of the bounded places for connections; given back on drop, after a panic too.
struct Place(Arc<AtomicUsize>);

impl Place {
    fn take(open: &Arc<AtomicUsize>) -> Option<Self> {
        if open.fetch_add(1, Ordering::Relaxed) < limits::SERVED_CONNECTIONS {
            return Some(Self(Arc::clone(open)));
        }
        open.fetch_sub(1, Ordering::Relaxed);
        None
    }
}

impl Drop for Place {
    fn drop(&mut self) {
        self.0.fetch_sub(1, Ordering::Relaxed);
    }
}

fn bound(socket: &TcpStream) -> io::Result<()> {
    socket.set_read_timeout(Some(limits::SERVED_TIME))?;
    socket.set_write_timeout(Some(limits::SERVED_TIME))?;
    socket.set_nodelay(true)
}
