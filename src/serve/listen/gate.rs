//! Who may come in: a bounded number of connections, of which one that does not get on yields to a newcomer.

use std::collections::VecDeque;
use std::net::{Shutdown, TcpStream};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

/// The connections that are open, the oldest first.
#[derive(Clone, Debug, Default)]
pub(super) struct Gate(Arc<Mutex<VecDeque<Guest>>>);

#[derive(Debug)]
struct Guest {
    number: u64,
    socket: TcpStream,
    /// It has shaken hands.
    settled: bool,
}

/// The place of one connection, given back when it is dropped.
#[derive(Debug)]
pub(super) struct Place {
    gate: Gate,
    number: u64,
}

impl Gate {
    /// Lets a connection in. Where all `places` are taken, the oldest that has not shaken hands is closed; where all
    /// have, the oldest. So clients that never get on keep nobody out.
    pub(super) fn admit(&self, number: u64, socket: &TcpStream, places: usize) -> Option<Place> {
        let socket = socket.try_clone().ok()?;
        let mut guests = self.guests();
        if guests.len() >= places {
            let oldest = guests.iter().position(|guest| !guest.settled).unwrap_or(0);
            if let Some(guest) = guests.remove(oldest) {
                // It may be gone already.
                let _ = guest.socket.shutdown(Shutdown::Both);
            }
        }
        guests.push_back(Guest { number, socket, settled: false });
        drop(guests);
        Some(Place { gate: self.clone(), number })
    }

    /// Closes all connections.
    pub(super) fn clear(&self) {
        for guest in self.guests().drain(..) {
            let _ = guest.socket.shutdown(Shutdown::Both);
        }
    }

    fn guests(&self) -> MutexGuard<'_, VecDeque<Guest>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Place {
    /// Says that the connection has shaken hands.
    pub(super) fn settle(&self) {
        for guest in self.gate.guests().iter_mut().filter(|guest| guest.number == self.number) {
            guest.settled = true;
        }
    }
}

impl Drop for Place {
    fn drop(&mut self) {
        self.gate.guests().retain(|guest| guest.number != self.number);
    }
}
