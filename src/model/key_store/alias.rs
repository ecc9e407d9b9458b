//! Aliases, compared as Java compares them.

/// Folds an alias as `String.toLowerCase(Locale.ENGLISH)` does: JKS, JCEKS and PKCS12 look entries up by
/// this form. The final sigma and the two code points of a lowered `İ` come out as in Java.
#[must_use]
pub fn fold(alias: &str) -> String {
    alias.to_lowercase()
}

/// An alias that a person can type, from a name: what is left of it in lower case, digits and single
/// hyphens. Empty when nothing is left.
#[must_use]
pub fn from_name(name: &str) -> String {
    let mut alias = String::new();
    for c in fold(name).chars() {
        if c.is_alphanumeric() || matches!(c, '.' | '_') {
            alias.push(c);
        } else if !alias.is_empty() && !alias.ends_with('-') {
            alias.push('-');
        }
    }
    alias.trim_end_matches('-').to_owned()
}
