//! Commands that a user can paste.

/// A command line of these words, each quoted for a POSIX shell where it has to be.
pub(crate) fn command<S: AsRef<str>>(words: impl IntoIterator<Item = S>) -> String {
    words.into_iter().map(|word| quote(word.as_ref())).collect::<Vec<_>>().join(" ")
}

fn quote(word: &str) -> String {
    let plain = |c: char| c.is_alphanumeric() || "-_./:=@%+,[]".contains(c);
    if !word.is_empty() && word.chars().all(plain) && !word.contains('[') {
        word.to_owned()
    } else {
        format!("'{}'", word.replace('\'', r"'\''"))
    }
}

#[cfg(test)]
mod tests {
    use super::command;

    #[test]
    fn words_are_quoted_when_a_shell_would_touch_them() {
        assert_eq!(command(["keyward", "a b", "it's", "", "x:443"]), r"keyward 'a b' 'it'\''s' '' x:443");
        assert_eq!(command(["[::1]:443"]), "'[::1]:443'");
    }
}
