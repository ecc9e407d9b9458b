//! What stands in the way between the reading of a store and its writing.

use std::fs::{self, File, OpenOptions};
use std::io::Write as _;
use std::os::unix::process::ExitStatusExt as _;
use std::path::Path;
use std::process::Command;
use std::thread;

use rustix::fs::{CWD, FileType, Mode, mknodat};

use crate::certificates::{Folder, pem};
use crate::keyward::{Keyward, Outcome, binary, testdata};

const PASSWORD: [&str; 2] = ["--password", "pass:changeit"];

fn pipe(folder: &Folder, name: &str) -> String {
    let path = folder.file(name);
    mknodat(CWD, Path::new(&path), FileType::Fifo, Mode::RUSR | Mode::WUSR, 0).expect("a pipe");
    path
}

fn add(store: &str, alias: &str) -> Outcome {
    let words = ["trust", "add", &pem("root"), "--to", store, "--alias", alias, "--yes"];
    Keyward::new(words).args(PASSWORD).run()
}

fn holds(store: &str, alias: &str) -> bool {
    Keyward::new(["trust", "list", store]).args(PASSWORD).run().exits(0).text().contains(alias)
}

/// Runs `keyward`, does something as soon as it reads its password from `file`, and only then gives it that.
fn at_its_password(folder: &Folder, file: &str, words: &[&str], act: impl FnOnce()) -> Outcome {
    let pipe = pipe(folder, file);
    let call = Keyward::new(words);
    let running = thread::spawn(move || call.run());
    let mut answer: File = OpenOptions::new().write(true).open(&pipe).expect("somebody reads");
    // The pipe is open; who looks for secrets in what was said reads the password from a file of the same name.
    fs::remove_file(&pipe).expect("a pipe");
    folder.with(file, b"changeit\n");
    act();
    answer.write_all(b"changeit\n").expect("an answer");
    drop(answer);
    let outcome = running.join().expect("an outcome");
    fs::remove_file(&pipe).expect("a file");
    outcome
}

/// Of what another process adds to the input, nothing was read: to write over it would lose it.
#[test]
fn saving_over_an_input_that_was_changed_since_is_refused() {
    let folder = Folder::new();
    let (store, password) = (folder.store("trust.jks"), folder.file("password"));
    let link = folder.file("link.jks");
    std::os::unix::fs::symlink(&store, &link).expect("a link");
    let spec = format!("file:{password}");
    for (from, to) in [(&store, &store), (&link, &store), (&store, &link)] {
        let words =
            ["convert", from, "-o", to, "--force", "--in-password", "pass:changeit", "--password", &spec];
        at_its_password(&folder, "password", &words, || ()).exits(0);
        let refused =
            at_its_password(&folder, "password", &words, || drop(add(&store, "meanwhile").exits(0))).exits(3);
        assert!(refused.err.contains("was changed since it was read"), "{refused}");
        assert!(holds(&store, "meanwhile"));
        Keyward::new(["trust", "remove", &store, "meanwhile"]).args(PASSWORD).run().exits(0);
    }
}

/// A new store with the one new entry would be taken for the old one.
#[test]
fn saving_into_a_store_that_was_removed_since_is_refused() {
    let folder = Folder::new();
    let (store, password) = (folder.store("trust.p12"), folder.file("password"));
    let [key, cert, issuing, root] =
        [testdata("pki/localhost.key").display().to_string(), pem("localhost"), pem("issuing"), pem("root")];
    let spec = format!("file:{password}");
    let inputs = ["--key", &key, "--cert", &cert, "--chain", &issuing, &root, "--no-aia", "--alias", "new"];
    let words = ["identity", "build", "-o", &store, "--out-key-password", &spec];
    let words = [&words[..], &PASSWORD, &inputs].concat();
    let refused =
        at_its_password(&folder, "password", &words, || fs::remove_file(&store).expect("a store")).exits(3);
    assert!(refused.err.contains("was removed since it was read"), "{refused}");
    assert!(!Path::new(&store).exists());
}

/// A pipe would be waited for, and an empty device be called a broken store.
#[test]
fn saving_into_what_is_no_file_is_refused_at_once() {
    let folder = Folder::new();
    let pipe = pipe(&folder, "pipe");
    let (trust, own) = (folder.store("trust.p12"), folder.store("own-key.p12"));
    for (store, kind) in
        [(pipe.as_str(), "a named pipe"), ("/dev/null", "a device"), ("/dev/stdin", "a named pipe")]
    {
        for words in [
            &["trust", "add", &pem("root"), "--to", store, "--yes"][..],
            &["trust", "remove", store, "root"],
            &["trust", "rename", store, "root", "new"],
            &[
                "identity",
                "build",
                "--from",
                &own,
                "--alias",
                "new",
                "-o",
                store,
                "--in-password",
                "pass:changeit",
            ],
            &["convert", &trust, "-o", store, "--format", "jks", "--in-password", "pass:changeit"],
        ] {
            let refused = Keyward::new(words).args(PASSWORD).run().exits(2);
            assert!(refused.err.contains(&format!("{store} is {kind}, not a file")), "{refused}");
        }
    }
}

/// The limit of file sizes ends who does not ask to be told. In place, that would be in the middle of the store.
#[test]
fn saving_beyond_the_limit_of_file_sizes_leaves_the_old_store() {
    let folder = Folder::new();
    let store = folder.store("trust.jks");
    let limited = |alias: &str, more: &[&str]| {
        // In blocks of 512 bytes: as many as the store has, so that its backup fits and the new entry does not.
        let blocks = folder.read("trust.jks").len().div_ceil(512);
        let words = ["trust", "add", &pem("root"), "--to", &store, "--alias", alias, "--yes"];
        Command::new("sh")
            .args(["-c", &format!("ulimit -f {blocks}; exec \"$0\" \"$@\"")])
            .arg(binary())
            .args([&words[..], &PASSWORD, more].concat())
            .output()
            .expect("a run")
    };
    let before = folder.read("trust.jks");
    for more in [&[][..], &["--in-place"]] {
        let output = limited("beyond", more);
        let said = String::from_utf8_lossy(&output.stderr);
        assert_eq!(output.status.code(), Some(3), "signal {:?}, {said}", output.status.signal());
        assert!(said.contains("File too large"), "{said}");
        assert_eq!(folder.read("trust.jks"), before, "{said}");
        let names: Vec<_> =
            fs::read_dir(folder.root()).expect("a folder").flatten().map(|e| e.file_name()).collect();
        assert!(names.iter().all(|name| !name.to_string_lossy().starts_with(".keyward")), "{names:?}");
    }
}
