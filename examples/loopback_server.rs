//! A TLS server on every address of loopback, for `benches/reach.sh`: 127.0.0.1, 127.0.0.2 and so on are as many
//! targets.
//!
//! `loopback_server CHAIN.pem KEY.pem THREADS` prints its port and serves until it is killed, so many at once.

use std::io::{Read, Write};
use std::net::{TcpListener, TcpStream};
use std::sync::Arc;
use std::thread;

use anyhow::{Context, Result};
use rustls::crypto::aws_lc_rs::default_provider;
use rustls::pki_types::pem::PemObject;
use rustls::pki_types::{CertificateDer, PrivateKeyDer};
use rustls::{ServerConfig, ServerConnection, StreamOwned};

fn main() -> Result<()> {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let [chain, key, threads] = arguments.as_slice() else {
        anyhow::bail!("three arguments: CHAIN.pem KEY.pem THREADS");
    };
    let chain = CertificateDer::pem_file_iter(chain)?.collect::<Result<Vec<_>, _>>()?;
    let config = ServerConfig::builder_with_provider(Arc::new(default_provider()))
        .with_safe_default_protocol_versions()?
        .with_no_client_auth()
        .with_single_cert(chain, PrivateKeyDer::from_pem_file(key)?)?;
    let config = Arc::new(config);
    let threads: usize = threads.parse()?;

    // One socket hears all of 127.0.0.0/8 only when it hears every address; others are turned away below.
    let listener = Arc::new(TcpListener::bind(("0.0.0.0", 0))?);
    let mut out = std::io::stdout().lock();
    writeln!(out, "{}", listener.local_addr()?.port())?;
    out.flush()?;
    let threads: Vec<_> = (0..threads)
        .map(|_| {
            let (listener, config) = (Arc::clone(&listener), Arc::clone(&config));
            thread::spawn(move || {
                while let Ok((connection, peer)) = listener.accept() {
                    if peer.ip().is_loopback() {
                        serve(connection, Arc::clone(&config));
                    }
                }
            })
        })
        .collect();
    for thread in threads {
        thread.join().ok().context("a listener ended")?;
    }
    Ok(())
}

fn serve(connection: TcpStream, config: Arc<ServerConfig>) {
    if let Ok(session) = ServerConnection::new(config) {
        let mut stream = StreamOwned::new(session, connection);
        // The client hangs up when it has seen the chain.
        let _ = stream.read(&mut [0; 1]);
    }
}
