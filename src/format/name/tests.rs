//! Names from text.

use super::*;

fn shown(text: &str) -> String {
    parse(text).map_or_else(|error| error.to_string(), |name| name.rfc4514().to_owned())
}

#[test]
fn what_keytool_takes() {
    for (text, name) in [
        ("CN=a", "CN=a"),
        (" cn = a , o = b ; c=DE ", "CN=a,O=b,C=DE"),
        ("CN=a+UID=b,DC=c", "CN=a+UID=b,DC=c"),
        ("UID=b+CN=a", "CN=a+UID=b"),
        ("CN=\"a, b+c\",O=d", "CN=a\\, b\\+c,O=d"),
        ("CN=a\\, b\\ ,O=d", "CN=a\\, b\\ ,O=d"),
        ("CN=gr\\C3\\BC\\C3\\9Fe", "CN=grüße"),
        ("CN=grüße", "CN=grüße"),
        ("CN=a=b", "CN=a=b"),
        ("OU=x,OU=y,O=z", "OU=x,OU=y,O=z"),
        ("2.5.4.3=a,OID.2.5.4.10=b", "CN=a,O=b"),
        ("CN=#0c0161", "CN=a"),
        ("ST=a,S=b", "ST=a,ST=b"),
    ] {
        assert_eq!(shown(text), name, "{text}");
    }
}

#[test]
fn string_types_are_those_of_java() {
    for (text, kind) in
        [("CN=a", 0x13), ("CN=ü", 0x0c), ("CN=a*", 0x0c), ("EMAILADDRESS=a@b", 0x16), ("DC=a", 0x16)]
    {
        let name = parse(text).unwrap();
        let der = name.der();
        let value = usize::from(*der.get(7).unwrap());
        assert_eq!(der.get(8 + value), Some(&kind), "{text} {der:02x?}");
    }
}

#[test]
fn what_is_no_name_is_said_with_its_place() {
    for (text, position) in [
        ("CN=a,Foo=b", 6),
        ("CN=a,=b", 6),
        ("a", 1),
        ("CN=a,,O=b", 6),
        ("CN=a\\", 5),
        ("CN=a\\zb", 5),
        ("CN=a\\C", 5),
        ("CN=\"a\"b", 4),
        ("CN=#0", 4),
        ("CN=#", 4),
        ("CN=#0c0261", 4),
        ("CN=\\FF", 4),
        ("1.2.3.4.5.6.x=a", 1),
        ("3.2.1=a", 1),
    ] {
        let error = parse(text).unwrap_err().to_string();
        assert!(error.contains(&format!("at character {position}:")), "{text}: {error}");
    }
    assert_eq!(parse(" ").unwrap_err(), NameError::Empty);
    assert_eq!(parse(&"a".repeat(9_000)).unwrap_err(), NameError::TooLong);
}

#[test]
fn numbers_are_encoded() {
    assert_eq!(encoded_oid("2.5.4.3"), Some(vec![0x55, 4, 3]));
    assert_eq!(encoded_oid("1.2.840.113549"), Some(vec![0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d]));
    assert_eq!(encoded_oid("2.999.0"), Some(vec![0x88, 0x37, 0]));
    for text in ["", "1", "1.40", "1.2.", "1.2.4294967296", "1.+2"] {
        assert_eq!(encoded_oid(text), None, "{text}");
    }
}
