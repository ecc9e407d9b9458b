//! A person at a terminal, and the shell that gets the terminal back.

use std::io::{Read, Write};
use std::process::{Command, Stdio};
use std::thread;
use std::time::Duration;

use crate::keyward::{binary, testdata};

/// Ctrl-C at the prompt ends the command as the signal does, and the shell's terminal echoes, edits and interrupts
/// as before.
pub fn an_interrupt_gives_the_terminal_back() {
    let said = dialogue("\u{3}");
    assert!(said.contains("ended by 130"), "{said}");
    assert_cooked(&said);
}

/// What is typed opens the store and is not seen.
pub fn a_password_is_typed_unseen() {
    let said = dialogue("wrong\u{15}changeiX\u{7f}t\n");
    assert!(said.contains("Other Root CA") && said.contains("ended by 0"), "{said}");
    assert!(!said.contains("changei") && !said.contains("wrong"), "{said}");
    assert_cooked(&said);
}

/// Lists a store in a shell on a terminal of its own, types the keys at the prompt, and gives what the screen shows,
/// with the state of the terminal last.
fn dialogue(keys: &str) -> String {
    let script = "\"$KEYWARD\" trust list \"$STORE\"; echo ended by $?; stty -a";
    let mut shell = Command::new("script")
        .args(["-qec", &format!("trap : INT; {script}"), "/dev/null"])
        .env("KEYWARD", binary())
        .env("STORE", testdata("stores/trust.p12"))
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
