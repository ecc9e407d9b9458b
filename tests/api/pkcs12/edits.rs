//! Edits of PKCS12 stores, seen as Java sees the result, and what of the file they leave alone.

use keyward::model::key_store::pfx::{
    Attribute, Bag, BagContent, MacScheme, Part, PasswordForm, Pfx, Profile, Protection,
};
use keyward::model::key_store::{EditError, EncodedCertificate, KeyStore};
use time::OffsetDateTime;

use super::fixture::{Pki, certificate, fast, listing, new_key, params, pfx, reopened, shrouded, store};

const THEN: OffsetDateTime = OffsetDateTime::UNIX_EPOCH;

/// A key with leaf and intermediate, as keytool writes it.
fn identity(pki: &Pki) -> KeyStore {
    store(
        &Profile::java17(),
        vec![shrouded(&pki.key, Some("server"), Some(b"Time 1"))],
        vec![
            certificate(&pki.leaf, Some("server"), Some(b"Time 1")),
            certificate(&pki.intermediate, Some("CN=Intermediate,O=Keyward"), None),
        ],
    )
}

fn chain(store: &KeyStore, alias: &str) -> Vec<EncodedCertificate> {
    store.find(alias).unwrap().chain.into_iter().cloned().collect()
}

fn key_bytes(store: &KeyStore) -> Vec<Vec<u8>> {
    let bags = pfx(store).parts().iter().filter_map(Part::bags).flatten();
    bags.filter_map(|bag| match &*bag.content {
        BagContent::ShroudedKey(bytes) => Some(bytes.clone()),
        _ => None,
    })
    .collect()
}

#[test]
fn adding_an_anchor_leaves_the_keys_part_alone() {
    let pki = Pki::new();
    let mut store = identity(&pki);
    let keys = pfx(&store).parts()[0].original().unwrap().to_vec();
    store.add_trusted("Stranger", &pki.stranger, THEN).unwrap();
    assert_eq!(pfx(&store).parts()[0].original(), Some(&*keys));
    assert_eq!(pfx(&store).parts()[1].original(), None);
    let store = reopened(pfx(&store));
    assert_eq!(pfx(&store).parts()[0].original(), Some(&*keys));
    assert_eq!(listing(&store), ["server private-key 2", "Stranger trusted-certificate 1"]);
}

#[test]
fn an_added_issuer_lengthens_the_chain_as_in_java() {
    let pki = Pki::new();
    let mut store = identity(&pki);
    store.add_trusted("root", &pki.root, THEN).unwrap();
    assert_eq!(listing(&store), ["server private-key 3", "root trusted-certificate 1"]);
    store.remove("root").unwrap();
    // It stays as a certificate of the chain, which is what keytool writes too.
    assert_eq!(listing(&reopened(pfx(&store))), ["server private-key 3"]);
}

#[test]
fn certificates_go_where_certificates_stand() {
    let pki = Pki::new();
    let fast = fast(&Profile::java17());
    let key = vec![shrouded(&pki.key, Some("k"), Some(b"1"))];
    let leaf = vec![certificate(&pki.leaf, Some("k"), Some(b"1"))];
    let add = |parts: Vec<Part>, mac: Option<MacScheme>| {
        let mut store = KeyStore::Pkcs12(Pfx::from_parts(parts, mac, PasswordForm::default()));
        store.add_trusted("a", &pki.root, THEN).unwrap();
        let parts = pfx(&store).parts();
        (parts.len(), parts.last().unwrap().protection().clone())
    };
    let plain = |bags: &Vec<_>| Part::new(Protection::Plain, bags.clone());
    let sealed = |bags: &Vec<_>| Part::new(fast.certificates.clone(), bags.clone());
    assert_eq!(add(vec![plain(&key), sealed(&leaf)], fast.mac.clone()), (2, fast.certificates.clone()));
    assert_eq!(add(vec![plain(&leaf), plain(&key)], fast.mac.clone()), (2, Protection::Plain));
    assert_eq!(add(vec![plain(&key)], fast.mac.clone()), (2, Profile::java17().certificates));
    assert_eq!(add(vec![sealed(&key)], fast.mac.clone()), (2, fast.certificates.clone()));
    assert_eq!(add(vec![plain(&key)], None), (2, Protection::Plain));
    assert_eq!(add(Vec::new(), None), (1, Protection::Plain));
}

#[test]
fn replacing_keeps_place_and_attributes() {
    let pki = Pki::new();
    let mut store = KeyStore::Pkcs12(Pfx::with_profile(&fast(&Profile::java17())));
    for (alias, held) in [("One", &pki.root), ("Two", &pki.leaf), ("Three", &pki.intermediate)] {
        store.add_trusted(alias, held, THEN).unwrap();
    }
    let attributes = pfx(&store).parts()[0].bags().unwrap()[1].attributes.clone();
    store.replace_trusted("two", &pki.renewed_leaf, THEN).unwrap();
    let bags = pfx(&store).parts()[0].bags().unwrap();
    assert_eq!(bags[1].attributes, attributes);
    assert_eq!(bags[1].certificate(), Some(&pki.renewed_leaf));
    let expected = ["One trusted-certificate 1", "Two trusted-certificate 1", "Three trusted-certificate 1"];
    assert_eq!(listing(&store), expected);
}

#[test]
fn replacing_an_issuer_takes_nothing_from_a_key() {
    let pki = Pki::new();
    let mut store = identity(&pki);
    store.add_trusted("root", &pki.root, THEN).unwrap();
    store.replace_trusted("root", &pki.stranger, THEN).unwrap();
    assert_eq!(chain(&store, "server"), [pki.leaf.clone(), pki.intermediate.clone(), pki.root.clone()]);
    assert_eq!(chain(&store, "root"), [pki.stranger]);
}

#[test]
fn a_chain_is_set_and_the_key_bag_stays() {
    let pki = Pki::new();
    let mut store = identity(&pki);
    let keys = key_bytes(&store);
    let part = pfx(&store).parts()[0].original().unwrap().to_vec();
    let longer = [pki.renewed_leaf.clone(), pki.intermediate.clone(), pki.root.clone()];
    store.set_chain("server", &longer).unwrap();
    let mut store = reopened(pfx(&store));
    assert_eq!(chain(&store, "server"), longer);
    assert_eq!(listing(&store), ["server private-key 3"], "the old leaf is gone");
    assert_eq!((key_bytes(&store), pfx(&store).parts()[0].original()), (keys, Some(&*part)));

    let shorter = [pki.leaf.clone()];
    store.set_chain("server", &shorter).unwrap();
    assert_eq!(chain(&store, "server"), shorter);
    assert_eq!(listing(&store), ["server private-key 1"]);
    store.set_chain("server", &[]).unwrap();
    assert_eq!(listing(&store), ["server private-key 0"]);
    store.set_chain("server", &longer).unwrap();
    assert_eq!(chain(&reopened(pfx(&store)), "server"), longer);
}

#[test]
fn a_key_without_identifier_and_name_gets_its_chain() {
    let pki = Pki::new();
    let mut store = store(&Profile::openssl3(), vec![shrouded(&pki.key, None, None)], Vec::new());
    let wanted = [pki.leaf.clone(), pki.intermediate.clone()];
    store.set_chain("1", &wanted).unwrap();
    assert_eq!(chain(&reopened(pfx(&store)), "1"), wanted);
}

#[test]
fn a_chain_that_java_would_continue_is_refused() {
    let pki = Pki::new();
    let mut store = identity(&pki);
    store.add_trusted("root", &pki.root, THEN).unwrap();
    let before = listing(&store);
    let wanted = [pki.renewed_leaf.clone(), pki.intermediate.clone()];
    let refused = store.set_chain("server", &wanted).unwrap_err();
    let found = vec![pki.renewed_leaf.clone(), pki.intermediate.clone(), pki.root.clone()];
    assert_eq!(refused, EditError::Chain { alias: "server".to_owned(), found });
    assert_eq!(listing(&store), before);
}

#[test]
fn a_namesake_of_the_issuer_does_not_get_into_the_chain() {
    // Two roots of one name and no key identifiers: Java takes the one that stands first.
    let bare = |name: &str, ca| {
        let mut params = params(name, ca);
        params.use_authority_key_identifier_extension = false;
        params
    };
    let (old_key, new_key, key) = (new_key(), new_key(), new_key());
    let old = bare("Root", true).self_signed(&old_key).unwrap();
    let new = bare("Root", true).self_signed(&new_key).unwrap();
    let issuer = rcgen::Issuer::new(bare("Root", true), new_key);
    let leaf = bare("Leaf", false).signed_by(&key, &issuer).unwrap();
    let [old, new, leaf] = [&old, &new, &leaf].map(|held| EncodedCertificate::x509(held.der()));
    let mut store = store(
        &Profile::java17(),
        vec![shrouded(&key.serialize_der(), Some("k"), Some(b"1"))],
        vec![certificate(&old, Some("loose"), None)],
    );
    store.set_chain("k", &[leaf.clone(), new.clone()]).unwrap();
    assert_eq!(chain(&reopened(pfx(&store)), "k"), [leaf, new]);
    assert_eq!(listing(&store), ["k private-key 2", "loose certificate 1 NoTrustAttribute"]);
}

#[test]
fn shared_and_trusted_certificates_outlive_a_key() {
    let pki = Pki::new();
    let mut store = store(
        &Profile::java17(),
        vec![shrouded(&pki.key, Some("one"), Some(b"1")), shrouded(&pki.key, Some("two"), Some(b"2"))],
        vec![
            certificate(&pki.leaf, Some("one"), Some(b"1")),
            certificate(&pki.renewed_leaf, Some("two"), Some(b"2")),
            certificate(&pki.intermediate, None, None),
        ],
    );
    store.add_trusted("root", &pki.root, THEN).unwrap();
    assert_eq!(listing(&store), ["one private-key 3", "two private-key 3", "root trusted-certificate 1"]);
    store.remove("one").unwrap();
    let mut store = reopened(pfx(&store));
    assert_eq!(listing(&store), ["two private-key 3", "root trusted-certificate 1"]);
    store.remove("TWO").unwrap();
    let store = reopened(pfx(&store));
    assert_eq!(listing(&store), ["root trusted-certificate 1"]);
    assert_eq!(pfx(&store).parts().len(), 1, "the part of the keys is gone with the last of them");
}

#[test]
fn renaming_a_key_renames_its_leaf() {
    let pki = Pki::new();
    let mut store = identity(&pki);
    store.rename("server", "Server").unwrap();
    store.rename("SERVER", "front").unwrap();
    let store = reopened(pfx(&store));
    assert_eq!(listing(&store), ["front private-key 2"]);
    let names: Vec<_> = pfx(&store)
        .parts()
        .iter()
        .filter_map(Part::bags)
        .flatten()
        .map(|bag| bag.friendly_name().unwrap())
        .collect();
    assert_eq!(names, ["front", "front", "CN=Intermediate,O=Keyward"]);
}

#[test]
fn made_up_aliases_do_not_move() {
    let pki = Pki::new();
    let new = || {
        store(
            &Profile::java17(),
            vec![shrouded(&pki.key, None, Some(b"1")), shrouded(&pki.key, None, Some(b"2"))],
            vec![certificate(&pki.leaf, None, Some(b"1")), certificate(&pki.renewed_leaf, None, Some(b"2"))],
        )
    };
    let mut removed = new();
    assert_eq!(listing(&removed), ["1 private-key 1", "2 private-key 1"]);
    removed.remove("1").unwrap();
    assert_eq!(listing(&removed), ["2 private-key 1"]);
    assert_eq!(chain(&removed, "2"), std::slice::from_ref(&pki.renewed_leaf));
    let mut renamed = new();
    renamed.rename("1", "named").unwrap();
    assert_eq!(listing(&renamed), ["named private-key 1", "2 private-key 1"]);
}

#[test]
fn made_up_aliases_do_not_move_to_what_a_later_entry_shadows() {
    let pki = Pki::new();
    let trusted = |held: &EncodedCertificate, name: Option<&str>| {
        let mut bag = certificate(held, name, None);
        // anyExtendedKeyUsage.
        bag.attributes.push(Attribute::TrustedKeyUsage(vec![0x06, 4, 0x55, 0x1d, 0x25, 0]));
        bag
    };
    // Java counts the second one, calls it 2, and puts the third in its place.
    let bags = vec![
        trusted(&pki.root, None),
        trusted(&pki.stranger, None),
        trusted(&pki.intermediate, Some("2")),
        trusted(&pki.leaf, None),
    ];
    let new = || store(&Profile::java17(), Vec::new(), bags.clone());
    let before = ["1 trusted-certificate 1", "2 trusted-certificate 1 Shadowed", "2 trusted-certificate 1"];
    assert_eq!(listing(&new())[..3], before);
    let mut removed = new();
    removed.remove("3").unwrap();
    assert_eq!(listing(&reopened(pfx(&removed))), before);
    let mut renamed = new();
    renamed.rename("3", "named").unwrap();
    let renamed = reopened(pfx(&renamed));
    assert_eq!(listing(&renamed)[..3], before);
    assert_eq!(chain(&renamed, "1"), std::slice::from_ref(&pki.root));
}

#[test]
fn every_entry_is_found_under_its_alias() {
    let pki = Pki::new();
    let store = store(
        &Profile::java17(),
        vec![
            shrouded(&pki.key, None, Some(b"1")),
            shrouded(&pki.key, Some("ΟΔΟΣ"), Some(b"2")),
            shrouded(&pki.key, Some("Twice"), Some(b"3")),
            shrouded(&pki.key, Some("tWICE"), Some(b"4")),
        ],
        vec![certificate(&pki.leaf, Some("Loose"), None), certificate(&pki.stranger, None, None)],
    );
    let entries = store.entries();
    assert_eq!(entries.len(), 6, "{:?}", listing(&store));
    for entry in &entries {
        for alias in [entry.alias.clone(), entry.alias.to_uppercase()] {
            assert!(store.find(&alias).is_some(), "{alias}");
        }
    }
    assert_eq!(store.find("twice").unwrap().alias, "tWICE");
    assert!(store.find("2").is_none() && store.find("twic").is_none());
}

#[test]
fn what_java_hides_is_listed_with_the_reason() {
    let pki = Pki::new();
    let store = store(
        &Profile::java17(),
        vec![
            shrouded(&pki.key, Some("Twice"), Some(b"1")),
            shrouded(&pki.key, Some("lost"), None),
            shrouded(&pki.key, Some("tWICE"), Some(b"2")),
        ],
        vec![certificate(&pki.root, Some("loose"), None)],
    );
    assert_eq!(
        listing(&store),
        [
            "Twice private-key 0 Shadowed",
            "lost private-key 0 NoLocalKeyId",
            "tWICE private-key 0",
            "loose certificate 1 NoTrustAttribute",
        ]
    );
}

#[test]
fn edits_that_cannot_be_made_change_nothing() {
    let pki = Pki::new();
    let mut store = identity(&pki);
    let long = "x".repeat(40_000);
    assert_eq!(store.add_trusted(&long, &pki.root, THEN), Err(EditError::Alias(long.clone())));
    assert_eq!(store.rename("server", &long), Err(EditError::Alias(long)));
    assert_eq!(store.remove("none"), Err(EditError::NoSuchEntry("none".to_owned())));
    assert_eq!(
        store.add_trusted("SERVER", &pki.root, THEN),
        Err(EditError::AliasExists("server".to_owned()))
    );
    assert!(pfx(&store).parts().iter().all(|part| part.original().is_some()));
}

#[test]
fn what_an_entry_shadows_never_comes_to_light() {
    let pki = Pki::new();
    let trusted = |alias: &str, held: &EncodedCertificate| {
        let mut bag = certificate(held, Some(alias), None);
        bag.attributes.push(Attribute::TrustedKeyUsage(vec![0x06, 0x04, 0x55, 0x1d, 0x25, 0x00]));
        bag
    };
    let new = || {
        let bags: Vec<Bag> = vec![trusted("twice", &pki.root), trusted("TWICE", &pki.stranger)];
        store(&Profile::java17(), vec![], bags)
    };
    assert_eq!(listing(&new()), ["twice trusted-certificate 1 Shadowed", "TWICE trusted-certificate 1"]);
    let mut removed = new();
    removed.remove("Twice").unwrap();
    assert_eq!(listing(&removed), Vec::<String>::new());
    let mut renamed = new();
    renamed.rename("twice", "new").unwrap();
    assert_eq!(listing(&renamed), ["new trusted-certificate 1 Shadowed", "new trusted-certificate 1"]);
}
