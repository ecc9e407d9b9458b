//! The key derivation of PKCS12 (RFC 7292 appendix B.2), PBKDF1 and PBKDF2 (RFC 8018 section 5), and that of
//! OpenSSL's PEM.

use sha2::digest::block_api::BlockSizeUser;
use sha2::digest::{Digest, FixedOutputReset, Output};
use zeroize::{Zeroize, Zeroizing};

use crate::model::key_store::pfx::HashFunction;

/// The diversifier of RFC 7292 appendix B.3.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(super) enum Purpose {
    /// A key for encryption.
    Key = 1,
    /// An initialization vector.
    Iv = 2,
    /// A key for a MAC.
    Mac = 3,
}

/// Derives octets from a password that is a BMPString with its terminator, or empty. `iterations` of 0
/// counts as 1.
pub(super) fn pkcs12(
    hash: HashFunction,
    password: &[u8],
    salt: &[u8],
    purpose: Purpose,
    iterations: u64,
    out: &mut [u8],
) {
    let derive = match hash {
        HashFunction::Md5 => pkcs12_with::<md5::Md5>,
        HashFunction::Sha1 => pkcs12_with::<sha1::Sha1>,
        HashFunction::Sha224 => pkcs12_with::<sha2::Sha224>,
        HashFunction::Sha256 => pkcs12_with::<sha2::Sha256>,
        HashFunction::Sha384 => pkcs12_with::<sha2::Sha384>,
        HashFunction::Sha512 => pkcs12_with::<sha2::Sha512>,
        HashFunction::Sha512_224 => pkcs12_with::<sha2::Sha512_224>,
        HashFunction::Sha512_256 => pkcs12_with::<sha2::Sha512_256>,
    };
    derive(password, salt, purpose, iterations, out);
}

/// PBKDF2 with HMAC.
pub(super) fn pbkdf2(hash: HashFunction, password: &[u8], salt: &[u8], iterations: u32, out: &mut [u8]) {
    let derive = match hash {
        HashFunction::Md5 => ::pbkdf2::pbkdf2_hmac::<md5::Md5>,
        HashFunction::Sha1 => ::pbkdf2::pbkdf2_hmac::<sha1::Sha1>,
        HashFunction::Sha224 => ::pbkdf2::pbkdf2_hmac::<sha2::Sha224>,
        HashFunction::Sha256 => ::pbkdf2::pbkdf2_hmac::<sha2::Sha256>,
        HashFunction::Sha384 => ::pbkdf2::pbkdf2_hmac::<sha2::Sha384>,
        HashFunction::Sha512 => ::pbkdf2::pbkdf2_hmac::<sha2::Sha512>,
        HashFunction::Sha512_224 => ::pbkdf2::pbkdf2_hmac::<sha2::Sha512_224>,
        HashFunction::Sha512_256 => ::pbkdf2::pbkdf2_hmac::<sha2::Sha512_256>,
    };
    derive(password, salt, iterations, out);
}

/// PBKDF1 (RFC 8018 section 5.1). `iterations` of 0 counts as 1; what the hash does not fill stays zero.
pub(super) fn pbkdf1(hash: HashFunction, password: &[u8], salt: &[u8], iterations: u64, out: &mut [u8]) {
    let derive = match hash {
        HashFunction::Md5 => pbkdf1_with::<md5::Md5>,
        _ => pbkdf1_with::<sha1::Sha1>,
    };
    derive(password, salt, iterations, out);
}

/// The derivation of OpenSSL's encrypted PEM blocks (`EVP_BytesToKey` with MD5, one iteration): the digests
/// of what came before, the password and the salt, one after the other.
pub(in crate::format) fn bytes_to_key(password: &[u8], salt: &[u8], out: &mut [u8]) {
    let mut last: Zeroizing<Vec<u8>> = Zeroizing::default();
    for chunk in out.chunks_mut(16) {
        let digest = md5::Md5::new().chain_update(&*last).chain_update(password).chain_update(salt);
        last = Zeroizing::new(digest.finalize().to_vec());
        chunk.iter_mut().zip(last.iter()).for_each(|(to, from)| *to = *from);
    }
}

fn pbkdf1_with<H: Digest + FixedOutputReset>(password: &[u8], salt: &[u8], iterations: u64, out: &mut [u8]) {
    let mut hash = H::new();
    let mut t = Output::<H>::default();
    Digest::update(&mut hash, password);
    Digest::update(&mut hash, salt);
    Digest::finalize_into_reset(&mut hash, &mut t);
    for _ in 1..iterations {
        Digest::update(&mut hash, &t);
        Digest::finalize_into_reset(&mut hash, &mut t);
    }
    out.iter_mut().zip(&t).for_each(|(to, from)| *to = *from);
    t.as_mut_slice().zeroize();
}

fn pkcs12_with<H: Digest + FixedOutputReset + BlockSizeUser>(
    password: &[u8],
    salt: &[u8],
    purpose: Purpose,
    iterations: u64,
    out: &mut [u8],
) {
    let block = H::block_size();
    let diversifier = vec![purpose as u8; block];
    let mut input = Zeroizing::new(repeated(salt, block));
    input.extend_from_slice(&Zeroizing::new(repeated(password, block)));
    let mut hash = H::new();
    let mut a = Output::<H>::default();
    let mut chunks = out.chunks_mut(<H as Digest>::output_size()).peekable();
    while let Some(chunk) = chunks.next() {
        Digest::update(&mut hash, &diversifier);
        Digest::update(&mut hash, &*input);
        Digest::finalize_into_reset(&mut hash, &mut a);
        for _ in 1..iterations {
            Digest::update(&mut hash, &a);
            Digest::finalize_into_reset(&mut hash, &mut a);
        }
        chunk.iter_mut().zip(&a).for_each(|(to, from)| *to = *from);
        if chunks.peek().is_some() {
            input.chunks_exact_mut(block).for_each(|piece| add_with_one(piece, &a));
        }
    }
    a.as_mut_slice().zeroize();
}

/// Copies of a string, cut so that the whole is a multiple of the block; nothing of nothing.
fn repeated(string: &[u8], block: usize) -> Vec<u8> {
    let length = string.len().div_ceil(block).saturating_mul(block);
    string.iter().copied().cycle().take(length).collect()
}

/// `piece + a… + 1` modulo its size, where `a…` is `a` over and over, as long as the piece.
fn add_with_one(piece: &mut [u8], a: &[u8]) {
    let period = a.len().max(1);
    let mut carry = 1u16;
    for (index, octet) in piece.iter_mut().enumerate().rev() {
        let addend = a.get(index % period).copied().unwrap_or_default();
        let [high, low] = (u16::from(*octet) + u16::from(addend) + carry).to_be_bytes();
        *octet = low;
        carry = u16::from(high);
    }
}
