//! The same import with keytool and with keyward: the same decision, and the same store as Java lists it.

use std::fmt::Write as _;

use ::keyward::model::key_store::alias::fold;

use crate::better_than_keytool::BETTER;
use crate::importing::{Cell, Comparison, Decision, Format, PASSWORD, Start, compare};
use crate::jvm::{Jvm, keytool_process, scratch, text};
use crate::keyward::testdata;
use crate::peers::{jdk, jdks};
use crate::renderings;

/// Every rendering of an input, into stores that are there and that are not.
pub fn over_renderings() {
    let mut cells = Vec::new();
    for rendering in renderings::all() {
        for format in Format::BOTH {
            let stores =
                [("new", Start::new_file(format)), ("existing", Start::of(format, Some("trust"), &[]))];
            for (store, start) in stores {
                cells.push(Cell {
                    name: format!("rendering/{}/{}-{store}", rendering.name, format.name()),
                    start,
                    alias: "new one".to_owned(),
                    input: rendering.bytes.clone(),
                    clean: rendering.first.clone(),
                    trust_cacerts: false,
                });
            }
        }
    }
    judge("rendering", &cells);
}

/// Every situation of alias and trust.
pub fn over_situations() {
    // What, the store's base, its trusted certificates, the alias, the input, cacerts.
    type Situation = (
        &'static str,
        Option<&'static str>,
        &'static [(&'static str, &'static str)],
        &'static str,
        &'static str,
        bool,
    );
    const ROOT: (&str, &str) = ("Root", "root");
    const ISSUING: (&str, &str) = ("issuing", "issuing");
    let situations: &[Situation] = &[
        ("unknown-root", Some("trust"), &[], "fresh", "root", false),
        ("unknown-leaf", Some("trust"), &[], "fresh", "localhost", false),
        ("expired-root", None, &[ROOT], "fresh", "expired-root", false),
        ("same-alias-same-certificate", None, &[ROOT], "Root", "root", false),
        ("same-alias-in-capitals-same-certificate", None, &[ROOT], "ROOT", "root", false),
        ("same-alias-other-certificate", None, &[ROOT], "Root", "other-root", false),
        ("same-alias-in-capitals-other-certificate", None, &[ROOT], "ROOT", "other-root", false),
        ("same-alias-vouched-certificate", None, &[ROOT], "Root", "issuing", false),
        ("same-alias-renewed-certificate", None, &[("server", "localhost")], "server", "renewed", false),
        ("other-alias-same-certificate", None, &[ROOT], "fresh", "root", false),
        ("other-alias-leaf-of-a-key-entry", Some("own-key"), &[], "fresh", "own-key", false),
        ("vouched-by-root", None, &[ROOT], "fresh", "issuing", false),
        ("issuer-missing", None, &[ROOT], "fresh", "localhost", false),
        ("root-missing", None, &[ISSUING], "fresh", "localhost", false),
        ("vouched-by-two", None, &[ROOT, ISSUING], "fresh", "localhost", false),
        ("vouched-and-expired", None, &[ROOT, ISSUING], "fresh", "expired", false),
        ("vouched-and-not-yet-valid", None, &[ROOT, ISSUING], "fresh", "not-yet-valid", false),
        ("rekeyed-root", None, &[("rekeyed", "rekeyed-root"), ISSUING], "fresh", "localhost", false),
        ("second-root-of-one-name", None, &[ROOT], "fresh", "rekeyed-root", false),
        ("issuer-only-in-a-key-entrys-chain", Some("rich"), &[ROOT], "fresh", "renewed", false),
        ("leaf-of-a-rich-store", Some("rich"), &[], "fresh", "localhost", false),
        ("issuer-is-no-ca", None, &[("pinned", "not-a-ca")], "fresh", "behind-not-a-ca", false),
        ("pinned-leaf", None, &[ROOT], "fresh", "not-a-ca", false),
        ("root-in-cacerts", Some("trust"), &[], "fresh", "root", true),
        ("root-in-cacerts-and-store", None, &[ROOT], "fresh", "root", true),
        ("vouched-by-cacerts", Some("trust"), &[], "fresh", "issuing", true),
        ("vouched-by-cacerts-unasked", Some("trust"), &[], "fresh", "issuing", false),
        ("vouched-by-store-and-cacerts", None, &[ISSUING], "fresh", "localhost", true),
        ("root-not-in-cacerts", Some("trust"), &[], "fresh", "rekeyed-root", true),
        ("alias-of-a-key-and-no-reply", Some("own-key"), &[], "server", "root", false),
    ];
    let mut cells = Vec::new();
    for &(what, base, trusted, alias, input, trust_cacerts) in situations {
        for format in Format::BOTH {
            cells.push(cell(
                "situation",
                what,
                Start::of(format, base, trusted),
                "",
                alias,
                &[input],
                trust_cacerts,
            ));
        }
    }
    // JKS has no secret keys.
    cells.push(cell(
        "situation",
        "alias-of-a-secret-key",
        Start::of(Format::Pkcs12, Some("secret"), &[]),
        "",
        "secret",
        &["root"],
        false,
    ));
    judge("situation", &cells);
}

/// Aliases beyond ASCII, and what counts as the same one.
pub fn over_aliases() {
    const ALIASES: &[(&str, &str)] = &[
        ("MyCA", "myca"),
        ("Ünïcode Ä", "ünïcode ä"),
        ("İstanbul", "i\u{307}stanbul"),
        ("ΣΑΣ", "σας"),
        ("ΕΛΛΑΣ-CA", "ελλασ-ca"),
        ("ΕΛΛΑΣ:CA", "ελλας:ca"),
        ("Straße", "straße"),
        ("STRASSE", "straße"),
        ("Ǆ", "ǆ"),
        ("😀 face", "😀 FACE"),
        ("𐐀", "𐐨"),
        ("日本", "日本"),
        (" leading blank", " LEADING BLANK"),
        ("trailing blank ", "trailing blank"),
        ("<>, \"'\\", "<>, \"'\\"),
        ("1", "1"),
        ("x\u{301}", "x\u{301}"),
        ("\u{e9}", "e\u{301}"),
    ];
    let mut cells = Vec::new();
    for (number, (one, other)) in ALIASES.iter().enumerate() {
        for format in Format::BOTH {
            let start = || Start::of(format, None, &[(one, "root")]);
            let fresh = Start::of(format, Some("trust"), &[]);
            let number = format!("/{number}");
            cells.push(cell("alias", "fresh", fresh, &number, one, &["root"], false));
            cells.push(cell("alias", "beside", start(), &number, "another", &["other-root"], false));
            // Whether the two are one alias is for keytool to say.
            let folded = Jvm::of(jdk()).lower(&[one, other]);
            let what = if folded.first() == folded.last() { "again" } else { "not-the-same" };
            cells.push(cell("alias", what, start(), &number, other, &["root"], false));
            cells.push(cell("alias", "taken", start(), &number, other, &["other-root"], false));
        }
    }
    judge("alias", &cells);
}

/// What keyward takes for one alias, each JVM does: texts around a sigma, whose small form depends on the word that it
/// stands in, and on what Java takes for a word.
pub fn over_folded_aliases() {
    const PIECES: [&str; 22] = [
        "Σ", "Σ", "Α", "α", "A", "1", " ", "-", "_", ".", ",", ":", "'", "(", "/", "İ", "ß", "ª", "日", "ア",
        "\u{301}", "\u{200b}",
    ];
    let count = PIECES.len();
    let texts: Vec<String> = (0..count.pow(4))
        .map(|mut number| {
            let mut text = String::new();
            for _ in 0..4 {
                text.push_str(PIECES.get(number % count).copied().unwrap_or_default());
                number /= count;
            }
            text
        })
        .filter(|text| text.contains('Σ'))
        .collect();
    for jdk in jdks() {
        let jvm = Jvm::of(jdk);
        let mut wrong = Vec::new();
        for some in texts.chunks(1_000) {
            let some: Vec<&str> = some.iter().map(String::as_str).collect();
            let lowered = jvm.lower(&some);
            wrong.extend(
                some.iter()
                    .zip(lowered)
                    .filter(|(text, lower)| fold(text) != *lower)
                    .map(|(text, lower)| format!("{text:?}: Java has {lower:?}, keyward {:?}", fold(text))),
            );
        }
        println!("aliases: {} of {} fold as in Java {}", texts.len() - wrong.len(), texts.len(), jdk.feature);
        assert!(wrong.is_empty(), "Java {}: {} wrong:\n{}", jdk.feature, wrong.len(), wrong.join("\n"));
    }
}

/// Certificate replies for a key entry.
pub fn over_replies() {
    const REPLIES: &[(&str, &[&str])] = &[
        ("leaf", &["localhost"]),
        ("renewed-leaf", &["renewed"]),
        ("chain", &["localhost", "issuing"]),
        ("chain-and-root", &["localhost", "issuing", "root"]),
        ("chain-of-a-sub-ca", &["below-sub", "sub"]),
        ("chain-reversed", &["root", "issuing", "localhost"]),
        ("chain-with-a-duplicate", &["localhost", "issuing", "issuing", "root"]),
        ("leaf-and-root", &["localhost", "root"]),
        ("leaf-and-unrelated", &["localhost", "other-root"]),
        ("leaf-unrelated-and-root", &["localhost", "other-root", "root"]),
        ("another-key", &["self-signed"]),
        ("chain-of-another-key", &["issuing", "root"]),
        ("identical", &["own-key"]),
    ];
    // What the store trusts: alias and file; whether cacerts counts too.
    type Trust = (&'static str, &'static [(&'static str, &'static str)], bool);
    let trusts: [Trust; 5] = [
        ("none-trusted", &[], false),
        ("root-trusted", &[("root", "root")], false),
        ("issuing-trusted", &[("issuing", "issuing")], false),
        ("both-trusted", &[("root", "root"), ("issuing", "issuing")], false),
        ("root-in-cacerts", &[], true),
    ];
    let mut cells = Vec::new();
    for format in Format::BOTH {
        for (trust, trusted, cacerts) in trusts {
            let start = || Start::of(format, Some("own-key"), trusted);
            for &(what, reply) in REPLIES {
                cells.push(cell("reply", what, start(), &format!("/{trust}"), "server", reply, cacerts));
            }
            for (what, file) in [("pkcs7-pem", "chain.p7b.pem"), ("pkcs7-der", "chain.p7b")] {
                let mut cell = cell("reply", what, start(), &format!("/{trust}"), "SERVER", &[], cacerts);
                cell.input = std::fs::read(testdata(&format!("inputs/{file}"))).expect("a fixture");
                cells.push(cell);
            }
        }
    }
    judge("reply", &cells);
}

/// keytool inside the long-lived JVM does as the command `keytool` does.
pub fn in_process_keytool_is_keytool() {
    let folder = scratch("faithful");
    let path = |name: &str| testdata(&format!("pki/{name}.pem"));
    let (root, other, issuing) = (path("root"), path("other-root"), path("issuing"));
    let absent = folder.join("absent.pem");
    let imports: Vec<(&str, &str, &str)> = vec![
        ("", "a", text(&root)),
        ("yes\n", "a", text(&root)),
        ("yes\n", "A", text(&root)),
        ("no\n", "b", text(&root)),
        ("yes\n", "b", text(&root)),
        ("", "c", text(&issuing)),
        ("perhaps\n", "d", text(&other)),
        ("yes\n", "grüße-😀", text(&other)),
        ("yes\n", "e", text(&absent)),
    ];
    for format in Format::BOTH {
        let stores = ["inside", "process"].map(|name| folder.join(format!("{name}.{}", format.extension())));
        let [inside, process] = &stores;
        for (answer, alias, source) in &imports {
            let arguments = |store| {
                let mut list = vec!["-importcert", "-alias", *alias, "-file", *source, "-keystore", store];
                list.extend(["-storetype", format.name(), "-storepass", PASSWORD]);
                list
            };
            let one = Jvm::of(jdk()).keytool(answer, &arguments(text(inside)));
            let two = keytool_process(jdk(), answer, &arguments(text(process)));
            assert_eq!(one, two, "{alias} into {format:?}");
        }
        let [one, two] = stores.map(|store| Jvm::of(jdk()).list(&store, Some(PASSWORD)).expect("a store"));
        assert_eq!(one.contents(), two.contents());
        assert_eq!(one.entries.len(), 4, "{one:?}");
    }
}

fn cell(
    group: &str,
    what: &str,
    start: Start,
    detail: &str,
    alias: &str,
    certificates: &[&str],
    trust_cacerts: bool,
) -> Cell {
    let input: Vec<u8> = certificates
        .iter()
        .flat_map(|name| std::fs::read(testdata(&format!("pki/{name}.pem"))).expect("a fixture"))
        .collect();
    Cell {
        name: format!("{group}/{what}{detail}/{}", start.format.name()),
        start,
        alias: alias.to_owned(),
        input,
        clean: None,
        trust_cacerts,
    }
}

/// Compares all cells of a group, prints how many agree, and fails naming those that do not.
///
/// `KEYWARD_CELLS` narrows the run to the cells whose name contains it.
fn judge(group: &str, cells: &[Cell]) {
    let wanted = std::env::var("KEYWARD_CELLS").unwrap_or_default();
    let mut used = vec![false; BETTER.len()];
    let (mut same, mut better, mut wrong) = (0_usize, 0_usize, String::new());
    let cells: Vec<&Cell> = cells.iter().filter(|cell| cell.name.contains(&wanted)).collect();
    for cell in &cells {
        let comparison = compare(cell);
        let meant = BETTER.iter().position(|line| {
            covers(line.cell, &cell.name) && (line.keytool, line.keyward) == decisions(&comparison)
        });
        match meant {
            // The same decision in the table: it is the store that is meant to differ, and does.
            Some(line) if BETTER.get(line).is_some_and(|b| b.keytool == b.keyward) => {
                if let Some(used) = used.get_mut(line) {
                    *used |= !comparison.faults.is_empty();
                }
                better += 1;
            }
            _ if !comparison.faults.is_empty() => {
                writeln!(wrong, "  {}: {comparison}", cell.name).expect("a String")
            }
            Some(line) => {
                if let Some(used) = used.get_mut(line) {
                    *used = true;
                }
                better += 1;
            }
            None if comparison.keytool == comparison.keyward => same += 1,
            None => writeln!(wrong, "  {}: {comparison}", cell.name).expect("a String"),
        }
    }
    println!("{group}: {same} of {} as keytool does it, {better} better on purpose", cells.len());
    if wanted.is_empty() {
        for (line, _) in BETTER.iter().zip(used).filter(|(line, used)| !used && line.cell.starts_with(group))
        {
            writeln!(wrong, "  {} ({}): listed as better, but no cell shows it", line.cell, line.reason)
                .expect("a String");
        }
    }
    assert!(
        wrong.is_empty(),
        "{group}: {same} of {} agree, {better} better on purpose; wrong:\n{wrong}",
        cells.len()
    );
}

fn decisions(comparison: &Comparison) -> (Decision, Decision) {
    (comparison.keytool, comparison.keyward)
}

/// A line's cell is a name's first segments.
fn covers(line: &str, name: &str) -> bool {
    name.strip_prefix(line).is_some_and(|rest| rest.is_empty() || rest.starts_with('/'))
}
