//! Passwords from where the caller says that they are.

mod error;
mod spec;
mod surroundings;
mod terminal;
#[cfg(test)]
mod tests;

use std::collections::BTreeMap;
use std::fs::File;
use std::io::{self, Read};
use std::mem;
use std::path::Path;

use keyward::limits;
use keyward::model::Password;
use zeroize::{Zeroize, Zeroizing};

pub(crate) use error::PasswordError;
pub(crate) use spec::{Spec, SpecError, SpecText};
pub(crate) use surroundings::{Process, Surroundings};

/// The fewest characters of a new store's password, as keytool wants them
/// (`sun.security.tools.keytool.Main`). Java counts UTF-16 units.
pub(crate) const NEW_PASSWORD_CHARACTERS: usize = 6;

/// How often a new password may be typed wrongly, as keytool has it.
const TRIES: u32 = 3;

/// The sources of one call's passwords. It remembers who has standard input, and which descriptors are open.
pub(crate) struct Sources<S> {
    surroundings: S,
    standard_input_is_of: Option<String>,
    descriptors: BTreeMap<i32, File>,
}

impl<S: Surroundings> Sources<S> {
    /// Sources in these surroundings: [`Process`], but in tests.
    pub(crate) fn new(surroundings: S) -> Self {
        Self { surroundings, standard_input_is_of: None, descriptors: BTreeMap::new() }
    }

    /// Takes standard input for one purpose: a password, or the input that is called `-`.
    ///
    /// # Errors
    ///
    /// [`PasswordError::InputTaken`] when it is taken already.
    pub(crate) fn take_standard_input(&mut self, purpose: &str) -> Result<(), PasswordError> {
        if let Some(first) = &self.standard_input_is_of {
            return Err(PasswordError::InputTaken { first: first.clone(), second: purpose.to_owned() });
        }
        self.standard_input_is_of = Some(purpose.to_owned());
        Ok(())
    }

    /// A password that opens something. `of` names that in the prompt and in errors, as in "trust.p12".
    /// Without a specification it is asked for on the terminal, without an echo.
    ///
    /// # Errors
    ///
    /// [`PasswordError`] says what the source lacks. Nothing is checked of the password itself; it may be empty.
    pub(crate) fn password(&mut self, spec: Option<&Spec>, of: &str) -> Result<Password, PasswordError> {
        match spec {
            Some(spec) => self.specified(spec, of),
            None => self.ask(of, &format!("Password of {of}: ")),
        }
    }

    /// A password for something new. Without a specification it is asked for twice, three times at most.
    ///
    /// # Errors
    ///
    /// As [`Sources::password`]; and a specified password of less than six characters is refused, a typed one
    /// asked for again.
    pub(crate) fn new_password(&mut self, spec: Option<&Spec>, of: &str) -> Result<Password, PasswordError> {
        let long_enough = |password: &Password| password.java_length() >= NEW_PASSWORD_CHARACTERS;
        if let Some(spec) = spec {
            let password = self.specified(spec, of)?;
            return if long_enough(&password) {
                Ok(password)
            } else {
                Err(PasswordError::TooShort { of: of.to_owned(), least: NEW_PASSWORD_CHARACTERS })
            };
        }
        for _ in 0..TRIES {
            let password = self.ask(of, &format!("New password of {of}: "))?;
            if !long_enough(&password) {
                self.say(of, &format!("It must have at least {NEW_PASSWORD_CHARACTERS} characters."))?;
                continue;
            }
            if self.ask(of, "The same again: ")?.reveal() == password.reveal() {
                return Ok(password);
            }
            self.say(of, "They are not the same.")?;
        }
        Err(PasswordError::TooManyTries { of: of.to_owned() })
    }

    fn specified(&mut self, spec: &Spec, of: &str) -> Result<Password, PasswordError> {
        match spec {
            Spec::Text(text) => Ok(Password::new(text.reveal().to_owned())),
            Spec::Environment(name) => self.variable(spec, name),
            Spec::File(path) => file(spec, path),
            Spec::Descriptor(number) => self.descriptor(spec, *number),
            Spec::StandardInput => {
                self.take_standard_input(&format!("the password of {of}"))?;
                first_line(spec, self.surroundings.standard_input())
            }
        }
    }

    fn variable(&self, spec: &Spec, name: &str) -> Result<Password, PasswordError> {
        let value = self.surroundings.variable(name);
        let value = value.ok_or_else(|| PasswordError::Unset { name: name.to_owned() })?;
        value.into_string().map(Password::new).map_err(|value| {
            value.into_encoded_bytes().zeroize();
            PasswordError::NotUtf8 { spec: spec.clone() }
        })
    }

    /// The next line, so that one descriptor can give several passwords.
    fn descriptor(&mut self, spec: &Spec, number: i32) -> Result<Password, PasswordError> {
        let unreadable = |error| PasswordError::Unreadable { spec: spec.clone(), error };
        let mut file = match self.descriptors.remove(&number) {
            Some(file) => file,
            None => surroundings::descriptor(number).map_err(unreadable)?,
        };
        let password = first_line(spec, &mut file);
        self.descriptors.insert(number, file);
        password
    }

    fn ask(&mut self, of: &str, prompt: &str) -> Result<Password, PasswordError> {
        match self.surroundings.ask(prompt) {
            Ok(mut answer) => Ok(Password::new(mem::take(&mut *answer))),
            Err(error) => Err(match error.kind() {
                io::ErrorKind::NotConnected => PasswordError::NoTerminal { of: of.to_owned() },
                io::ErrorKind::UnexpectedEof => PasswordError::NoAnswer { of: of.to_owned() },
                _ => PasswordError::Terminal { of: of.to_owned(), error },
            }),
        }
    }

    fn say(&mut self, of: &str, text: &str) -> Result<(), PasswordError> {
        self.surroundings.say(text).map_err(|error| PasswordError::Terminal { of: of.to_owned(), error })
    }
}

/// The file is opened for each use, so each use of the same file gives the same first line. (OpenSSL gives the
/// second line to a second use.)
fn file(spec: &Spec, path: &Path) -> Result<Password, PasswordError> {
    let opened = File::open(path);
    let mut file = opened.map_err(|error| PasswordError::Unreadable { spec: spec.clone(), error })?;
    first_line(spec, &mut file)
}

/// The text before the first CR or LF, as keytool takes it (`sun.security.tools.KeyStoreUtil`); OpenSSL would
/// keep a CR. Read octet by octet up to the LF: what follows is left to the next reader of a pipe.
fn first_line(spec: &Spec, reader: &mut dyn Read) -> Result<Password, PasswordError> {
    // Never grown, so that no copy of a part is left in memory.
    let mut line = Zeroizing::new(Vec::with_capacity(limits::PASSWORD_BYTES));
    let mut octet = Zeroizing::new([0_u8]);
    let (mut length, mut ended) = (0_usize, false);
    loop {
        match reader.read(octet.as_mut_slice()) {
            Ok(0) if length == 0 => return Err(PasswordError::Empty { spec: spec.clone() }),
            Ok(0) => break,
            Ok(_) => {}
            Err(error) if error.kind() == io::ErrorKind::Interrupted => continue,
            Err(error) => return Err(PasswordError::Unreadable { spec: spec.clone(), error }),
        }
        length = length.saturating_add(1);
        match octet.first() {
            Some(b'\n') => break,
            _ if length > limits::PASSWORD_BYTES => {
                return Err(PasswordError::TooLong { spec: spec.clone(), limit: limits::PASSWORD_BYTES });
            }
            Some(b'\r') => ended = true,
            Some(&octet) if !ended => line.push(octet),
            _ => {}
        }
    }
    String::from_utf8(mem::take(&mut *line)).map(Password::new).map_err(|error| {
        error.into_bytes().zeroize();
        PasswordError::NotUtf8 { spec: spec.clone() }
    })
}
