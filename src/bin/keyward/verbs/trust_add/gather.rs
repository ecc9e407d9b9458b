//! What an import starts from: the certificates of its source, and a path where one is needed.

use std::collections::HashSet;

use keyward::fetch::{Reading, Target};
use keyward::model::{Certificate, EncodedCertificate, Fingerprint};
use keyward::trust::Pick;

use crate::args::TrustAddArgs;
use crate::exit::Failure;
use crate::output::Output;
use crate::source::{self, Damage, Source};
use crate::survey::{Survey, Surveyed};
use crate::{connection, survey};

/// The source of an import.
pub(super) struct Gathered {
    /// Its certificates, in its order; never empty.
    pub(super) certificates: Vec<Certificate>,
    /// The same, as a server sent them; of a file, as it holds them.
    pub(super) presented: Vec<EncodedCertificate>,
    /// The server, where the source is one.
    pub(super) target: Option<Target>,
    /// The address that answered.
    peer: Option<std::net::IpAddr>,
    /// The source is a server that did not prove that it holds the key, because its chain was read in the clear.
    pub(super) unproved: bool,
    /// Why nobody could shake hands with it, where its chain was read in the clear for that.
    pub(super) no_handshake: Option<String>,
    /// Whether it wants a client certificate.
    pub(super) client_certificate: &'static str,
    /// How reports call the source.
    label: String,
    damage: Option<Damage>,
    /// Certificates that came from files of the caller's.
    local: HashSet<Fingerprint>,
}

impl Gathered {
    /// Reads the source.
    pub(super) fn from(source: &Source, args: &TrustAddArgs, output: &mut Output) -> Result<Self, Failure> {
        let label = source.label();
        let reading = match source {
            Source::Target(target) => return Self::fetched(target, label, args),
            Source::File(path) => source::certificates_of_file(path)?,
            Source::Stdin => source::certificates(&source::read_stdin()?, "standard input")?,
        };
        for note in &reading.notes {
            output.warn(note);
        }
        Ok(Self {
            presented: reading.certificates.iter().map(EncodedCertificate::from).collect(),
            local: reading.certificates.iter().map(Certificate::fingerprint).collect(),
            certificates: reading.certificates,
            target: None,
            peer: None,
            unproved: false,
            no_handshake: None,
            client_certificate: "not-requested",
            label,
            damage: reading.damage,
        })
    }

    fn fetched(target: &Target, label: String, args: &TrustAddArgs) -> Result<Self, Failure> {
        let presented = connection::fetch(target, &args.connect)?;
        let mut certificates = Vec::new();
        let mut damage = None;
        for (number, encoded) in presented.chain.iter().enumerate() {
            match encoded.read() {
                Ok(certificate) => certificates.push(certificate),
                Err(error) => {
                    damage.get_or_insert(Damage {
                        before_first: certificates.is_empty(),
                        message: format!("certificate {} of {label}: {error}", number + 1),
                    });
                }
            }
        }
        if certificates.is_empty() {
            return Err(Failure::unusable(
                "no-certificate",
                format!("{label} presents no certificate that can be read"),
            ));
        }
        Ok(Self {
            certificates,
            peer: presented.server,
            unproved: presented.reading != Reading::Handshake,
            no_handshake: connection::no_handshake(&presented).map(|(_, message)| message),
            client_certificate: connection::client_certificate(&presented),
            presented: presented.chain,
            target: Some(target.clone()),
            label,
            damage,
            local: HashSet::new(),
        })
    }

    /// Makes sure that a pick takes what its user means: where something before the first certificate, or
    /// among all of them, cannot be read, the first one read is perhaps not the first one there.
    pub(super) fn allows(&self, pick: Pick) -> Result<(), Failure> {
        let Some(damage) = &self.damage else { return Ok(()) };
        let matters = match pick {
            Pick::Sha256(_) => false,
            Pick::All => true,
            _ => damage.before_first,
        };
        if matters {
            Err(Failure::unusable("damaged-certificate", &damage.message)
                .hint("repair the source, or name the certificate that is meant with --pick sha256:HEX"))
        } else {
            Ok(())
        }
    }

    /// The path from the end entity upwards, as far as the source, the given files, AIA and the trust anchors
    /// at hand allow.
    pub(super) fn path(
        &mut self,
        args: &TrustAddArgs,
        store: &[Certificate],
        output: &mut Output,
    ) -> Result<Vec<Certificate>, Failure> {
        self.path_through(args, store, &[], output)
    }

    /// The same, where what the store trusts is material, and ends a path only as a root.
    pub(super) fn path_past(
        &mut self,
        args: &TrustAddArgs,
        store: &[Certificate],
        output: &mut Output,
    ) -> Result<Vec<Certificate>, Failure> {
        let (roots, others): (Vec<_>, Vec<_>) = store.iter().cloned().partition(Certificate::is_self_issued);
        self.path_through(args, &roots, &others, output)
    }

    fn path_through(
        &mut self,
        args: &TrustAddArgs,
        anchors: &[Certificate],
        material: &[Certificate],
        output: &mut Output,
    ) -> Result<Vec<Certificate>, Failure> {
        let name = args.to.display().to_string();
        let survey = Survey::new(&args.issuers, vec![survey::set(&name, anchors)], output)?
            .with_material(survey::set(&name, material))
            .through(connection::proxies(&args.connect)?);
        self.local.extend(survey.local().map(Certificate::fingerprint));
        let surveyed =
            Surveyed { name: &self.label, host: None, presented: &self.presented, peer: self.peer };
        Ok(survey.diagnose(&surveyed).path)
    }

    /// Whether nothing but a network stands behind a certificate: a server sent it, or AIA gave it.
    pub(super) fn only_seen_on_a_network(&self, certificate: &Certificate) -> bool {
        !self.local.contains(&certificate.fingerprint())
    }
}
