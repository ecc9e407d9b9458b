//! One certificate, in all the forms in which people hand it to a tool.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;

use crate::keyward::testdata;

/// An input, and what a reader must find first in it.
pub struct Rendering {
    pub name: &'static str,
    pub bytes: Vec<u8>,
    /// Clean PEM of the first certificate; `None` where there is none to be found.
    pub first: Option<Vec<u8>>,
}

fn file(path: &str) -> Vec<u8> {
    std::fs::read(testdata(path)).unwrap_or_else(|e| panic!("testdata/{path}: {e}"))
}

fn string(path: &str) -> String {
    String::from_utf8(file(path)).expect("a fixture in UTF-8")
}

/// The DER of a clean PEM file.
pub fn der(path: &str) -> Vec<u8> {
    let pem = string(path);
    let body: String = pem.lines().filter(|line| !line.starts_with("-----")).collect();
    STANDARD.decode(body).expect("a clean PEM fixture")
}

/// Every rendering, of `pki/root.pem` unless its name says otherwise.
pub fn all() -> Vec<Rendering> {
    let pem = string("pki/root.pem");
    let other = string("pki/other-root.pem");
    let leaf = string("pki/localhost.pem");
    let key = string("pki/localhost.key");
    let body: Vec<&str> = pem.lines().filter(|line| !line.starts_with("-----")).collect();
    let body_start = "-----BEGIN CERTIFICATE-----\n".len();
    let (head, tail) = pem.split_at(body_start + 65);

    let readable: Vec<(&str, Vec<u8>)> = vec![
        ("pem", pem.clone().into()),
        ("der", der("pki/root.pem")),
        ("crlf", pem.replace('\n', "\r\n").into()),
        ("lone-cr", pem.replace('\n', "\r").into()),
        ("no-final-line-end", pem.trim_end().into()),
        (
            "one-long-line",
            format!("-----BEGIN CERTIFICATE-----\n{}\n-----END CERTIFICATE-----\n", body.concat()).into(),
        ),
        ("blank-lines", pem.replace('\n', "\n\n").into()),
        ("trailing-blanks", pem.replace('\n', "  \n").into()),
        ("indented-body", pem.replace('\n', "\n    ").replace("    -----", "-----").into()),
        ("indented", pem.lines().fold(String::new(), |all, line| all + "    " + line + "\n").into()),
        ("tab-indented", pem.lines().fold(String::new(), |all, line| all + "\t" + line + "\n").into()),
        ("utf-8-bom", ["\u{feff}".as_bytes(), pem.as_bytes()].concat()),
        ("utf-8-bom-crlf", ["\u{feff}".as_bytes(), pem.replace('\n', "\r\n").as_bytes()].concat()),
        ("blank-line-before", format!("\n\n{pem}").into()),
        ("text-before", format!("The root of the example, as of 2024:\n{pem}").into()),
        ("text-after", format!("{pem}and that was it\n").into()),
        ("text-glued-before", format!("root: {pem}").into()),
        ("comment-with-hyphens-before", format!("# ===---===-----\n{pem}").into()),
        ("rule-of-hyphens-before", format!("--------------------\n{pem}").into()),
        ("zero-before", format!("0leading text\n{pem}").into()),
        ("two", format!("{pem}{other}").into()),
        ("two-with-text", format!("first\n{pem}second\n{other}last\n").into()),
        ("same-twice", format!("{pem}{pem}").into()),
        ("der-der", [der("pki/root.pem"), der("pki/other-root.pem")].concat()),
        ("der-pem", [der("pki/root.pem"), other.clone().into()].concat()),
        ("pem-der", [pem.clone().into(), der("pki/other-root.pem")].concat()),
        ("der-junk", [&der("pki/root.pem")[..], b"\0junk"].concat()),
        ("der-line-end", [&der("pki/root.pem")[..], b"\n"].concat()),
        ("x509-certificate-label", pem.replace(" CERTIFICATE", " X509 CERTIFICATE").into()),
        ("trusted-certificate", file("inputs/trusted-certificate.pem")),
        ("x509-text", file("inputs/x509-text.txt")),
        ("pkcs7-pem", file("inputs/root.p7b.pem")),
        ("pkcs7-der", file("inputs/root.p7b")),
        ("base64-only", body.join("\n").into()),
        ("certificate-then-key", format!("{pem}{key}").into()),
        ("key-then-certificate", format!("{key}{pem}").into()),
        (
            "utf-16-le-bom",
            pem.encode_utf16()
                .fold(vec![0xff, 0xfe], |all, unit| [all, unit.to_le_bytes().to_vec()].concat()),
        ),
        ("certificate-then-broken", format!("{pem}{}", other.replace("MII", "M!!")).into()),
    ];
    let elsewhere: Vec<(&str, Vec<u8>, &str)> = vec![
        ("localhost-s-client-showcerts", file("inputs/s_client-showcerts.txt"), "localhost"),
        ("localhost-s-client", file("inputs/s_client.txt"), "localhost"),
        ("localhost-chain", file("pki/localhost-chain.pem"), "localhost"),
        ("localhost-then-key", format!("{leaf}{key}").into(), "localhost"),
        ("localhost-chain-pkcs7", file("inputs/chain.p7b.pem"), "localhost"),
        ("issuing", file("pki/issuing.pem"), "issuing"),
    ];
    let unreadable: Vec<(&str, Vec<u8>)> = vec![
        ("empty", Vec::new()),
        ("line-end-only", b"\n".to_vec()),
        ("text", b"no certificate here\n".to_vec()),
        ("html", b"<!DOCTYPE html><html><body>Sign in</body></html>".to_vec()),
        ("random", (0_u32..600).map(|i| (i.wrapping_mul(2_654_435_761) >> 13) as u8 | 0x80).collect()),
        ("truncated-pem", pem[..pem.len() / 2].into()),
        ("missing-end", pem[..pem.len() - "-----END CERTIFICATE-----\n".len()].into()),
        ("truncated-der", der("pki/root.pem")[..200].to_vec()),
        ("bad-base64-character", pem.replacen("MII", "M!I", 1).into()),
        ("missing-line", format!("{}{}", &head[..body_start], tail).into()),
        ("end-of-another-label", pem.replace("END CERTIFICATE", "END X509 CRL").into()),
        ("request", file("inputs/request.csr")),
        ("key", key.into()),
        ("java-keystore", file("stores/trust.jks")),
        ("pkcs12-keystore", file("stores/trust.p12")),
    ];

    let whole =
        |name, bytes, first: &str| Rendering { name, bytes, first: Some(file(&format!("pki/{first}.pem"))) };
    readable
        .into_iter()
        .map(|(name, bytes)| whole(name, bytes, "root"))
        .chain(elsewhere.into_iter().map(|(name, bytes, first)| whole(name, bytes, first)))
        .chain(unreadable.into_iter().map(|(name, bytes)| Rendering { name, bytes, first: None }))
        .collect()
}
