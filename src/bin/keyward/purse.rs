//! The passwords of one call: each given one is read once, a missing one is asked for.

use std::io::{self, IsTerminal};
use std::path::Path;
use std::rc::Rc;

use keyward::model::Password;

use crate::args::PasswordArgs;
use crate::exit::Failure;
use crate::password::{Sources, Spec};

/// keytool's rule for the password of a new store.
const SHORTEST: usize = 6;

/// The passwords of one call.
pub(crate) struct Purse {
    sources: Sources,
    store: Option<Spec>,
    inputs: Vec<Spec>,
    /// The store's password, once it was read from its source: it is the same for every store of the call.
    given: Option<Rc<Password>>,
    read_inputs: Option<Vec<Rc<Password>>>,
    stdin_is_source: bool,
}

impl Purse {
    /// Takes the specifications of a call. `stdin_is_source` says that standard input is spoken for.
    pub(crate) fn new(args: &PasswordArgs, stdin_is_source: bool) -> Result<Self, Failure> {
        let mut sources = Sources::new(stdin_is_source);
        let wanted = args.password.iter().chain(&args.in_password);
        if wanted.filter(|spec| **spec == Spec::Stdin).count() > 1 {
            return Err(Failure::unusable(
                "stdin-twice",
                "standard input can hold one password only, and two were to be read from it",
            ));
        }
        let _ = &mut sources;
        Ok(Self {
            sources,
            store: args.password.clone(),
            inputs: args.in_password.clone(),
            given: None,
            read_inputs: None,
            stdin_is_source,
        })
    }

    /// The password of `--password`, if it was given.
    pub(crate) fn given(&mut self) -> Result<Option<Rc<Password>>, Failure> {
        if self.given.is_none() {
            if let Some(spec) = &self.store {
                self.given = Some(Rc::new(self.sources.read(spec)?));
            }
        }
        Ok(self.given.clone())
    }

    /// Asks a person for the password of a store; `None` where there is nobody.
    pub(crate) fn ask(&mut self, path: &Path) -> Result<Option<Rc<Password>>, Failure> {
        if !self.somebody_is_there() {
            return Ok(None);
        }
        let password = crate::password::prompt(&format!("Password of {}: ", path.display()))?;
        Ok(Some(Rc::new(password)))
    }

    /// The password for a store that is to be made: given, or asked for twice.
    pub(crate) fn for_new_store(&mut self, path: &Path) -> Result<Rc<Password>, Failure> {
        if let Some(password) = self.given()? {
            if password.java_length() < SHORTEST {
                return Err(Failure::unusable(
                    "password-too-short",
                    format!("the password of a new store has to have at least {SHORTEST} characters"),
                )
                .hint("keytool would not make a store with a shorter one either"));
            }
            return Ok(password);
        }
        if !self.somebody_is_there() {
            return Err(no_password(path).hint(format!("{} does not exist yet and will be made", path.display())));
        }
        let password = crate::password::prompt_new(&format!("New password for {}: ", path.display()))?;
        let password = Rc::new(password);
        self.given = Some(password.clone());
        Ok(password)
    }

    /// The passwords of `--in-password`, in order.
    pub(crate) fn inputs(&mut self) -> Result<Vec<Rc<Password>>, Failure> {
        if let Some(read) = &self.read_inputs {
            return Ok(read.clone());
        }
        let mut read = Vec::new();
        for spec in &self.inputs {
            read.push(Rc::new(self.sources.read(spec)?));
        }
        self.read_inputs = Some(read.clone());
        Ok(read)
    }

    fn somebody_is_there(&self) -> bool {
        io::stdin().is_terminal() || (self.stdin_is_source && io::stderr().is_terminal())
    }
}

/// No password was given, and there is nobody to ask.
pub(crate) fn no_password(path: &Path) -> Failure {
    Failure::unusable("no-password", format!("{} needs a password, and there is nobody to ask", path.display()))
        .hint("give it with --password env:NAME, file:PATH, fd:N or stdin")
}
