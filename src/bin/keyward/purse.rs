//! The passwords of one call: each given one is read once, a missing one is asked for.

use std::path::Path;
use std::rc::Rc;

use keyward::model::Password;

use crate::args::PasswordArgs;
use crate::exit::{Exit, Failure};
use crate::password::{PasswordError, Process, Sources, Spec, SpecError, SpecText};

/// The passwords of one call.
pub(crate) struct Purse {
    sources: Sources<Process>,
    store: Option<Spec>,
    inputs: Vec<Spec>,
    keys: Vec<(Option<String>, Spec)>,
    out_key: Option<Spec>,
    /// The store's password, once it was read from its source: it is the same for every store of the call.
    given: Option<Rc<Password>>,
    read_inputs: Option<Vec<Rc<Password>>>,
    read_keys: Option<Vec<KeyPassword>>,
}

/// A password of `--key-password`.
#[derive(Clone, Debug)]
pub(crate) struct KeyPassword {
    /// The alias of the key that it is for; without one it is tried on every key.
    pub(crate) alias: Option<String>,
    /// The password.
    pub(crate) password: Rc<Password>,
}

impl Purse {
    /// Takes the specifications of a call. `stdin_is_source` says that standard input is spoken for.
    pub(crate) fn new(args: &PasswordArgs, stdin_is_source: bool) -> Result<Self, Failure> {
        let mut sources = Sources::new(Process::default());
        if stdin_is_source {
            sources.take_standard_input("the input \"-\"").map_err(|error| unavailable(&error))?;
        }
        Ok(Self {
            sources,
            store: args.password.as_ref().map(|text| parsed("--password", text)).transpose()?,
            inputs: args
                .in_password
                .iter()
                .map(|text| parsed("--in-password", text))
                .collect::<Result<_, _>>()?,
            keys: args
                .key_password
                .iter()
                .map(|text| text.parse_with_alias().map_err(|error| no_spec("--key-password", error)))
                .collect::<Result<_, _>>()?,
            out_key: None,
            given: None,
            read_inputs: None,
            read_keys: None,
        })
    }

    /// Takes the specification of `--out-key-password` as well.
    pub(crate) fn with_out_key(mut self, text: Option<&SpecText>) -> Result<Self, Failure> {
        self.out_key = text.map(|text| parsed("--out-key-password", text)).transpose()?;
        Ok(self)
    }

    /// The password of `--out-key-password`, if it was given.
    pub(crate) fn out_key(&mut self) -> Result<Option<Rc<Password>>, Failure> {
        let Some(spec) = self.out_key.clone() else { return Ok(None) };
        let password = self
            .sources
            .new_password(Some(&spec), "the keys that are written")
            .map_err(|error| unavailable(&error))?;
        Ok(Some(Rc::new(password)))
    }

    /// The password of `--password`, if it was given.
    pub(crate) fn given(&mut self) -> Result<Option<Rc<Password>>, Failure> {
        if self.given.is_none()
            && let Some(spec) = &self.store
        {
            let password =
                self.sources.password(Some(spec), "the store").map_err(|error| unavailable(&error))?;
            self.given = Some(Rc::new(password));
        }
        Ok(self.given.clone())
    }

    /// Asks a person for the password of a store; `None` where there is nobody.
    pub(crate) fn ask(&mut self, path: &Path) -> Result<Option<Rc<Password>>, Failure> {
        match self.sources.password(None, &path.display().to_string()) {
            Ok(password) => Ok(Some(Rc::new(password))),
            Err(PasswordError::NoTerminal { .. }) => Ok(None),
            Err(error) => Err(unavailable(&error)),
        }
    }

    /// Whether a password was given, wherever it is.
    pub(crate) fn has_one(&self) -> bool {
        self.store.is_some()
    }

    /// The password for a store that is to be made: given, or asked for twice.
    pub(crate) fn for_new_store(&mut self, path: &Path) -> Result<Rc<Password>, Failure> {
        if let Some(password) = &self.given {
            // Read already, for another store of the call: the rule for new ones holds all the same.
            if password.java_length() < crate::password::NEW_PASSWORD_CHARACTERS {
                return Err(unavailable(&PasswordError::TooShort {
                    of: path.display().to_string(),
                    least: crate::password::NEW_PASSWORD_CHARACTERS,
                }));
            }
            return Ok(password.clone());
        }
        let spec = self.store.clone();
        let password = self.sources.new_password(spec.as_ref(), &path.display().to_string()).map_err(
            |error| match error {
                PasswordError::NoTerminal { .. } => {
                    no_password(path).hint(format!("{} does not exist yet and will be made", path.display()))
                }
                error => unavailable(&error),
            },
        )?;
        let password = Rc::new(password);
        self.given = Some(password.clone());
        Ok(password)
    }

    /// The passwords of `--in-password`, in order: for what is read from.
    pub(crate) fn inputs(&mut self) -> Result<Vec<Rc<Password>>, Failure> {
        if let Some(read) = &self.read_inputs {
            return Ok(read.clone());
        }
        let mut read = Vec::new();
        for spec in &self.inputs {
            let password =
                self.sources.password(Some(spec), "the input").map_err(|error| unavailable(&error))?;
            read.push(Rc::new(password));
        }
        self.read_inputs = Some(read.clone());
        Ok(read)
    }

    /// The passwords of `--key-password`, in order.
    pub(crate) fn keys(&mut self) -> Result<Vec<KeyPassword>, Failure> {
        if let Some(read) = &self.read_keys {
            return Ok(read.clone());
        }
        let mut read = Vec::new();
        for (alias, spec) in &self.keys {
            let password =
                self.sources.password(Some(spec), "the key").map_err(|error| unavailable(&error))?;
            read.push(KeyPassword { alias: alias.clone(), password: Rc::new(password) });
        }
        self.read_keys = Some(read.clone());
        Ok(read)
    }
}

/// No password was given, and there is nobody to ask.
pub(crate) fn no_password(path: &Path) -> Failure {
    Failure::unusable(
        "no-password",
        format!("{} needs a password, and there is nobody to ask", path.display()),
    )
    .hint("give it with --password env:NAME, file:PATH, fd:N or stdin")
}

/// Reads a specification. clap would repeat a wrong one, and it may be the password itself.
fn parsed(option: &str, text: &SpecText) -> Result<Spec, Failure> {
    text.parse().map_err(|error| no_spec(option, error))
}

fn no_spec(option: &str, error: SpecError) -> Failure {
    Failure::unusable("not-a-password-source", format!("{option}: {error}"))
        .hint("what was given is not repeated here: it may be the password")
}

fn unavailable(error: &PasswordError) -> Failure {
    let failure =
        Failure { exit: Exit::Unusable, id: error.id(), message: error.to_string(), hints: Vec::new() };
    match error {
        PasswordError::NoTerminal { .. } => {
            failure.hint("give it with --password env:NAME, file:PATH, fd:N or stdin")
        }
        PasswordError::TooShort { .. } => {
            failure.hint("keytool would not make a store with a shorter one either")
        }
        _ => failure,
    }
}
