//! Extensions (RFC 5280 section 4.1), wherever they stand.

use std::borrow::Cow;

use super::asn1::{Asn1Error, Problem, Reader, Value, tag};
pub(super) use crate::model::object_identifier::dotted;

/// One extension.
pub(super) struct Extension<'a> {
    /// The content octets of its number.
    pub(super) id: &'a [u8],
    /// Whether it is marked critical.
    pub(super) critical: bool,
    /// What it says, DER.
    pub(super) value: Cow<'a, [u8]>,
}

/// Reads `Extensions`, or what is left of them.
pub(super) fn read<'a>(mut reader: Reader<'a>) -> Result<Vec<Extension<'a>>, Asn1Error> {
    let mut found = Vec::new();
    while !reader.is_empty() {
        let mut extension = reader.sequence("Extension")?;
        let id = extension.object_identifier("extnID")?;
        let critical = extension
            .optional(tag::BOOLEAN, "critical")?
            .is_some_and(|value| value.content.iter().any(|&octet| octet != 0));
        let value = extension.octet_string("extnValue")?;
        extension.end("Extension")?;
        found.push(Extension { id, critical, value });
    }
    Ok(found)
}

/// The octets of a BIT STRING that is whole octets.
pub(super) fn bits<'a>(value: &Value<'a>) -> Result<&'a [u8], Asn1Error> {
    match value.content {
        [0, octets @ ..] => Ok(octets),
        _ => Err(Asn1Error {
            field: "signature",
            offset: value.offset,
            problem: Problem::Content("a BIT STRING that is not of whole octets"),
        }),
    }
}
