//! `openssl s_server` made as old, as odd or as demanding as it can be: each chain is the one that `openssl s_client`
//! shows, and each request for a client certificate is the one that it prints.

use std::io::Write;
use std::process::{Child, ChildStdin, Command, Stdio};
use std::time::{Duration, Instant};

use serde_json::Value;
use sha2::{Digest, Sha256};

use crate::daemons::{Site, free_port};
use crate::fetched::{fetched, fingerprints};
use crate::keyward::Keyward;

const WEAK: &str = "ALL:@SECLEVEL=0";

/// The second group of RFC 2409 (section 6.2), 1024 bits.
const DH_1024: &str = "\
-----BEGIN DH PARAMETERS-----\n\
MIGHAoGBAP//////////yQ/aoiFowjTExmKLgNwc0SkCTgiKZ8x0Agu+pjsTmyJR\n\
Sgh5jjQE3e+VGbPNOkMbMCsKbfJfFDdP4TVtbVHCReSFtXZiXn7G9ExC6aY37WsL\n\
/1y29Aa37e44a/taiZ+lrp8kEXxLH+ZJKGZR7OZTgf//////////AgEC\n\
-----END DH PARAMETERS-----\n\
";

/// A server that reads no end of input, so that it lives until it is dropped.
pub struct Server {
    child: Child,
    stdin: ChildStdin,
    pub port: u16,
}

impl Server {
    pub fn start(site: &Site, arguments: &[&str]) -> Self {
        let port = free_port();
        let log = std::fs::File::create(site.path("s_server.log")).expect("a log");
        let mut child = Command::new("openssl")
            .args(["s_server", "-accept", &port.to_string()])
            .args(arguments)
            .stdin(Stdio::piped())
            .stdout(log.try_clone().expect("a log"))
            .stderr(log)
            .spawn()
            .expect("openssl starts");
        let start = Instant::now();
        loop {
            // Asking the port would be a connection, of which the server takes one at a time.
            let said = std::fs::read_to_string(site.path("s_server.log")).unwrap_or_default();
            if said.contains("ACCEPT") {
                break;
            }
            let ended = child.try_wait().expect("it can be waited for");
            assert!(ended.is_none() && start.elapsed() < Duration::from_secs(20), "{arguments:?}: {said}");
            std::thread::sleep(Duration::from_millis(20));
        }
        let stdin = child.stdin.take().expect("a pipe");
        Self { child, stdin, port }
    }

    fn target(&self) -> String {
        format!("localhost:{}", self.port)
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

pub fn openssl(arguments: &[&str]) {
    let output = Command::new("openssl").args(arguments).output().expect("openssl runs");
    assert!(output.status.success(), "{arguments:?}: {}", String::from_utf8_lossy(&output.stderr));
}

/// What `openssl s_client` prints with these arguments.
fn s_client(server: &Server, arguments: &[&str]) -> String {
    let output = Command::new("openssl")
        .args(["s_client", "-showcerts", "-cipher", WEAK, "-connect", &server.target()])
        .args(arguments)
        .stdin(Stdio::null())
        .output()
        .expect("openssl runs");
    String::from_utf8_lossy(&output.stdout).into_owned()
}

fn shown(text: &str) -> Vec<String> {
    crate::reach::certificates_in(text)
        .iter()
        .map(|der| Sha256::digest(der).iter().map(|byte| format!("{byte:02x}")).collect())
        .collect()
}

fn fetch(server: &Server, options: &[&str], code: i32) -> Value {
    fetched(&server.target(), options, code)
}

/// A root and a leaf below it. `key` are arguments of genpkey, `sign` those of the signature.
fn pair(site: &Site, name: &str, key: &[&str], sign: &[&str]) {
    let file = |end: &str| site.text(&format!("{name}{end}"));
    let (parameters, leaf_key, csr) = (file(".par"), file(".key"), file(".csr"));
    if key.first() == Some(&"DSA") {
        openssl(&[
            "genpkey",
            "-genparam",
            "-algorithm",
            "DSA",
            "-pkeyopt",
            "dsa_paramgen_bits:1024",
            "-out",
            &parameters,
        ]);
        openssl(&["genpkey", "-paramfile", &parameters, "-out", &leaf_key]);
    } else {
        let mut arguments = vec!["genpkey", "-algorithm", key[0], "-out", &leaf_key];
        arguments.extend(key[1..].iter().flat_map(|option| ["-pkeyopt", option]));
        openssl(&arguments);
    }
    let (root_key, root, leaf) = (file("-root.key"), file("-root.pem"), file(".pem"));
    openssl(&["genpkey", "-algorithm", "RSA", "-pkeyopt", "rsa_keygen_bits:2048", "-out", &root_key]);
    openssl(&[
        "req",
        "-x509",
        "-new",
        "-key",
        &root_key,
        "-subj",
        "/O=Old/CN=Old Root",
        "-days",
        "3650",
        "-out",
        &root,
    ]);
    openssl(&["req", "-new", "-key", &leaf_key, "-subj", "/O=Old/CN=localhost", "-out", &csr]);
    let mut arguments =
        vec!["x509", "-req", "-in", &csr, "-CA", &root, "-CAkey", &root_key, "-CAcreateserial"];
    arguments.extend(["-days", "3650", "-out", &leaf]);
    arguments.extend(sign);
    openssl(&arguments);
    let text = |path: &str| std::fs::read_to_string(path).expect("a file");
    site.file(&format!("{name}-chain.pem"), &format!("{}{}", text(&leaf), text(&root)));
}

/// A kind of key and signature, the server's arguments, those of `s_client`, what keyward has to say of them.
struct Case {
    pair: &'static str,
    server: &'static [&'static str],
    client: &'static [&'static str],
    protocol: &'static str,
    reading: &'static str,
    group: Option<&'static str>,
}

/// Every old or odd server that openssl can be made into.
pub fn chains() {
    let site = Site::new();
    let bits = |bits: &'static str| ["RSA", bits];
    pair(&site, "rsa", &bits("rsa_keygen_bits:2048"), &["-sha256"]);
    pair(&site, "rsa512", &bits("rsa_keygen_bits:512"), &["-sha256"]);
    pair(&site, "rsa1024", &bits("rsa_keygen_bits:1024"), &["-sha1"]);
    pair(&site, "md5", &bits("rsa_keygen_bits:1024"), &["-md5"]);
    pair(&site, "dsa", &["DSA"], &["-sha256"]);
    pair(&site, "p224", &["EC", "ec_paramgen_curve:secp224r1"], &["-sha256"]);
    pair(&site, "brainpool", &["EC", "ec_paramgen_curve:brainpoolP256r1"], &["-sha256"]);
    let case = |pair, server, client, protocol, reading, group| Case {
        pair,
        server,
        client,
        protocol,
        reading,
        group,
    };
    let cases = [
        case("rsa", &["-tls1"][..], &["-tls1"][..], "TLSv1.0", "plaintext", Some("x25519")),
        case("rsa", &["-tls1_1"], &["-tls1_1"], "TLSv1.1", "plaintext", Some("x25519")),
        case(
            "rsa",
            &["-tls1", "-cipher", "AES128-SHA:@SECLEVEL=0"],
            &["-tls1"],
            "TLSv1.0",
            "plaintext",
            None,
        ),
        case("rsa", &["-tls1_2", "-cipher", "AES128-SHA"], &["-tls1_2"], "TLSv1.2", "plaintext", None),
        case("rsa", &["-tls1_2", "-cipher", "AES256-GCM-SHA384"], &["-tls1_2"], "TLSv1.2", "plaintext", None),
        case("rsa", &["-tls1_2", "-cipher", "CAMELLIA128-SHA"], &["-tls1_2"], "TLSv1.2", "plaintext", None),
        case(
            "rsa",
            &["-tls1_2", "-cipher", "ECDHE-RSA-AES256-SHA384"],
            &["-tls1_2"],
            "TLSv1.2",
            "plaintext",
            Some("x25519"),
        ),
        case(
            "rsa",
            &["-tls1_2", "-cipher", "ECDHE-RSA-AES128-SHA", "-groups", "secp224r1"],
            &["-tls1_2", "-groups", "P-224"],
            "TLSv1.2",
            "plaintext",
            Some("secp224r1"),
        ),
        case(
            "rsa",
            &["-tls1_2", "-groups", "brainpoolP384r1"],
            &["-tls1_2", "-groups", "brainpoolP384r1"],
            "TLSv1.2",
            "plaintext",
            Some("brainpoolP384r1"),
        ),
        case(
            "rsa",
            &["-tls1_2", "-groups", "X448"],
            &["-tls1_2", "-groups", "X448"],
            "TLSv1.2",
            "plaintext",
            Some("x448"),
        ),
        case(
            "rsa",
            &["-tls1_2", "-groups", "sect283k1"],
            &["-tls1_2", "-groups", "sect283k1"],
            "TLSv1.2",
            "plaintext",
            Some("sect283k1"),
        ),
        case(
            "rsa",
            &["-tls1_2", "-cipher", "DHE-RSA-AES128-SHA:@SECLEVEL=0", "-dhparam", "@dh1024"],
            &["-tls1_2"],
            "TLSv1.2",
            "plaintext",
            Some("dh1024"),
        ),
        case("rsa", &["-tls1_2", "-cipher", "AES128-CCM"], &["-tls1_2"], "TLSv1.2", "plaintext", None),
        case(
            "rsa",
            &["-tls1_3", "-groups", "P-521"],
            &["-tls1_3", "-groups", "P-521"],
            "TLSv1.3",
            "handshake",
            Some("secp521r1"),
        ),
        case(
            "rsa",
            &["-tls1_2", "-groups", "P-521"],
            &["-tls1_2", "-groups", "P-521"],
            "TLSv1.2",
            "handshake",
            Some("secp521r1"),
        ),
        case("rsa512", &["-tls1_2"], &["-tls1_2"], "TLSv1.2", "handshake", Some("x25519")),
        case(
            "rsa512",
            &["-tls1", "-cipher", "AES128-SHA:@SECLEVEL=0"],
            &["-tls1"],
            "TLSv1.0",
            "plaintext",
            None,
        ),
        case("rsa1024", &["-tls1_2"], &["-tls1_2"], "TLSv1.2", "handshake", Some("x25519")),
        case("md5", &["-tls1_2"], &["-tls1_2"], "TLSv1.2", "handshake", Some("x25519")),
        case("md5", &["-tls1_1"], &["-tls1_1"], "TLSv1.1", "plaintext", Some("x25519")),
        case(
            "dsa",
            &["-tls1_2"],
            &["-tls1_2", "-sigalgs", "DSA+SHA256:RSA+SHA256"],
            "TLSv1.2",
            "plaintext",
            Some("dh1024"),
        ),
        case("p224", &["-tls1_2"], &["-tls1_2", "-groups", "P-224:P-256"], "TLSv1.2", "plaintext", None),
        case(
            "brainpool",
            &["-tls1_2"],
            &["-tls1_2", "-groups", "brainpoolP256r1:P-256"],
            "TLSv1.2",
            "plaintext",
            None,
        ),
    ];
    let dh = site.file("dh1024", DH_1024);
    let mut agreed = 0;
    for case in &cases {
        let (chain, key) =
            (site.text(&format!("{}-chain.pem", case.pair)), site.text(&format!("{}.key", case.pair)));
        let mut arguments = vec!["-cipher", WEAK, "-cert", &chain, "-cert_chain", &chain, "-key", &key];
        arguments.extend(
            case.server.iter().map(|argument| if *argument == "@dh1024" { dh.as_str() } else { argument }),
        );
        let server = Server::start(&site, &arguments);
        let by_openssl = shown(&s_client(&server, case.client));
        let what = format!("{} {:?}", case.pair, case.server);
        assert!(by_openssl.len() >= 2, "openssl reaches {what}");
        let told = fetch(&server, &[], 0);
        assert_eq!(fingerprints(&told), by_openssl, "{what}");
        assert_eq!(
            (&told["protocol"], &told["reading"]),
            (&case.protocol.into(), &case.reading.into()),
            "{what}: {told}"
        );
        assert_eq!(told["possession_proved"] == true, told["key_proved"] == true);
        assert!(case.reading == "handshake" || told["possession_proved"] == false, "{what}");
        if let Some(group) = case.group {
            assert_eq!(told["group"], group, "{what}");
        }
        println!("{what}: {} {}", told["cipher_suite"], told["group"]);
        agreed += 1;
    }
    println!("{agreed} of {} chains as openssl shows them", cases.len());
}

/// What keyward cannot speak, and cannot read in the clear: it fails by that name.
pub fn out_of_reach() {
    let site = Site::new();
    pair(&site, "rsa", &["RSA", "rsa_keygen_bits:2048"], &["-sha256"]);
    let (chain, key) = (site.text("rsa-chain.pem"), site.text("rsa.key"));
    let cases: [(&[&str], &str); 5] = [
        (&["-groups", "X448"], "x448"),
        (&["-groups", "ffdhe3072"], "ffdhe3072"),
        (&["-ciphersuites", "TLS_AES_128_CCM_SHA256"], "TLS_AES_128_CCM_SHA256"),
        (&["-ciphersuites", "TLS_AES_128_CCM_8_SHA256"], "TLS_AES_128_CCM_8_SHA256"),
        (&["-groups", "ffdhe2048", "-ciphersuites", "TLS_AES_256_GCM_SHA384"], "ffdhe2048"),
    ];
    for (arguments, name) in cases {
        let start = ["-tls1_3", "-cipher", WEAK, "-cert", &chain, "-key", &key];
        let server = Server::start(&site, &[&start, arguments].concat());
        let error = fetch(&server, &[], 3)["error"].clone();
        assert_eq!(error["id"], "protocol", "{name}: {error}");
        assert!(error["message"].as_str().expect("a message").contains(name), "{error}");
    }
}

/// The lines that `s_client` prints of a request: the names, and the algorithms as they were sent.
fn printed(text: &str) -> (Vec<String>, Vec<String>) {
    let names = text
        .split_once("Acceptable client certificate CA names\n")
        .map(|(_, rest)| {
            rest.lines()
                .take_while(|line| line.contains('=') && !line.starts_with("Client "))
                .map(str::to_owned)
                .collect()
        })
        .unwrap_or_default();
    let algorithms = text
        .lines()
        .find_map(|line| line.strip_prefix("Requested Signature Algorithms: "))
        .map(|line| line.split(':').map(str::to_uppercase).collect())
        .unwrap_or_default();
    (names, algorithms)
}

/// OpenSSL's words for a scheme of the registry.
fn in_words_of_openssl(name: &str) -> String {
    match name {
        name if name.starts_with("ed") || name.starts_with("rsa_pss_pss") => name.to_uppercase(),
        name => {
            let (start, digest) = name.rsplit_once('_').expect("a digest");
            let kind = match start {
                "rsa_pkcs1" => "RSA",
                "rsa_pss_rsae" => "RSA-PSS",
                "dsa" => "DSA",
                _ => "ECDSA",
            };
            format!("{kind}+{}", digest.to_uppercase())
        }
    }
}

/// What a server asks of a client, on TLS 1.0 to 1.3, requested and required, in its order.
pub fn client_requests() {
    let site = Site::new();
    pair(&site, "rsa", &["RSA", "rsa_keygen_bits:2048"], &["-sha256"]);
    let mut authorities = String::new();
    for name in
        ["/C=CH/O=Zeta/CN=Z", "/C=CH/O=Alpha Müller/CN=A, with a comma", "/DC=org/DC=example/CN=Middle"]
    {
        let (key, certificate) = (site.text("ca.key"), site.text("ca.pem"));
        openssl(&[
            "req",
            "-x509",
            "-newkey",
            "rsa:1024",
            "-nodes",
            "-keyout",
            &key,
            "-utf8",
            "-subj",
            name,
            "-out",
            &certificate,
        ]);
        authorities.push_str(&std::fs::read_to_string(&certificate).expect("a certificate"));
    }
    let list = site.file("authorities.pem", &authorities);
    let (chain, key) = (site.text("rsa-chain.pem"), site.text("rsa.key"));
    let sigalgs = "RSA-PSS+SHA512:ECDSA+SHA256:RSA+SHA256:ed25519:RSA-PSS+SHA256:RSA+SHA1";
    let mut seen = 0;
    for (version, number) in
        [("-tls1", 0x0301), ("-tls1_1", 0x0302), ("-tls1_2", 0x0303), ("-tls1_3", 0x0304)]
    {
        for required in [false, true] {
            for (suite, reading) in [(WEAK, None), ("AES128-SHA:@SECLEVEL=0", Some("plaintext"))] {
                if number == 0x0304 && reading.is_some() {
                    continue;
                }
                for algorithms in [None, Some(sigalgs)] {
                    let verify = if required { "-Verify" } else { "-verify" };
                    let mut arguments =
                        vec![version, "-cipher", suite, "-cert", &chain, "-key", &key, verify, "3"];
                    arguments.extend(["-CAfile", &list]);
                    if required {
                        arguments.push("-verify_return_error");
                    }
                    if let Some(algorithms) = algorithms.filter(|_| number >= 0x0303) {
                        arguments.extend(["-client_sigalgs", algorithms]);
                    }
                    let server = Server::start(&site, &arguments);
                    let (names, printed) = printed(&s_client(&server, &[version, "-nameopt", "RFC2253"]));
                    let told = fetch(&server, &[], 0);
                    let what = format!("{version} {verify} {suite} {algorithms:?}: {told}");
                    let asked = &told["client_auth"];
                    let plaintext = told["reading"] == "plaintext";
                    let status = match (plaintext, required) {
                        (true, _) => "requested",
                        (false, true) => "required",
                        (false, false) => "optional",
                    };
                    assert_eq!(
                        (&asked["status"], &asked["version"]),
                        (&status.into(), &number.into()),
                        "{what}"
                    );
                    assert_eq!(asked["unread"], Value::Null, "{what}");
                    let shown: Vec<String> = asked["authorities"]
                        .as_array()
                        .expect("names")
                        .iter()
                        .map(|name| name["name"].as_str().expect("a name").to_owned())
                        .collect();
                    assert_eq!(shown.len(), 3, "{what}");
                    assert_eq!(names.len(), 3, "openssl: {names:?}");
                    for (ours, theirs) in shown.iter().zip(&names) {
                        assert_eq!(in_octets(ours), in_octets(theirs), "{what}");
                    }
                    let ours: Vec<String> = asked["signature_algorithms"]
                        .as_array()
                        .into_iter()
                        .flatten()
                        .map(|one| in_words_of_openssl(one["name"].as_str().expect("a known name")))
                        .collect();
                    assert_eq!(ours, printed, "{what}");
                    assert_eq!(ours.is_empty(), number < 0x0303, "{what}");
                    assert_eq!(
                        asked["types"].as_array().expect("types").is_empty(),
                        number == 0x0304,
                        "{what}"
                    );
                    seen += 1;
                }
            }
        }
    }
    println!("{seen} requests as openssl prints them");
}

/// A name with what is not ASCII as openssl writes it, `\C3\BC`, and its blanks alike.
fn in_octets(name: &str) -> String {
    let octets = name
        .bytes()
        .map(|byte| if byte.is_ascii() { char::from(byte).to_string() } else { format!("\\{byte:02X}") });
    octets.collect::<String>()
}

/// A server that asks for a certificate once it has read the request: `s_server` does when it is told to (`R`).
pub fn after_the_request() {
    let site = Site::new();
    pair(&site, "rsa", &["RSA", "rsa_keygen_bits:2048"], &["-sha256"]);
    let (chain, key) = (site.text("rsa-chain.pem"), site.text("rsa.key"));
    let mut server = Server::start(
        &site,
        &["-tls1_2", "-cert", &chain, "-key", &key, "-CAfile", &site.text("rsa-root.pem")],
    );
    let target = server.target();
    let fetching = std::thread::spawn(move || {
        Keyward::new(["fetch", &target, "--json", "--path", "/private"]).run().exits(0).json()
    });
    let start = Instant::now();
    while !std::fs::read_to_string(site.path("s_server.log")).unwrap_or_default().contains("HEAD /private") {
        assert!(start.elapsed() < Duration::from_secs(20), "the request comes");
        std::thread::sleep(Duration::from_millis(20));
    }
    server.stdin.write_all(b"R\n").expect("the server reads");
    let told = fetching.join().expect("keyward ends")["targets"][0].clone();
    assert_eq!(told["path"]["new_handshake"], true, "{told}");
    assert_eq!(told["client_auth"]["status"], "after-request", "{told}");
    // And a server that does not ask, on TLS 1.3 with a TLS 1.2 beside it.
    let server = Server::start(&site, &["-www", "-cert", &chain, "-key", &key]);
    let told = fetch(&server, &["--path", "/"], 0);
    assert_eq!(
        (&told["path"]["new_handshake"], &told["path"]["protocol"]),
        (&false.into(), &"TLSv1.2".into()),
        "{told}"
    );
    assert_eq!((&told["protocol"], &told["client_auth"]["status"]), (&"TLSv1.3".into(), &"none".into()));
    let server = Server::start(&site, &["-www", "-tls1_3", "-cert", &chain, "-key", &key]);
    let told = fetch(&server, &["--path", "/"], 0);
    assert_eq!(
        (&told["path"]["new_handshake"], &told["path"]["protocol"]),
        (&Value::Null, &"TLSv1.3".into()),
        "{told}"
    );
}
