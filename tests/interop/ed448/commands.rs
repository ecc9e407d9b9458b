//! An Ed448 hierarchy by openssl, through the commands: judged, imported, matched with its key, revoked.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use keyward::chain::revocation::{Demand, Revocation, Status, Subject, status};
use keyward::format::{certificates, ocsp};
use keyward::model::Certificate;
use serde_json::Value;
use time::OffsetDateTime;

use crate::jsse_verdict::{pem, with_signature};
use crate::jvm::scratch;
use crate::keyward::Keyward;

const PASSWORD: [&str; 2] = ["--password", "pass:changeit"];

/// What `openssl ca` needs. EdDSA takes no digest.
const AUTHORITY: &str = "[ca]
default_ca = keyward
[keyward]
database = index.txt
crlnumber = crlnumber
default_crl_days = 3650
default_md = null
";

struct Hierarchy {
    folder: PathBuf,
}

/// root, inter and leaf.
pub fn through_the_commands() {
    let hierarchy = Hierarchy::new(scratch("ed448-commands"));
    hierarchy.is_judged();
    hierarchy.is_diagnosed();
    hierarchy.is_imported();
    hierarchy.has_its_keys();
    hierarchy.is_revoked();
}

impl Hierarchy {
    fn new(folder: PathBuf) -> Self {
        let made = Self { folder };
        made.openssl(
            "req -x509 -newkey ed448 -nodes -keyout root.key -out root.pem -days 3650 -subj /O=Keyward/CN=Root \
             -addext keyUsage=critical,keyCertSign,cRLSign",
        );
        let authority = "basicConstraints=critical,CA:true\nkeyUsage=critical,keyCertSign,cRLSign\n";
        let server = "keyUsage=critical,digitalSignature\nextendedKeyUsage=serverAuth,clientAuth\n\
                      subjectAltName=DNS:localhost\n";
        for (name, issuer, extensions) in [("inter", "root", authority), ("leaf", "inter", server)] {
            let identifiers = "subjectKeyIdentifier=hash\nauthorityKeyIdentifier=keyid\n";
            fs::write(made.file("extensions"), format!("{extensions}{identifiers}")).unwrap();
            made.openssl(&format!(
                "req -new -newkey ed448 -nodes -keyout {name}.key -out {name}.csr -subj /O=Keyward/CN={name}"
            ));
            made.openssl(&format!(
                "x509 -req -in {name}.csr -CA {issuer}.pem -CAkey {issuer}.key -CAcreateserial -days 300 \
                 -extfile extensions -out {name}.pem"
            ));
        }
        let [leaf, inter] = [made.certificate("leaf.pem"), made.certificate("inter.pem")];
        let mut signature = leaf.signature().to_vec();
        signature[3] ^= 1;
        fs::write(made.file("damaged.pem"), pem(&[with_signature(&leaf, &signature), inter.clone()]))
            .unwrap();
        fs::write(made.file("chain.pem"), pem(&[leaf, inter])).unwrap();
        made
    }

    fn is_judged(&self) {
        let judge = |chain: &str| {
            let root = self.file("root.pem");
            let words = ["verify", chain, "--name", "localhost", "--json", "--trust", root.to_str().unwrap()];
            let call = Keyward::new(words).args(["--rules", "jsse17,jsse25,webpki,rfc5280,cabf"]);
            let json = call.within(&self.folder).run().exits(1).json();
            let said = |verdict: &Value| {
                (verdict["accepted"].as_bool(), verdict["reason"]["id"].as_str().map(str::to_owned))
            };
            json["verdicts"].as_array().unwrap().iter().map(said).collect::<Vec<_>>()
        };
        let refused = |id: &str| (Some(false), Some(id.to_owned()));
        let accepted = (Some(true), None);
        let (rustls, baseline) = (refused("signature-algorithm"), refused("key-algorithm"));
        assert_eq!(
            judge("chain.pem"),
            [accepted.clone(), accepted.clone(), rustls.clone(), accepted, baseline.clone()]
        );
        let bad = refused("bad-signature");
        assert_eq!(judge("damaged.pem")[..4], [bad.clone(), bad.clone(), rustls, bad]);
    }

    fn is_diagnosed(&self) {
        let findings = |file: &str| {
            let call = Keyward::new(["diagnose", file, "--trust", "root.pem", "--json"]).within(&self.folder);
            let json = call.run().json();
            let ids = json["subjects"][0]["findings"].as_array().unwrap().iter();
            ids.map(|finding| finding["id"].as_str().unwrap().to_owned()).collect::<Vec<_>>()
        };
        assert_eq!(findings("chain.pem"), [""; 0]);
        assert_eq!(findings("leaf.pem"), ["missing-intermediate"]);
        assert_ne!(findings("damaged.pem"), [""; 0]);
    }

    /// What is in the store vouches; what is self-signed, or not signed by what is there, does not.
    fn is_imported(&self) {
        let add = |file: &str, store: &str, more: &[&str]| {
            let call = Keyward::new(["trust", "add", file, "--to", store, "--alias", file, "--json"]);
            call.args(PASSWORD).args(more).within(&self.folder).run()
        };
        let basis = |json: &Value| json["entries"][0]["basis"].as_str().unwrap().to_owned();
        add("root.pem", "trust.p12", &[]).exits(2);
        assert_eq!(basis(&add("root.pem", "trust.p12", &["--yes"]).exits(0).json()), "confirmed");
        assert_eq!(basis(&add("inter.pem", "trust.p12", &[]).exits(0).json()), "vouched");
        add("leaf.pem", "trust.p12", &[]).exits(0);
        let damaged = pem(&self.certificates("damaged.pem")[..1]);
        fs::write(self.file("stranger.pem"), damaged).unwrap();
        add("stranger.pem", "trust.p12", &[]).exits(2);
    }

    fn has_its_keys(&self) {
        let build = |key: &str, store: &str| {
            let call =
                Keyward::new(["identity", "build", "--key", key, "--alias", "me", "-o", store, "--json"]);
            let certificates = ["--cert", "leaf.pem", "--chain", "inter.pem", "--chain", "root.pem"];
            call.args(certificates).args(PASSWORD).within(&self.folder).run()
        };
        build("leaf.key", "identity.p12").exits(0);
        assert_ne!(build("inter.key", "other.p12").code, 0);
        assert!(!self.file("other.p12").exists());
        let listing = Keyward::new(["inspect", "identity.p12", "--json"]).args(PASSWORD).within(&self.folder);
        let json = listing.run().exits(0).json();
        let entry = &json["files"][0]["entries"][0];
        assert_eq!(entry["key"]["algorithm"], "Ed448", "{entry}");
        assert_eq!(entry["key"]["fits_certificate"], true, "{entry}");
    }

    fn is_revoked(&self) {
        fs::write(self.file("ca.cnf"), AUTHORITY).unwrap();
        fs::write(self.file("index.txt"), "").unwrap();
        fs::write(self.file("crlnumber"), "01\n").unwrap();
        let judge = |crl: &str, code| {
            let call =
                Keyward::new(["verify", "chain.pem", "--trust", "root.pem", "--rules", "rfc5280", "--json"]);
            let json = call.args(["--crl", crl]).within(&self.folder).run().exits(code).json();
            assert_eq!(json["revocation"][0]["source"], "crl-file", "{json}");
            json["revocation"][0]["status"].as_str().unwrap().to_owned()
        };
        let by_inter = "-config ca.cnf -keyfile inter.key -cert inter.pem";
        let answer = "ocsp -index index.txt -CA inter.pem -rsigner inter.pem -rkey inter.key -issuer inter.pem \
                      -cert leaf.pem -ndays 300 -no_nonce -respout";
        self.openssl(&format!("ca {by_inter} -gencrl -out before.crl"));
        assert_eq!(judge("before.crl", 0), "good");
        self.openssl(&format!("ca {by_inter} -revoke leaf.pem"));
        self.openssl(&format!("ca {by_inter} -gencrl -out after.crl"));
        assert_eq!(judge("after.crl", 1), "revoked");
        self.openssl(&format!("{answer} after.der"));
        let octets = fs::read(self.file("after.der")).unwrap();
        assert!(matches!(self.stapled(&octets), Status::Revoked { .. }), "{:?}", self.stapled(&octets));
        let place = octets.len() - self.certificate("inter.pem").der().len() - 40;
        let mut damaged = octets.clone();
        damaged[place] ^= 1;
        assert!(
            !matches!(self.stapled(&damaged), Status::Revoked { .. } | Status::Good),
            "{:?}",
            self.stapled(&damaged)
        );
    }

    /// What an OCSP answer says of the leaf.
    fn stapled(&self, octets: &[u8]) -> Status {
        let [leaf, issuer] = [self.certificate("leaf.pem"), self.certificate("inter.pem")];
        let answer = ocsp::read(octets).map_err(|error| error.to_string());
        let inquiry = keyward::chain::revocation::Inquiry::default().with_stapled(&leaf, answer);
        let subject = Subject {
            certificate: &leaf,
            issuer: &issuer,
            above: None,
            candidates: &[],
            more_candidates: &[],
            now: OffsetDateTime::now_utc(),
        };
        status(&subject, Revocation { demand: Demand::Hard, crls: &[], inquiry: Some(&inquiry) })
    }

    fn file(&self, name: &str) -> PathBuf {
        self.folder.join(name)
    }

    fn certificate(&self, name: &str) -> Certificate {
        self.certificates(name).remove(0)
    }

    fn certificates(&self, name: &str) -> Vec<Certificate> {
        let read = certificates::read(&fs::read(self.file(name)).unwrap()).unwrap();
        read.certificates.into_iter().map(|found| found.certificate).collect()
    }

    fn openssl(&self, arguments: &str) {
        let mut command = Command::new("openssl");
        let output =
            command.args(arguments.split_whitespace()).current_dir(Path::new(&self.folder)).output().unwrap();
        assert!(output.status.success(), "openssl {arguments}: {}", String::from_utf8_lossy(&output.stderr));
    }
}
