//! A CA of openssl with a register, and the servers that speak for it.

use std::io::{BufRead, BufReader};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};

use crate::keyward::{Keyward, Outcome};

/// Runs openssl in a folder.
pub fn openssl(folder: &Path, arguments: &[&str]) -> Vec<u8> {
    let output = Command::new("openssl").args(arguments).current_dir(folder).output().expect("openssl runs");
    assert!(
        output.status.success(),
        "openssl {}\n{}",
        arguments.join(" "),
        String::from_utf8_lossy(&output.stderr)
    );
    output.stdout
}

/// Serial numbers: 1001 is good, 1002 revoked, 1003 nobody knows, 1004 is on hold, 1005 the subordinate CA's.
pub const INDEX: &str = "V\t301231235959Z\t\t1001\tunknown\t/CN=good\n\
                     R\t301231235959Z\t260102030405Z,keyCompromise\t1002\tunknown\t/CN=revoked\n\
                     R\t301231235959Z\t260102030405Z,certificateHold\t1004\tunknown\t/CN=held\n\
                     V\t301231235959Z\t\t1005\tunknown\t/CN=Subordinate CA\n";

pub const CA: &str = "basicConstraints=critical,CA:TRUE\nkeyUsage=critical,keyCertSign,cRLSign\n\
                  subjectKeyIdentifier=hash\nauthorityKeyIdentifier=keyid\n";
pub const RESPONDER: &str = "keyUsage=critical,digitalSignature\nextendedKeyUsage=OCSPSigning\n\
                         noCheck=ignored\nsubjectKeyIdentifier=hash\nauthorityKeyIdentifier=keyid\n";

/// A CA with a register of what it issued, in a folder of its own.
pub struct Authority {
    folder: tempfile::TempDir,
}

impl Authority {
    pub fn new() -> Self {
        let authority = Self { folder: tempfile::tempdir().expect("a folder") };
        authority.write("index.txt", INDEX);
        authority.write(
            "ca.cnf",
            "[ca]\ndefault_ca=x\n[x]\ndatabase=index.txt\ncrlnumber=crlnumber\ndefault_md=sha256\n\
             default_crl_days=1\ncrl_extensions=e\n[e]\nauthorityKeyIdentifier=keyid\n",
        );
        authority.write("crlnumber", "01\n");
        authority.root("ca", "/CN=Revoking CA");
        authority.root("stranger", "/CN=Revoking CA");
        authority
    }

    pub fn path(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    pub fn file(&self, name: &str) -> String {
        self.path(name).display().to_string()
    }

    pub fn write(&self, name: &str, content: &str) {
        std::fs::write(self.path(name), content).expect("a file is written");
    }

    pub fn openssl(&self, arguments: &[&str]) -> Vec<u8> {
        openssl(self.folder.path(), arguments)
    }

    /// A key and a request, `NAME.key` and `NAME.csr`.
    pub fn request(&self, name: &str, subject: &str) {
        let (key, request) = (format!("{name}.key"), format!("{name}.csr"));
        self.openssl(&[
            "req",
            "-new",
            "-newkey",
            "ec",
            "-pkeyopt",
            "ec_paramgen_curve:P-256",
            "-nodes",
            "-keyout",
            &key,
            "-out",
            &request,
            "-subj",
            subject,
        ]);
    }

    pub fn root(&self, name: &str, subject: &str) {
        self.request(name, subject);
        self.write("extensions", CA);
        let (key, request, out) = (format!("{name}.key"), format!("{name}.csr"), format!("{name}.pem"));
        self.openssl(&[
            "x509",
            "-req",
            "-in",
            &request,
            "-signkey",
            &key,
            "-days",
            "30",
            "-extfile",
            "extensions",
            "-out",
            &out,
        ]);
    }

    /// A certificate `NAME.pem` of an authority.
    pub fn issue(&self, by: &str, name: &str, serial: &str, extensions: &str) -> String {
        self.request(name, &format!("/CN={name}"));
        self.write("extensions", extensions);
        let (request, out) = (format!("{name}.csr"), format!("{name}.pem"));
        let (ca, key, serial) = (format!("{by}.pem"), format!("{by}.key"), format!("0x{serial}"));
        self.openssl(&[
            "x509",
            "-req",
            "-in",
            &request,
            "-CA",
            &ca,
            "-CAkey",
            &key,
            "-set_serial",
            &serial,
            "-days",
            "20",
            "-extfile",
            "extensions",
            "-out",
            &out,
        ]);
        self.file(&out)
    }

    /// A server's certificate that names these responders and distribution points.
    pub fn server(&self, name: &str, serial: &str, responders: &[String], points: &[String]) -> String {
        self.issue("ca", name, serial, &server(responders, points))
    }

    /// A CRL of the register, valid for so many days; negative ones have passed.
    pub fn crl(&self, name: &str, by: &str, days: i32) -> String {
        let (cert, key) = (format!("{by}.pem"), format!("{by}.key"));
        let mut arguments =
            vec!["ca", "-config", "ca.cnf", "-gencrl", "-cert", &cert, "-keyfile", &key, "-out", name];
        if days < 0 {
            arguments.extend(["-crl_lastupdate", "20250101000000Z", "-crl_nextupdate", "20250201000000Z"]);
        }
        self.openssl(&arguments);
        self.file(name)
    }

    /// A CRL with these extensions, and with this digest.
    pub fn odd_crl(&self, extensions: &str, digest: &str) -> String {
        self.write(
            "odd.cnf",
            &format!(
                "[ca]\ndefault_ca=x\n[x]\ndatabase=index.txt\ncrlnumber=crlnumber\ndefault_crl_days=1\n\
                 crl_extensions=e\n[e]\nauthorityKeyIdentifier=keyid\n{extensions}\n"
            ),
        );
        self.openssl(&[
            "ca", "-config", "odd.cnf", "-gencrl", "-cert", "ca.pem", "-keyfile", "ca.key", "-md", digest,
            "-out", "odd.crl",
        ]);
        self.file("odd.crl")
    }

    /// An OCSP answer about a certificate, made without a network.
    pub fn answer(&self, name: &str, about: &str, signer: &str, more: &[&str]) -> String {
        let (signer, key) = (format!("{signer}.pem"), format!("{signer}.key"));
        let mut arguments = vec![
            "ocsp",
            "-issuer",
            "ca.pem",
            "-cert",
            about,
            "-index",
            "index.txt",
            "-CA",
            "ca.pem",
            "-rsigner",
            &signer,
            "-rkey",
            &key,
            "-no_nonce",
            "-respout",
            name,
            "-noverify",
        ];
        arguments.extend(more);
        self.openssl(&arguments);
        self.file(name)
    }

    pub fn verify(&self, subject: &str, arguments: &[&str]) -> Outcome {
        Keyward::new(["verify", subject, "--json", "--rules", "rfc5280", "--trust", &self.file("ca.pem")])
            .args(arguments)
            .run()
    }
}

pub fn server(responders: &[String], points: &[String]) -> String {
    let mut text =
        "subjectAltName=DNS:localhost\nkeyUsage=critical,digitalSignature\nextendedKeyUsage=serverAuth\n\
                    subjectKeyIdentifier=hash\nauthorityKeyIdentifier=keyid\n"
            .to_owned();
    let list = |all: &[String], prefix: &str| {
        all.iter().map(|address| format!("{prefix}{address}")).collect::<Vec<_>>().join(",")
    };
    if !responders.is_empty() {
        text += &format!("authorityInfoAccess={}\n", list(responders, "OCSP;URI:"));
    }
    if !points.is_empty() {
        text += &format!("crlDistributionPoints={}\n", list(points, "URI:"));
    }
    text
}

/// When answers and lists of today have expired, and the certificates have not.
pub fn in_three_days() -> String {
    (time::OffsetDateTime::now_utc() + time::Duration::days(3)).date().to_string()
}

/// A child process that ends with the test.
pub struct Running(Child);

impl Drop for Running {
    fn drop(&mut self) {
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

/// `openssl ocsp` as a responder that signs with `SIGNER.pem`, and its address.
pub fn responder(authority: &Authority, signer: &str, more: &[&str]) -> (Running, String) {
    let (pem, key) = (format!("{signer}.pem"), format!("{signer}.key"));
    let mut child = Command::new("openssl")
        .args(["ocsp", "-port", "0", "-index", "index.txt", "-CA", "ca.pem", "-rsigner", &pem, "-rkey", &key])
        .args(more)
        .current_dir(authority.folder.path())
        .stdout(Stdio::piped())
        .stderr(Stdio::null())
        .spawn()
        .expect("openssl runs");
    let mut line = String::new();
    BufReader::new(child.stdout.take().expect("stdout is piped")).read_line(&mut line).expect("a line");
    // ACCEPT [::]:PORT PID=…
    let port =
        line.split_whitespace().nth(1).and_then(|place| place.rsplit(':').next()).expect(&line).to_owned();
    (Running(child), format!("http://127.0.0.1:{port}/"))
}

pub fn s_server(authority: &Authority, server: &str, staple: &str, version: &str) -> (Running, String) {
    let (pem, key) = (format!("{server}.pem"), format!("{server}.key"));
    let port =
        std::net::TcpListener::bind("127.0.0.1:0").expect("a port").local_addr().expect("an address").port();
    let accept = format!("127.0.0.1:{port}");
    let child = Command::new("openssl")
        .args(["s_server", "-accept", &accept, "-cert", &pem, "-key", &key, "-status_file", staple, version])
        .args(["-quiet", "-naccept", "100"])
        .current_dir(authority.folder.path())
        .stdin(Stdio::piped())
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .spawn()
        .expect("openssl runs");
    let running = Running(child);
    let start = std::time::Instant::now();
    while std::net::TcpStream::connect(&accept).is_err() {
        assert!(start.elapsed() < std::time::Duration::from_secs(10), "s_server does not listen");
        std::thread::sleep(std::time::Duration::from_millis(20));
    }
    (running, format!("localhost:{port}"))
}
