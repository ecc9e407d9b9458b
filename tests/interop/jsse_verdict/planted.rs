//! A JDK whose `cacerts` marks a root of ours as its own (` [jdk` in the alias), and whose security properties
//! are ours: a folder of links to a real one.

use std::path::Path;
use std::process::Command;

use rcgen::SanType;

use super::pki::*;
use super::*;
use crate::jvm::text;
use crate::peers::Jdk;

/// Properties that disable what the defaults allow.
const STRICT: &str = "\
# Comments, continued lines and escapes are those of java.util.Properties.
jdk.disabled.namedCurves = secp224r1, secp521r1
jdk.certpath.disabledAlgorithms=MD2, MD5, \\
    SHA1 jdkCA & usage TLSServer, RSA keySize < 2048, \\
    SHA224, include jdk.disabled.namedCurves
jdk.tls.disabledAlgorithms : RSASSA-PSS, Ed25519, EC keySize < 200
";

/// Chains that a root of the JDK's own, or stricter properties, make worse.
pub fn over_a_jdk_of_ones_own() {
    let folder = scratch("planted");
    let made = folder.join("openssl");
    fs::create_dir_all(&made).unwrap();
    let openssl = OpenSsl { folder: made };
    let (root, root_key) = openssl.root("own", "rsa:2048", "-sha256");
    let mut all = Cases::default();
    for (kind, options) in [("sha1", "-sha1"), ("sha224", "-sha224"), ("sha256", "-sha256"), ("md5", "-md5")]
    {
        let (inter, inter_key) = openssl.issue(&format!("{kind}-ca"), "rsa:2048", options, &root_key, true);
        let (below, _) = openssl.issue(&format!("{kind}-below"), "rsa:2048", "-sha256", &inter_key, false);
        let (leaf, _) = openssl.issue(&format!("{kind}-leaf"), "rsa:2048", options, &root_key, false);
        all.add(&format!("{kind}-inter"), &[&below, &inter], &[&root]);
        all.add(&format!("{kind}-inter-swapped"), &[&below, &root, &inter], &[&root]);
        all.add(&format!("{kind}-leaf"), &[&leaf], &[&root]);
        all.add(&format!("{kind}-leaf-pinned"), &[&leaf], &[&leaf]);
    }
    for key in ["rsa:1024", "ec:secp224r1", "ec:secp521r1", "ec:secp384r1"] {
        let kind = key.replace(':', "-");
        let (leaf, _) = openssl.issue(&format!("{kind}-leaf"), key, "-sha256", &root_key, false);
        all.add(&format!("{kind}-leaf"), &[&leaf], &[&root]);
    }
    let pss = "-sha256 -sigopt rsa_padding_mode:pss -sigopt rsa_pss_saltlen:32";
    let (leaf, _) = openssl.issue("pss-leaf", "rsa:2048", pss, &root_key, false);
    all.add("pss-leaf", &[&leaf], &[&root]);
    let public = authority("Public", |_| {});
    for pattern in ["*.org", "*.co.uk", "*.example.org", "*.github.io", "www.*.co.uk"] {
        let leaf = public.leaf("x", |p| {
            p.subject_alt_names = vec![SanType::DnsName(pattern.try_into().unwrap())];
        });
        for host in ["example.org", "a.co.uk", "a.example.org", "a.github.io", "www.a.co.uk"] {
            let name = format!("{}-{host}", pattern.replace('*', "any"));
            all.named(&name, &[&leaf], &[&public.certificate], Some(host));
        }
    }
    let chains = folder.join("chains");
    write(&all.0, &chains);
    let properties = folder.join("strict.security");
    fs::write(&properties, STRICT).unwrap();
    for jdk in jdks() {
        let java = match jdk.feature {
            17 => Java::V17,
            25 => Java::V25,
            _ => continue,
        };
        let home = plant(jdk, &folder.join(format!("jdk{}", jdk.feature)), &[&root, &public.certificate]);
        let shipped = keyward::anchors::shipped(&home).unwrap();
        assert_eq!(shipped.len(), 2, "the planted roots are found");
        let run = |options: &[String]| {
            let mut command = Command::new(jdk.tool("java"));
            command.arg(format!("-Djava.home={}", home.display())).args(options);
            ask(command, &program(), &chains)
        };
        for (what, options, security) in [
            ("its own anchors", Vec::new(), Security::default()),
            (
                "strict properties",
                vec![format!("-Djava.security.properties={}", properties.display())],
                Security::from_properties(STRICT).unwrap(),
            ),
        ] {
            let security = security.with_shipped_anchors(shipped.iter().copied());
            let comparison = compare(&all.0, &run(&options), java, &security);
            println!("verdicts, {what}: {} of {} as JDK {}", comparison.agreeing, all.0.len(), jdk.feature);
            let differing = comparison.differing.join("\n");
            assert!(comparison.differing.is_empty(), "JDK {}, {what}:\n{differing}", jdk.feature);
        }
    }
}

/// A folder that is the JDK but for its `cacerts`, which holds these roots alone.
fn plant(jdk: &Jdk, home: &Path, roots: &[&Certificate]) -> PathBuf {
    let security = home.join("lib/security");
    fs::create_dir_all(&security).unwrap();
    let link = |from: &Path, to: &Path, but: &str| {
        for entry in fs::read_dir(from).unwrap().flatten().filter(|entry| entry.file_name() != but) {
            let _ = std::os::unix::fs::symlink(entry.path(), to.join(entry.file_name()));
        }
    };
    link(&jdk.home, home, "lib");
    link(&jdk.home.join("lib"), &home.join("lib"), "security");
    link(&jdk.home.join("lib/security"), &security, "cacerts");
    for (number, root) in roots.iter().enumerate() {
        let file = home.with_extension(format!("{number}.pem"));
        fs::write(&file, pem(&[(*root).clone()])).unwrap();
        let output = Command::new(jdk.tool("keytool"))
            .args(["-importcert", "-noprompt", "-storepass", "changeit", "-storetype", "JKS", "-alias"])
            .arg(format!("root{number} [jdk]"))
            .args(["-keystore", text(&security.join("cacerts")), "-file", text(&file)])
            .output()
            .unwrap();
        assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stdout));
    }
    home.to_owned()
}
