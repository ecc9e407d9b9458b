//! Counting files that are as expected.

use std::path::{Path, PathBuf};

use serde_json::Value;

/// How many files of one kind were as expected.
pub struct Agreement {
    what: &'static str,
    files: usize,
    /// Files where keyward differs, with the reason why it is right to. Each must come up.
    different: &'static [(&'static str, &'static str)],
    differing: Vec<&'static str>,
    wrong: Vec<String>,
}

impl Agreement {
    pub fn over(what: &'static str, different: &'static [(&'static str, &'static str)]) -> Self {
        Self { what, files: 0, different, differing: Vec::new(), wrong: Vec::new() }
    }

    /// Counts a file; `Err` says what is not as expected.
    pub fn count(&mut self, name: &str, result: Result<(), String>) {
        self.files += 1;
        let Err(why) = result else { return };
        match self.different.iter().find(|(file, _)| *file == name) {
            Some((file, reason)) => {
                println!("{}: {file} differs: {reason}", self.what);
                self.differing.push(file);
            }
            None => self.wrong.push(format!("{name}: {why}")),
        }
    }

    /// Prints N of M, and fails for what differs without a reason.
    pub fn end(self, expected_files: usize) -> Result<(), String> {
        let agreed = self.files - self.differing.len() - self.wrong.len();
        println!(
            "{}: {agreed} of {} as expected, {} differ with a reason, {} without",
            self.what,
            self.files,
            self.differing.len(),
            self.wrong.len()
        );
        let mut wrong = self.wrong;
        for (file, _) in self.different.iter().filter(|(file, _)| !self.differing.contains(file)) {
            wrong.push(format!("{file}: listed as different, and as expected"));
        }
        if self.files != expected_files {
            wrong.push(format!("{} files where there should be {expected_files}", self.files));
        }
        if wrong.is_empty() { Ok(()) } else { Err(wrong.join("\n")) }
    }
}

/// One of the lists of what is expected.
pub fn list(corpora: &Path, name: &str) -> Vec<Value> {
    serde_json::from_slice(&std::fs::read(corpora.join(name)).unwrap()).unwrap()
}

/// All files below a folder, in order.
pub fn files(folder: &Path) -> Vec<PathBuf> {
    let mut found = Vec::new();
    for entry in std::fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() { found.extend(files(&path)) } else { found.push(path) }
    }
    found.sort();
    found
}
