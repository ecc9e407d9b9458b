//! Writes PKCS12 stores again with one iteration of each key derivation, as seeds for `fuzz/run.sh`.
//!
//! `light_stores FOLDER FILE…`: each file that opens with a password of test data is written into the folder, under
//! the password `changeit` and a number as its name. The others are passed over.

use std::path::PathBuf;

use anyhow::{Context, Result};
use keyward::format::pkcs12::{Derivations, decode, encode};
use keyward::model::Password;
use keyward::model::entropy::SystemEntropy;
use keyward::model::key_store::Pfx;
use keyward::model::key_store::pfx::{MacScheme, Part, Protection, Scheme};

/// Passwords that projects give their test data.
const PASSWORDS: &[&str] =
    &["changeit", "", "password", "foo", "notasecret", "passw0rd", "1234", "12345678", "secret"];

fn main() -> Result<()> {
    let mut arguments = std::env::args_os().skip(1).map(PathBuf::from);
    let folder = arguments.next().context("the first argument is a folder")?;
    for (number, path) in arguments.enumerate() {
        let bytes = std::fs::read(&path)?;
        let open =
            |text: &&str| decode(&bytes, Some(&Password::new((*text).to_owned())), &mut Derivations::new());
        if let Some(decoded) = PASSWORDS.iter().find_map(|text| open(text).ok()) {
            let password = Password::new("changeit".to_owned());
            let light = light(&decoded.pfx);
            let written = encode(&light, Some(&password), &mut SystemEntropy, &mut Derivations::new())?;
            std::fs::write(folder.join(format!("light-{number}")), written)?;
        }
    }
    Ok(())
}

/// The same store with one iteration everywhere but in its private keys.
fn light(pfx: &Pfx) -> Pfx {
    let parts = pfx.parts().iter().map(|part| {
        let mut protection = part.protection().clone();
        if let Protection::Encrypted(Scheme::Pbes2 { iterations, .. } | Scheme::Pkcs12 { iterations, .. }) =
            &mut protection
        {
            *iterations = 1;
        }
        part.bags().map_or_else(|| part.clone(), |bags| Part::new(protection, bags.to_vec()))
    });
    let mut mac = pfx.mac().cloned();
    if let Some(MacScheme::Pkcs12 { iterations, .. } | MacScheme::Pbmac1 { iterations, .. }) = &mut mac {
        *iterations = 1;
    }
    Pfx::from_parts(parts.collect(), mac, pfx.empty_password())
}
