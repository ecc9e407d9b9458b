//! Signed certificate timestamps: those that a certificate brings along, and those of an OCSP answer (RFC 6962
//! section 3.3). Those of the TLS extension are not here: the TLS library does not ask for it.

use time::OffsetDateTime;

use crate::format::asn1::{Asn1Error, Reader, tag};
use crate::model::timestamp::SignedCertificateTimestamp;

#[cfg(test)]
mod tests;

/// 1.3.6.1.4.1.11129.2.4.2, in certificates.
const EMBEDDED: [u8; 10] = [0x2b, 0x06, 0x01, 0x04, 0x01, 0xd6, 0x79, 0x02, 0x04, 0x02];

/// 1.3.6.1.4.1.11129.2.4.5, in OCSP answers.
const OF_OCSP: [u8; 10] = [0x2b, 0x06, 0x01, 0x04, 0x01, 0xd6, 0x79, 0x02, 0x04, 0x05];

/// The timestamps in a certificate's extension. What cannot be read is as if it were not there.
#[must_use]
pub fn embedded(certificate: &[u8]) -> Vec<SignedCertificateTimestamp> {
    extensions_of_certificate(certificate).unwrap_or_default()
}

/// The timestamps in an OCSP answer, of all the certificates that it speaks of. Its signature is not checked; what
/// cannot be read is as if it were not there.
#[must_use]
pub fn of_ocsp(answer: &[u8]) -> Vec<SignedCertificateTimestamp> {
    extensions_of_ocsp(answer).unwrap_or_default()
}

/// Certificate (RFC 5280 section 4.1): the extensions are the field with the tag 3.
fn extensions_of_certificate(der: &[u8]) -> Result<Vec<SignedCertificateTimestamp>, Asn1Error> {
    let mut certificate = Reader::new(der).sequence("Certificate")?;
    let mut fields = certificate.sequence("tbsCertificate")?;
    while !fields.is_empty() {
        let field = fields.any("tbsCertificate")?;
        if field.tag == tag::context(3) | tag::CONSTRUCTED {
            return timestamps(field.reader().sequence("extensions")?, &EMBEDDED);
        }
    }
    Ok(Vec::new())
}

/// OCSPResponse (RFC 6960 section 4.2.1).
fn extensions_of_ocsp(der: &[u8]) -> Result<Vec<SignedCertificateTimestamp>, Asn1Error> {
    let mut answer = Reader::new(der).sequence("OCSPResponse")?;
    answer.any("responseStatus")?;
    let mut bytes = answer.tagged(tag::context(0) | tag::CONSTRUCTED, "responseBytes")?.reader();
    let mut bytes = bytes.sequence("ResponseBytes")?;
    bytes.object_identifier("responseType")?;
    let basic = bytes.octet_string("response")?;
    let mut data = Reader::new(&basic).sequence("BasicOCSPResponse")?.sequence("tbsResponseData")?;
    // Before the answers: perhaps a version, the responder and a time, none of them a SEQUENCE.
    let mut found = Vec::new();
    while !data.is_empty() {
        let field = data.any("ResponseData")?;
        if field.tag != tag::SEQUENCE {
            continue;
        }
        let mut answers = field.reader();
        while !answers.is_empty() {
            let mut single = answers.sequence("SingleResponse")?;
            // certID; a status, which may have the tag 1 too; thisUpdate.
            for name in ["certID", "certStatus", "thisUpdate"] {
                single.any(name)?;
            }
            while !single.is_empty() {
                let field = single.any("SingleResponse")?;
                if field.tag == tag::context(1) | tag::CONSTRUCTED {
                    let extensions = field.reader().sequence("singleExtensions")?;
                    found.extend(timestamps(extensions, &OF_OCSP)?);
                }
            }
        }
        break;
    }
    Ok(found)
}

/// Those of the extension with this identifier.
fn timestamps(
    mut extensions: Reader<'_>,
    wanted: &[u8],
) -> Result<Vec<SignedCertificateTimestamp>, Asn1Error> {
    while !extensions.is_empty() {
        let mut extension = extensions.sequence("Extension")?;
        let identifier = extension.object_identifier("extnID")?;
        extension.optional(tag::BOOLEAN, "critical")?;
        let value = extension.octet_string("extnValue")?;
        if identifier == wanted {
            let list = Reader::new(&value).octet_string("SignedCertificateTimestampList")?;
            return Ok(read_list(&list).unwrap_or_default());
        }
    }
    Ok(Vec::new())
}

/// A list in the encoding of TLS: each item with its length before it, and the length of all before them.
fn read_list(list: &[u8]) -> Option<Vec<SignedCertificateTimestamp>> {
    let (mut rest, after) = counted(list)?;
    if !after.is_empty() {
        return None;
    }
    let mut found = Vec::new();
    while !rest.is_empty() {
        let (item, next) = counted(rest)?;
        rest = next;
        // Later versions are skipped, as section 3.3 has it.
        let Some((0, item)) = item.split_first() else { continue };
        let (log, item) = item.split_first_chunk::<32>()?;
        let (milliseconds, _) = item.split_first_chunk::<8>()?;
        let nanoseconds = i128::from(u64::from_be_bytes(*milliseconds)) * 1_000_000;
        let time = OffsetDateTime::from_unix_timestamp_nanos(nanoseconds).ok();
        found.push(SignedCertificateTimestamp { log: *log, time });
    }
    Some(found)
}

fn counted(bytes: &[u8]) -> Option<(&[u8], &[u8])> {
    let (length, rest) = bytes.split_first_chunk::<2>()?;
    rest.split_at_checked(usize::from(u16::from_be_bytes(*length)))
}
