//! Which module may use which: the table of `docs/design.md`, read off the source.

use std::fs;
use std::path::{Path, PathBuf};

/// A module of the library, and the modules of ours that it may name in `crate::` paths. What it may use
/// of `chain` only for its traits is written `chain::issuers`.
const ALLOWED: &[(&str, &[&str])] = &[
    ("limits", &[]),
    ("model", &["limits"]),
    ("format", &["model", "limits"]),
    ("report", &["model"]),
    ("chain", &["model", "report", "limits"]),
    ("trust", &["model", "report", "limits", "chain"]),
    ("convert", &["model", "report", "limits", "chain"]),
    ("inspect", &["model", "report", "limits"]),
    ("identity", &["model", "report", "limits", "chain"]),
    ("save", &["model", "format", "limits"]),
    ("anchors", &["model", "format", "limits"]),
    ("fetch", &["model", "format", "report", "limits", "chain::issuers", "chain::revocation"]),
    ("serve", &["model", "format", "report", "limits", "chain::issuers"]),
];

#[test]
fn modules_use_only_what_the_table_allows() {
    let source = Path::new(env!("CARGO_MANIFEST_DIR")).join("src");
    let mut wrong = Vec::new();
    let mut seen = 0;
    for (module, allowed) in ALLOWED {
        for file in files_of(&source, module) {
            seen += 1;
            let text = fs::read_to_string(&file).unwrap();
            // Tests may use what they like.
            if file.ends_with("tests.rs") || file.components().any(|part| part.as_os_str() == "tests") {
                continue;
            }
            for (number, line) in text.lines().enumerate() {
                for path in crate_paths(line) {
                    let fine = path.starts_with(module)
                        && !path[module.len()..].starts_with(char::is_alphanumeric)
                        || allowed.iter().any(|allowed| path.starts_with(allowed));
                    if !fine {
                        wrong.push(format!("{}:{}: {module} uses crate::{path}", file.display(), number + 1));
                    }
                }
            }
        }
    }
    assert!(seen > ALLOWED.len(), "only {seen} files were found below {}", source.display());
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn every_module_is_in_the_table() {
    let library = fs::read_to_string(Path::new(env!("CARGO_MANIFEST_DIR")).join("src/lib.rs")).unwrap();
    for line in library.lines().filter_map(|line| line.strip_prefix("pub mod ")) {
        let module = line.trim_end_matches(';');
        assert!(ALLOWED.iter().any(|(name, _)| *name == module), "{module} is not in the table");
    }
}

/// The paths after each `crate::` of a line that is code; several for `use crate::{a, b::c}`.
fn crate_paths(line: &str) -> Vec<&str> {
    let code = line.split("//").next().unwrap_or_default();
    let mut paths = Vec::new();
    for (start, _) in code.match_indices("crate::") {
        let rest = &code[start + "crate::".len()..];
        match rest.strip_prefix('{') {
            Some(group) => paths.extend(group.trim_end_matches("};").split(',').map(str::trim)),
            None => paths.push(rest),
        }
    }
    paths
}

fn files_of(source: &Path, module: &str) -> Vec<PathBuf> {
    let mut files = vec![source.join(format!("{module}.rs"))];
    let mut folders = vec![source.join(module)];
    while let Some(folder) = folders.pop() {
        let Ok(entries) = fs::read_dir(&folder) else { continue };
        for entry in entries {
            let path = entry.unwrap().path();
            if path.is_dir() {
                folders.push(path);
            } else if path.extension().is_some_and(|e| e == "rs") {
                files.push(path);
            }
        }
    }
    files
}
