//! From the bytes of a file to the model.

use std::borrow::Cow;
use std::thread;

use super::algorithm::{Encryption, unsupported};
use super::cipher::{self, Secret};
use super::derivations::Derivations;
use super::error::{At, Pkcs12Error, Place};
use super::key::is_sequence;
use super::mac::Mac;
use super::oid;
use super::safe_contents::{BagReader, explicit};
use crate::format::asn1::{Asn1Error, Reader, Value, tag};
use crate::limits;
use crate::model::Password;
use crate::model::key_store::Integrity;
use crate::model::key_store::pfx::{Contents, Part, PasswordForm, Pfx, Protection};

/// Octets from which on the MAC takes longer than to start a thread for it.
const WORTH_A_THREAD: usize = 256 * 1024;

/// A file that was read.
#[derive(Debug, PartialEq)]
pub struct Decoded {
    /// What it holds.
    pub pfx: Pfx,
    /// What is known about its integrity.
    pub integrity: Integrity,
    /// How many bytes follow the PFX. Java does not look at them, and no rewriting keeps them.
    pub trailing: usize,
}

/// Reads a PKCS12 file (RFC 7292), in DER or BER.
///
/// With a password the MAC is checked first, and then everything is decrypted; without one the MAC is not
/// checked, and encrypted parts stay [`Contents::Locked`]. Private keys are not decrypted, and
/// certificates not read. A password is no fault in a file that needs none.
///
/// # Errors
///
/// [`Pkcs12Error::Password`] with the MAC or the part that did not fit; [`Pkcs12Error::Unsupported`] for
/// what keyward does not do, by name; [`Pkcs12Error::Asn1`] with field and offset for what is malformed;
/// the others where the file asks for too much.
pub fn decode(
    bytes: &[u8],
    password: Option<&Password>,
    derivations: &mut Derivations,
) -> Result<Decoded, Pkcs12Error> {
    let mut file = Reader::new(bytes);
    let mut fields = file.sequence("PFX").at(Place::File)?;
    let version = fields.unsigned("version").at(Place::File)?;
    if version != 3 {
        return Err(Pkcs12Error::Version(version));
    }
    let info = ContentInfo::read(&mut fields, Place::File)?;
    if info.kind != oid::DATA {
        return Err(unsupported(Place::File, "content type", info.kind));
    }
    let mut content = info.content("AuthenticatedSafe", Place::File)?;
    let safe = OctetString::read(&mut content, "AuthenticatedSafe").at(Place::File)?;
    let mac = if fields.is_empty() { None } else { Some(Mac::read(&mut fields)?) };
    fields.end("PFX").at(Place::File)?;

    let mut opener = Opener { password, form: PasswordForm::default(), derivations, bags: BagReader::new() };
    opener.afford(mac.as_ref(), &safe)?;
    let (parts, integrity) = opener.contents(mac.as_ref(), &safe)?;
    let pfx = Pfx::from_parts(parts, mac.map(|mac| mac.scheme), opener.form);
    Ok(Decoded { pfx, integrity, trailing: file.rest().len() })
}

/// What it takes to look into the parts.
struct Opener<'p, 'd> {
    password: Option<&'p Password>,
    /// The form of the password that fitted last.
    form: PasswordForm,
    derivations: &'d mut Derivations,
    bags: BagReader,
}

impl Opener<'_, '_> {
    /// Refuses a file whose MAC and parts together take too much, before any of it is done. What is malformed
    /// is for later, when the MAC has been checked.
    fn afford(&self, mac: Option<&Mac>, safe: &OctetString<'_>) -> Result<(), Pkcs12Error> {
        let Ok(mut infos) = safe.reader().sequence("AuthenticatedSafe") else { return Ok(()) };
        if self.password.is_none() {
            return Ok(());
        }
        let mut total = mac.map_or(0, Mac::cost);
        for number in 1..=limits::ENTRIES {
            let place = Place::Part(number);
            let Ok(info) = ContentInfo::read(&mut infos, place) else { return Ok(()) };
            if info.kind != oid::ENCRYPTED_DATA {
                continue;
            }
            let Ok((encryption, _)) = encrypted_data(&info, place) else { continue };
            total = total.saturating_add(cipher::cost(&encryption.scheme));
            let exceeded = |limit| Pkcs12Error::IterationsPerFile { place, limit };
            self.derivations.afford(total).map_err(exceeded)?;
        }
        Ok(())
    }

    /// Checks the MAC and reads the parts. The MAC of a large file is computed beside the reading; nothing that was
    /// read before it proved right is given out, and what is wrong with the MAC is said first.
    fn contents(
        &mut self,
        mac: Option<&Mac>,
        safe: &OctetString<'_>,
    ) -> Result<(Vec<Part>, Integrity), Pkcs12Error> {
        let likely = self.password.and_then(|password| Secret::forms(password, self.form).into_iter().next());
        if let (Some(mac), Some(likely)) = (mac, likely)
            && safe.octets.len() >= WORTH_A_THREAD
        {
            let keyed = mac.keyed(likely, self.derivations)?;
            let (read, fits) = thread::scope(|scope| {
                let check = || keyed.fits(&safe.octets);
                // A system that has no thread to give has the MAC computed below.
                let check = thread::Builder::new().spawn_scoped(scope, check).ok();
                let read = self.parts(safe);
                (read, check.is_some_and(|check| check.join().is_ok_and(|fits| fits)))
            });
            if fits {
                return Ok((read?, Integrity::Verified));
            }
            self.form = likely.form;
            self.bags = BagReader::new();
        }
        let integrity = self.check(mac, &safe.octets)?;
        Ok((self.parts(safe)?, integrity))
    }

    fn check(&mut self, mac: Option<&Mac>, contents: &[u8]) -> Result<Integrity, Pkcs12Error> {
        let Some(mac) = mac else { return Ok(Integrity::None) };
        let Some(password) = self.password else { return Ok(Integrity::Unchecked) };
        for secret in Secret::forms(password, self.form) {
            if mac.keyed(secret, self.derivations)?.fits(contents) {
                self.form = secret.form;
                return Ok(Integrity::Verified);
            }
        }
        Err(Pkcs12Error::Password { place: Place::Mac })
    }

    fn parts(&mut self, safe: &OctetString<'_>) -> Result<Vec<Part>, Pkcs12Error> {
        let mut reader = safe.reader();
        let mut infos = reader.sequence("AuthenticatedSafe").at(Place::File)?;
        reader.end("AuthenticatedSafe").at(Place::File)?;
        let mut parts = Vec::new();
        while !infos.is_empty() {
            if parts.len() >= limits::ENTRIES {
                return Err(Pkcs12Error::Entries { place: Place::File, limit: limits::ENTRIES });
            }
            parts.push(self.part(&mut infos, parts.len().saturating_add(1))?);
        }
        Ok(parts)
    }

    fn part(&mut self, infos: &mut Reader<'_>, number: usize) -> Result<Part, Pkcs12Error> {
        let place = Place::Part(number);
        let info = ContentInfo::read(infos, place)?;
        let (protection, contents) = match info.kind {
            oid::DATA => {
                let mut content = info.content("SafeContents", place)?;
                let octets = OctetString::read(&mut content, "SafeContents").at(place)?;
                (Protection::Plain, Contents::Open(self.bags.part(&mut octets.reader(), number)?))
            }
            oid::ENCRYPTED_DATA => {
                let (encryption, ciphertext) = encrypted_data(&info, place)?;
                let contents = self.open(&encryption, &ciphertext, number)?;
                (Protection::Encrypted(encryption.scheme), contents)
            }
            kind => (Protection::Other(kind.to_vec()), Contents::Locked),
        };
        Ok(Part::from_file(protection, contents, info.whole))
    }

    fn open(
        &mut self,
        encryption: &Encryption,
        ciphertext: &[u8],
        number: usize,
    ) -> Result<Contents, Pkcs12Error> {
        let Some(password) = self.password else { return Ok(Contents::Locked) };
        let place = Place::Part(number);
        for secret in Secret::forms(password, self.form) {
            match cipher::decrypt(encryption, ciphertext, secret, place, self.derivations) {
                // Without a MAC this is all that tells a wrong password whose padding happens to be right.
                Ok(plaintext) if is_sequence(&plaintext) => {
                    self.form = secret.form;
                    return self.bags.part(&mut Reader::new(&plaintext), number).map(Contents::Open);
                }
                Ok(_) | Err(Pkcs12Error::Password { .. }) => {}
                Err(other) => return Err(other),
            }
        }
        Err(Pkcs12Error::Password { place })
    }
}

/// A ContentInfo (RFC 2315 section 7).
struct ContentInfo<'a> {
    kind: &'a [u8],
    fields: Reader<'a>,
    whole: &'a [u8],
}

impl<'a> ContentInfo<'a> {
    fn read(reader: &mut Reader<'a>, place: Place) -> Result<Self, Pkcs12Error> {
        let value = reader.tagged(tag::SEQUENCE, "ContentInfo").at(place)?;
        let mut fields = value.reader();
        let kind = fields.object_identifier("contentType").at(place)?;
        Ok(Self { kind, fields, whole: value.whole })
    }

    /// A reader of the content, which is optional in the standard and never missing in a store.
    fn content(&self, field: &'static str, place: Place) -> Result<Reader<'a>, Pkcs12Error> {
        let mut fields = self.fields.clone();
        let content = explicit(&mut fields, field).at(place)?;
        fields.end("ContentInfo").at(place)?;
        Ok(content)
    }
}

/// An OCTET STRING that holds values: where it comes in one piece their offsets are those of the file.
struct OctetString<'a> {
    value: Value<'a>,
    octets: Cow<'a, [u8]>,
}

impl<'a> OctetString<'a> {
    /// Reads one that nothing follows.
    fn read(reader: &mut Reader<'a>, field: &'static str) -> Result<Self, Asn1Error> {
        let value = reader.clone().any(field)?;
        let octets = reader.octet_string(field)?;
        reader.end(field)?;
        Ok(Self { value, octets })
    }

    fn reader(&self) -> Reader<'_> {
        match &self.octets {
            Cow::Borrowed(_) => self.value.reader(),
            Cow::Owned(octets) => Reader::new(octets),
        }
    }
}

/// EncryptedData (RFC 2315 section 13): the algorithm and the octets.
fn encrypted_data<'a>(
    info: &ContentInfo<'a>,
    place: Place,
) -> Result<(Encryption, Cow<'a, [u8]>), Pkcs12Error> {
    let mut content = info.content("EncryptedData", place)?;
    let mut fields = content.sequence("EncryptedData").at(place)?;
    fields.unsigned("EncryptedData version").at(place)?;
    let mut fields = fields.sequence("EncryptedContentInfo").at(place)?;
    let kind = fields.object_identifier("encrypted content type").at(place)?;
    if kind != oid::DATA {
        return Err(unsupported(place, "encrypted content type", kind));
    }
    let encryption = Encryption::read(&mut fields, place)?;
    let in_pieces = tag::context(0) | tag::CONSTRUCTED;
    let tag = if fields.peek() == Some(in_pieces) { in_pieces } else { tag::context(0) };
    let ciphertext = fields.tagged(tag, "encryptedContent").at(place)?;
    let octets = ciphertext.octets("encryptedContent").at(place)?;
    fields.end("EncryptedContentInfo").at(place)?;
    Ok((encryption, octets))
}
