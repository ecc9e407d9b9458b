//! Unit tests of the PEM reader.

use super::*;

const DER: &[u8] = b"\x30\x82 some bytes that are no DER but are carried all the same, over several lines";

fn one(text: &[u8]) -> Block {
    let mut found = blocks(text);
    assert_eq!(found.len(), 1, "{found:?}");
    found.remove(0).unwrap()
}

fn error(text: &str) -> (usize, PemProblem) {
    let mut found = blocks(text.as_bytes());
    assert_eq!(found.len(), 1, "{found:?}");
    let error = found.remove(0).unwrap_err();
    (error.line, error.problem)
}

fn plain() -> String {
    encode("CERTIFICATE", DER)
}

#[test]
fn lines_have_64_characters() {
    let text = plain();
    let lines: Vec<&str> = text.lines().collect();
    assert_eq!(lines[0], "-----BEGIN CERTIFICATE-----");
    assert_eq!(lines[1].len(), 64);
    assert_eq!(lines[lines.len() - 1], "-----END CERTIFICATE-----");
    assert!(text.ends_with("-----\n"));
}

#[test]
fn every_rendering_is_read() {
    let text = plain();
    let long = text.replacen("-----\n", "@", 1).replace("\n-----", "#").replace('\n', "");
    let renderings: Vec<(&str, Vec<u8>)> = vec![
        ("plain", text.clone().into()),
        ("CR LF", text.replace('\n', "\r\n").into()),
        ("CR", text.replace('\n', "\r").into()),
        ("byte order mark", format!("\u{feff}{text}").into()),
        ("indentation", text.lines().flat_map(|l| ["\t  ", l, "\n"]).collect::<String>().into()),
        ("trailing blanks", text.replace('\n', "  \t\n").into()),
        ("blank lines", text.replace('\n', "\n\n").into()),
        ("long line", long.replace('@', "-----\n").replace('#', "\n-----").into()),
        ("one line", text.replace('\n', " ").into()),
        ("no line ends at all", text.replace('\n', "").into()),
        ("JSON", format!("{{\"cert\":{:?}}}", text.replace('/', "\\/")).replace("\\\\/", "\\/").into()),
        ("text before", format!("subject=CN = x\n---\n{text}").into()),
        ("text glued before", format!("cert: {text}").into()),
        ("hyphens before", format!("----------\n# a ----- b\n{text}").into()),
        ("text after", format!("{text}\nServer certificate\n---\n").into()),
        ("no last line end", text.trim_end().into()),
        ("no padding", text.replace('=', "").into()),
        ("Latin-1 around", [b"Schl\xfcssel\n", text.as_bytes()].concat()),
        ("UTF-16LE", [&[0xff, 0xfe], &*utf16(&text, u16::to_le_bytes)].concat()),
        ("UTF-16BE", [&[0xfe, 0xff], &*utf16(&text, u16::to_be_bytes)].concat()),
        ("UTF-16LE without mark", utf16(&text, u16::to_le_bytes)),
    ];
    for (name, bytes) in renderings {
        let block = one(&bytes);
        assert_eq!((block.label.as_str(), &**block.der), ("CERTIFICATE", DER), "{name}");
        assert!(block.headers.is_empty(), "{name}");
    }
}

fn utf16(text: &str, order: fn(u16) -> [u8; 2]) -> Vec<u8> {
    text.encode_utf16().flat_map(order).collect()
}

#[test]
fn headers_are_read_apart() {
    for end in ["\n", "\r\n", "\r"] {
        let text = format!(
            "-----BEGIN RSA PRIVATE KEY-----\nProc-Type: 4,ENCRYPTED\nDEK-Info: DES-EDE3-CBC,\n  0123\n\n{}",
            plain().split_once('\n').unwrap().1.replace("CERTIFICATE", "RSA PRIVATE KEY")
        );
        let block = one(text.replace('\n', end).as_bytes());
        let header = |name: &str, value: &str| (name.to_owned(), value.to_owned());
        let expected = [header("Proc-Type", "4,ENCRYPTED"), header("DEK-Info", "DES-EDE3-CBC,0123")];
        assert_eq!(block.headers, expected, "{end:?}");
        assert_eq!(&**block.der, DER);
    }
}

#[test]
fn what_is_wrong_is_told_with_its_line() {
    let cases = [
        (plain().replace("-----END", "END"), (1, PemProblem::NoEnd)),
        (plain().replace("END CERT", "END KERT"), (4, PemProblem::Mismatch("KERTIFICATE".to_owned()))),
        (plain().replacen("MI", "M%", 1), (2, PemProblem::Character(b'%'))),
        ("-----BEGIN A-----\n-----END A-----\n".to_owned(), (1, PemProblem::Empty)),
        ("-----BEGIN A-----\nAAAAA\n-----END A-----\n".to_owned(), (1, PemProblem::Base64)),
        ("-----BEGIN A-----\nAA==AAAA\n-----END A-----\n".to_owned(), (1, PemProblem::Base64)),
        ("-----BEGIN A----\nAAAA\n-----END A-----\n".to_owned(), (1, PemProblem::Begin)),
        ("-----BEGIN A-----\nAAAA\n-----END A----\n".to_owned(), (3, PemProblem::End)),
    ];
    for (text, expected) in cases {
        assert_eq!(error(&text), expected, "{text}");
    }
    let shifted = format!("a\r\nb\rc\n{}", plain().replacen("MI", "M\u{e9}", 1));
    assert_eq!(error(&shifted), (5, PemProblem::Character(0xc3)));
}

#[test]
fn a_bad_block_leaves_the_others() {
    let text = format!("{}-----BEGIN A-----\nAA\n{}-----BEGIN B-----\n", plain(), plain());
    let found = blocks(text.as_bytes());
    assert_eq!(found.len(), 4);
    assert_eq!(found[0].as_ref().unwrap().line, 1);
    assert_eq!(found[1].as_ref().unwrap_err().to_string(), "line 5: the block has no END line");
    assert_eq!(found[2].as_ref().unwrap().line, 7);
    assert_eq!(found[3].as_ref().unwrap_err().problem, PemProblem::NoEnd);
}

#[test]
fn a_key_is_not_shown() {
    let block = one(encode("PRIVATE KEY", b"secret").as_bytes());
    assert_eq!(format!("{block:?}"), "Block(\"PRIVATE KEY\", line 1, 6 bytes)");
}

#[test]
fn many_begins_cost_linear_time() {
    let text = "-----BEGIN A-----\n".repeat(100_000);
    assert_eq!(blocks(text.as_bytes()).len(), 100_000);
    let text = format!("-----BEGIN {}", "A".repeat(200)).repeat(100_000);
    assert_eq!(blocks(text.as_bytes()).len(), 100_000);
}
