//! Distinguished names as `X500Principal.toString` prints them: RFC 1779 with Java's keywords.

use x509_parser::prelude::{AttributeTypeAndValue, FromDer, X509Name};

use crate::model::Name;

/// `sun.security.x509.AVAKeyword` in its default format.
const KEYWORDS: [(&str, &str); 17] = [
    ("2.5.4.3", "CN"),
    ("2.5.4.6", "C"),
    ("2.5.4.7", "L"),
    ("2.5.4.8", "ST"),
    ("2.5.4.10", "O"),
    ("2.5.4.11", "OU"),
    ("2.5.4.12", "T"),
    ("2.5.4.9", "STREET"),
    ("0.9.2342.19200300.100.1.25", "DC"),
    ("2.5.4.46", "DNQ"),
    ("2.5.4.4", "SURNAME"),
    ("2.5.4.42", "GIVENNAME"),
    ("2.5.4.43", "INITIALS"),
    ("2.5.4.44", "GENERATION"),
    ("1.2.840.113549.1.9.1", "EMAILADDRESS"),
    ("0.9.2342.19200300.100.1.1", "UID"),
    ("2.5.4.5", "SERIALNUMBER"),
];

/// The text in the JVM's messages. Values of types that are no strings are left out but for their keyword.
pub(super) fn java_text(name: &Name) -> String {
    let Ok((_, parsed)) = X509Name::from_der(name.der()) else { return name.rfc4514().to_owned() };
    let mut rdns: Vec<String> =
        parsed.iter().map(|rdn| rdn.iter().map(attribute_text).collect::<Vec<_>>().join(" + ")).collect();
    rdns.reverse();
    rdns.join(", ")
}

fn attribute_text(attribute: &AttributeTypeAndValue<'_>) -> String {
    let oid = attribute.attr_type().to_id_string();
    let keyword = KEYWORDS
        .iter()
        .find(|(id, _)| *id == oid)
        .map_or_else(|| format!("OID.{oid}"), |(_, keyword)| (*keyword).to_owned());
    let value = attribute.as_str().unwrap_or_default();
    format!("{keyword}={}", quoted(value))
}

/// `AVA.toKeywordValueString`: quoted where a character separates, or blanks would be lost.
fn quoted(value: &str) -> String {
    let special = value.contains([',', '+', '=', '\n', '<', '>', '#', ';', '\\', '"']);
    let blanks = value.starts_with(' ') || value.ends_with(' ') || value.contains("  ");
    if special || blanks {
        format!("\"{}\"", value.replace('\\', "\\\\").replace('"', "\\\""))
    } else {
        value.to_owned()
    }
}
