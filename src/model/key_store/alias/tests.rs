use proptest::prelude::*;

use super::{fold, may_fold_to};

#[test]
fn what_folds_to_a_text_is_never_ruled_out() {
    for alias in ["", "ca", "CA", "ΟΔΟΣ", "ΟΔΟΣ ", "İstanbul", "ǅ", "ß", "ẞ", "\u{fffd}", "1", "Σ"]
    {
        assert!(may_fold_to(alias.chars(), &fold(alias)), "{alias}");
    }
}

#[test]
fn other_texts_are_ruled_out() {
    for (alias, folded) in [("ca", ""), ("", "ca"), ("ca", "cab"), ("CAB", "ca"), ("ca-1", "ca-2")] {
        assert!(!may_fold_to(alias.chars(), folded), "{alias} {folded}");
    }
}

/// What JDK 17 and 25 make of them; the JVMs are asked in `tests/interop`.
#[test]
fn sigmas_are_javas() {
    for (alias, folded) in [
        ("ΣΑΣ", "σας"),
        ("ΕΛΛΑΣ-CA", "ελλασ-ca"),
        ("ΕΛΛΑΣ_CA", "ελλασ_ca"),
        ("ΕΛΛΑΣ.CA", "ελλασ.ca"),
        ("ΕΛΛΑΣ CA", "ελλας ca"),
        ("ΕΛΛΑΣ:CA", "ελλας:ca"),
        ("ΕΛΛΑΣ--CA", "ελλας--ca"),
        ("ΕΛΛΑΣ-2026", "ελλας-2026"),
        ("ΕΛΛΑΣ2", "ελλας2"),
        ("ΕΛΛΑΣ2A", "ελλασ2a"),
        ("Α1Σ", "α1ς"),
        ("Α1,2Σ", "α1,2ς"),
        ("Α-Σ", "α-ς"),
        ("Α Σ", "α σ"),
        ("ªΣ", "ªσ"),
        ("日Σ", "日σ"),
        ("ΑΣ\u{301}", "ας\u{301}"),
        ("\u{200b}ΑΣ\u{200b}", "\u{200b}ας\u{200b}"),
        ("Σ", "σ"),
        ("İΣ", "i\u{307}ς"),
    ] {
        assert_eq!(fold(alias), folded, "{alias}");
    }
}

proptest! {
    #[test]
    fn sigmas_apart_it_is_unicodes(alias in "[Σσςα-ωΑ-ΩA-z0-9 İ'.,:_日\u{300}\u{200b}😀-]{0,12}") {
        let alike = |text: String| text.replace('ς', "σ");
        prop_assert_eq!(alike(fold(&alias)), alike(alias.to_lowercase()));
        prop_assert_eq!(fold(&fold(&alias)), fold(&alias));
        prop_assert!(may_fold_to(alias.chars(), &fold(&alias)));
    }

    #[test]
    fn no_text_rules_itself_out(alias in any::<String>()) {
        prop_assert!(may_fold_to(alias.chars(), &fold(&alias)));
        let upper = alias.to_uppercase();
        prop_assert!(may_fold_to(upper.chars(), &fold(&upper)));
    }
}
