//! What fuzzers of others found interesting.

use std::path::Path;
use std::time::{Duration, Instant};

use keyward::format::jks::{JCEKS_MAGIC, JKS_MAGIC};

use crate::agreement::{Agreement, files};

#[path = "../../fuzz/src/codecs.rs"]
mod codecs;

/// What a seed may take in all targets together.
const SOON: Duration = Duration::from_millis(if cfg!(debug_assertions) { 5_000 } else { 100 });

/// What all seeds together may add to the memory of the process.
const MEMORY: u64 = 64 * 1024 * 1024;

/// Every seed through every target: no panic, no hang, no memory to speak of.
pub fn are_survived(corpora: &Path) -> Result<(), String> {
    let mut agreement = Agreement::over("seeds", &[]);
    let before = peak_memory();
    let mut slowest = Duration::ZERO;
    for path in files(&corpora.join("fuzz")) {
        let bytes = std::fs::read(&path).unwrap();
        let start = Instant::now();
        let result = std::panic::catch_unwind(|| {
            for (target, _) in codecs::TARGETS {
                codecs::run(target, &bytes);
            }
            // Some seeds begin with octets that steer the fuzzer.
            for start in [1, 4] {
                codecs::run("certificates", bytes.get(start..).unwrap_or_default());
            }
            for magic in [JKS_MAGIC, JCEKS_MAGIC] {
                codecs::run("jks", &[&magic[..], &[0, 0, 0, 2], &bytes].concat());
            }
        });
        let taken = start.elapsed();
        slowest = slowest.max(taken);
        let result = match result {
            Err(_) => Err("it panics".to_owned()),
            Ok(()) if taken > SOON => Err(format!("it takes {taken:?}")),
            Ok(()) => Ok(()),
        };
        agreement.count(&path.display().to_string(), result);
    }
    if let (Some(before), Some(after)) = (before, peak_memory()) {
        let grown = after.saturating_sub(before);
        println!("seeds: the slowest took {slowest:?}, memory grew by {} kB at most", grown / 1024);
        if grown > MEMORY {
            return Err(format!("the seeds took {grown} bytes of memory"));
        }
    }
    agreement.end(998)
}

/// The most memory that this process has had, in bytes, where the system tells (`proc(5)`).
fn peak_memory() -> Option<u64> {
    let status = std::fs::read_to_string("/proc/self/status").ok()?;
    let line = status.lines().find_map(|line| line.strip_prefix("VmHWM:"))?;
    let kilobytes: u64 = line.trim().strip_suffix("kB")?.trim().parse().ok()?;
    Some(kilobytes * 1024)
}
