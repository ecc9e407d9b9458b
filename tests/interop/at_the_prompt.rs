//! A person at a terminal, and the shell that gets the terminal back.

use std::io::{Read, Write};
use std::process::{Command, Stdio};
use std::thread;
use std::time::Duration;

use crate::keyward::{binary, testdata};

/// Ctrl-C at the prompt ends the command as the signal does, and the shell's terminal echoes, edits and interrupts
/// as before.
pub fn an_interrupt_gives_the_terminal_back() {
    let said = dialogue(&Act::Type("\u{3}"));
    assert!(said.contains("ended by 130"), "{said}");
    assert_cooked(&said);
}

/// What is typed opens the store and is not seen.
pub fn a_password_is_typed_unseen() {
    let said = dialogue(&Act::Type("wrong\u{15}changeiX\u{7f}t\n"));
    assert!(said.contains("Other Root CA") && said.contains("ended by 0"), "{said}");
    assert!(!said.contains("changei") && !said.contains("wrong"), "{said}");
    assert_cooked(&said);
}

/// So does a signal from elsewhere, as with keytool, and the command ends by it.
pub fn a_signal_gives_the_terminal_back() {
    for (signal, status) in [("TERM", 143), ("HUP", 129), ("INT", 130), ("QUIT", 131)] {
        let said = dialogue(&Act::Signal(signal));
        assert!(said.contains(&format!("ended by {status}")), "{signal}: {said}");
        assert_cooked(&said);
    }
}

/// A signal that the command was started to ignore, as by `nohup`, stays ignored.
pub fn an_ignored_signal_stays_ignored() {
    let said = dialogue(&Act::SignalIgnored("HUP", "changeit\n"));
    assert!(said.contains("Other Root CA") && said.contains("ended by 0"), "{said}");
    assert_cooked(&said);
}

/// What happens at the prompt.
enum Act {
    Type(&'static str),
    Signal(&'static str),
    /// The signal, ignored from the start, and then keys.
    SignalIgnored(&'static str, &'static str),
}

/// Lists a store in a shell on a terminal of its own, acts at the prompt, and gives what the screen shows, with the
/// state of the terminal last.
fn dialogue(act: &Act) -> String {
    let (trap, signal, keys) = match act {
        Act::Type(keys) => (String::new(), None, *keys),
        Act::Signal(signal) => (String::new(), Some(*signal), ""),
        Act::SignalIgnored(signal, keys) => (format!("trap \"\" {signal}; "), Some(*signal), *keys),
    };
    let process = tempfile::NamedTempFile::new().unwrap();
    let command = format!("{trap}echo $$ >\"$PROCESS\"; exec \"$KEYWARD\" trust list \"$STORE\"");
    let script = format!("trap : INT; sh -c '{command}'; echo ended by $?; stty -a");
    let mut shell = Command::new("script")
        .args(["-qec", &script, "/dev/null"])
        .env("KEYWARD", binary())
        .env("STORE", testdata("stores/trust.p12"))
        .env("PROCESS", process.path())
        .env("SHELL", "/bin/sh")
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .spawn()
        .unwrap();
    let mut screen = shell.stdout.take().unwrap();
    let mut said = Vec::new();
    let mut key = [0];
    while !said.ends_with(b"trust.p12: ") && screen.read(&mut key).unwrap() == 1 {
        said.push(key[0]);
    }
    // A prompt that is shown before the terminal is silent would have had its echo, and its signal, for that long.
    thread::sleep(Duration::from_millis(200));
    if let Some(signal) = signal {
        let number = std::fs::read_to_string(process.path()).unwrap();
        assert!(Command::new("kill").args(["-s", signal, number.trim()]).status().unwrap().success());
        thread::sleep(Duration::from_millis(200));
    }
    let mut keyboard = shell.stdin.take().unwrap();
    keyboard.write_all(keys.as_bytes()).unwrap();
    screen.read_to_end(&mut said).unwrap();
    drop(keyboard);
    shell.wait().unwrap();
    String::from_utf8(said).unwrap()
}

fn assert_cooked(said: &str) {
    let state = said.rsplit("ended by").next().unwrap();
    for mode in ["echo", "icanon", "isig"] {
        assert!(state.split_whitespace().any(|word| word == mode), "{mode} is off\n{said}");
    }
}
