//! No run of the command shows a secret: every run of the tests is looked through for the passwords that it was given
//! and for the private keys of the fixtures and of the stores that the tests make.

use std::ffi::OsString;
use std::path::{Path, PathBuf};
use std::sync::{LazyLock, Mutex, PoisonError};

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;

/// As many octets of a key give it away.
const TELLING: usize = 24;

/// Only files of hostile sizes are larger, and looking through those takes minutes.
const SEARCHED: usize = 1 << 20;

/// A shorter password may stand in any text by chance.
const PASSWORD_OCTETS: usize = 6;

/// Pieces of private keys.
static KEYS: LazyLock<Mutex<Vec<Vec<u8>>>> = LazyLock::new(|| Mutex::new(fixtures()));

/// Adds the PKCS8 key of a store that a test makes.
#[allow(dead_code, reason = "two test binaries share this file")]
pub fn keep(pkcs8: &[u8]) {
    let pieces = pieces(pkcs8);
    let mut keys = KEYS.lock().unwrap_or_else(PoisonError::into_inner);
    for piece in pieces {
        if !keys.contains(&piece) {
            keys.push(piece);
        }
    }
}

/// Which secret one of the streams of a call shows, if any. What stands on the command line itself, as `pass:TEXT` does,
/// is the caller's. `convert` writes keys on purpose, to standard output too.
pub fn shown(call: &Call<'_>, out: &[u8], err: &[u8]) -> Option<&'static str> {
    let writes_keys = call.arguments.first().is_some_and(|verb| verb == "convert");
    let passwords = call.passwords();
    [(out, !writes_keys), (err, true)].into_iter().find_map(|(stream, keys)| {
        if passwords.iter().any(|password| contains(stream, password.as_bytes())) {
            return Some("a password");
        }
        (keys && shows_key(stream)).then_some("a private key")
    })
}

/// Fails where a file below the folder, one that was left over too, shows a private key to others than its owner.
#[allow(dead_code, reason = "two test binaries share this file")]
pub fn stay_private(folder: &Path) {
    use std::os::unix::fs::PermissionsExt as _;
    let mut folders = vec![folder.to_owned()];
    while let Some(folder) = folders.pop() {
        for entry in std::fs::read_dir(&folder).into_iter().flatten().flatten() {
            let Ok(metadata) = entry.metadata() else { continue };
            if metadata.is_dir() {
                folders.push(entry.path());
            } else if metadata.is_file() && metadata.permissions().mode() & 0o077 != 0 {
                let searched = metadata.len() <= SEARCHED as u64;
                let bytes =
                    if searched { std::fs::read(entry.path()).unwrap_or_default() } else { Vec::new() };
                assert!(!shows_key(&bytes), "{} shows a private key to others", entry.path().display());
            }
        }
    }
}

/// What a call was given.
pub struct Call<'a> {
    pub arguments: &'a [OsString],
    pub environment: &'a [(OsString, OsString)],
    pub folder: Option<&'a Path>,
    pub stdin: &'a [u8],
}

impl Call<'_> {
    /// The passwords behind `env:`, `file:`, `stdin` and `fd:0`.
    fn passwords(&self) -> Vec<String> {
        let arguments: Vec<String> =
            self.arguments.iter().map(|a| a.to_string_lossy().into_owned()).collect();
        let mut found = Vec::new();
        for text in &arguments {
            // Behind `--password=` or `ALIAS=` too.
            for spec in text.match_indices('=').map(|(at, _)| &text[at + 1..]).chain([text.as_str()]) {
                if let Some(name) = spec.strip_prefix("env:") {
                    let value = self.environment.iter().find(|(known, _)| known == name);
                    found.extend(value.map(|(_, value)| value.to_string_lossy().into_owned()));
                } else if let Some(path) = spec.strip_prefix("file:") {
                    let path = self.folder.map_or_else(|| PathBuf::from(path), |folder| folder.join(path));
                    let text = std::fs::read(path).map(|bytes| String::from_utf8_lossy(&bytes).into_owned());
                    found.extend(text.ok().and_then(|text| text.lines().next().map(str::to_owned)));
                } else if spec == "stdin" || spec == "fd:0" {
                    let text = String::from_utf8_lossy(self.stdin).into_owned();
                    found.extend(text.lines().next().map(str::to_owned));
                }
            }
        }
        found.retain(|password| {
            password.len() >= PASSWORD_OCTETS
                && !arguments.iter().any(|argument| argument.contains(password.as_str()))
        });
        found
    }
}

/// Whether octets hold a piece of a key: as they are, in hex, in base64.
pub fn shows_key(stream: &[u8]) -> bool {
    if !(TELLING..=SEARCHED).contains(&stream.len()) {
        return false;
    }
    let dense: Vec<u8> = stream.iter().copied().filter(|octet| !b" :\r\n\\\"".contains(octet)).collect();
    let lower = dense.to_ascii_lowercase();
    let keys = KEYS.lock().unwrap_or_else(PoisonError::into_inner);
    keys.iter().any(|piece| {
        let hex: String = piece.iter().map(|octet| format!("{octet:02x}")).collect();
        let list = piece.iter().map(u8::to_string).collect::<Vec<_>>().join(",");
        contains(stream, piece)
            || contains(&lower, hex.as_bytes())
            || contains(&dense, list.as_bytes())
            || (0..3).any(|skipped| {
                // The three ways in which groups of three octets may fall.
                let whole = (piece.len() - skipped) / 3 * 3;
                contains(&dense, STANDARD.encode(&piece[skipped..skipped + whole]).as_bytes())
            })
    })
}

/// A piece of the private number of a PKCS8 key that nothing public shows.
fn pieces(pkcs8: &[u8]) -> Vec<Vec<u8>> {
    // ECPrivateKey: version 1, then the scalar. EdDSA and XDH: an OCTET STRING in another.
    let scalar =
        pkcs8.windows(5).position(|w| w[..4] == [0x02, 0x01, 0x01, 0x04] && w[4] >= 26).map(|at| at + 5);
    let seed = pkcs8
        .windows(4)
        .position(|w| w[0] == 4 && w[2] == 4 && w[1] == w[3].wrapping_add(2))
        .map(|at| at + 4);
    // RSA and DSA end with a private number.
    let start = scalar.or(seed).unwrap_or(pkcs8.len().saturating_sub(TELLING));
    pkcs8.get(start..start + TELLING).map(<[u8]>::to_vec).into_iter().collect()
}

fn fixtures() -> Vec<Vec<u8>> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("testdata");
    let mut keys = Vec::new();
    for file in ["pki", "keys"]
        .iter()
        .filter_map(|name| std::fs::read_dir(folder.join(name)).ok())
        .flatten()
        .flatten()
    {
        let Ok(text) = std::fs::read_to_string(file.path()) else { continue };
        let block =
            text.split_once("-----BEGIN PRIVATE KEY-----").and_then(|(_, rest)| rest.split_once("-----END"));
        let Some((body, _)) = block else { continue };
        let der = STANDARD.decode(body.split_whitespace().collect::<String>()).expect("base64");
        keys.extend(pieces(&der));
    }
    assert!(keys.len() > 5, "the fixtures have keys");
    keys
}

#[test]
fn secrets_that_are_shown_are_found() {
    let spec = |words: &[&str]| words.iter().map(OsString::from).collect::<Vec<_>>();
    let environment = [(OsString::from("STOREPASS"), OsString::from("not to be shown"))];
    let shows = |arguments: &[OsString], out: &[u8], err: &[u8]| {
        let call =
            Call { arguments, environment: &environment, folder: None, stdin: b"typed in secret\nmore" };
        shown(&call, out, err).is_some()
    };
    let given = spec(&["inspect", "a.p12", "--password", "env:STOREPASS", "--key-password=a=stdin"]);
    assert!(shows(&given, b"it is not to be shown", b"") && shows(&given, b"", b"it is not to be shown"));
    assert!(shows(&given, b"", b"typed in secret") && !shows(&given, b"more", b"STOREPASS"));
    // What stands on the command line is the caller's.
    let own = spec(&["inspect", "not to be shown", "--password", "env:STOREPASS"]);
    assert!(!shows(&own, b"it is not to be shown", b""));
    let text = std::fs::read_to_string(Path::new(env!("CARGO_MANIFEST_DIR")).join("testdata/pki/root.key"));
    let text = text.expect("a fixture");
    let body: String = text.lines().filter(|line| !line.starts_with('-')).collect();
    let der = STANDARD.decode(&body).expect("base64");
    let hex: String = der.iter().map(|octet| format!("{octet:02X}:")).collect();
    for leak in
        [text.as_bytes(), &der, hex.as_bytes(), format!("{der:?}").as_bytes(), format!("{der:#?}").as_bytes()]
    {
        assert!(shows(&given, leak, b""), "{}", String::from_utf8_lossy(leak));
        let convert = spec(&["convert", "a.p12"]);
        assert!(!shows(&convert, leak, b"") && shows(&convert, b"", leak));
    }
    assert!(!shows(&given, b"nothing", b"at all"));
}

fn contains(stream: &[u8], wanted: &[u8]) -> bool {
    !wanted.is_empty() && stream.windows(wanted.len()).any(|window| window == wanted)
}
