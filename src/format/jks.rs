//! JKS and JCEKS: the keystore formats of Sun's providers.
//!
//! They have no standard; the layout is written down in `docs/formats/jks.md` and `docs/formats/jceks.md`,
//! after `sun.security.provider.JavaKeyStore` and `com.sun.crypto.provider.JceKeyStore`. Both are a list of
//! entries with a keyed SHA-1 at the end. Keys are protected one by one, with a password of their own
//! ([`recover_key`], [`protect_key`], [`protect_jceks_key`]; secret keys [`unseal_secret_key`],
//! [`seal_secret_key`]); reading a store opens none of them.

mod cursor;
mod decode;
mod digest;
mod encode;
mod error;
mod key_protector;
mod modified_utf8;
mod sealed_object;
mod serialization;
mod triple_des;

#[cfg(test)]
mod tests;

pub use decode::{Decoded, decode};
pub use encode::encode;
pub use error::{JksError, Place, Problem};
pub(in crate::format) use key_protector::{JCE_PROTECTOR, JKS_PROTECTOR};
pub use key_protector::{ProtectorError, protect_jceks_key, protect_key, recover_key};
pub use sealed_object::{seal_secret_key, unseal_secret_key};
pub use triple_des::Protection;

/// The first four bytes of a JKS file.
pub const JKS_MAGIC: [u8; 4] = [0xfe, 0xed, 0xfe, 0xed];
/// The first four bytes of a JCEKS file.
pub const JCEKS_MAGIC: [u8; 4] = [0xce, 0xce, 0xce, 0xce];

const PRIVATE_KEY: u32 = 1;
const TRUSTED_CERTIFICATE: u32 = 2;
const SECRET_KEY: u32 = 3;
