//! The tools that keyward is held against, found when the tests run.
//!
//! A test whose peer is not there reports itself as ignored, by name; with `KEYWARD_REQUIRE_PEERS=1` it fails.

use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::OnceLock;

use libtest_mimic::{Failed, Trial};

/// A tool that a test needs.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Peer {
    /// `java`, `javac` and `keytool` of one JDK, 17 or later.
    Jdk,
    /// A JDK 17: where other releases of keytool read other inputs, 17 is the measure.
    Jdk17,
    /// `openssl` 3.0 or later.
    OpenSsl,
    /// `certutil` and `pk12util` of NSS.
    Nss,
    /// A Python with pyca/cryptography, 38 or later.
    Pyca,
    /// A program, such as a server, by its name.
    Program(&'static str),
    /// The superuser's rights: for servers that want to start with them and then give them up.
    Superuser,
}

impl Peer {
    fn name(self) -> &'static str {
        match self {
            Self::Jdk => "a JDK, 17 or later",
            Self::Jdk17 => "a JDK 17",
            Self::OpenSsl => "openssl, 3.0 or later",
            Self::Nss => "certutil and pk12util of NSS",
            Self::Pyca => "a Python with pyca/cryptography, 38 or later",
            Self::Program(name) => name,
            Self::Superuser => "the superuser's rights",
        }
    }

    fn is_here(self) -> bool {
        match self {
            Self::Jdk => !jdks().is_empty(),
            Self::Jdk17 => jdks().first().is_some_and(|jdk| jdk.feature == 17),
            Self::OpenSsl => has_openssl(),
            Self::Nss => on_path("certutil").is_some() && on_path("pk12util").is_some(),
            Self::Pyca => python().is_some(),
            Self::Program(name) => program(name).is_some(),
            Self::Superuser => crate::daemons::superuser(),
        }
    }
}

/// A test that runs when its peers are there.
pub fn trial(name: &'static str, needs: &[Peer], run: impl FnOnce() + Send + 'static) -> Trial {
    let missing: Vec<&str> = needs.iter().filter(|peer| !peer.is_here()).map(|peer| peer.name()).collect();
    if missing.is_empty() {
        return Trial::test(name, move || {
            run();
            Ok(())
        });
    }
    let missing = missing.join(" and ");
    if std::env::var_os("KEYWARD_REQUIRE_PEERS").is_some_and(|value| value == "1") {
        Trial::test(name, move || Err(Failed::from(format!("not found: {missing}"))))
    } else {
        Trial::test(name, || Ok(())).with_kind(format!("not found: {missing}")).with_ignored_flag(true)
    }
}

/// A JDK on this machine.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Jdk {
    pub home: PathBuf,
    /// The feature release, such as 17.
    pub feature: u32,
    /// The whole version, such as 17.0.21.
    pub version: String,
}

impl Jdk {
    fn at(home: &Path) -> Option<Self> {
        let home = home.canonicalize().ok()?;
        if !["java", "javac", "keytool"].iter().all(|tool| home.join("bin").join(tool).exists()) {
            return None;
        }
        let release = std::fs::read_to_string(home.join("release")).ok()?;
        let version = release.lines().find_map(|line| line.strip_prefix("JAVA_VERSION=\""))?;
        let feature = version.split(['.', '"', '-', '+']).next()?.parse().ok()?;
        let version = version.trim_end_matches('"').to_owned();
        (feature >= 17).then_some(Self { home, feature, version })
    }

    pub fn tool(&self, name: &str) -> PathBuf {
        self.home.join("bin").join(name)
    }
}

/// One JDK of each feature release, the oldest first: of `JAVA_HOME`, of the `java` on `PATH`, of the places where
/// systems put them.
pub fn jdks() -> &'static [Jdk] {
    static JDKS: OnceLock<Vec<Jdk>> = OnceLock::new();
    JDKS.get_or_init(|| {
        let mut homes: Vec<PathBuf> = std::env::var_os("JAVA_HOME").map(PathBuf::from).into_iter().collect();
        homes.extend(on_path("java").and_then(|java| Some(java.parent()?.parent()?.to_owned())));
        for folder in ["/usr/lib/jvm", "/Library/Java/JavaVirtualMachines"] {
            let mut found: Vec<PathBuf> =
                std::fs::read_dir(folder).into_iter().flatten().flatten().map(|entry| entry.path()).collect();
            found.sort();
            homes.extend(found.iter().flat_map(|home| [home.clone(), home.join("Contents/Home")]));
        }
        let mut jdks: Vec<Jdk> = Vec::new();
        for jdk in homes.iter().filter_map(|home| Jdk::at(home)) {
            if jdks.iter().all(|known| known.feature != jdk.feature) {
                jdks.push(jdk);
            }
        }
        jdks.sort_by_key(|jdk| jdk.feature);
        jdks
    })
}

/// The JDK whose keytool is the measure: the oldest that is there, because 17 is what was measured.
pub fn jdk() -> &'static Jdk {
    jdks().first().expect("tests that ask for a JDK say so")
}

fn has_openssl() -> bool {
    Command::new("openssl").arg("version").output().is_ok_and(|output| {
        let text = String::from_utf8_lossy(&output.stdout).into_owned();
        text.strip_prefix("OpenSSL ")
            .and_then(|rest| rest.split('.').next()?.parse::<u32>().ok())
            .is_some_and(|major| major >= 3)
    })
}

/// The first Python that has pyca/cryptography with the builder of PKCS12 encryption.
pub fn python() -> Option<&'static str> {
    static PYTHON: OnceLock<Option<&'static str>> = OnceLock::new();
    *PYTHON.get_or_init(|| {
        let script = "import cryptography; assert int(cryptography.__version__.split('.')[0]) >= 38";
        ["python3", "/usr/bin/python3"].into_iter().find(|python| {
            let output = Command::new(python).args(["-c", script]).output();
            output.is_ok_and(|output| output.status.success())
        })
    })
}

/// A program on `PATH`, or where systems put servers.
pub fn program(name: &str) -> Option<PathBuf> {
    let mut folders: Vec<PathBuf> = std::fs::read_dir("/usr/lib/postgresql")
        .into_iter()
        .flatten()
        .flatten()
        .map(|entry| entry.path().join("bin"))
        .collect();
    folders.sort();
    folders.extend(["/usr/sbin", "/usr/local/sbin", "/sbin"].map(PathBuf::from));
    on_path(name).or_else(|| folders.iter().map(|folder| folder.join(name)).find(|file| file.exists()))
}

fn on_path(program: &str) -> Option<PathBuf> {
    let path = std::env::var_os("PATH")?;
    std::env::split_paths(&path)
        .map(|folder| folder.join(program))
        .find(|file| file.exists())?
        .canonicalize()
        .ok()
}
