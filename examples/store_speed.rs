//! keyward's side of `benches/stores.sh`: what reading a keystore and deriving a key takes in process.
//!
//! `store_speed load FILE ROUNDS` prints the median time of decoding the file, in microseconds, and the number of its
//! entries. `store_speed derive pbkdf2|pkcs12 sha1|sha256 ITERATIONS` prints the time of one derivation of a key, in
//! microseconds, with what it takes to use it. The password is `changeit`.

use std::hint::black_box;
use std::time::{Duration, Instant};

use anyhow::{Context, Result, bail};
use keyward::format::key_store;
use keyward::format::pkcs12::{self, Derivations};
use keyward::model::Password;
use keyward::model::entropy::SystemEntropy;
use keyward::model::key_store::Pfx;
use keyward::model::key_store::pfx::{Cipher, HashFunction, MacScheme, Profile, Scheme};

fn main() -> Result<()> {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    match arguments.iter().map(String::as_str).collect::<Vec<_>>()[..] {
        ["load", file, rounds] => load(file, rounds.parse()?),
        ["derive", function, hash, iterations] => derive(function, hash, iterations.parse()?),
        _ => bail!("load FILE ROUNDS, or derive FUNCTION HASH ITERATIONS"),
    }
}

fn password() -> Password {
    Password::new("changeit".to_owned())
}

fn load(file: &str, rounds: usize) -> Result<()> {
    let bytes = std::fs::read(file)?;
    let password = password();
    let mut entries = 0;
    let mut times = Vec::with_capacity(rounds);
    for _ in 0..rounds {
        let start = Instant::now();
        let opened = key_store::decode(black_box(&bytes), Some(&password), &mut Derivations::new())?;
        times.push(start.elapsed());
        entries = opened.store.entries().len();
    }
    times.sort_unstable();
    let median = times.get(rounds / 2).context("one round at least")?;
    println!("{} {entries}", median.as_micros());
    Ok(())
}

/// PBKDF2 protects a key, the derivation of PKCS12 a MAC: each is derived once, in one block.
fn derive(function: &str, hash: &str, iterations: u64) -> Result<()> {
    let hash = match hash {
        "sha1" => HashFunction::Sha1,
        "sha256" => HashFunction::Sha256,
        other => bail!("no such hash function here: {other}"),
    };
    let took = match function {
        "pbkdf2" => pbkdf2(hash, iterations)?,
        "pkcs12" => mac(hash, iterations)?,
        other => bail!("no such derivation here: {other}"),
    };
    println!("{}", took.as_micros());
    Ok(())
}

fn pbkdf2(prf: HashFunction, iterations: u64) -> Result<Duration> {
    let cipher = Cipher::Aes128;
    let scheme = Scheme::Pbes2 { cipher, prf, iterations, salt_length: 16, key_length_written: true };
    let start = Instant::now();
    let encrypted =
        pkcs12::encrypt_key(&[0x30, 0], &scheme, &password(), &mut SystemEntropy, &mut Derivations::new())?;
    black_box(encrypted);
    Ok(start.elapsed())
}

fn mac(hash: HashFunction, iterations: u64) -> Result<Duration> {
    let mac = Some(MacScheme::Pkcs12 { hash, iterations, salt_length: 16 });
    let store = Pfx::with_profile(&Profile { mac, ..Profile::java17() });
    let start = Instant::now();
    let bytes = pkcs12::encode(&store, Some(&password()), &mut SystemEntropy, &mut Derivations::new())?;
    black_box(bytes);
    Ok(start.elapsed())
}
