//! ASN.1 values (X.690): a reader of BER that knows where it stands, and a writer of DER.
//!
//! Keystores of twenty years hold BER with indefinite lengths and strings in pieces; errors have to name
//! the field and the offset. Nothing is copied unless a string comes in pieces, and nothing is allocated by
//! a length that the bytes do not bear out.

mod reader;
mod time;
mod writer;

#[cfg(test)]
mod tests;

pub use reader::{Asn1Error, Problem, Reader, Value};
pub use writer::{
    bmp_string, boolean, explicit, integer, null, object_identifier, octet_string, sequence, set, tlv,
};

/// Identifier octets of the universal types that keyward meets, the constructed bit included where the
/// type always has it.
pub mod tag {
    /// BOOLEAN.
    pub const BOOLEAN: u8 = 0x01;
    /// INTEGER.
    pub const INTEGER: u8 = 0x02;
    /// BIT STRING.
    pub const BIT_STRING: u8 = 0x03;
    /// OCTET STRING.
    pub const OCTET_STRING: u8 = 0x04;
    /// NULL.
    pub const NULL: u8 = 0x05;
    /// OBJECT IDENTIFIER.
    pub const OBJECT_IDENTIFIER: u8 = 0x06;
    /// ENUMERATED.
    pub const ENUMERATED: u8 = 0x0a;
    /// UTF8String.
    pub const UTF8_STRING: u8 = 0x0c;
    /// UTCTime.
    pub const UTC_TIME: u8 = 0x17;
    /// GeneralizedTime.
    pub const GENERALIZED_TIME: u8 = 0x18;
    /// BMPString.
    pub const BMP_STRING: u8 = 0x1e;
    /// SEQUENCE, SEQUENCE OF.
    pub const SEQUENCE: u8 = 0x30;
    /// SET, SET OF.
    pub const SET: u8 = 0x31;
    /// The bit that says that the content is made of values.
    pub const CONSTRUCTED: u8 = 0x20;

    /// The identifier octet of a context-specific tag; the caller adds [`CONSTRUCTED`] where it belongs.
    #[must_use]
    pub const fn context(number: u8) -> u8 {
        0x80 | number
    }
}
