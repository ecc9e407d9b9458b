//! LDAP: the extended operation StartTLS (RFC 4511 sections 4.12 and 4.14).

use super::heard::Heard;
use super::{Machine, StartTlsError, Turn, words};
use crate::format::asn1::{self, Asn1Error, Problem, Reader, tag};
use crate::limits;

/// 1.3.6.1.4.1.1466.20037.
const START_TLS: &[u8] = b"1.3.6.1.4.1.1466.20037";

/// `[APPLICATION 23]` and `[APPLICATION 24]`, constructed.
const EXTENDED_REQUEST: u8 = 0x77;
const EXTENDED_RESPONSE: u8 = 0x78;

const ENUMERATED: u8 = 0x0a;

const MESSAGE_ID: u64 = 1;

#[derive(Debug, Default)]
pub(super) struct Ldap {
    asked: bool,
}

impl Machine for Ldap {
    fn turn(&mut self, heard: &mut Heard) -> Result<Turn, StartTlsError> {
        if !self.asked {
            self.asked = true;
            let request = asn1::tlv(EXTENDED_REQUEST, &asn1::tlv(tag::context(0), START_TLS));
            return Ok(Turn::Say(asn1::sequence(&[asn1::integer(MESSAGE_ID), request])));
        }
        let Some(length) = message_length(heard.rest())? else { return Ok(Turn::Wait) };
        let Some(message) = heard.take(length) else { return Ok(Turn::Wait) };
        let result = read(&message).map_err(|_| StartTlsError::unexpected(&message))?;
        if result.code == 0 { Ok(Turn::Begin) } else { Err(StartTlsError::Refused(result.said())) }
    }
}

/// The octets of the message that begins here, once its header is there.
fn message_length(heard: &[u8]) -> Result<Option<usize>, StartTlsError> {
    let wrong = || StartTlsError::unexpected(heard);
    let Some((&first, rest)) = heard.split_first() else { return Ok(None) };
    if first != tag::SEQUENCE {
        return Err(wrong());
    }
    let Some((&length, rest)) = rest.split_first() else { return Ok(None) };
    if length < 0x80 {
        return Ok(Some(usize::from(length).saturating_add(2)));
    }
    // LDAP has no indefinite lengths (RFC 4511 section 5.1).
    let octets = usize::from(length & 0x7f);
    if octets == 0 || octets > 4 {
        return Err(wrong());
    }
    let Some(digits) = rest.get(..octets) else { return Ok(None) };
    let length = digits.iter().fold(0usize, |sum, &digit| sum << 8 | usize::from(digit));
    if length > limits::STARTTLS_BYTES {
        return Err(StartTlsError::TooLarge);
    }
    Ok(Some(length.saturating_add(octets).saturating_add(2)))
}

/// An LDAPResult (RFC 4511 section 4.1.9).
#[derive(Debug)]
struct LdapResult {
    code: u64,
    diagnostic: Vec<u8>,
}

impl LdapResult {
    fn said(&self) -> String {
        let name = CODES.iter().find(|(code, _)| *code == self.code).map_or("result code", |(_, name)| name);
        let diagnostic = words(&self.diagnostic);
        let colon = if diagnostic.is_empty() { "" } else { ": " };
        format!("{name} ({}){colon}{diagnostic}", self.code)
    }
}

/// Result codes that an answer to StartTLS may have (RFC 4511 sections 4.14.2 and A.1).
const CODES: [(u64, &str); 13] = [
    (1, "operationsError"),
    (2, "protocolError"),
    (3, "timeLimitExceeded"),
    (7, "authMethodNotSupported"),
    (8, "strongerAuthRequired"),
    (10, "referral"),
    (11, "adminLimitExceeded"),
    (12, "unavailableCriticalExtension"),
    (13, "confidentialityRequired"),
    (50, "insufficientAccessRights"),
    (51, "busy"),
    (52, "unavailable"),
    (53, "unwillingToPerform"),
];

/// Reads an extended response: the answer, or a notice of disconnection, which has the identifier 0
/// (section 4.4.1).
fn read(message: &[u8]) -> Result<LdapResult, Asn1Error> {
    let mut fields = Reader::new(message).any("LDAPMessage")?.reader();
    fields.any("messageID")?;
    let response = fields.any("protocolOp")?;
    if response.tag != EXTENDED_RESPONSE {
        let problem = Problem::Tag { expected: EXTENDED_RESPONSE, found: response.tag };
        return Err(Asn1Error { field: "protocolOp", offset: response.offset, problem });
    }
    let mut fields = response.reader();
    let code = fields.any("resultCode")?;
    if code.tag != ENUMERATED || code.content.is_empty() || code.content.len() > 4 {
        let problem = Problem::Tag { expected: ENUMERATED, found: code.tag };
        return Err(Asn1Error { field: "resultCode", offset: code.offset, problem });
    }
    fields.any("matchedDN")?;
    let diagnostic = fields.any("diagnosticMessage")?.content.to_vec();
    let code = code.content.iter().fold(0, |sum, &digit| sum << 8 | u64::from(digit));
    Ok(LdapResult { code, diagnostic })
}
