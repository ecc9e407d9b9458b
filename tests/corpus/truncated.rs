//! Copies of every file that end too early.

use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use keyward::format::pkcs12::Derivations;
use keyward::format::{certificates, key_store, objects};
use keyward::model::Password;

use crate::agreement::{Agreement, files};

/// What one copy may take. A build for debugging is no measure: it only must not hang.
const SOON: Duration = Duration::from_millis(if cfg!(debug_assertions) { 5_000 } else { 100 });

/// How many copies of one file, which are all for the small ones in a release build.
const COPIES: usize = if cfg!(debug_assertions) { 40 } else { 16_384 };

/// Every file, cut everywhere: an error or less of it, and soon.
pub fn are_refused_soon(corpora: &Path) -> Result<(), String> {
    let mut agreement = Agreement::over("truncated files", &[]);
    let own = Path::new(env!("CARGO_MANIFEST_DIR")).join("testdata");
    let folders = ["stores", "pkcs7", "pem", "certs"].map(|folder| corpora.join(folder));
    let paths: Vec<PathBuf> = folders.iter().chain([&own]).flat_map(|folder| files(folder)).collect();
    let (mut copies, mut slowest) = (0, (Duration::ZERO, String::new()));
    for path in &paths {
        let bytes = std::fs::read(path).unwrap();
        let step = (bytes.len() / COPIES).max(1);
        let mut result = Ok(());
        for length in (0..bytes.len()).step_by(step) {
            let start = Instant::now();
            let checked = std::panic::catch_unwind(|| cut(&bytes, length));
            let mut taken = start.elapsed();
            // The rest of the machine may have kept it waiting; what a copy asks for, it asks for each time.
            for _ in 0..2 {
                if taken >= SOON {
                    let start = Instant::now();
                    let _ = std::panic::catch_unwind(|| cut(&bytes, length));
                    taken = taken.min(start.elapsed());
                }
            }
            copies += 1;
            if taken > slowest.0 {
                slowest = (taken, format!("{} with {length} bytes", path.display()));
            }
            let checked = checked.unwrap_or_else(|_| Err("it panics".to_owned()));
            let soon = if taken < SOON { Ok(()) } else { Err(format!("it takes {taken:?}")) };
            result = result.and(checked.and(soon).map_err(|error| format!("{length} bytes: {error}")));
        }
        agreement.count(&path.display().to_string(), result);
    }
    println!(
        "{copies} truncated copies of {} files, the slowest in {:?}: {}",
        paths.len(),
        slowest.0,
        slowest.1
    );
    agreement.end(paths.len())
}

fn cut(bytes: &[u8], length: usize) -> Result<(), String> {
    let part = bytes.get(..length).unwrap_or_default();
    let password = Password::new("changeit".to_owned());
    for given in [None, Some(&password)] {
        match key_store::decode(part, given, &mut Derivations::new()) {
            Err(error) if error.to_string().is_empty() => return Err("an error without a text".to_owned()),
            Err(_) => {}
            // What is missing was none of the store.
            Ok(_) => match key_store::decode(bytes, given, &mut Derivations::new()) {
                Ok(whole) if whole.trailing >= bytes.len() - length => {}
                _ => return Err("it passes for a whole store".to_owned()),
            },
        }
    }
    let _ = certificates::read(part);
    let _ = objects::read(part);
    Ok(())
}
