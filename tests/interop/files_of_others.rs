//! Files that other tools write with each of their ciphers and MACs, read by keyward.

use std::ffi::OsStr;
use std::path::{Path, PathBuf};
use std::process::Command;

use ::keyward::format::certificates;
use ::keyward::format::key_store::{self, Opened};
use ::keyward::format::pkcs12::{Derivations, decrypt_key, encode, encrypt_key};
use ::keyward::model::entropy::SystemEntropy;
use ::keyward::model::key_store::pfx::{
    Attribute, Bag, BagContent, HashFunction, MacScheme, Part, PasswordForm, Profile, Protection,
};
use ::keyward::model::key_store::{EncodedCertificate, EntryKind, Integrity, KeyStore, Pfx};
use ::keyward::model::{Certificate, Password};

use crate::jvm::{scratch, text};
use crate::keyward::testdata;
use crate::peers::python;

/// The identity of the fixtures: the key, and its chain without the root.
fn chain() -> Vec<Certificate> {
    let read = |name: &str| {
        let bytes = std::fs::read(testdata(name)).expect("a fixture");
        certificates::read(&bytes).expect("certificates").certificates.remove(0).certificate
    };
    vec![read("pki/localhost.pem"), read("pki/issuing.pem")]
}

/// Reads a file that holds the identity as `server`, and opens its key.
fn holds_the_identity(what: &str, path: &Path, password: &str, integrity: Integrity) {
    let bytes = std::fs::read(path).expect("the tool has written it");
    let password = Password::new(password.to_owned());
    let mut derivations = Derivations::new();
    let opened = key_store::decode(&bytes, Some(&password), &mut derivations);
    let Opened { store, integrity: found, .. } = opened.unwrap_or_else(|error| panic!("{what}: {error}"));
    assert_eq!(found, integrity, "{what}");
    let entry = store.find("server").unwrap_or_else(|| panic!("{what}: {:?}", store.entries()));
    assert_eq!(entry.kind, EntryKind::PrivateKey, "{what}");
    let expected: Vec<EncodedCertificate> = chain().iter().map(EncodedCertificate::from).collect();
    assert_eq!(entry.chain, expected.iter().collect::<Vec<_>>(), "{what}");
    let KeyStore::Pkcs12(pfx) = &store else { panic!("{what}: no PKCS12 file") };
    let mut bags = pfx.parts().iter().filter_map(Part::bags).flatten();
    let key = bags.find_map(|bag| match &*bag.content {
        BagContent::Key(der) => Some(der.clone()),
        BagContent::ShroudedKey(bytes) => {
            let key = decrypt_key(bytes, &password, &mut derivations);
            Some(key.unwrap_or_else(|error| panic!("{what}: {error}")))
        }
        _ => None,
    });
    let key = rcgen::KeyPair::try_from(key.expect("a key").as_slice()).expect("a key that can be used");
    let leaf = chain().remove(0);
    let public = rcgen::PublicKeyData::subject_public_key_info(&key);
    assert!(leaf.der().windows(public.len()).any(|window| window == public), "{what}: another key");
}

fn run<A: AsRef<OsStr>>(program: impl AsRef<OsStr>, arguments: impl IntoIterator<Item = A>) -> String {
    let mut command = Command::new(program);
    let output = command.args(arguments).output().expect("the tool starts");
    let err = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "{command:?}: {err}");
    String::from_utf8_lossy(&output.stdout).into_owned()
}

fn openssl(to: &Path, password: &str, options: &[&str]) {
    let (key, leaf, issuer) =
        (testdata("pki/localhost.key"), testdata("pki/localhost.pem"), testdata("pki/issuing.pem"));
    let from = ["-inkey", text(&key), "-in", text(&leaf), "-certfile", text(&issuer), "-name", "server"];
    let password = format!("pass:{password}");
    let to = ["-out", text(to), "-passout", &password];
    run("openssl", [&["pkcs12", "-export"][..], &from, &to, options].concat());
}

/// Each cipher for keys and certificates, each MAC, and passwords of every kind.
pub fn openssl_files_are_read() {
    let store = scratch("others").join("openssl.p12");
    for legacy in ["RC2-40", "RC2-128", "RC4-40", "RC4-128", "2DES", "3DES"] {
        let cipher = format!("PBE-SHA1-{legacy}");
        for password in ["changeit", "", "pässwörd €"] {
            openssl(&store, password, &["-legacy", "-keypbe", &cipher, "-certpbe", &cipher]);
            holds_the_identity(&cipher, &store, password, Integrity::Verified);
        }
    }
    for cipher in ["aes-128-cbc", "aes-192-cbc", "aes-256-cbc", "des-ede3-cbc", "NONE"] {
        for password in ["changeit", "", "pässwörd €"] {
            openssl(&store, password, &["-keypbe", cipher, "-certpbe", cipher]);
            holds_the_identity(cipher, &store, password, Integrity::Verified);
            openssl(&store, password, &["-keypbe", cipher, "-certpbe", cipher, "-nomac"]);
            holds_the_identity(cipher, &store, password, Integrity::None);
        }
    }
    for mac in ["md5", "sha1", "sha224", "sha256", "sha384", "sha512", "sha512-224", "sha512-256"] {
        openssl(&store, "changeit", &["-macalg", mac, "-iter", "3"]);
        holds_the_identity(mac, &store, "changeit", Integrity::Verified);
    }
    for option in [&["-noiter"][..], &["-nomaciter"], &["-iter", "100000"], &["-keyex"], &["-keysig"]] {
        openssl(&store, "changeit", option);
        holds_the_identity(option[0], &store, "changeit", Integrity::Verified);
    }
}

/// What keyward does not read is refused by its name.
pub fn openssl_files_of_other_ciphers_are_refused() {
    let store = scratch("others").join("refused.p12");
    for (cipher, name) in [
        ("camellia-256-cbc", "camellia256-CBC (1.2.392.200011.61.1.1.1.4)"),
        ("aria-256-cbc", "aria256-CBC (1.2.410.200046.1.1.12)"),
    ] {
        openssl(&store, "changeit", &["-certpbe", cipher]);
        let bytes = std::fs::read(&store).expect("openssl has written it");
        let password = Password::new("changeit".to_owned());
        let error = key_store::decode(&bytes, Some(&password), &mut Derivations::new()).expect_err(cipher);
        let expected = format!("part 1 of the PKCS12 file: the cipher {name} is not supported");
        assert_eq!(error.to_string(), expected);
    }
}

/// What NSS exports, as Firefox and Thunderbird do. Its 600,000 iterations leave time for few.
pub fn nss_files_are_read() {
    let folder = scratch("others/nss");
    let (source, store) = (folder.join("in.p12"), folder.join("nss.p12"));
    openssl(&source, "changeit", &[]);
    let database = format!("sql:{}", text(&folder));
    run("certutil", ["-N", "-d", &database, "--empty-password"]);
    let at = ["-d", &database, "-K", "", "-W", "changeit"];
    run("pk12util", [&["-i", text(&source)][..], &at].concat());
    let legacy = |cipher: &str| format!("PKCS #12 V2 PBE With SHA-1 And {cipher}");
    let (triple_des, rc2) = (legacy("3KEY Triple DES-CBC"), legacy("40 Bit RC2 CBC"));
    for options in [&[][..], &["-c", &triple_des, "-C", &rc2, "-M", "SHA-1"]] {
        let _ = std::fs::remove_file(&store);
        run("pk12util", [&["-o", text(&store), "-n", "server"][..], &at, options].concat());
        holds_the_identity(&format!("NSS {options:?}"), &store, "changeit", Integrity::Verified);
    }
}

/// Writes the identity with each cipher and MAC of pyca; the arguments are the key, the chain and a folder.
const WRITE: &str = "
import sys
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.serialization import pkcs12
key, leaf, issuer, folder = sys.argv[1:]
key = serialization.load_pem_private_key(open(key, 'rb').read(), None)
leaf, issuer = (x509.load_pem_x509_certificate(open(file, 'rb').read()) for file in (leaf, issuer))
def write(name, encryption):
    data = pkcs12.serialize_key_and_certificates(b'server', key, leaf, [issuer], encryption)
    open(folder + '/' + name + '.p12', 'wb').write(data)
for cipher in pkcs12.PBES:
    for mac in (hashes.SHA1(), hashes.SHA256(), hashes.SHA384(), hashes.SHA512()):
        builder = serialization.PrivateFormat.PKCS12.encryption_builder()
        builder = builder.kdf_rounds(3000).key_cert_algorithm(cipher).hmac_hash(mac)
        write(cipher.name + '-' + mac.name, builder.build(b'changeit'))
write('best', serialization.BestAvailableEncryption(b'changeit'))
write('none', serialization.NoEncryption())
";

/// Reads a store and prints what it holds; `unsupported` where its OpenSSL has no PBMAC1.
const READ: &str = "
import sys
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.serialization import pkcs12
try:
    store = pkcs12.load_pkcs12(open(sys.argv[1], 'rb').read(), b'changeit')
    held = [store.cert] + store.additional_certs
    print(store.cert.friendly_name.decode(), *(c.certificate.fingerprint(hashes.SHA256()).hex() for c in held))
    assert store.key.public_key() == store.cert.certificate.public_key()
except ValueError as error:
    print('unsupported', error)
";

fn pyca(script: &str, arguments: &[&Path]) -> String {
    let python = python().expect("tests that ask for pyca say so");
    run(python, [&[Path::new("-c"), Path::new(script)], arguments].concat())
}

/// Each cipher and MAC of pyca/cryptography.
pub fn pyca_files_are_read() {
    let folder = scratch("others/pyca");
    let key = testdata("pki/localhost.key");
    pyca(WRITE, &[&key, &testdata("pki/localhost.pem"), &testdata("pki/issuing.pem"), &folder]);
    let mut files: Vec<PathBuf> =
        std::fs::read_dir(&folder).expect("a folder").map(|entry| entry.expect("an entry").path()).collect();
    files.sort();
    assert!(files.len() >= 10, "{files:?}");
    for file in files {
        // Without encryption there is a MAC all the same, under the empty password.
        let password = if file.ends_with("none.p12") { "" } else { "changeit" };
        holds_the_identity(text(&file), &file, password, Integrity::Verified);
    }
}

/// A store under PBMAC1 that keyward writes, in pyca's hands. Its OpenSSL has to be of 3.4 or later.
pub fn pyca_reads_pbmac1() {
    let store = scratch("others").join("pbmac1.p12");
    let profile = Profile::openssl3();
    let (hash, prf) = (HashFunction::Sha256, HashFunction::Sha256);
    let mac = MacScheme::Pbmac1 { hash, prf, iterations: 3000, salt_length: 16, key_length: 32 };
    let password = Password::new("changeit".to_owned());
    let mut derivations = Derivations::new();
    let pem = std::fs::read(testdata("pki/localhost.key")).expect("a fixture");
    let key = ::keyward::format::pem::blocks(&pem).remove(0).expect("a key").der;
    let protected = encrypt_key(&key, &profile.keys, &password, &mut SystemEntropy, &mut derivations);
    let bag = |content: BagContent, id: bool| {
        let mut bag = Bag::new(content);
        if id {
            bag.attributes.push(Attribute::FriendlyName("server".encode_utf16().collect()));
            bag.attributes.push(Attribute::LocalKeyId(b"1".to_vec()));
        }
        bag
    };
    let [leaf, issuer] = [0, 1].map(|at| BagContent::Certificate(EncodedCertificate::from(&chain()[at])));
    let keys = vec![bag(BagContent::ShroudedKey(protected.expect("a key")), true)];
    let parts = vec![
        Part::new(Protection::Plain, keys),
        Part::new(profile.certificates, vec![bag(leaf, true), bag(issuer, false)]),
    ];
    let pfx = Pfx::from_parts(parts, Some(mac), PasswordForm::default());
    let bytes = encode(&pfx, Some(&password), &mut SystemEntropy, &mut derivations).expect("a store");
    std::fs::write(&store, bytes).expect("target/ can be written");
    holds_the_identity("PBMAC1", &store, "changeit", Integrity::Verified);
    let said = pyca(READ, &[&store]);
    if said.starts_with("unsupported") {
        println!("this pyca/cryptography has no PBMAC1: {}", said.trim());
        return;
    }
    let expected: Vec<String> = chain().iter().map(|held| held.fingerprint().to_string()).collect();
    assert_eq!(said.trim(), format!("server {}", expected.join(" ")));
}
