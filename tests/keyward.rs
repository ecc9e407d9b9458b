//! Runs the command `keyward` as a user would, without a terminal.

use std::ffi::{OsStr, OsString};
use std::io::{Read, Write};
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::thread;
use std::time::{Duration, Instant};

use serde_json::Value;

use crate::secrets;

/// What no case comes near; a command that takes longer hangs.
const PATIENCE: Duration = Duration::from_secs(60);

/// The command that is judged: this build's, or the one that `KEYWARD_COMMAND` names.
pub fn binary() -> PathBuf {
    std::env::var_os("KEYWARD_COMMAND")
        .map_or_else(|| PathBuf::from(env!("CARGO_BIN_EXE_keyward")), PathBuf::from)
}

/// The project's own fixtures.
pub fn testdata(path: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("testdata").join(path)
}

/// One call of the command.
pub struct Keyward {
    arguments: Vec<OsString>,
    environment: Vec<(OsString, OsString)>,
    folder: Option<PathBuf>,
    stdin: Vec<u8>,
    memory: Option<u64>,
}

impl Keyward {
    pub fn new<A: AsRef<OsStr>>(arguments: impl IntoIterator<Item = A>) -> Self {
        Self {
            arguments: arguments.into_iter().map(|a| a.as_ref().to_owned()).collect(),
            environment: Vec::new(),
            folder: None,
            stdin: Vec::new(),
            memory: None,
        }
    }

    #[allow(dead_code, reason = "two test binaries share this file")]
    pub fn arg(mut self, argument: impl AsRef<OsStr>) -> Self {
        self.arguments.push(argument.as_ref().to_owned());
        self
    }

    pub fn args<A: AsRef<OsStr>>(mut self, arguments: impl IntoIterator<Item = A>) -> Self {
        self.arguments.extend(arguments.into_iter().map(|a| a.as_ref().to_owned()));
        self
    }

    #[allow(dead_code, reason = "two test binaries share this file")]
    pub fn env(mut self, name: &str, value: &str) -> Self {
        self.environment.push((name.into(), value.into()));
        self
    }

    #[allow(dead_code, reason = "two test binaries share this file")]
    pub fn within(mut self, folder: &Path) -> Self {
        self.folder = Some(folder.to_owned());
        self
    }

    #[allow(dead_code, reason = "two test binaries share this file")]
    pub fn stdin(mut self, bytes: &[u8]) -> Self {
        self.stdin = bytes.to_owned();
        self
    }

    /// Bounds its memory (`RLIMIT_DATA`), in bytes: what is allocated counts, used or not.
    #[allow(dead_code, reason = "two test binaries share this file")]
    pub fn memory(mut self, bytes: u64) -> Self {
        self.memory = Some(bytes);
        self
    }

    /// Runs it to its end; a call that hangs is killed and fails the test.
    pub fn run(self) -> Outcome {
        let shown = self.arguments.iter().map(|a| a.to_string_lossy()).collect::<Vec<_>>().join(" ");
        let mut command = without_terminal(self.memory);
        // The way out is the test's affair.
        for name in ["https_proxy", "HTTPS_PROXY", "all_proxy", "ALL_PROXY", "no_proxy", "NO_PROXY"] {
            command.env_remove(name);
        }
        command
            .args(&self.arguments)
            .envs(self.environment.iter().map(|(name, value)| (name, value)))
            .env("RUST_BACKTRACE", "0")
            .env_remove("JAVA_HOME")
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped());
        if let Some(folder) = &self.folder {
            command.current_dir(folder);
        }
        let mut child = command.spawn().expect("keyward starts");
        let mut stdin = child.stdin.take().expect("stdin is piped");
        let mut stdout = child.stdout.take().expect("stdout is piped");
        let mut stderr = child.stderr.take().expect("stderr is piped");
        let input = self.stdin.clone();
        // A command that never reads its input closes the pipe; that is its right.
        thread::spawn(move || drop(stdin.write_all(&input)));
        let out = thread::spawn(move || {
            let mut bytes = Vec::new();
            stdout.read_to_end(&mut bytes).map(|_| bytes)
        });
        let err = thread::spawn(move || {
            let mut bytes = Vec::new();
            stderr.read_to_end(&mut bytes).map(|_| bytes)
        });
        let start = Instant::now();
        let status = loop {
            if let Some(status) = child.try_wait().expect("keyward can be waited for") {
                break status;
            }
            if start.elapsed() > PATIENCE {
                let _ = child.kill();
                let _ = child.wait();
                panic!("keyward {shown}: no end after {PATIENCE:?}");
            }
            thread::sleep(Duration::from_millis(2));
        };
        let out = out.join().expect("stdout is read").expect("stdout is read");
        let err = err.join().expect("stderr is read").expect("stderr is read");
        let call = secrets::Call {
            arguments: &self.arguments,
            environment: &self.environment,
            folder: self.folder.as_deref(),
            stdin: &self.stdin,
        };
        let secret = secrets::shown(&call, &out, &err);
        assert_eq!(secret, None, "keyward {shown}: a stream shows a secret");
        let err = String::from_utf8_lossy(&err).into_owned();
        assert!(
            status.code().is_some_and(|code| code != 101) && !err.contains("panicked at"),
            "keyward {shown}: crashed ({status})\n{err}"
        );
        Outcome { shown, code: status.code().unwrap_or(-1), out, err }
    }
}

/// The command in a session of its own, so that no question reaches the terminal that the tests run in.
fn without_terminal(memory: Option<u64>) -> Command {
    let mut words: Vec<OsString> = Vec::new();
    let setsid = Path::new("/usr/bin/setsid");
    if std::fs::File::open("/dev/tty").is_ok() && setsid.exists() {
        words.extend([setsid.into(), "--wait".into()]);
    }
    if let Some(bytes) = memory {
        let limit = format!("ulimit -d {} && exec \"$0\" \"$@\"", bytes / 1024);
        words.extend(["/bin/sh".into(), "-c".into(), limit.into()]);
    }
    words.push(binary().into());
    let mut command = Command::new(words.remove(0));
    command.args(words);
    command
}

/// What a call said and how it ended.
#[derive(Debug)]
pub struct Outcome {
    pub shown: String,
    pub code: i32,
    pub out: Vec<u8>,
    pub err: String,
}

impl Outcome {
    /// Standard output as one JSON value.
    pub fn json(&self) -> Value {
        serde_json::from_slice(&self.out).unwrap_or_else(|e| panic!("stdout is not JSON ({e})\n{self}"))
    }

    #[allow(dead_code, reason = "two test binaries share this file")]
    pub fn text(&self) -> &str {
        std::str::from_utf8(&self.out).unwrap_or_else(|e| panic!("stdout is not UTF-8 ({e})\n{self}"))
    }

    /// Fails unless the command ended with this code.
    #[track_caller]
    pub fn exits(self, code: i32) -> Self {
        assert_eq!(self.code, code, "exit code\n{self}");
        self
    }
}

impl std::fmt::Display for Outcome {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        writeln!(f, "$ keyward {}\nexit code {}", self.shown, self.code)?;
        writeln!(f, "stdout: {}", String::from_utf8_lossy(&self.out))?;
        write!(f, "stderr: {}", self.err)
    }
}
