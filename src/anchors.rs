//! The trust anchors at hand: the system's bundle, Mozilla's set, a JDK's `cacerts`.

mod java;

#[cfg(test)]
mod tests;

use std::path::PathBuf;

pub use java::{
    CACERTS_PASSWORD, JavaAnchorsError, JavaHome, anchor_file, java, java_home, shipped, version,
};

use crate::model::Certificate;

/// Trust anchors from one place.
#[derive(Clone, Debug)]
pub struct AnchorSet {
    /// `system`, `mozilla`, `java`, or the path of a store.
    pub label: String,
    /// The anchors, in the order of the place.
    pub certificates: Vec<Certificate>,
    /// How many there could not be read; they are left out.
    pub unreadable: usize,
    /// Where they were read from, for people.
    pub place: String,
}

impl AnchorSet {
    /// Reads the certificates of a set; what cannot be read is counted.
    pub fn from_der<'a>(
        label: impl Into<String>,
        place: impl Into<String>,
        encoded: impl IntoIterator<Item = &'a [u8]>,
    ) -> Self {
        let mut set =
            Self { label: label.into(), certificates: Vec::new(), unreadable: 0, place: place.into() };
        for der in encoded {
            match Certificate::from_der(der) {
                Ok(certificate) => set.certificates.push(certificate),
                Err(_) => set.unreadable = set.unreadable.saturating_add(1),
            }
        }
        set
    }
}

/// The anchors that OpenSSL and most programs of this system use, as rustls-native-certs finds them: the
/// bundle and folder of `SSL_CERT_FILE` and `SSL_CERT_DIR`, else the usual places.
///
/// Files that cannot be read are counted in [`AnchorSet::unreadable`]; a system without a bundle gives an
/// empty set.
#[must_use]
pub fn system() -> AnchorSet {
    let found = rustls_native_certs::load_native_certs();
    let place = "the system's certificate bundle";
    let mut set = AnchorSet::from_der("system", place, found.certs.iter().map(AsRef::as_ref));
    set.unreadable = set.unreadable.saturating_add(found.errors.len());
    set
}

/// Mozilla's anchors for TLS servers, built in with webpki-root-certs. Constraints that Mozilla's browser
/// puts on single CAs are not in the set.
#[must_use]
pub fn mozilla() -> AnchorSet {
    let all = webpki_root_certs::TLS_SERVER_ROOT_CERTS.iter().map(AsRef::as_ref);
    AnchorSet::from_der("mozilla", "Mozilla's set, built into keyward", all)
}

/// The path of a program as a shell finds it: the first file of that name in the folders of `path`, the
/// value of a PATH variable.
#[must_use]
pub fn on_path(program: &str, path: &std::ffi::OsStr) -> Option<PathBuf> {
    std::env::split_paths(path)
        .filter(|folder| folder.is_absolute())
        .map(|folder| folder.join(program))
        .find(|file| file.is_file())
}
