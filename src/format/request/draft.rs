//! Certificate requests to be sent to a CA (RFC 2986), and the self-signed placeholder that stands with the key
//! until the reply comes.

use time::OffsetDateTime;

use crate::format::asn1::{self, tag};
use crate::format::{alternative_name, name};
use crate::model::certificate::AlternativeName;
use crate::model::entropy::{Entropy, EntropyError};
use crate::model::private_key::SignError;
use crate::model::{Name, PrivateKey};

const SUBJECT_KEY_IDENTIFIER: &str = "2.5.29.14";
const KEY_USAGE: &str = "2.5.29.15";
const ALTERNATIVE_NAME: &str = "2.5.29.17";
const EXTENDED_KEY_USAGE: &str = "2.5.29.37";
const CLIENT_AUTH: &str = "1.3.6.1.5.5.7.3.2";
/// extensionRequest (RFC 2985 section 5.4.2).
const EXTENSION_REQUEST: &str = "1.2.840.113549.1.9.14";

/// The certificate that a client's key should get: digitalSignature for its key usage, clientAuth for its purpose.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Draft {
    /// The subject.
    pub subject: Name,
    /// The subject alternative names.
    pub names: Vec<AlternativeName>,
}

/// Why a draft cannot be encoded.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum DraftError {
    /// The key cannot sign.
    #[error(transparent)]
    Sign(#[from] SignError),
    /// The key's public half cannot be had.
    #[error("the public half of the key cannot be computed")]
    PublicKey,
    /// A name that is only described.
    #[error("the alternative name {0} cannot be written")]
    Name(String),
    /// A date that a certificate cannot have.
    #[error("the validity is outside the years 1950 to 9999")]
    Date,
    /// The source of randomness failed.
    #[error(transparent)]
    Entropy(#[from] EntropyError),
}

impl Draft {
    /// The DER of the `CertificationRequest`, signed with the key as [`PrivateKey::sign`] does it.
    ///
    /// # Errors
    ///
    /// [`DraftError`].
    pub fn request(&self, key: &PrivateKey) -> Result<Vec<u8>, DraftError> {
        let extensions = asn1::sequence(&self.extensions()?);
        let attribute = asn1::sequence(&[oid(EXTENSION_REQUEST), asn1::set(&[extensions])]);
        let info = asn1::sequence(&[
            asn1::integer(0),
            self.subject.der().to_vec(),
            key.public_key().ok_or(DraftError::PublicKey)?,
            asn1::explicit(0, &attribute),
        ]);
        signed(info, key)
    }

    /// The DER of a certificate that the key signs itself, with a random serial number of 64 bits, as keytool's
    /// `-genkeypair` makes one. Times are cut to the second.
    ///
    /// # Errors
    ///
    /// [`DraftError`].
    pub fn placeholder(
        &self,
        key: &PrivateKey,
        not_before: OffsetDateTime,
        not_after: OffsetDateTime,
        entropy: &mut dyn Entropy,
    ) -> Result<Vec<u8>, DraftError> {
        let public = key.public_key().ok_or(DraftError::PublicKey)?;
        let mut serial = [0; 8];
        entropy.fill(&mut serial)?;
        // Positive (RFC 5280 section 4.1.2.2), and of eight octets whatever comes.
        let serial = u64::from_be_bytes(serial) >> 1 | 1 << 62;
        let identifier = key.identifier().ok_or(DraftError::PublicKey)?;
        let identifier: Vec<u8> = identifier
            .as_bytes()
            .chunks(2)
            .filter_map(|pair| u8::from_str_radix(std::str::from_utf8(pair).ok()?, 16).ok())
            .collect();
        let mut extensions = vec![extension(SUBJECT_KEY_IDENTIFIER, false, &asn1::octet_string(&identifier))];
        extensions.extend(self.extensions()?);
        let info = asn1::sequence(&[
            asn1::explicit(0, &asn1::integer(2)),
            asn1::integer(serial),
            key.signature_algorithm().map_err(DraftError::Sign)?.to_vec(),
            self.subject.der().to_vec(),
            asn1::sequence(&[date(not_before)?, date(not_after)?]),
            self.subject.der().to_vec(),
            public,
            asn1::explicit(3, &asn1::sequence(&extensions)),
        ]);
        signed(info, key)
    }

    fn extensions(&self) -> Result<Vec<Vec<u8>>, DraftError> {
        // digitalSignature is the first bit of eight, seven of them unused.
        let key_usage = asn1::tlv(tag::BIT_STRING, &[7, 0x80]);
        let mut extensions = vec![
            extension(KEY_USAGE, true, &key_usage),
            extension(EXTENDED_KEY_USAGE, false, &asn1::sequence(&[oid(CLIENT_AUTH)])),
        ];
        if !self.names.is_empty() {
            let names = self
                .names
                .iter()
                .map(|name| alternative_name::encode(name).ok_or_else(|| DraftError::Name(name.to_string())));
            let names: Vec<Vec<u8>> = names.collect::<Result<_, _>>()?;
            extensions.push(extension(ALTERNATIVE_NAME, false, &asn1::sequence(&names)));
        }
        Ok(extensions)
    }
}

/// What is signed, the algorithm, the signature.
fn signed(info: Vec<u8>, key: &PrivateKey) -> Result<Vec<u8>, DraftError> {
    let algorithm = key.signature_algorithm()?.to_vec();
    let mut bits = vec![0];
    bits.extend(key.sign(&info)?);
    Ok(asn1::sequence(&[info, algorithm, asn1::tlv(tag::BIT_STRING, &bits)]))
}

fn extension(number: &str, critical: bool, value: &[u8]) -> Vec<u8> {
    let mut fields = vec![oid(number)];
    if critical {
        fields.push(asn1::boolean(true));
    }
    fields.push(asn1::octet_string(value));
    asn1::sequence(&fields)
}

/// One of the numbers above, all of which can be encoded.
fn oid(dotted: &str) -> Vec<u8> {
    asn1::object_identifier(&name::encoded_oid(dotted).unwrap_or_default())
}

/// UTCTime until 2049, GeneralizedTime from then on (RFC 5280 section 4.1.2.5).
fn date(time: OffsetDateTime) -> Result<Vec<u8>, DraftError> {
    let time = time.to_offset(time::UtcOffset::UTC);
    let (year, month, day) = (time.year(), u8::from(time.month()), time.day());
    let clock = format!("{month:02}{day:02}{:02}{:02}{:02}Z", time.hour(), time.minute(), time.second());
    match year {
        1950..=2049 => Ok(asn1::tlv(tag::UTC_TIME, format!("{:02}{clock}", year.rem_euclid(100)).as_bytes())),
        2050..=9999 => Ok(asn1::tlv(tag::GENERALIZED_TIME, format!("{year:04}{clock}").as_bytes())),
        _ => Err(DraftError::Date),
    }
}
