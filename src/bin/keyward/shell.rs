//! Commands that a user can paste.

use std::fmt::Write as _;

use crate::render::certificate::drives_a_terminal;

/// A command line of these words, each quoted for a POSIX shell where it has to be.
pub(crate) fn command<S: AsRef<str>>(words: impl IntoIterator<Item = S>) -> String {
    words.into_iter().map(|word| quote(word.as_ref())).collect::<Vec<_>>().join(" ")
}

fn quote(word: &str) -> String {
    let plain = |c: char| c.is_alphanumeric() || "-_./:=@%+,[]".contains(c);
    if !word.is_empty() && word.chars().all(plain) && !word.contains('[') {
        word.to_owned()
    } else if word.chars().any(drives_a_terminal) {
        dollar_quote(word)
    } else {
        format!("'{}'", word.replace('\'', r"'\''"))
    }
}

/// As POSIX has it since 2024, and bash, zsh and ksh long before: a screen gets no control character, and the
/// command the right word all the same.
fn dollar_quote(word: &str) -> String {
    let mut out = String::from("$'");
    let mut bytes = [0; 4];
    for c in word.chars() {
        match c {
            '\'' | '\\' => out.extend(['\\', c]),
            c if drives_a_terminal(c) => {
                for byte in c.encode_utf8(&mut bytes).bytes() {
                    // Three octal digits, so that a digit that follows is none of them.
                    let _ = write!(out, "\\{byte:03o}");
                }
            }
            c => out.push(c),
        }
    }
    out.push('\'');
    out
}

#[cfg(test)]
mod tests {
    use super::command;

    #[test]
    fn words_are_quoted_when_a_shell_would_touch_them() {
        assert_eq!(command(["keyward", "a b", "it's", "", "x:443"]), r"keyward 'a b' 'it'\''s' '' x:443");
        assert_eq!(command(["[::1]:443"]), "'[::1]:443'");
        assert_eq!(command(["a\u{1b}[31mb\n1", "it's\u{202e}"]), r"$'a\033[31mb\0121' $'it\'s\342\200\256'");
    }
}
