use std::collections::VecDeque;
use std::ffi::{OsStr, OsString};
use std::fs;
use std::io::{self, Cursor, Read, Seek, Write};
use std::os::fd::AsRawFd;
use std::os::unix::ffi::{OsStrExt, OsStringExt};

use keyward::limits;
use keyward::model::Password;
use zeroize::Zeroizing;

use super::spec::SpecError;
use super::surroundings::{Process, Surroundings};
use super::{PasswordError, Sources, Spec};

/// Surroundings with one variable, an input, and a person who gives these answers.
#[derive(Default)]
struct Scene {
    variable: Option<(&'static str, OsString)>,
    input: Cursor<Vec<u8>>,
    answers: Option<VecDeque<&'static str>>,
    shown: Vec<String>,
}

impl Scene {
    fn typing(answers: &[&'static str]) -> Self {
        Self { answers: Some(answers.iter().copied().collect()), ..Self::default() }
    }

    fn piping(input: &[u8]) -> Self {
        Self { input: Cursor::new(input.to_vec()), ..Self::default() }
    }
}

impl Surroundings for Scene {
    fn variable(&self, name: &str) -> Option<OsString> {
        self.variable.as_ref().filter(|(known, _)| *known == name).map(|(_, value)| value.clone())
    }

    fn standard_input(&mut self) -> &mut dyn Read {
        &mut self.input
    }

    fn ask(&mut self, prompt: &str) -> io::Result<Zeroizing<String>> {
        self.shown.push(prompt.to_owned());
        let answers = self.answers.as_mut().ok_or(io::ErrorKind::NotConnected)?;
        Ok(Zeroizing::new(answers.pop_front().ok_or(io::ErrorKind::UnexpectedEof)?.to_owned()))
    }

    fn say(&mut self, text: &str) -> io::Result<()> {
        self.shown.push(text.to_owned());
        Ok(())
    }
}

fn spec(text: &str) -> Spec {
    text.parse().unwrap()
}

fn resolve(scene: &mut Scene, text: &str) -> Result<String, String> {
    let password = Sources::new(scene).password(Some(&spec(text)), "trust.p12");
    password.map(|password| password.reveal().to_owned()).map_err(|error| error.to_string())
}

fn of_file(content: &[u8]) -> Result<String, String> {
    let file = tempfile::NamedTempFile::new().unwrap();
    fs::write(&file, content).unwrap();
    let path = file.path().display().to_string();
    resolve(&mut Scene::default(), &format!("file:{path}")).map_err(|error| error.replace(&path, "PATH"))
}

#[test]
fn specifications_are_openssls() {
    for (text, shown) in [
        ("pass:changeit", "pass:(hidden)"),
        ("pass:", "pass:(hidden)"),
        ("env:STORE_PASS", "env:STORE_PASS"),
        ("file:/run/secrets/store", "file:/run/secrets/store"),
        ("file:a:b", "file:a:b"),
        ("fd:3", "fd:3"),
        ("fd:0", "stdin"),
        ("stdin", "stdin"),
    ] {
        let spec = spec(text);
        assert_eq!(spec.to_string(), shown);
        assert_eq!(format!("{spec:?}"), format!("Spec({shown})"));
    }
}

#[test]
fn what_is_no_specification_is_refused_without_repeating_it() {
    for (text, error) in [
        ("changeit", SpecError::Form),
        ("", SpecError::Form),
        ("stdin ", SpecError::Form),
        ("PASS:changeit", SpecError::Form),
        ("env:", SpecError::Nothing("env:")),
        ("file:", SpecError::Nothing("file:")),
        ("fd:", SpecError::Descriptor),
        ("fd:-1", SpecError::Descriptor),
        ("fd:+3", SpecError::Descriptor),
        ("fd:4294967299", SpecError::Descriptor),
    ] {
        assert_eq!(text.parse::<Spec>().unwrap_err(), error, "{text}");
        assert!(!error.to_string().contains("changeit"));
    }
    assert_eq!(Spec::parse(OsStr::from_bytes(b"pass:\xff")).unwrap_err(), SpecError::NotUtf8("pass:"));
    let path = Spec::parse(OsStr::from_bytes(b"file:/tmp/\xff")).unwrap();
    assert!(matches!(path, Spec::File(path) if path.as_os_str().as_bytes() == b"/tmp/\xff"));
}

#[test]
fn a_text_is_the_password() {
    assert_eq!(resolve(&mut Scene::default(), "pass:change it: \u{fc}").unwrap(), "change it: \u{fc}");
    assert_eq!(resolve(&mut Scene::default(), "pass:").unwrap(), "");
}

#[test]
fn a_variable_is_taken_whole_or_named() {
    let with = |value: &[u8]| {
        let variable = Some(("STORE_PASS", OsString::from_vec(value.to_vec())));
        resolve(&mut Scene { variable, ..Scene::default() }, "env:STORE_PASS")
    };
    assert_eq!(with(b"secret\r\n").unwrap(), "secret\r\n");
    assert_eq!(with(b"").unwrap(), "");
    assert_eq!(with(b"secret\xff").unwrap_err(), "the password of env:STORE_PASS is not in UTF-8");
    let error = resolve(&mut Scene::default(), "env:STORE_PASS").unwrap_err();
    assert_eq!(error, "the environment variable STORE_PASS is not set");
}

#[test]
fn a_file_gives_its_first_line() {
    for (content, password) in [
        ("secret", "secret"),
        ("secret\n", "secret"),
        ("secret\r\n", "secret"),
        ("secret\rmore\nmost\n", "secret"),
        ("secret\nsecond\n", "secret"),
        (" secret \n", " secret "),
        ("\nsecond\n", ""),
        ("\u{4e2d}\u{fc}\n", "\u{4e2d}\u{fc}"),
    ] {
        assert_eq!(of_file(content.as_bytes()).unwrap(), password, "{content:?}");
    }
}

#[test]
fn a_file_that_gives_none_is_named() {
    assert_eq!(of_file(b"").unwrap_err(), "file:PATH has no line with a password");
    assert_eq!(of_file(b"caf\xe9\n").unwrap_err(), "the password of file:PATH is not in UTF-8");
    let error = resolve(&mut Scene::default(), "file:/none/such").unwrap_err();
    assert!(error.starts_with("the password of file:/none/such cannot be read: No such file"), "{error}");
    let error = resolve(&mut Scene::default(), "file:/").unwrap_err();
    assert!(error.starts_with("the password of file:/ cannot be read: Is a directory"), "{error}");
}

#[test]
fn a_line_has_a_bound() {
    let longest = "x".repeat(limits::PASSWORD_BYTES);
    assert_eq!(of_file(format!("{longest}\nmore").as_bytes()).unwrap(), longest);
    assert_eq!(of_file(longest.as_bytes()).unwrap(), longest);
    let error = of_file(format!("{longest}x\n").as_bytes()).unwrap_err();
    assert_eq!(error, "the first line of file:PATH has more than 4096 bytes, which is no password");
    let error = resolve(&mut Scene::default(), "file:/dev/zero").unwrap_err();
    assert!(error.contains("more than 4096 bytes"), "{error}");
}

#[test]
fn each_use_of_a_file_gives_its_first_line() {
    let mut file = tempfile::NamedTempFile::new().unwrap();
    file.write_all(b"first\nsecond\n").unwrap();
    let spec = spec(&format!("file:{}", file.path().display()));
    let mut scene = Scene::default();
    let mut sources = Sources::new(&mut scene);
    for _ in 0..2 {
        assert_eq!(sources.password(Some(&spec), "key").unwrap().reveal(), "first");
    }
}

#[test]
fn each_use_of_a_descriptor_gives_its_next_line() {
    let (reader, mut writer) = io::pipe().unwrap();
    writer.write_all(b"first\r\nsecond").unwrap();
    drop(writer);
    let spec = spec(&format!("fd:{}", reader.as_raw_fd()));
    let mut scene = Scene::default();
    let mut sources = Sources::new(&mut scene);
    assert_eq!(sources.password(Some(&spec), "store").unwrap().reveal(), "first");
    assert_eq!(sources.password(Some(&spec), "key").unwrap().reveal(), "second");
    let error = sources.password(Some(&spec), "more").unwrap_err();
    assert!(matches!(error, PasswordError::Empty { .. }), "{error:?}");
}

#[cfg(target_os = "linux")]
#[test]
fn a_descriptor_is_read_from_where_it_stands() {
    let mut file = tempfile::tempfile().unwrap();
    file.write_all(b"header\nsecret\nrest").unwrap();
    file.seek(io::SeekFrom::Start(7)).unwrap();
    assert_eq!(resolve(&mut Scene::default(), &format!("fd:{}", file.as_raw_fd())).unwrap(), "secret");
    let mut rest = String::new();
    file.read_to_string(&mut rest).unwrap();
    assert_eq!(rest, "rest");
}

#[test]
fn a_closed_descriptor_is_named() {
    let error = resolve(&mut Scene::default(), "fd:99999").unwrap_err();
    assert!(error.starts_with("the password of fd:99999 cannot be read: "), "{error}");
}

#[test]
fn standard_input_serves_one_purpose() {
    let mut scene = Scene::piping(b"first\nsecond\n");
    let mut sources = Sources::new(&mut scene);
    assert_eq!(sources.password(Some(&spec("stdin")), "trust.p12").unwrap().reveal(), "first");
    let error = sources.password(Some(&spec("fd:0")), "client.p12").unwrap_err();
    assert_eq!(
        error.to_string(),
        "standard input is read for the password of trust.p12, and cannot be read for the password of \
         client.p12 as well"
    );
    sources.take_standard_input("the certificate").unwrap_err();
    assert_eq!(scene.input.position(), 6, "the rest is left");

    let mut sources = Sources::new(&mut scene);
    sources.take_standard_input("the certificate").unwrap();
    let error = sources.new_password(Some(&spec("stdin")), "trust.p12").unwrap_err();
    assert!(matches!(error, PasswordError::InputTaken { first, .. } if first == "the certificate"));
    assert_eq!(resolve(&mut Scene::piping(b""), "stdin").unwrap_err(), "stdin has no line with a password");
}

#[test]
fn without_a_specification_a_person_is_asked() {
    let mut scene = Scene::typing(&["secret"]);
    assert_eq!(Sources::new(&mut scene).password(None, "trust.p12").unwrap().reveal(), "secret");
    assert_eq!(scene.shown, ["Password of trust.p12: "]);

    let error = Sources::new(&mut Scene::typing(&[])).password(None, "trust.p12").unwrap_err();
    assert!(matches!(error, PasswordError::NoAnswer { .. }), "{error:?}");
    let error = Sources::new(&mut Scene::default()).password(None, "trust.p12").unwrap_err();
    assert_eq!(
        error.to_string(),
        "the password of trust.p12 is not given, and there is no terminal to ask for it"
    );
}

fn choose(answers: &[&'static str]) -> (Result<Password, PasswordError>, Vec<String>) {
    let mut scene = Scene::typing(answers);
    let password = Sources::new(&mut scene).new_password(None, "new.p12");
    (password, scene.shown)
}

#[test]
fn a_new_password_is_asked_for_twice() {
    let (password, shown) = choose(&["secret", "secret"]);
    assert_eq!(password.unwrap().reveal(), "secret");
    assert_eq!(shown, ["New password of new.p12: ", "The same again: "]);
}

#[test]
fn a_new_password_may_be_mistyped_twice() {
    let (password, shown) = choose(&["short", "secret", "Secret", "secret", "secret"]);
    assert_eq!(password.unwrap().reveal(), "secret");
    assert_eq!(
        shown,
        [
            "New password of new.p12: ",
            "It must have at least 6 characters.",
            "New password of new.p12: ",
            "The same again: ",
            "They are not the same.",
            "New password of new.p12: ",
            "The same again: "
        ]
    );
    let (password, _) = choose(&["short", "", "secret", "other", "secret", "secret"]);
    assert!(matches!(password, Err(PasswordError::TooManyTries { .. })), "{password:?}");
}

#[test]
fn a_new_password_has_six_characters_wherever_it_comes_from() {
    let new = |text: &str| Sources::new(&mut Scene::default()).new_password(Some(&spec(text)), "new.p12");
    assert_eq!(new("pass:sixsix").unwrap().reveal(), "sixsix");
    // Java counts UTF-16 units: three characters beyond the BMP are six.
    assert!(new("pass:\u{1f511}\u{1f511}\u{1f511}").is_ok());
    let error = new("pass:fives").unwrap_err();
    assert_eq!(error.to_string(), "the new password of new.p12 has less than 6 characters");
}

#[test]
fn no_error_shows_a_password() {
    let short = Sources::new(&mut Scene::default()).new_password(Some(&spec("pass:hush")), "new.p12");
    let short = short.unwrap_err();
    assert!(!format!("{short} {short:?}").contains("hush"));
    let error =
        Sources::new(&mut Scene::piping(b"hush\xff\n")).password(Some(&spec("stdin")), "x").unwrap_err();
    assert!(!format!("{error} {error:?}").contains("hush"));
}

#[test]
fn the_process_has_its_variables() {
    assert_eq!(Process::default().variable("PATH"), std::env::var_os("PATH"));
    assert_eq!(Process::default().variable("NO=SUCH"), None);
}
