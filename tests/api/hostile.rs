//! Hostile and damaged files: an error that says where, soon; never a panic, never a store that passes for whole.

use std::panic::AssertUnwindSafe;
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use keyward::format::certificates::{self, InputError};
use keyward::format::pkcs12::{self, Derivations};
use keyward::format::{asn1, detect, jks, key_store, pem, pkcs7};
use keyward::model::entropy::SystemEntropy;
use keyward::model::key_store::pfx::{MacScheme, Part, PasswordForm, Protection, Scheme};
use keyward::model::key_store::{Integrity, KeyStore, Pfx};
use keyward::model::{Certificate, Password};

#[path = "../hostile_files.rs"]
mod hostile_files;

/// What one refusal may take. A build for debugging is no measure: it only must not hang.
const SOON: Duration = Duration::from_millis(if cfg!(debug_assertions) { 5_000 } else { 100 });

fn changeit() -> Password {
    Password::new("changeit".to_owned())
}

/// The password of a fixture.
fn password_of(name: &str) -> Password {
    let beyond_ascii = ["latin1-password.p12", "octets-password.p12"].iter().any(|file| name.ends_with(file));
    if beyond_ascii { Password::new("pässwört".to_owned()) } else { changeit() }
}

/// Runs something that must end soon. What was kept waiting by the rest of the machine is run again; a file that
/// asks for much asks for it each time.
#[track_caller]
fn soon<T>(name: &str, mut run: impl FnMut() -> T) -> T {
    let mut shortest = Duration::MAX;
    for _ in 0..3 {
        let start = Instant::now();
        let result =
            std::panic::catch_unwind(AssertUnwindSafe(&mut run)).unwrap_or_else(|_| panic!("{name} panics"));
        shortest = shortest.min(start.elapsed());
        if shortest < SOON {
            return result;
        }
    }
    panic!("{name} takes {shortest:?}");
}

#[test]
fn key_stores_that_ask_for_much_are_refused_with_entry_field_and_offset() {
    for file in hostile_files::key_stores() {
        let open = || key_store::decode(&file.bytes, Some(&changeit()), &mut Derivations::new());
        let error = soon(file.name, open).expect_err(file.name);
        assert_eq!(error.to_string(), file.message, "{}", file.name);
        let locked = soon(file.name, || key_store::decode(&file.bytes, None, &mut Derivations::new()));
        assert_eq!(locked.expect_err(file.name).to_string(), file.message, "{}", file.name);
    }
}

#[test]
fn key_stores_that_ask_for_much_altogether_are_refused_before_any_of_it_is_done() {
    for file in hostile_files::costly_key_stores() {
        let mut derivations = Derivations::new();
        let open = || key_store::decode(&file.bytes, Some(&changeit()), &mut derivations).map(|_| ());
        let error = soon(file.name, open).expect_err(file.name);
        assert_eq!((error.to_string(), derivations.spent()), (file.message, 0), "{}", file.name);
        assert!(key_store::decode(&file.bytes, None, &mut derivations).is_ok(), "{}", file.name);
    }
}

#[test]
fn keys_that_ask_for_much_are_refused_with_field_and_offset() {
    for file in hostile_files::keys() {
        let java = || jks::recover_key(&file.bytes, &changeit(), &mut Derivations::new());
        let pkcs12 = || pkcs12::decrypt_key(&file.bytes, &changeit(), &mut Derivations::new());
        let errors = [
            soon(file.name, java).expect_err(file.name).to_string(),
            soon(file.name, pkcs12).expect_err(file.name).to_string(),
        ];
        assert!(errors.iter().any(|error| error.ends_with(&file.message)), "{}: {errors:?}", file.name);
    }
}

#[test]
fn values_in_values_without_end_are_refused() {
    let depth = 1_000_000;
    let mut inputs = vec![
        ("sequences", hostile_files::nested(0x30, depth)),
        ("octet strings", hostile_files::nested(0x24, depth)),
        ("tagged values", hostile_files::nested(0xa0, depth)),
        ("open sequences", [0x30, 0x80].repeat(depth)),
        ("open octet strings", [0x24, 0x80].repeat(depth)),
        ("open tagged values", [0xa0, 0x80].repeat(depth)),
    ];
    for (_, value) in inputs.clone() {
        inputs.push(("text", pem::encode("CERTIFICATE", &value).into_bytes()));
    }
    for (name, bytes) in &inputs {
        soon(name, || detect::detect(bytes));
        let refused = [
            soon(name, || pkcs12::decode(bytes, None, &mut Derivations::new())).is_err(),
            soon(name, || pkcs7::certificates(bytes)).is_err(),
            soon(name, || Certificate::from_der(bytes)).is_err(),
            soon(name, || certificates::read(bytes)).is_err(),
            soon(name, || certificates::read(&bundle_around(bytes))).is_err(),
            soon(name, || jks::recover_key(bytes, &changeit(), &mut Derivations::new())).is_err(),
            soon(name, || asn1::Reader::new(bytes).octet_string("octets")).is_err(),
        ];
        assert_eq!(refused, [true; 7], "{name}");
    }
}

fn bundle_around(certificates: &[u8]) -> Vec<u8> {
    let signed_data = [0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 0x01, 0x07, 0x02];
    let nothing: [&[u8]; 0] = [];
    let content = asn1::sequence(&[
        asn1::integer(1),
        asn1::set(&nothing),
        asn1::sequence(&nothing),
        asn1::tlv(0xa0, certificates),
    ]);
    asn1::sequence(&[asn1::object_identifier(&signed_data), asn1::explicit(0, &content)])
}

/// The project's own fixtures of a folder.
fn fixtures(folder: &str) -> Vec<(String, Vec<u8>)> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("testdata").join(folder);
    let mut paths: Vec<PathBuf> =
        std::fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path()).collect();
    paths.sort();
    paths
        .into_iter()
        .filter(|path| path.file_name().is_some_and(|name| name != "README.md"))
        .map(|path| (path.display().to_string(), std::fs::read(path).unwrap()))
        .collect()
}

#[test]
fn a_key_store_cut_at_any_byte_is_refused() {
    for (name, bytes) in fixtures("stores") {
        let password = password_of(&name);
        for length in 0..bytes.len() {
            let cut = &bytes[..length];
            let result =
                soon(&name, || key_store::decode(cut, Some(&password), &mut Derivations::new()).map(|_| ()));
            let error = result.expect_err(&name).to_string();
            // Too little to tell what it is, or the place where the bytes end.
            let tells = error.contains(" at offset ") || length < 24;
            assert!(tells, "{name}, {length} bytes: {error}");
            let _ = soon(&name, || key_store::decode(cut, None, &mut Derivations::new()).map(|_| ()));
        }
    }
}

#[test]
fn certificates_cut_at_any_byte_are_refused_or_fewer() {
    for (name, bytes) in fixtures("pki").into_iter().chain(fixtures("inputs")) {
        let whole = certificates::read(&bytes).map(|reading| reading.certificates).unwrap_or_default();
        for length in 0..bytes.len() {
            match soon(&name, || certificates::read(&bytes[..length])) {
                Ok(reading) => {
                    let read = &reading.certificates;
                    assert_eq!(read[..], whole[..read.len()], "{name}, {length} bytes");
                }
                Err(InputError::Unreadable { first, .. }) => assert!(!first.to_string().is_empty()),
                Err(InputError::Empty | InputError::NotCertificates { .. }) => {}
            }
        }
    }
}

#[test]
fn a_changed_bit_of_jks_and_jceks_is_noticed() {
    let password = changeit();
    for (name, bytes) in fixtures("stores").into_iter().filter(|(name, _)| !name.ends_with(".p12")) {
        assert!(jks::decode(&bytes, Some(&password)).is_ok(), "{name}");
        for (damaged, place) in bits(&bytes) {
            let result = soon(&name, || jks::decode(&damaged, Some(&password)).map(|_| ()));
            assert!(result.is_err(), "{name}: {place}");
            let _ = soon(&name, || jks::decode(&damaged, None).map(|_| ()));
        }
    }
}

#[test]
fn a_changed_bit_of_pkcs12_is_noticed_or_means_nothing() {
    for (name, bytes) in fixtures("stores").into_iter().filter(|(name, _)| name.ends_with(".p12")) {
        let password = password_of(&name);
        let bytes = with_few_iterations(&bytes, &password);
        let whole = pkcs12::decode(&bytes, Some(&password), &mut Derivations::new()).unwrap();
        for (damaged, place) in bits(&bytes) {
            let _ = soon(&name, || pkcs12::decode(&damaged, None, &mut Derivations::new()).map(|_| ()));
            // Damage may raise the iterations to millions, which is slow and within the limits.
            let started = Instant::now();
            let result = pkcs12::decode(&damaged, Some(&password), &mut Derivations::new());
            assert!(started.elapsed() < 50 * SOON, "{name}: {place}");
            if let Ok(read) = result
                && whole.integrity == Integrity::Verified
            {
                // The parameters of the hash function mean nothing, and a file may end before it is over. All else
                // is under the MAC or makes it, or takes it away.
                assert!(read.pfx == whole.pfx || read.integrity == Integrity::None, "{name}: {place}");
            }
        }
    }
}

/// Copies with one bit changed, each with the place of the bit.
fn bits(bytes: &[u8]) -> impl Iterator<Item = (Vec<u8>, String)> {
    (0..bytes.len() * 8).map(move |bit| {
        let mut damaged = bytes.to_vec();
        damaged[bit / 8] ^= 1 << (bit % 8);
        (damaged, format!("bit {} of byte {}", bit % 8, bit / 8))
    })
}

/// The same store, its parts and MAC under two iterations.
fn with_few_iterations(bytes: &[u8], password: &Password) -> Vec<u8> {
    let mut derivations = Derivations::new();
    let read = pkcs12::decode(bytes, Some(password), &mut derivations).unwrap().pfx;
    let parts = read.parts().iter().map(|part| {
        let mut protection = part.protection().clone();
        if let Protection::Encrypted(
            Scheme::Pbes1 { iterations, .. }
            | Scheme::Pbes2 { iterations, .. }
            | Scheme::Pkcs12 { iterations, .. },
        ) = &mut protection
        {
            *iterations = 2;
        }
        Part::new(protection, part.bags().unwrap().to_vec())
    });
    let mut mac = read.mac().cloned();
    if let Some(MacScheme::Pkcs12 { iterations, .. } | MacScheme::Pbmac1 { iterations, .. }) = &mut mac {
        *iterations = 2;
    }
    let pfx = Pfx::from_parts(parts.collect(), mac, read.password_form());
    pkcs12::encode(&pfx, Some(password), &mut SystemEntropy, &mut derivations).unwrap()
}

/// Java finds each chain anew for each key; here keys share the work.
#[test]
fn many_keys_and_many_certificates_are_soon_listed() {
    let bytes =
        std::fs::read(Path::new(env!("CARGO_MANIFEST_DIR")).join("testdata/stores/rich.p12")).unwrap();
    let store = pkcs12::decode(&bytes, Some(&changeit()), &mut Derivations::new()).unwrap().pfx;
    let bags: Vec<_> = store.parts().iter().filter_map(Part::bags).flatten().collect();
    let many: Vec<_> = (0..200).flat_map(|_| bags.iter().copied().cloned()).collect();
    let count = many.len();
    let parts = vec![Part::new(Protection::Plain, many)];
    let store = KeyStore::Pkcs12(Pfx::from_parts(parts, None, PasswordForm::default()));
    let rows = soon("the view", || store.entries().len());
    assert!((1..=count).contains(&rows));
}
