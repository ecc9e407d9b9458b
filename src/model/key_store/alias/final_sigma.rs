//! Where Java writes a capital sigma as `ς`, and where as `σ`.
//!
//! Unicode asks whether the sigma stands at the end of a word, and says what may stand within one. Java asks too, but takes
//! its own `BreakIterator` for words (`java.lang.ConditionalSpecialCasing`, with the rules of
//! `sun.text.resources.BreakIteratorRules`): to it `ΕΛΛΑΣ-CA` and `ΕΛΛΑΣ_2A` are one word each, `ΕΛΛΑΣ:CA` is two.
//!
//! Not repeated: marks of scripts that have no capitals, modifier letters beyond `ˤ`, and letters beyond U+FFFF right before
//! a sigma, about which Java is at odds with itself.

/// The text in lower case, its sigmas as Java has them.
pub(super) fn lowered(text: &str) -> String {
    let mut lowered = String::with_capacity(text.len());
    let mut rest = text;
    while !rest.is_empty() {
        let (word, after) = rest.split_at_checked(word_length(rest)).unwrap_or((rest, ""));
        lower_word(word, &mut lowered);
        rest = after;
    }
    lowered
}

/// A sigma is final if it is the last of the word's cased letters, and not the first.
fn lower_word(word: &str, lowered: &mut String) {
    let last = word.char_indices().rfind(|(_, c)| is_cased(*c)).map(|(index, _)| index);
    let mut follows_cased = false;
    for (index, c) in word.char_indices() {
        match c {
            'Σ' if follows_cased && last == Some(index) => lowered.push('ς'),
            'Σ' => lowered.push('σ'),
            other => lowered.extend(other.to_lowercase()),
        }
        follows_cased |= is_cased(c);
    }
}

/// What of a word was read, as far as Java's rules for words go.
#[derive(Clone, Copy)]
enum Read {
    Nothing,
    Letter,
    Number,
    /// A mark that joins letters, if one follows.
    LetterJoint,
    /// A mark that joins digits, if one follows.
    NumberJoint,
    /// What is a word by itself.
    Alone,
}

/// The length of the word with which a text begins, in bytes: letters and digits with single marks between them, or one
/// character of another kind. At least one character.
fn word_length(text: &str) -> usize {
    let (mut read, mut length) = (Read::Nothing, 0);
    for (index, c) in text.char_indices() {
        read = match read {
            _ if is_format(c) => read,
            Read::Nothing if is_letter(c) => Read::Letter,
            Read::Nothing if c.is_numeric() => Read::Number,
            Read::Nothing => Read::Alone,
            Read::Letter | Read::Number if is_mark(c) => read,
            Read::Letter | Read::Number | Read::LetterJoint if is_letter(c) => Read::Letter,
            Read::Letter | Read::Number | Read::NumberJoint if c.is_numeric() => Read::Number,
            Read::Letter if joins_letters(c) => Read::LetterJoint,
            Read::Number if joins_digits(c) => Read::NumberJoint,
            _ => break,
        };
        if !matches!(read, Read::LetterJoint | Read::NumberJoint) {
            length = index.saturating_add(c.len_utf8());
        }
    }
    length
}

fn is_cased(c: char) -> bool {
    let has_case = c.is_lowercase() || c.is_uppercase() || c.to_lowercase().next() != Some(c);
    has_case && !matches!(c, 'ª' | 'º')
}

/// A letter, but for kanji and kana, which make words of their own.
fn is_letter(c: char) -> bool {
    c.is_alphabetic()
        && !c.is_numeric()
        && !is_mark(c)
        && !matches!(c,
            'Ⓐ'..='ⓩ' | '々' | '\u{3041}'..='\u{30fe}' | '\u{4e00}'..='\u{9fa5}' | '\u{f900}'..='\u{fa2d}')
}

/// Marks upon letters.
fn is_mark(c: char) -> bool {
    matches!(c,
        '\u{300}'..='\u{36f}' | '\u{483}'..='\u{489}' | '\u{1ab0}'..='\u{1aff}' | '\u{1dc0}'..='\u{1dff}'
        | '\u{20d0}'..='\u{20ff}' | '\u{fe00}'..='\u{fe0f}' | '\u{fe20}'..='\u{fe2f}')
}

/// Dashes and connectors, the soft hyphen, apostrophes, quotation marks and full stops.
fn joins_letters(c: char) -> bool {
    matches!(c,
        '-' | '_' | '.' | '"' | '\'' | '\u{ad}' | '\u{58a}' | '\u{5be}' | '\u{1400}' | '\u{1806}'
        | '\u{2010}'..='\u{2015}' | '\u{2027}' | '\u{203f}' | '\u{2040}' | '\u{2054}' | '\u{2e17}' | '\u{2e1a}'
        | '\u{2e3a}' | '\u{2e3b}' | '\u{2e40}' | '\u{301c}' | '\u{3030}' | '\u{30a0}' | '\u{fe31}'..='\u{fe34}'
        | '\u{fe4d}'..='\u{fe4f}' | '\u{fe58}' | '\u{fe63}' | '\u{ff0d}' | '\u{ff3f}')
}

fn joins_digits(c: char) -> bool {
    matches!(c, '"' | '\'' | ',' | '.' | '\u{66b}')
}

/// Format characters, which Java's rules pass over.
fn is_format(c: char) -> bool {
    matches!(c,
        '\u{600}'..='\u{605}' | '\u{61c}' | '\u{6dd}' | '\u{70f}' | '\u{180e}' | '\u{200b}'..='\u{200f}'
        | '\u{202a}'..='\u{202e}' | '\u{2060}'..='\u{206f}' | '\u{feff}' | '\u{fff9}'..='\u{fffb}')
}
