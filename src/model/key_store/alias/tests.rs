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

proptest! {
    #[test]
    fn no_text_rules_itself_out(alias in any::<String>()) {
        prop_assert!(may_fold_to(alias.chars(), &fold(&alias)));
        let upper = alias.to_uppercase();
        prop_assert!(may_fold_to(upper.chars(), &fold(&upper)));
    }
}
