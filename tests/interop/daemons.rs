//! Real servers, started for one test: on loopback, on free ports, with a configuration of the test's own.

use std::fs::{self, File};
use std::net::{Ipv4Addr, TcpListener, TcpStream};
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::thread;
use std::time::{Duration, Instant};

use rustix::process::{Pid, Signal, kill_process};
use tempfile::TempDir;

use crate::keyward::testdata;
use crate::peers::program;

/// What no server comes near; one that takes longer to listen has failed.
const PATIENCE: Duration = Duration::from_secs(40);

/// A folder that every user may look into: some servers give up their rights.
pub struct Site {
    folder: TempDir,
}

impl Site {
    /// One with the chain and the key of `localhost`.
    pub fn new() -> Self {
        let folder = TempDir::with_prefix("keyward-").expect("a folder");
        let site = Self { folder };
        site.open("");
        for name in ["localhost-chain.pem", "localhost.key", "issuing.pem"] {
            fs::copy(testdata(&format!("pki/{name}")), site.path(name)).expect("a fixture");
            site.open(name);
        }
        site
    }

    pub fn path(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    pub fn text(&self, name: &str) -> String {
        self.path(name).into_os_string().into_string().expect("a path in UTF-8")
    }

    /// A new folder in it.
    pub fn folder(&self, name: &str) -> String {
        fs::create_dir_all(self.path(name)).expect("a folder");
        self.text(name)
    }

    /// A file in it; `@` stands for the site's folder.
    pub fn file(&self, name: &str, text: &str) -> String {
        let root = self.folder.path().to_str().expect("a path in UTF-8");
        fs::write(self.path(name), text.replace('@', root)).expect("a file");
        self.text(name)
    }

    /// Gives a file to a user.
    pub fn give_to(&self, name: &str, user: &str) {
        let status = Command::new("chown").arg(user).arg(self.path(name)).status().expect("chown runs");
        assert!(status.success(), "{name} can be given to {user}");
    }

    fn open(&self, name: &str) {
        let path = self.path(name);
        let mode = if path.is_dir() { 0o755 } else { 0o644 };
        fs::set_permissions(path, fs::Permissions::from_mode(mode)).expect("the mode can be set");
    }
}

/// A port of 127.0.0.1 that nobody listens at.
pub fn free_port() -> u16 {
    let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).expect("a port");
    listener.local_addr().expect("an address").port()
}

/// A server that ends with the test.
pub struct Daemon {
    child: Child,
    name: String,
    log: PathBuf,
}

impl Daemon {
    /// Starts a program in the foreground, and waits until it listens at the ports.
    pub fn start(site: &Site, name: &str, arguments: &[&str], ports: &[u16]) -> Self {
        Self::start_as(None, site, name, arguments, ports)
    }

    /// The same as another user, where the tests are the superuser's.
    pub fn start_as(user: Option<&str>, site: &Site, name: &str, arguments: &[&str], ports: &[u16]) -> Self {
        let program = program(name).unwrap_or_else(|| panic!("{name} was found before"));
        let log = site.path(&format!("{name}.log"));
        let mut command = as_user(user, &program);
        let output = File::create(&log).expect("a log");
        command
            .args(arguments)
            .current_dir(site.folder.path())
            .stdin(Stdio::null())
            .stdout(output.try_clone().expect("a log"))
            .stderr(output);
        let child = command.spawn().unwrap_or_else(|error| panic!("{name} cannot be started: {error}"));
        let mut daemon = Self { child, name: name.to_owned(), log };
        daemon.await_ports(ports);
        daemon
    }

    fn await_ports(&mut self, ports: &[u16]) {
        let start = Instant::now();
        for port in ports {
            while TcpStream::connect((Ipv4Addr::LOCALHOST, *port)).is_err() {
                let ended = self.child.try_wait().expect("it can be waited for");
                if ended.is_some() || start.elapsed() > PATIENCE {
                    let log = fs::read_to_string(&self.log).unwrap_or_default();
                    panic!("{} does not listen at {port} ({ended:?})\n{log}", self.name);
                }
                thread::sleep(Duration::from_millis(50));
            }
        }
    }
}

impl Drop for Daemon {
    fn drop(&mut self) {
        let pid = i32::try_from(self.child.id()).ok().and_then(Pid::from_raw);
        let told = pid.is_some_and(|pid| kill_process(pid, Signal::TERM).is_ok());
        let start = Instant::now();
        while told && start.elapsed() < Duration::from_secs(10) {
            if !matches!(self.child.try_wait(), Ok(None)) {
                return;
            }
            thread::sleep(Duration::from_millis(20));
        }
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// A command of another user: PostgreSQL refuses the superuser.
pub fn as_user(user: Option<&str>, program: &Path) -> Command {
    match user.filter(|_| superuser()) {
        None => Command::new(program),
        Some(user) => {
            let mut command = Command::new("setpriv");
            command.args(["--reuid", user, "--regid", user, "--clear-groups"]).arg(program);
            command
        }
    }
}

/// Whether the tests are the superuser's.
pub fn superuser() -> bool {
    rustix::process::geteuid().is_root()
}
