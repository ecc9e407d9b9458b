//! The targets of a call: those of the command line, then those of a list, read as they are needed.

use std::fs::File;
use std::io::{self, BufRead, BufReader, Read};
use std::path::Path;

use keyward::fetch::{Target, target_of_line};
use keyward::limits;

use crate::args::FetchArgs;
use crate::exit::Failure;
use crate::source;

/// What a call is about.
pub(super) struct Targets {
    given: std::vec::IntoIter<Target>,
    list: Option<Lines>,
    /// How many there are, where that is known.
    pub(super) count: Option<usize>,
    /// The only target, where there is one only: `--connect ADDR` without a port takes its port.
    pub(super) single: Option<Target>,
}

/// A line of the list that cannot be used.
#[derive(Debug)]
pub(super) struct BadLine {
    /// Where it is.
    pub(super) place: String,
    pub(super) failure: Failure,
}

impl Targets {
    /// Those of a call. A file is looked through first, so that nothing is asked where a line of it is no target;
    /// standard input and pipes are not, and each bad line of theirs is an error in its place.
    pub(super) fn of(args: &FetchArgs) -> Result<Self, Failure> {
        let given = args.targets.iter().map(|text| source::target(text)).collect::<Result<Vec<_>, _>>()?;
        let mut single = given.first().cloned();
        let mut count = Some(given.len());
        let list = match args.list.as_deref() {
            None => None,
            Some(path) if path == Path::new("-") => {
                count = None;
                Some(Lines::new(Box::new(io::stdin()), "standard input".to_owned()))
            }
            Some(path) => {
                let lines = Lines::open(path)?;
                if std::fs::metadata(path).is_ok_and(|metadata| metadata.is_file()) {
                    let mut total = given.len();
                    for target in lines {
                        let target = target.map_err(|bad| bad.failure)?;
                        single.get_or_insert(target);
                        total += 1;
                    }
                    count = Some(total);
                    Some(Lines::open(path)?)
                } else {
                    count = None;
                    Some(lines)
                }
            }
        };
        if count == Some(0) {
            return Err(nothing());
        }
        let single = single.filter(|_| count == Some(1));
        Ok(Self { given: given.into_iter(), list, count, single })
    }
}

/// There is no target.
pub(super) fn nothing() -> Failure {
    Failure::unusable("no-targets", "there is no target to fetch from")
}

impl Iterator for Targets {
    type Item = Result<Target, BadLine>;

    fn next(&mut self) -> Option<Self::Item> {
        match self.given.next() {
            Some(target) => Some(Ok(target)),
            None => self.list.as_mut()?.next(),
        }
    }

    fn size_hint(&self) -> (usize, Option<usize>) {
        (self.given.len(), self.count)
    }
}

/// The lines of a list.
struct Lines {
    reader: BufReader<Box<dyn Read + Send>>,
    name: String,
    number: usize,
    ended: bool,
}

impl Lines {
    fn new(reader: Box<dyn Read + Send>, name: String) -> Self {
        Self { reader: BufReader::new(reader), name, number: 0, ended: false }
    }

    fn open(path: &Path) -> Result<Self, Failure> {
        source::refuse_directory(path)?;
        let file = File::open(path).map_err(|error| source::unreadable(path, &error))?;
        Ok(Self::new(Box::new(file), path.display().to_string()))
    }

    fn bad(&self, id: &'static str, what: &str) -> BadLine {
        let place = format!("{} line {}", self.name, self.number);
        let message = format!("{}: line {}: {what}", self.name, self.number);
        BadLine { place, failure: Failure::unusable(id, message) }
    }

    /// The next line, its end included; `None` at the end.
    fn line(&mut self) -> Option<Result<Vec<u8>, BadLine>> {
        let mut line = Vec::new();
        let most = u64::try_from(limits::LIST_LINE_BYTES).unwrap_or(u64::MAX).saturating_add(1);
        self.number = self.number.saturating_add(1);
        match self.reader.by_ref().take(most).read_until(b'\n', &mut line) {
            Ok(0) => None,
            Ok(_) if line.len() > limits::LIST_LINE_BYTES => {
                self.ended = true;
                Some(Err(
                    self.bad("not-a-target", &format!("it has more than {} bytes", limits::LIST_LINE_BYTES))
                ))
            }
            Ok(_) => Some(Ok(line)),
            Err(error) => {
                self.ended = true;
                let failure = Failure::world("read", format!("{} cannot be read: {error}", self.name));
                Some(Err(BadLine { place: self.name.clone(), failure }))
            }
        }
    }
}

impl Iterator for Lines {
    type Item = Result<Target, BadLine>;

    fn next(&mut self) -> Option<Self::Item> {
        while !self.ended {
            let line = match self.line()? {
                Ok(line) => line,
                Err(bad) => return Some(Err(bad)),
            };
            let Ok(text) = std::str::from_utf8(&line) else {
                return Some(Err(self.bad("not-text", "it is not UTF-8 text")));
            };
            match target_of_line(text, self.number) {
                None => {}
                Some(Ok(target)) => return Some(Ok(target)),
                Some(Err(error)) => return Some(Err(self.bad("not-a-target", &error.error.to_string()))),
            }
        }
        None
    }
}
