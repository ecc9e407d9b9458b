//! ureq over a connection of ours: the addresses are checked, the proxy is ours, the time is one for all.

use std::io::{Read, Write};
use std::net::SocketAddr;
use std::sync::{Mutex, PoisonError};

use ureq::Error;
use ureq::config::Config;
use ureq::http::Uri;
use ureq::unversioned::resolver::{ResolvedSocketAddrs, Resolver};
use ureq::unversioned::transport::{
    Buffers, ConnectionDetails, Connector, LazyBuffers, NextTimeout, Transport,
};

use crate::fetch::connection::Connection;

/// Hands out a connection that is open already, once.
#[derive(Debug)]
pub(super) struct Ready {
    connection: Mutex<Option<Connection>>,
    /// What goes before the path in the request line: the place, where an HTTP proxy is asked for it (RFC 9112
    /// section 3.2.2).
    prefix: String,
}

impl Ready {
    pub(super) fn new(connection: Connection, prefix: String) -> Self {
        Self { connection: Mutex::new(Some(connection)), prefix }
    }
}

impl Connector for Ready {
    type Out = Wire;

    fn connect(&self, details: &ConnectionDetails<'_>, _: Option<()>) -> Result<Option<Wire>, Error> {
        let connection = self.connection.lock().unwrap_or_else(PoisonError::into_inner).take();
        let connection = connection.ok_or(Error::ConnectionFailed)?;
        let config = details.config;
        Ok(Some(Wire {
            connection,
            prefix: Some(self.prefix.clone()),
            buffers: LazyBuffers::new(config.input_buffer_size(), config.output_buffer_size()),
        }))
    }
}

/// A resolver for ureq, which wants one: the connection is open already.
#[derive(Debug)]
pub(super) struct Resolved(pub(super) SocketAddr);

impl Resolver for Resolved {
    fn resolve(&self, _: &Uri, _: &Config, _: NextTimeout) -> Result<ResolvedSocketAddrs, Error> {
        let mut addresses = self.empty();
        addresses.push(self.0);
        Ok(addresses)
    }
}

/// The connection, as ureq writes to and reads from it. Its own deadline is the one that counts.
#[derive(Debug)]
pub(super) struct Wire {
    connection: Connection,
    /// Not said yet.
    prefix: Option<String>,
    buffers: LazyBuffers,
}

impl Transport for Wire {
    fn buffers(&mut self) -> &mut dyn Buffers {
        &mut self.buffers
    }

    fn transmit_output(&mut self, amount: usize, _: NextTimeout) -> Result<(), Error> {
        let output = self.buffers.output().get(..amount).unwrap_or_default();
        // The request line is the first thing that is said.
        let rest = match (self.prefix.take(), output.strip_prefix(b"GET ")) {
            (Some(prefix), Some(rest)) => {
                self.connection.write_all(b"GET ")?;
                self.connection.write_all(prefix.as_bytes())?;
                rest
            }
            _ => output,
        };
        self.connection.write_all(rest)?;
        Ok(())
    }

    fn await_input(&mut self, _: NextTimeout) -> Result<bool, Error> {
        let room = self.buffers.input_append_buf();
        let count = self.connection.read(room)?;
        self.buffers.input_appended(count);
        Ok(count > 0)
    }

    fn is_open(&mut self) -> bool {
        // One request a connection.
        false
    }
}
