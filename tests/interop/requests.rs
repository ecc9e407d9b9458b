//! `identity request` against openssl and JVMs: requests are read and signed, keys sign, replies are installed.

use std::path::Path;
use std::process::Command;

use keyward::model::Certificate;

use crate::jvm::{Jvm, scratch, text};
use crate::keyward::{Keyward, testdata};
use crate::peers::{jdk, jdks};

const PASSWORD: &str = "changeit";

fn openssl(arguments: &[&str]) -> String {
    let output = Command::new("openssl").args(arguments).output().expect("openssl runs");
    let said =
        format!("{}{}", String::from_utf8_lossy(&output.stdout), String::from_utf8_lossy(&output.stderr));
    assert!(output.status.success(), "openssl {arguments:?}: {said}");
    said
}

fn keyward(words: &[&str]) -> serde_json::Value {
    Keyward::new(words).args(["--password", "pass:changeit", "--json"]).run().exits(0).json()
}

/// Each kind of key in each format: what openssl and each JVM make of the request and of the entry, and the entry
/// after the CA's reply, by both ways.
pub fn are_answered() {
    let folder = scratch("requests");
    let (ca, ca_key, root) =
        (testdata("pki/issuing.pem"), testdata("pki/issuing.key"), testdata("pki/root.pem"));
    for (number, kind) in ["rsa:2048", "rsa:3072", "rsa:4096", "ec:p256", "ec:p384", "ec:p521", "ed25519"]
        .into_iter()
        .enumerate()
    {
        let format = ["p12", "jks", "jceks"][number % 3];
        let store = folder.join(format!("{number}.{format}"));
        let (csr, reply) = (folder.join(format!("{number}.csr")), folder.join(format!("{number}.pem")));
        keyward(&[
            "identity",
            "request",
            "--subject",
            "CN=client+UID=7,O=Ex\\, Inc.,C=DE",
            "--san",
            "client.example",
            "--key-type",
            kind,
            "--alias",
            "client",
            "-o",
            text(&store),
            "--csr",
            text(&csr),
        ]);
        let shown = openssl(&["req", "-in", text(&csr), "-verify", "-noout", "-text"]);
        for said in ["verify OK", "DNS:client.example", "TLS Web Client Authentication", "Digital Signature"]
        {
            assert!(shown.contains(said), "{kind}: {said}\n{shown}");
        }
        let printed = Jvm::of(jdk()).keytool("", &["-printcertreq", "-file", text(&csr)]);
        assert!(printed.code == 0 && printed.out.contains("clientAuth"), "{kind}: {printed:?}");
        sound(&store, 1, kind);
        openssl(&[
            "x509",
            "-req",
            "-in",
            text(&csr),
            "-CA",
            text(&ca),
            "-CAkey",
            text(&ca_key),
            "-out",
            text(&reply),
            "-days",
            "3650",
            "-copy_extensions",
            "copy",
            "-CAcreateserial",
            "-CAserial",
            text(&folder.join("serial")),
        ]);
        if number % 2 == 0 {
            let json = keyward(&[
                "identity",
                "build",
                "--from",
                &format!("{}#client", text(&store)),
                "--cert",
                text(&reply),
                "--chain",
                text(&ca),
                text(&root),
                "--alias",
                "client",
                "-o",
                text(&store),
                "--replace",
                "--no-aia",
            ]);
            assert_eq!(
                (&json["action"], &json["notes"]),
                (&"replaced".into(), &serde_json::json!([])),
                "{kind}"
            );
        } else {
            let whole = folder.join(format!("{number}-chain.pem"));
            let chain = [&reply, &ca].map(|file| std::fs::read(file).expect("a certificate")).concat();
            std::fs::write(&whole, chain).expect("a file");
            let to = ["--to", text(&store), "--alias", "client", "--yes"];
            let json = keyward(&[&["trust", "add", text(&whole)][..], &to].concat());
            assert_eq!(json["entries"][0]["action"], "reply-installed", "{kind}");
        }
        sound(&store, 2, kind);
    }
}

/// Each JVM opens the entry with the store's password alone; its key signs what its certificate verifies.
fn sound(store: &Path, chain: usize, kind: &str) {
    for jdk in jdks() {
        let jvm = Jvm::of(jdk);
        let listing = jvm.list(store, Some(PASSWORD)).expect("a store");
        let entry = listing.entry("client").expect("the entry");
        assert_eq!(
            (entry.kind.as_str(), entry.chain.len()),
            ("PrivateKeyEntry", chain),
            "{kind} {listing:?}"
        );
        let used = jvm.use_keys(store, PASSWORD, PASSWORD).expect("a key");
        assert!(used["client"].ends_with(" signs"), "{kind}: {used:?}");
    }
}

/// A subject is the same octets that keytool makes of the text.
pub fn subjects_are_keytools() {
    let folder = scratch("requests/subjects");
    let jvm = Jvm::of(jdk());
    let mut differ = Vec::new();
    let subjects = [
        "CN=client,OU=Unit,O=Example,L=Ort,ST=Land,C=DE",
        "cn=client , o = b ; c=DE",
        "CN=a+UID=b+OU=c,DC=example,DC=org",
        "UID=b+CN=a",
        "CN=\"a, b+c\",O=d",
        "CN=a\\, b\\ ,O=d\\+e\\=f",
        "CN=grüße 😀,O=*.example",
        "CN=a=b,OU=x,OU=y",
        "EMAILADDRESS=a@example.org,CN=a",
        "2.5.4.3=a,OID.2.5.4.10=b,1.3.6.1.4.1.311.60.2.1.3=DE",
        "SERIALNUMBER=1234,GIVENNAME=G,SURNAME=S,INITIALS=I,GENERATION=Jr,T=Dr,DNQ=q,STREET=x 1",
        "CN=a  b,S=c",
        "CN=#0c0161,O=b",
    ];
    for (number, subject) in subjects.into_iter().enumerate() {
        let (ours, theirs) =
            (folder.join(format!("{number}-ours.p12")), folder.join(format!("{number}.p12")));
        let csr = folder.join(format!("{number}.csr"));
        keyward(&[
            "identity",
            "request",
            "--subject",
            subject,
            "--key-type",
            "ec:p256",
            "--alias",
            "a",
            "-o",
            text(&ours),
            "--csr",
            text(&csr),
        ]);
        let made =
            ["-genkeypair", "-alias", "a", "-keyalg", "EC", "-groupname", "secp256r1", "-dname", subject];
        let run =
            jvm.keytool("", &[&made[..], &["-keystore", text(&theirs), "-storepass", PASSWORD]].concat());
        assert_eq!(run.code, 0, "{subject}: {run:?}");
        let [ours, theirs] = [ours, theirs].map(|store| {
            let der = store.with_extension("der");
            let call =
                ["trust", "export", text(&store), "a", "-o", text(&der), "--password", "pass:changeit"];
            Keyward::new(call).run().exits(0);
            let certificate =
                Certificate::from_der(&std::fs::read(der).expect("a file")).expect("a certificate");
            certificate.subject().der().to_vec()
        });
        if ours != theirs {
            differ.push(format!("{subject}\n  {ours:02x?}\n  {theirs:02x?}"));
        }
    }
    println!("subjects: {} of {} as keytool has them", subjects.len() - differ.len(), subjects.len());
    assert!(differ.is_empty(), "{}", differ.join("\n"));
}
