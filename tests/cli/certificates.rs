//! The fixtures' certificates, and a place for one test's files.

use std::path::PathBuf;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use sha2::{Digest, Sha256};
use tempfile::TempDir;

use crate::keyward::testdata;

/// The path of `testdata/pki/<name>.pem`.
pub fn pem(name: &str) -> String {
    path(testdata(&format!("pki/{name}.pem")))
}

pub fn path(path: PathBuf) -> String {
    path.into_os_string().into_string().expect("a path in UTF-8")
}

/// The DER of the one certificate of `testdata/pki/<name>.pem`.
pub fn der(name: &str) -> Vec<u8> {
    let text = std::fs::read_to_string(pem(name)).expect("a fixture");
    let body: String = text.lines().filter(|line| !line.starts_with("-----")).collect();
    STANDARD.decode(body).expect("one PEM block")
}

/// Its SHA-256, as the JSON has it.
pub fn sha256(name: &str) -> String {
    Sha256::digest(der(name)).iter().map(|byte| format!("{byte:02x}")).collect()
}

/// A folder of one test, gone with it.
pub struct Folder(TempDir);

/// What a run left there keeps private keys to their owner.
impl Drop for Folder {
    fn drop(&mut self) {
        if !std::thread::panicking() {
            crate::secrets::stay_private(self.0.path());
        }
    }
}

impl Folder {
    pub fn new() -> Self {
        Self(TempDir::new().expect("a folder"))
    }

    pub fn root(&self) -> &std::path::Path {
        self.0.path()
    }

    pub fn file(&self, name: &str) -> String {
        path(self.0.path().join(name))
    }

    /// A file with these bytes.
    pub fn with(&self, name: &str, bytes: &[u8]) -> String {
        let file = self.file(name);
        std::fs::write(&file, bytes).expect("a file");
        if crate::secrets::shows_key(bytes) {
            use std::os::unix::fs::PermissionsExt as _;
            std::fs::set_permissions(&file, std::fs::Permissions::from_mode(0o600))
                .expect("its owner's file");
        }
        file
    }

    /// A copy of `testdata/stores/<name>`.
    pub fn store(&self, name: &str) -> String {
        let bytes = std::fs::read(testdata(&format!("stores/{name}"))).expect("a fixture");
        self.with(name, &bytes)
    }

    pub fn read(&self, name: &str) -> Vec<u8> {
        std::fs::read(self.file(name)).expect("a file")
    }
}
