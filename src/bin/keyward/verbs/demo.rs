//! `keyward demo`: the story of a missing intermediate, played against servers of keyward's own.

use std::fs;
use std::io::{IsTerminal, stdin};
use std::path::{Path, PathBuf};

use clap::Parser;
use keyward::chain::names::ServerName;
use keyward::model::entropy::SystemEntropy;
use keyward::model::{Certificate, Entropy};
use keyward::serve::aia_server::{AiaServer, Answer};
use keyward::serve::pki::{CertificateAuthority, Draft, Identity};
use keyward::serve::tls_server::{ServerOptions, TlsServer};
use time::{Duration, OffsetDateTime};

use crate::args::{Cli, DemoArgs};
use crate::exit::{Exit, Failure};
use crate::output::Output;
use crate::{clock, run, shell};

/// The servers and the PKI of one demo.
struct Stage {
    target: String,
    root: Certificate,
    intermediate: Certificate,
    _server: TlsServer,
    _aia: AiaServer,
}

pub(crate) fn run(args: &DemoArgs, output: &mut Output) -> Result<Exit, Failure> {
    let stage = Stage::set(clock::now())?;
    let folder = folder(args)?;
    let store = folder.join("demo.jks");
    let password = folder.join("password.txt");
    if store.exists() {
        return Err(Failure::unusable("demo-exists", format!("{} is there already", store.display()))
            .hint("give another folder with --folder, or remove it"));
    }
    fs::write(&password, "changeit\n")
        .map_err(|error| Failure::world("demo-folder", format!("{}: {error}", password.display())))?;
    let Stage { target, root, intermediate, .. } = &stage;
    let store_text = store.display().to_string();
    let spec = format!("file:{}", password.display());
    output.text(&format!(
        "A TLS server with a private PKI listens on {target}, and leaves its intermediate out.\n\
         The demo's files are in {}.\n",
        folder.display()
    ))?;

    act(output, "What does the server present?", &["fetch", target], Exit::Done)?;
    act(output, "What is wrong with it?", &["diagnose", target], Exit::Short)?;
    let root_pin = format!("sha256:{}", root.fingerprint());
    act(
        output,
        "Import the root into a new store; its SHA-256 is what the owner of the PKI published.",
        &["trust", "add", target, "--pick", &root_pin, "--to", &store_text, "--password", &spec],
        Exit::Short,
    )?;
    act(
        output,
        "The root alone does not help: the server does not send the intermediate. What now?",
        &["diagnose", target, "--trust", &store_text, "--password", &spec],
        Exit::Short,
    )?;
    let pin = format!("sha256:{}", intermediate.fingerprint());
    act(
        output,
        "The server is not ours to repair, so the store gets the intermediate too.",
        &["trust", "add", target, "--pick", &pin, "--to", &store_text, "--password", &spec],
        Exit::Done,
    )?;
    act(
        output,
        "What the store holds now:",
        &["trust", "list", &store_text, "--password", &spec],
        Exit::Done,
    )?;
    output.text(&format!(
        "\nA JVM started with\n  -Djavax.net.ssl.trustStore={} -Djavax.net.ssl.trustStorePassword=changeit\n\
         accepts the server, while it is up (--hold keeps it up). The right repair is the server's: let it send the chain that\n  {}\nwrites.\n",
        shell::command([&store_text]),
        shell::command(["keyward", "diagnose", target, "-o", "chain.pem"])
    ))?;
    if args.hold {
        output.finish()?;
        if stdin().is_terminal() {
            output.talk("the server stays up until Enter is pressed");
        }
        let mut line = String::new();
        let _ = stdin().read_line(&mut line);
    }
    Ok(Exit::Done)
}

/// Says what the next command is for, shows it, and runs it as if it had been typed.
fn act(output: &mut Output, why: &str, words: &[&str], expected: Exit) -> Result<(), Failure> {
    let line = shell::command(std::iter::once(&"keyward").chain(words));
    output.text(&format!("\n# {why}\n$ {line}\n"))?;
    let cli = Cli::try_parse_from(std::iter::once(&"keyward").chain(words))
        .map_err(|error| Failure::unusable("demo", error))?;
    let exit = match run::run_verb(&cli.verb, output) {
        Ok(exit) => exit,
        Err(failure) => {
            output.finish()?;
            output.say(&failure);
            failure.exit
        }
    };
    output.finish()?;
    if exit == expected {
        Ok(())
    } else {
        Err(Failure {
            exit: Exit::World,
            id: "demo",
            message: format!(
                "the demo expected exit code {} of that command, not {}",
                expected as u8, exit as u8
            ),
            hints: vec!["this is a fault in keyward, please report it".to_owned()],
        })
    }
}

impl Stage {
    fn set(now: OffsetDateTime) -> Result<Self, Failure> {
        let failed =
            |error: &dyn std::fmt::Display| Failure::world("demo", format!("the demo cannot start: {error}"));
        let aia = AiaServer::start().map_err(|error| failed(&error))?;
        let draft = |subject: &str| -> Result<Draft, Failure> {
            let (from, until) = (now - Duration::days(1), now + Duration::days(365));
            Ok(Draft::new(subject, serial()?, from, until))
        };
        let root = CertificateAuthority::root(&draft("Keyward Demo Root CA")?).map_err(|e| failed(&e))?;
        let intermediate = root
            .subordinate(&draft("Keyward Demo Issuing CA")?.ca_issuers(&aia.url("/root.der")))
            .map_err(|e| failed(&e))?;
        let server: Identity = intermediate
            .issue(
                &draft("localhost")?.server(&["localhost", "127.0.0.1"]).ca_issuers(&aia.url("/issuing.der")),
            )
            .map_err(|e| failed(&e))?;
        aia.answer("/root.der", Answer::Body(root.certificate.der.to_vec()));
        aia.answer("/issuing.der", Answer::Body(intermediate.certificate.der.to_vec()));
        let options = ServerOptions::new(vec![server.certificate.clone()], &server.key);
        let tls = TlsServer::start(&options).map_err(|e| failed(&e))?;
        let port = tls.address().port();
        // The certificate names the address too; a name would depend on the machine's resolver.
        let name = ServerName::Ip(tls.address().ip());
        Ok(Self {
            target: format!("{name}:{port}"),
            root: root.certificate.read().map_err(|e| failed(&e))?,
            intermediate: intermediate.certificate.read().map_err(|e| failed(&e))?,
            _server: tls,
            _aia: aia,
        })
    }
}

/// A serial number that nobody has seen: 63 random bits.
fn serial() -> Result<u64, Failure> {
    let mut bytes = [0; 8];
    SystemEntropy.fill(&mut bytes).map_err(|error| Failure::world("demo", error))?;
    Ok(u64::from_be_bytes(bytes) >> 1)
}

fn folder(args: &DemoArgs) -> Result<PathBuf, Failure> {
    let failed = |path: &Path, error| Failure::world("demo-folder", format!("{}: {error}", path.display()));
    match &args.folder {
        Some(path) => fs::create_dir_all(path).map(|()| path.clone()).map_err(|error| failed(path, error)),
        None => tempfile::Builder::new()
            .prefix("keyward-demo-")
            .tempdir()
            .map(tempfile::TempDir::keep)
            .map_err(|error| failed(&std::env::temp_dir(), error)),
    }
}
