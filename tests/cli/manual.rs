//! `keyward manual` and `--help`.

use crate::keyward::Keyward;

#[test]
fn manual_has_a_page_for_every_verb_that_it_names() {
    let main = Keyward::new(["manual"]).run().exits(0);
    assert!(main.text().contains("keyward"), "{main}");
    let verbs: [&[&str]; 12] = [
        &["fetch"],
        &["diagnose"],
        &["trust"],
        &["trust", "add"],
        &["trust", "list"],
        &["trust", "remove"],
        &["trust", "rename"],
        &["trust", "export"],
        &["demo"],
        &["completions"],
        &["manual"],
        &[],
    ];
    for verb in verbs {
        let page = Keyward::new(["manual"]).args(verb).run().exits(0);
        let title = ["keyward"].iter().chain(verb).copied().collect::<Vec<_>>().join("\\-");
        assert!(page.text().replace("-", "\\-").replace("\\\\-", "\\-").contains(&title), "{page}");
    }
    Keyward::new(["manual", "no-such-verb"]).run().exits(2);
}

#[test]
fn passwords_are_given_the_same_way_in_every_verb() {
    let help = |words: &[&str]| Keyward::new(words).arg("--help").run().exits(0);
    for verb in
        [&["diagnose"][..], &["trust", "add"], &["trust", "list"], &["trust", "remove"], &["trust", "rename"]]
    {
        let outcome = help(verb);
        for option in ["--password", "--in-password", "--key-password"] {
            assert!(outcome.text().contains(option), "{outcome}");
        }
    }
}
