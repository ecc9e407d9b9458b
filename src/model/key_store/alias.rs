//! Aliases, compared as Java compares them.

mod final_sigma;

#[cfg(test)]
mod tests;

/// Folds an alias as `String.toLowerCase(Locale.ENGLISH)` does: JKS, JCEKS and PKCS12 look entries up by
/// this form. The two code points of a lowered `İ` come out as in Java, and so does a final sigma, which is another one
/// than Unicode's in `ΕΛΛΑΣ-CA`. Capitals that Unicode got after the JDK's version of it (13 in JDK 17) are folded all the
/// same.
#[must_use]
pub fn fold(alias: &str) -> String {
    if alias.contains('Σ') { final_sigma::lowered(alias) } else { alias.to_lowercase() }
}

/// Whether an alias may fold to `folded`: never `false` where [`fold`] gives it, and `true` for little else.
/// Allocates nothing, so that a search through a large store folds only what is worth folding.
pub(super) fn may_fold_to(alias: impl Iterator<Item = char>, folded: &str) -> bool {
    // Only whole texts know a final sigma.
    let same_sigma = |c: char| if c == 'ς' { 'σ' } else { c };
    alias.flat_map(char::to_lowercase).map(same_sigma).eq(folded.chars().map(same_sigma))
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
