//! Each name asked for once in a call.

use std::collections::HashMap;
use std::net::{IpAddr, SocketAddr};
use std::sync::{Arc, Mutex, OnceLock, PoisonError};
use std::time::Instant;

use super::address::look_up;
use super::error::FetchCause;
use super::target::{Host, HostName};
use crate::limits;

/// The addresses of the names of one call, what does not resolve included. May be shared between threads: who
/// asks for a name that another is asking for waits. Of more than [`limits::RESOLVED_NAMES`] names the later
/// ones are asked for each time.
#[derive(Debug, Default)]
pub struct Resolver(Mutex<HashMap<HostName, Slot>>);

type Slot = Arc<OnceLock<Result<Vec<IpAddr>, FetchCause>>>;

impl Resolver {
    /// The addresses of a host, with the port.
    pub(super) fn addresses(
        &self,
        host: &Host,
        port: u16,
        deadline: Instant,
    ) -> Result<Vec<SocketAddr>, FetchCause> {
        let addresses = match host {
            Host::Address(address) => vec![*address],
            Host::Name(name) => self.slot(name).get_or_init(|| look_up(name, deadline)).clone()?,
        };
        Ok(addresses.into_iter().map(|address| SocketAddr::new(address, port)).collect())
    }

    fn slot(&self, name: &HostName) -> Slot {
        let mut known = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        match known.get(name) {
            Some(slot) => Arc::clone(slot),
            None => {
                let slot = Slot::default();
                if known.len() < limits::RESOLVED_NAMES {
                    known.insert(name.clone(), Arc::clone(&slot));
                }
                slot
            }
        }
    }
}
