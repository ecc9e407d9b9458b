//! Stores and requests by the thousand, the same in every run.
//!
//! The certificates are written by hand and their signatures are zeros: no key manager looks at those.

use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::atomic::{AtomicUsize, Ordering};

use ::keyward::format::jks;
use ::keyward::format::key_store;
use ::keyward::format::pkcs12::{self, Derivations};
use ::keyward::identity::{Identity, KeyAccess};
use ::keyward::model::entropy::SystemEntropy;
use ::keyward::model::key_store::pfx::Profile;
use ::keyward::model::key_store::{EntryKind, NewContent, NewEntry, StoreFormat};
use ::keyward::model::{ClientAuthRequest, EncodedCertificate, KeyStore, Password, PrivateKey};
use time::macros::datetime;

use crate::jvm::{scratch, text};

pub const PASSWORD: &str = "changeit";
pub const FOREIGN: &str = "of another store";

/// A store in a file, with what was put into it.
pub struct Store {
    pub path: PathBuf,
    pub store: KeyStore,
    pub identities: Vec<Identity>,
}

/// A key with its `SubjectPublicKeyInfo`.
pub struct Key {
    pub pkcs8: Vec<u8>,
    pub spki: Vec<u8>,
    pub name: &'static str,
}

/// `openssl genpkey` makes these.
const KEYS: [(&str, &[&str]); 13] = [
    ("rsa", &["-algorithm", "RSA", "-pkeyopt", "rsa_keygen_bits:2048"]),
    ("rsa-1024", &["-algorithm", "RSA", "-pkeyopt", "rsa_keygen_bits:1024"]),
    ("rsa-768", &["-algorithm", "RSA", "-pkeyopt", "rsa_keygen_bits:768"]),
    ("p256", &["-algorithm", "EC", "-pkeyopt", "ec_paramgen_curve:P-256"]),
    ("p384", &["-algorithm", "EC", "-pkeyopt", "ec_paramgen_curve:P-384"]),
    ("p521", &["-algorithm", "EC", "-pkeyopt", "ec_paramgen_curve:P-521"]),
    ("brainpool", &["-algorithm", "EC", "-pkeyopt", "ec_paramgen_curve:brainpoolP256r1"]),
    ("p192", &["-algorithm", "EC", "-pkeyopt", "ec_paramgen_curve:P-192"]),
    ("ed25519", &["-algorithm", "ED25519"]),
    ("ed448", &["-algorithm", "ED448"]),
    ("pss", &["-algorithm", "RSA-PSS", "-pkeyopt", "rsa_keygen_bits:2048"]),
    (
        "pss-sha384",
        &[
            "-algorithm",
            "RSA-PSS",
            "-pkeyopt",
            "rsa_keygen_bits:2048",
            "-pkeyopt",
            "rsa_pss_keygen_md:sha384",
            "-pkeyopt",
            "rsa_pss_keygen_mgf1_md:sha384",
            "-pkeyopt",
            "rsa_pss_keygen_saltlen:48",
        ],
    ),
    ("dsa", &["-paramfile"]),
];

/// Signature algorithms: the object identifier's content, and the parameters.
const NULL: &[u8] = &[5, 0];
pub const SIGNATURES: [(&[u8], &[u8]); 18] = [
    (&[0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 1, 1, 11], NULL),
    (&[0x2a, 0x86, 0x48, 0xce, 0x3d, 4, 3, 2], &[]),
    (&[0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 1, 1, 12], NULL),
    (&[0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 1, 1, 5], NULL),
    (&[0x2a, 0x86, 0x48, 0xce, 0x3d, 4, 3, 3], &[]),
    (&[0x2b, 0x65, 0x70], &[]),
    (&[0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 1, 1, 10], PSS),
    (&[0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 1, 1, 13], NULL),
    (&[0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 1, 1, 4], NULL),
    (&[0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 1, 1, 2], NULL),
    (&[0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 1, 1, 14], NULL),
    (&[0x2a, 0x86, 0x48, 0xce, 0x3d, 4, 1], &[]),
    (&[0x2a, 0x86, 0x48, 0xce, 0x3d, 4, 3, 1], &[]),
    (&[0x2a, 0x86, 0x48, 0xce, 0x3d, 4, 3, 4], &[]),
    (&[0x2a, 0x86, 0x48, 0xce, 0x38, 4, 3], &[]),
    (&[0x60, 0x86, 0x48, 1, 0x65, 3, 4, 3, 2], &[]),
    (&[0x2b, 0x65, 0x71], &[]),
    (&[0x60, 0x86, 0x48, 1, 0x65, 3, 4, 3, 14], NULL),
];

/// RSASSA-PSS with SHA-256 throughout and 32 octets of salt.
const PSS: &[u8] = &[
    0x30, 0x34, 0xa0, 0x0f, 0x30, 0x0d, 0x06, 0x09, 0x60, 0x86, 0x48, 1, 0x65, 3, 4, 2, 1, 5, 0, 0xa1, 0x1c,
    0x30, 0x1a, 0x06, 0x09, 0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 1, 1, 8, 0x30, 0x0d, 0x06, 0x09, 0x60, 0x86,
    0x48, 1, 0x65, 3, 4, 2, 1, 5, 0, 0xa2, 3, 2, 1, 0x20,
];

/// Schemes that servers name: those that JSSE knows, and some that it does not.
const SCHEMES: [u16; 27] = [
    0x0403, 0x0503, 0x0603, 0x0807, 0x0808, 0x0809, 0x080a, 0x080b, 0x0804, 0x0805, 0x0806, 0x0401, 0x0501,
    0x0601, 0x0303, 0x0301, 0x0302, 0x0402, 0x0502, 0x0602, 0x0203, 0x0201, 0x0202, 0x0101, 0x081a, 0x0708,
    0x0904,
];

pub struct Generator {
    random: u64,
    pub keys: Vec<Key>,
}

impl Generator {
    pub fn new() -> Self {
        static CALLS: AtomicUsize = AtomicUsize::new(0);
        // A folder of its own: tests run side by side.
        let folder = scratch(&format!("key-manager-keys-{}", CALLS.fetch_add(1, Ordering::Relaxed)));
        let keys = KEYS.iter().map(|(name, arguments)| Key::new(name, arguments, &folder)).collect();
        Self { random: 0x9e37_79b9_7f4a_7c15, keys }
    }

    /// A number below `below`.
    fn below(&mut self, below: usize) -> usize {
        self.random ^= self.random << 13;
        self.random ^= self.random >> 7;
        self.random ^= self.random << 17;
        (self.random >> 11) as usize % below
    }

    fn one_in(&mut self, chance: usize) -> bool {
        self.below(chance) == 0
    }

    fn pick<'a, T>(&mut self, all: &'a [T]) -> &'a T {
        &all[self.below(all.len())]
    }

    /// Mostly the first ones.
    fn early<'a, T>(&mut self, all: &'a [T]) -> &'a T {
        let bound = 1 + self.below(all.len());
        &all[self.below(bound)]
    }

    fn shuffle<T>(&mut self, list: &mut [T]) {
        for at in (1..list.len()).rev() {
            let other = self.below(at + 1);
            list.swap(at, other);
        }
    }

    /// A store of one to nine identities, sometimes many, with some trusted certificates between them.
    pub fn store(&mut self, number: usize, folder: &Path) -> Store {
        let format = if number.is_multiple_of(2) { StoreFormat::Jks } else { StoreFormat::Pkcs12 };
        let count = if self.one_in(8) { 10 + self.below(45) } else { 1 + self.below(9) };
        let foreign = self.one_in(12);
        let mut entries = Vec::new();
        let mut identities = Vec::new();
        let aliases = self.aliases(count + 4);
        let profile = Profile::java17().with_iterations(1);
        for (at, alias) in aliases.into_iter().enumerate() {
            let created = datetime!(2026-01-01 0:00 UTC);
            if at >= count {
                let name = name(&format!("Anchor {number}-{at}"), Style::Usual);
                let trusted = EncodedCertificate::x509(&self.certificate(&name, &name, at, None));
                let content = NewContent::TrustedCertificate(trusted);
                entries.push(NewEntry { alias, created, content, attributes: Vec::new() });
                continue;
            }
            let key = self.below(self.keys.len());
            let chain = self.chain(&format!("{number}-{at}"), key);
            let is_foreign = foreign && self.one_in(3);
            let pkcs8 = &self.keys[key].pkcs8;
            let password = Password::new(if is_foreign { FOREIGN } else { PASSWORD }.to_owned());
            let protected = match format {
                StoreFormat::Pkcs12 => pkcs12::encrypt_key(
                    pkcs8,
                    &profile.keys,
                    &password,
                    &mut SystemEntropy,
                    &mut Derivations::new(),
                )
                .expect("a protected key"),
                _ => jks::protect_key(pkcs8, &password, [7; 20]),
            };
            identities.push((alias.clone(), key, is_foreign));
            let chain = chain.iter().map(|der| EncodedCertificate::x509(der).into()).collect();
            let content = NewContent::PrivateKey { protected, chain };
            entries.push(NewEntry { alias, created, content, attributes: Vec::new() });
        }
        // Where the trusted ones stand decides how the table of a JKS file is laid out.
        self.shuffle(&mut entries);
        let store = KeyStore::assemble(format, &profile, entries).expect("a store");
        let password = Password::new(PASSWORD.to_owned());
        let bytes = key_store::encode(&store, Some(&password), &mut SystemEntropy, &mut Derivations::new())
            .expect("a store");
        let path = folder.join(format!("{number}.{format}"));
        std::fs::write(&path, &bytes).expect("target/ can be written");
        let read =
            key_store::decode(&bytes, Some(&password), &mut Derivations::new()).expect("a store").store;
        let fold = ::keyward::model::key_store::alias::fold;
        let identities = read
            .entries()
            .iter()
            .filter(|entry| entry.kind == EntryKind::PrivateKey)
            .map(|entry| {
                let (_, key, is_foreign) = identities
                    .iter()
                    .find(|(alias, ..)| fold(alias) == fold(&entry.alias))
                    .expect("an entry that was put in");
                let key = PrivateKey::from_pkcs8(&self.keys[*key].pkcs8).expect("a key");
                Identity {
                    alias: entry.alias.clone(),
                    chain: entry.chain.iter().map(|c| c.read().expect("a certificate")).collect(),
                    key: if *is_foreign { KeyAccess::Closed } else { KeyAccess::StorePassword(key) },
                }
            })
            .collect();
        Store { path, store: read, identities }
    }

    /// A request: what servers ask, complete, cut down and in every order, and what no server asks.
    pub fn request(&mut self, store: &Store) -> ClientAuthRequest {
        let version = if self.one_in(2) { 0x0303 } else { 0x0304 };
        let signature_algorithms = Some(self.schemes());
        let signature_algorithms_cert = (version == 0x0304 && self.one_in(4)).then(|| self.schemes());
        let mut types = Vec::new();
        if version == 0x0303 {
            types = vec![1, 64, 2];
            self.shuffle(&mut types);
            if self.one_in(4) {
                types.truncate(1 + self.below(2));
            }
            if self.one_in(6) {
                types.insert(0, *self.pick(&[3, 4, 65, 66, 99]));
            }
        }
        let mut authorities = Vec::new();
        if !self.one_in(3) {
            for _ in 0..1 + self.below(4) {
                let name = if self.one_in(3) {
                    let number = self.below(3);
                    name(&format!("Nobody {number}"), Style::Usual)
                } else {
                    let identity = self.pick(&store.identities);
                    let written = self.pick(&identity.chain).issuer();
                    let common = written.common_names().first().expect("a common name").clone();
                    let style = *self.pick(&[Style::Usual, Style::Printable, Style::Loud, Style::Blanks]);
                    name(&common, style)
                };
                authorities.push(name);
            }
            if self.one_in(40) {
                authorities.push(vec![0x30, 5, 1]);
            }
        }
        ClientAuthRequest {
            version,
            types,
            signature_algorithms,
            signature_algorithms_cert,
            authorities,
            oid_filters: Vec::new(),
        }
    }

    fn schemes(&mut self) -> Vec<u16> {
        let mut all = SCHEMES.to_vec();
        match self.below(4) {
            0 => {}
            1 => self.shuffle(&mut all),
            2 => {
                self.shuffle(&mut all);
                all.truncate(1 + self.below(6));
            }
            _ => {
                let start = self.below(all.len());
                all.rotate_left(start);
                all.truncate(8 + self.below(12));
            }
        }
        all
    }

    fn aliases(&mut self, count: usize) -> Vec<String> {
        let mut aliases: Vec<String> = Vec::new();
        let mut taken = std::collections::HashSet::new();
        // "az" and "b[" have one hash, so that these meet in one bucket.
        let colliding = ["azaz", "azb[", "b[az", "b[b[", "azaz1", "b[b[1", "azb[1"];
        let odd =
            ["1", " ", "Prüfung", "КЛЮЧ", "İstanbul", "ΛΌΓΟΣ", "鍵", "a.b.c", "MyKey", "\u{1f511}", "ẞ"];
        while aliases.len() < count {
            let alias = match self.below(4) {
                0 => (*self.pick(&colliding)).to_owned(),
                1 => (*self.pick(&odd)).to_owned(),
                _ => {
                    let length = 1 + self.below(8);
                    let letters: Vec<char> = "abcdefghkmprstxyzKLM0123-_".chars().collect();
                    (0..length).map(|_| *self.pick(&letters)).collect()
                }
            };
            if taken.insert(::keyward::model::key_store::alias::fold(&alias)) {
                aliases.push(alias);
            }
        }
        aliases
    }

    /// A chain of one to four, with or without its root.
    fn chain(&mut self, number: &str, key: usize) -> Vec<Vec<u8>> {
        let length = 1 + self.below(4);
        let ends_in_root = length > 1 && self.one_in(2);
        let names: Vec<Vec<u8>> =
            (0..=length).map(|at| name(&format!("Level {at} of {number}"), Style::Usual)).collect();
        let plain = self.one_in(2);
        (0..length)
            .map(|at| {
                let is_root = ends_in_root && at + 1 == length;
                let issuer = if is_root { &names[at] } else { &names[at + 1] };
                let leaf = (at == 0).then_some(key);
                // Half of the chains are all of one kind, so that PKIX likes some.
                let kind = if plain { 0 } else { self.below(KEYS.len()) };
                self.certificate(issuer, &names[at], leaf.unwrap_or(kind), leaf)
            })
            .collect()
    }

    /// A certificate for a key; that of an identity has all kinds of dates and extensions.
    fn certificate(&mut self, issuer: &[u8], subject: &[u8], key: usize, leaf: Option<usize>) -> Vec<u8> {
        let (oid, parameters) = if self.one_in(2) { SIGNATURES[0] } else { *self.early(&SIGNATURES) };
        let algorithm = tlv(0x30, &[&tlv(6, &[oid]), parameters]);
        let key = &self.keys[key % KEYS.len()].spki.clone();
        let mut extensions = Vec::new();
        let mut dates = ("000101000000Z", "20900101000000Z");
        if leaf.is_some() {
            dates = match self.below(5) {
                0 => ("000101000000Z", "100101000000Z"),
                1 => ("20850101000000Z", "20900101000000Z"),
                _ => dates,
            };
            let usages: [&[u8]; 9] = [
                &[7, 0x80],
                &[5, 0xa0],
                &[5, 0x20],
                &[6, 0x40],
                &[3, 0x08],
                &[0],
                &[0, 0x01],
                &[7, 0, 0x80],
                &[2, 0x04],
            ];
            if self.one_in(2) {
                let usage = *self.early(&usages);
                extensions.push(extension(15, &tlv(3, &[usage])));
            }
            let purposes: [&[u8]; 5] = [
                &[6, 8, 0x2b, 6, 1, 5, 5, 7, 3, 2],
                &[6, 8, 0x2b, 6, 1, 5, 5, 7, 3, 1],
                &[6, 4, 0x55, 0x1d, 0x25, 0],
                &[6, 8, 0x2b, 6, 1, 5, 5, 7, 3, 4],
                &[6, 8, 0x2b, 6, 1, 5, 5, 7, 3, 1, 6, 8, 0x2b, 6, 1, 5, 5, 7, 3, 2],
            ];
            if self.one_in(2) {
                extensions.push(extension(37, &tlv(0x30, &[*self.pick(&purposes)])));
            }
        } else {
            extensions.push(extension(19, &[0x30, 3, 1, 1, 0xff]));
            if self.one_in(2) {
                extensions.push(extension(15, &[3, 2, 1, 6]));
            }
        }
        let serial = [self.below(256) as u8, self.below(256) as u8, self.below(256) as u8];
        let draft = Draft { issuer, subject, spki: key, algorithm: &algorithm, dates, extensions, serial };
        draft.encode()
    }
}

/// A certificate before it is written.
pub struct Draft<'a> {
    pub issuer: &'a [u8],
    pub subject: &'a [u8],
    pub spki: &'a [u8],
    /// The `AlgorithmIdentifier` of its signature.
    pub algorithm: &'a [u8],
    pub dates: (&'a str, &'a str),
    pub extensions: Vec<Vec<u8>>,
    pub serial: [u8; 3],
}

impl Draft<'_> {
    pub fn encode(&self) -> Vec<u8> {
        let parts: Vec<&[u8]> = self.extensions.iter().map(Vec::as_slice).collect();
        let extensions = if parts.is_empty() { Vec::new() } else { tlv(0xa3, &[&tlv(0x30, &parts)]) };
        let time = |text: &str| tlv(if text.len() == 13 { 0x17 } else { 0x18 }, &[text.as_bytes()]);
        let tbs = tlv(
            0x30,
            &[
                &[0xa0, 3, 2, 1, 2],
                &tlv(2, &[&[1], &self.serial]),
                self.algorithm,
                self.issuer,
                &tlv(0x30, &[&time(self.dates.0), &time(self.dates.1)]),
                self.subject,
                self.spki,
                &extensions,
            ],
        );
        tlv(0x30, &[&tbs, self.algorithm, &tlv(3, &[&[0; 65]])])
    }
}

impl Key {
    fn new(name: &'static str, arguments: &[&str], folder: &Path) -> Self {
        let pem = folder.join(name);
        let mut arguments: Vec<&str> = arguments.to_vec();
        let parameters = folder.join("dsa-parameters");
        if name == "dsa" {
            let bits = "dsa_paramgen_bits:1024";
            openssl(&[
                "genpkey",
                "-genparam",
                "-algorithm",
                "DSA",
                "-pkeyopt",
                bits,
                "-out",
                text(&parameters),
            ]);
            arguments.push(text(&parameters));
        }
        openssl(&[&["genpkey"], &arguments[..], &["-out", text(&pem)]].concat());
        let pkcs8 = openssl(&["pkcs8", "-topk8", "-nocrypt", "-in", text(&pem), "-outform", "DER"]);
        let spki = openssl(&["pkey", "-in", text(&pem), "-pubout", "-outform", "DER"]);
        Self { pkcs8, spki, name }
    }
}

impl std::fmt::Debug for Key {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(self.name)
    }
}

pub fn openssl(arguments: &[&str]) -> Vec<u8> {
    let output = Command::new("openssl").args(arguments).output().expect("openssl starts");
    assert!(output.status.success(), "{arguments:?}: {}", String::from_utf8_lossy(&output.stderr));
    output.stdout
}

/// How a name is written; Java takes all of them for one.
#[derive(Clone, Copy, Debug)]
pub enum Style {
    Usual,
    Printable,
    Loud,
    Blanks,
}

pub fn name(common: &str, style: Style) -> Vec<u8> {
    let (tag, text) = match style {
        Style::Usual => (12, common.to_owned()),
        Style::Printable => (19, common.to_owned()),
        Style::Loud => (12, common.to_uppercase()),
        Style::Blanks => (12, format!(" {} ", common.replace(' ', "   "))),
    };
    let attribute =
        |oid: u8, tag, text: &[u8]| tlv(0x31, &[&tlv(0x30, &[&[6, 3, 0x55, 4, oid], &tlv(tag, &[text])])]);
    tlv(0x30, &[&attribute(10, 12, b"Keyward"), &attribute(3, tag, text.as_bytes())])
}

pub fn extension(number: u8, value: &[u8]) -> Vec<u8> {
    tlv(0x30, &[&[6, 3, 0x55, 0x1d, number], &tlv(4, &[value])])
}

pub fn tlv(tag: u8, parts: &[&[u8]]) -> Vec<u8> {
    let content = parts.concat();
    let length = content.len();
    let mut out = vec![tag];
    match length {
        0..=0x7f => out.push(length as u8),
        0x80..=0xff => out.extend([0x81, length as u8]),
        _ => out.extend([0x82, (length >> 8) as u8, length as u8]),
    }
    out.extend(content);
    out
}
