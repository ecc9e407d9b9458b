//! Writes a JKS trust store of many certificates to standard output, for `benches/versus.sh`.
//!
//! `large_store CERTIFICATE.pem COUNT`: COUNT copies of the certificate, each with another serial number; their
//! signatures no longer verify, which no keystore minds. The password is `changeit`. Written without keyward's own
//! codec, so that a fault of the codec cannot hide in what it is measured on.

use std::io::{self, Write};

use anyhow::{Context, Result, ensure};
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use sha1::{Digest, Sha1};

fn main() -> Result<()> {
    let mut arguments = std::env::args().skip(1);
    let pem =
        std::fs::read_to_string(arguments.next().context("the first argument is a certificate in PEM")?)?;
    let count: u32 = arguments.next().context("the second argument is a count")?.parse()?;
    let body: String = pem.lines().filter(|line| !line.starts_with("-----")).collect();
    let der = STANDARD.decode(body)?;

    let mut store = Vec::new();
    for word in [0xfeed_feed_u32, 2, count] {
        store.extend(word.to_be_bytes());
    }
    for number in 0..count {
        let certificate = renumbered(&der, number)?;
        store.extend(2_u32.to_be_bytes());
        text(&mut store, &format!("certificate {number}"))?;
        store.extend(1_700_000_000_000_u64.to_be_bytes());
        text(&mut store, "X.509")?;
        store.extend(u32::try_from(certificate.len())?.to_be_bytes());
        store.extend(certificate);
    }
    let mut digest = Sha1::new();
    digest.update("changeit".encode_utf16().flat_map(u16::to_be_bytes).collect::<Vec<u8>>());
    digest.update(b"Mighty Aphrodite");
    digest.update(&store);
    store.extend(digest.finalize());
    io::stdout().lock().write_all(&store)?;
    Ok(())
}

/// Java's `writeUTF`, for ASCII.
fn text(store: &mut Vec<u8>, text: &str) -> Result<()> {
    store.extend(u16::try_from(text.len())?.to_be_bytes());
    store.extend(text.as_bytes());
    Ok(())
}

/// The certificate with `number` in the last octets of its 16-octet serial number.
fn renumbered(der: &[u8], number: u32) -> Result<Vec<u8>> {
    let serial =
        der.windows(2).position(|window| window == [0x02, 0x10]).context("no serial number of 16 octets")?;
    let mut certificate = der.to_vec();
    let octets = certificate.get_mut(serial + 14..serial + 18).context("a serial number that is cut")?;
    ensure!(octets.len() == 4);
    octets.copy_from_slice(&number.to_be_bytes());
    Ok(certificate)
}
