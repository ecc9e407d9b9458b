//! What is to be checked of a JKS or JCEKS store beyond its list of entries.

use keyward::format::jks;
use keyward::format::pkcs12::Derivations;
use keyward::model::key_store::JavaStore;
use keyward::model::key_store::java_store::JavaContent;
use keyward::model::{Fingerprint, Password};
use serde_json::Value;

use crate::stores::same;

/// Dates, keys, the refusal of another password, and that the store is written again to the byte.
pub fn check(
    store: &JavaStore,
    item: &Value,
    bytes: &[u8],
    password: Option<&Password>,
) -> Result<(), String> {
    for wanted in item["entries"].as_array().unwrap() {
        let alias = wanted["alias"].as_str().unwrap();
        // Of two entries with one alias Java sees the last.
        let entry = store.entries.iter().rev().find(|entry| entry.alias == alias).unwrap();
        same("date", &Some(entry.created), &wanted["created"].as_i64())?;
        let own = wanted["key_password"].as_str().map(|text| Password::new(text.to_owned()));
        if let JavaContent::PrivateKey { protected, .. } = &entry.content
            && let Some(password) = own.as_ref().or(password)
        {
            let key = jks::recover_key(protected, password, &mut Derivations::new())
                .map_err(|error| error.to_string())?;
            let hash = Fingerprint::of(&key).to_string();
            same("key", &Some(hash.as_str()), &wanted["key_sha256"].as_str())?;
        }
    }
    let wrong = Password::new("not the password".to_owned());
    same("another password", &jks::decode(bytes, Some(&wrong)).err(), &Some(jks::JksError::Integrity))?;
    match password.map(|password| jks::encode(store, password)) {
        Some(Ok(written)) if written != bytes => Err("it is not written again to the byte".to_owned()),
        Some(Err(error)) => Err(error.to_string()),
        _ => Ok(()),
    }
}
