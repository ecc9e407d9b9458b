//! Servers on loopback: TLS with a chain of the fixtures, and others that are no TLS servers.

use std::io::{Read, Write};
use std::net::{TcpListener, TcpStream};
use std::sync::Arc;
use std::thread;
use std::time::Duration;

use rustls::crypto::aws_lc_rs::default_provider;
use rustls::pki_types::pem::PemObject;
use rustls::pki_types::{CertificateDer, PrivateKeyDer};
use rustls::server::WebPkiClientVerifier;
use rustls::{RootCertStore, ServerConfig, ServerConnection, StreamOwned};

use crate::certificates::der;
use crate::keyward::testdata;

/// `localhost:PORT` of a server that lives as long as the test process.
pub fn listen(serve: impl Fn(TcpStream) + Send + Sync + 'static) -> String {
    let listener = TcpListener::bind(("127.0.0.1", 0)).expect("a port");
    let port = listener.local_addr().expect("an address").port();
    let serve = Arc::new(serve);
    thread::spawn(move || {
        for connection in listener.incoming().flatten() {
            let serve = Arc::clone(&serve);
            thread::spawn(move || {
                let _ = connection.set_read_timeout(Some(Duration::from_secs(20)));
                serve(connection);
            });
        }
    });
    format!("localhost:{port}")
}

/// Presents these certificates of `testdata/pki`, with `localhost.key`.
pub fn tls(chain: &[&str]) -> String {
    tls_with(chain, false)
}

/// The same, and refuses clients without a certificate.
pub fn tls_that_demands_a_client_certificate(chain: &[&str]) -> String {
    tls_with(chain, true)
}

fn tls_with(chain: &[&str], client_certificate: bool) -> String {
    let config = config(chain, client_certificate);
    listen(move |connection| hold(connection, &config))
}

/// Speaks TLS on a connection, and holds it until the client has said something.
pub fn hold(connection: TcpStream, config: &Arc<ServerConfig>) {
    let session = ServerConnection::new(Arc::clone(config)).expect("a session");
    let mut stream = StreamOwned::new(session, connection);
    let _ = stream.read(&mut [0; 1]);
}

/// A server with these certificates of `testdata/pki` and `localhost.key`.
pub fn config(chain: &[&str], client_certificate: bool) -> Arc<ServerConfig> {
    let chain: Vec<_> = chain.iter().map(|name| CertificateDer::from(der(name))).collect();
    let key = PrivateKeyDer::from_pem_file(testdata("pki/localhost.key")).expect("a key");
    let provider = Arc::new(default_provider());
    let builder = ServerConfig::builder_with_provider(Arc::clone(&provider))
        .with_safe_default_protocol_versions()
        .expect("versions");
    let builder = if client_certificate {
        let mut roots = RootCertStore::empty();
        roots.add(CertificateDer::from(der("root"))).expect("a root");
        let verifier =
            WebPkiClientVerifier::builder_with_provider(roots.into(), provider).build().expect("a verifier");
        builder.with_client_cert_verifier(verifier)
    } else {
        builder.with_no_client_auth()
    };
    Arc::new(builder.with_single_cert(chain, key).expect("a key that fits"))
}

/// Says this and hangs up, whatever it hears.
pub fn plain_text(greeting: &'static str) -> String {
    listen(move |mut connection| {
        let _ = connection.read(&mut [0; 512]);
        let _ = connection.write_all(greeting.as_bytes());
    })
}

/// Takes connections and never says a word.
pub fn silent() -> String {
    listen(|_connection| thread::sleep(Duration::from_secs(30)))
}

/// A port where nothing listens.
pub fn closed() -> String {
    let listener = TcpListener::bind(("127.0.0.1", 0)).expect("a port");
    format!("localhost:{}", listener.local_addr().expect("an address").port())
}
