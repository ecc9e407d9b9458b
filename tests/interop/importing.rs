//! One import, done by keytool and by keyward on copies of the same store.

use std::collections::HashMap;
use std::fmt;
use std::path::{Path, PathBuf};
use std::sync::{LazyLock, Mutex, PoisonError};

use crate::jvm::{Jvm, KeytoolRun, Listing, home_with_own_cacerts, scratch, text};
use crate::keyward::{Keyward, Outcome, testdata};
use crate::peers::jdk;

pub const PASSWORD: &str = "changeit";

/// A store's format, as both tools' options name it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Format {
    Jks,
    Pkcs12,
}

impl Format {
    pub const BOTH: [Self; 2] = [Self::Jks, Self::Pkcs12];

    pub fn name(self) -> &'static str {
        match self {
            Self::Jks => "jks",
            Self::Pkcs12 => "pkcs12",
        }
    }

    pub fn extension(self) -> &'static str {
        match self {
            Self::Jks => "jks",
            Self::Pkcs12 => "p12",
        }
    }
}

/// The store before the import.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Start {
    pub format: Format,
    /// A store of `testdata/stores`, without its extension, that is copied first.
    pub base: Option<&'static str>,
    /// Trusted certificates that keytool then adds: alias, and the file in `testdata/pki` without extension.
    pub trusted: Vec<(String, &'static str)>,
}

impl Start {
    /// No file yet.
    pub fn new_file(format: Format) -> Self {
        Self { format, base: None, trusted: Vec::new() }
    }

    pub fn of(format: Format, base: Option<&'static str>, trusted: &[(&str, &'static str)]) -> Self {
        Self {
            format,
            base,
            trusted: trusted.iter().map(|(alias, file)| ((*alias).to_owned(), *file)).collect(),
        }
    }

    /// The store's bytes, made once; `None` where no file is to be.
    fn bytes(&self) -> Option<Vec<u8>> {
        static MADE: LazyLock<Mutex<HashMap<Start, Vec<u8>>>> = LazyLock::new(Mutex::default);
        if self.base.is_none() && self.trusted.is_empty() {
            return None;
        }
        let mut made = MADE.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(bytes) = made.get(self) {
            return Some(bytes.clone());
        }
        let path = scratch("starts").join(format!("{}.{}", made.len(), self.format.extension()));
        if let Some(base) = self.base {
            let base = testdata(&format!("stores/{base}.{}", self.format.extension()));
            std::fs::copy(base, &path).expect("the fixture");
        }
        for (alias, file) in &self.trusted {
            let certificate = testdata(&format!("pki/{file}.pem"));
            let run = keytool_import(&path, self.format, alias, &certificate, &["-noprompt"], "");
            assert_eq!(run.code, 0, "{run:?}");
        }
        let bytes = std::fs::read(&path).expect("the store that keytool made");
        made.insert(self.clone(), bytes.clone());
        Some(bytes)
    }
}

/// What a tool does with an import when nobody answers its questions.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Decision {
    /// The store has the certificate, or the key entry its reply.
    Imported,
    /// A person's yes is needed, and suffices.
    Asks,
    /// All is well as it is; success.
    Unchanged,
    /// An error, with a yes too.
    Refuses,
    /// keytool's silence: success, and nothing done.
    Ignores,
}

/// An import to be compared.
pub struct Cell {
    /// `group/what`; with the store it is the name that reports and `better_than_keytool` use.
    pub name: String,
    pub start: Start,
    pub alias: String,
    pub input: Vec<u8>,
    /// The first certificate of the input in clean PEM: what a reader of this input must find. `None`: nothing
    /// can be found in it, or keytool itself is the measure.
    pub clean: Option<Vec<u8>>,
    pub trust_cacerts: bool,
}

/// What became of one tool's import.
struct Trace {
    decision: Decision,
    /// The store after nobody answered, and after a yes.
    unanswered: Option<Vec<u8>>,
    confirmed: Option<Vec<u8>>,
    talk: String,
}

/// The two tools' ways with one cell.
pub struct Comparison {
    pub keytool: Decision,
    pub keyward: Decision,
    /// What is wrong with keyward's stores, given its decision.
    pub faults: Vec<String>,
    pub talk: String,
}

impl fmt::Display for Comparison {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "keytool {:?}, keyward {:?}", self.keytool, self.keyward)?;
        for fault in &self.faults {
            write!(f, "\n      {fault}")?;
        }
        write!(f, "\n      {}", self.talk.replace('\n', "\n      "))
    }
}

/// Does the import with both, without an answer and with a yes, each on a fresh copy.
pub fn compare(cell: &Cell) -> Comparison {
    let folder = scratch(&format!("cells/{}", cell.name.replace(|c: char| !c.is_ascii_alphanumeric(), "-")));
    let start = cell.start.bytes();
    let measure = by_keytool(cell, start.as_deref(), &folder, &cell.input);
    let trace = by_keyward(cell, start.as_deref(), &folder);
    let mut faults = Vec::new();

    if trace.decision != Decision::Imported && trace.unanswered != start {
        faults.push("the store was touched though nothing was decided".to_owned());
    }
    match trace.decision {
        Decision::Imported | Decision::Asks => {
            let expected = match (measure.decision, &cell.clean) {
                (Decision::Imported | Decision::Asks, _) | (_, None) => measure.confirmed,
                (_, Some(clean)) => by_keytool(cell, start.as_deref(), &folder, clean).confirmed,
            };
            let expected = listing(&folder, expected.as_deref());
            let mut stores = vec![("after a yes", &trace.confirmed)];
            if trace.decision == Decision::Imported {
                stores.push(("unasked", &trace.unanswered));
            }
            for (when, store) in stores {
                let got = listing(&folder, store.as_deref());
                if !same(&got, &expected) {
                    faults.push(format!("store {when}: Java lists {got:?}\n      but expected {expected:?}"));
                }
            }
        }
        Decision::Unchanged | Decision::Refuses | Decision::Ignores => {
            if trace.confirmed != start {
                faults.push("the store was touched though nothing was to change".to_owned());
            }
        }
    }
    let talk = format!("keytool: {}\nkeyward: {}", measure.talk.trim(), trace.talk.trim());
    Comparison { keytool: measure.decision, keyward: trace.decision, faults, talk }
}

fn by_keytool(cell: &Cell, start: Option<&[u8]>, folder: &Path, input: &[u8]) -> Trace {
    let source = folder.join("input");
    std::fs::write(&source, input).expect("the input");
    let options: &[&str] = if cell.trust_cacerts { &["-trustcacerts"] } else { &[] };
    let run = |answer: &str| {
        let store = lay(folder, "keytool", cell.start.format, start);
        let run = keytool_import(&store, cell.start.format, &cell.alias, &source, options, answer);
        (run, std::fs::read(&store).ok())
    };
    let (silent, unanswered) = run("");
    let (answered, confirmed) = run("yes\n");
    let asked = silent.err.contains("[no]:");
    let decision = if silent.code != 0 || (asked && answered.code != 0) {
        Decision::Refuses
    } else if asked {
        Decision::Asks
    } else if silent.err.contains("was added") || silent.err.contains("was installed") {
        Decision::Imported
    } else {
        Decision::Ignores
    };
    let last_line = |run: &KeytoolRun| {
        let said = if run.code == 0 { &run.err } else { &run.out };
        said.trim().lines().last().unwrap_or_default().to_owned()
    };
    Trace {
        decision,
        unanswered,
        confirmed,
        talk: format!("{} | yes: {}", last_line(&silent), last_line(&answered)),
    }
}

fn by_keyward(cell: &Cell, start: Option<&[u8]>, folder: &Path) -> Trace {
    let source = folder.join("input");
    std::fs::write(&source, &cell.input).expect("the input");
    let run = |yes: bool| {
        let store = lay(folder, "keyward", cell.start.format, start);
        let mut call =
            trust_add(&source, &store, cell.start.format).arg("--alias").arg(&cell.alias).arg("--json");
        if cell.trust_cacerts {
            call = call.arg("--trust-cacerts").arg("--java-home").arg(home_with_own_cacerts(jdk()));
        }
        if yes {
            call = call.arg("--yes");
        }
        (call.run(), std::fs::read(&store).ok())
    };
    let (silent, unanswered) = run(false);
    let (answered, confirmed) = run(true);
    let changed = |outcome: &Outcome| outcome.json()["changed"].as_bool();
    let decision = match (silent.code, answered.code) {
        (0, 0) if changed(&silent) == Some(true) => Decision::Imported,
        (0, 0) if changed(&silent) == Some(false) => Decision::Unchanged,
        (2, 0) => Decision::Asks,
        (2, 2) => Decision::Refuses,
        _ => panic!("{}: these codes fit no decision\n{silent}\n{answered}", cell.name),
    };
    Trace { decision, unanswered, confirmed, talk: format!("{}| yes: {}", silent.err, answered.err) }
}

/// `keyward trust add`, as far as every import has it in common.
pub fn trust_add(source: &Path, store: &Path, format: Format) -> Keyward {
    Keyward::new(["trust", "add", text(source), "--to", text(store), "--format", format.name()])
        .args(["--password", &format!("pass:{PASSWORD}")])
}

fn keytool_import(
    store: &Path,
    format: Format,
    alias: &str,
    source: &Path,
    options: &[&str],
    answer: &str,
) -> KeytoolRun {
    let mut arguments = vec!["-importcert", "-alias", alias, "-file", text(source), "-keystore", text(store)];
    arguments.extend(["-storetype", format.name(), "-storepass", PASSWORD]);
    arguments.extend(options);
    Jvm::of(jdk()).keytool(answer, &arguments)
}

/// A fresh copy of the store for one run.
fn lay(folder: &Path, tool: &str, format: Format, start: Option<&[u8]>) -> PathBuf {
    let store = folder.join(format!("{tool}.{}", format.extension()));
    match start {
        Some(bytes) => std::fs::write(&store, bytes).expect("a copy of the store"),
        None => drop(std::fs::remove_file(&store)),
    }
    store
}

fn listing(folder: &Path, bytes: Option<&[u8]>) -> Result<Listing, String> {
    let path = folder.join("listed");
    std::fs::write(&path, bytes.ok_or("no file")?).expect("a copy of the store");
    Jvm::of(jdk()).list(&path, Some(PASSWORD))
}

fn same(one: &Result<Listing, String>, other: &Result<Listing, String>) -> bool {
    match (one, other) {
        (Ok(one), Ok(other)) => one.format == other.format && one.contents() == other.contents(),
        _ => false,
    }
}
