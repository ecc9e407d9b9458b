//! TLS servers on loopback that wait before each handshake, for `benches/versus.sh`.
//!
//! `slow_servers CHAIN.pem KEY.pem COUNT MILLISECONDS` prints `localhost:PORT` for each and serves until it is killed.

use std::io::{Read, Write};
use std::net::{TcpListener, TcpStream};
use std::sync::Arc;
use std::thread;
use std::time::Duration;

use anyhow::{Context, Result};
use rustls::crypto::aws_lc_rs::default_provider;
use rustls::pki_types::pem::PemObject;
use rustls::pki_types::{CertificateDer, PrivateKeyDer};
use rustls::{ServerConfig, ServerConnection, StreamOwned};

fn main() -> Result<()> {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let [chain, key, count, delay] = arguments.as_slice() else {
        anyhow::bail!("four arguments: CHAIN.pem KEY.pem COUNT MILLISECONDS");
    };
    let chain = CertificateDer::pem_file_iter(chain)?.collect::<Result<Vec<_>, _>>()?;
    let config = ServerConfig::builder_with_provider(Arc::new(default_provider()))
        .with_safe_default_protocol_versions()?
        .with_no_client_auth()
        .with_single_cert(chain, PrivateKeyDer::from_pem_file(key)?)?;
    let (config, delay) = (Arc::new(config), Duration::from_millis(delay.parse()?));
    let count: usize = count.parse()?;

    let listeners = (0..count).map(|_| TcpListener::bind(("127.0.0.1", 0))).collect::<Result<Vec<_>, _>>()?;
    let mut out = std::io::stdout().lock();
    for listener in &listeners {
        writeln!(out, "localhost:{}", listener.local_addr()?.port())?;
    }
    out.flush()?;
    let threads: Vec<_> = listeners
        .into_iter()
        .map(|listener| {
            let config = Arc::clone(&config);
            thread::spawn(move || {
                for connection in listener.incoming().flatten() {
                    let config = Arc::clone(&config);
                    thread::spawn(move || serve(connection, config, delay));
                }
            })
        })
        .collect();
    for thread in threads {
        thread.join().ok().context("a listener ended")?;
    }
    Ok(())
}

fn serve(connection: TcpStream, config: Arc<ServerConfig>, delay: Duration) {
    thread::sleep(delay);
    if let Ok(session) = ServerConnection::new(config) {
        let mut stream = StreamOwned::new(session, connection);
        // The client hangs up when it has seen the chain.
        let _ = stream.read(&mut [0; 1]);
    }
}
