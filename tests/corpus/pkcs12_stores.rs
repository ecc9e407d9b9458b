//! What is to be checked of a PKCS12 store beyond its list of entries.

use keyward::format::pkcs12::{Derivations, decode, decrypt_key, encode};
use keyward::model::entropy::SystemEntropy;
use keyward::model::key_store::Pfx;
use keyward::model::key_store::pfx::{Bag, BagContent};
use keyward::model::{Fingerprint, Password};
use serde_json::Value;

use crate::stores::same;

/// Every key of the file, hidden ones too, and that what is written again holds the same.
pub fn check(
    pfx: &Pfx,
    item: &Value,
    password: Option<&Password>,
    derivations: &mut Derivations,
) -> Result<(), String> {
    let bags = item["bags"].as_array().unwrap();
    let mut wanted: Vec<&str> = bags.iter().filter_map(|bag| bag["pkcs8_sha256"].as_str()).collect();
    let mut found = Vec::new();
    for bag in pfx.parts().iter().filter_map(|part| part.bags()).flatten() {
        keys(bag, password, derivations, &mut found)?;
    }
    found.sort();
    wanted.sort_unstable();
    same("keys", &found.iter().map(String::as_str).collect(), &wanted)?;
    let written =
        encode(pfx, password, &mut SystemEntropy, derivations).map_err(|error| error.to_string())?;
    let again = decode(&written, password, derivations).map_err(|error| error.to_string())?;
    if again.pfx == *pfx { Ok(()) } else { Err("what is written again is another store".to_owned()) }
}

fn keys(
    bag: &Bag,
    password: Option<&Password>,
    derivations: &mut Derivations,
    found: &mut Vec<String>,
) -> Result<(), String> {
    match (&*bag.content, password) {
        (BagContent::Key(der), _) => found.push(Fingerprint::of(der).to_string()),
        (BagContent::ShroudedKey(bytes), Some(password)) => {
            let der = decrypt_key(bytes, password, derivations).map_err(|error| error.to_string())?;
            found.push(Fingerprint::of(&der).to_string());
        }
        (BagContent::Nested(bags), _) => {
            bags.iter().try_for_each(|bag| keys(bag, password, derivations, found))?;
        }
        _ => {}
    }
    Ok(())
}
