//! What a diagnosis may look at: anchors, files of certificates, AIA.

use std::net::IpAddr;

use keyward::anchors::AnchorSet;
use keyward::chain::diagnose::{self, Store, Subject, World};
use keyward::chain::issuers::{IssuerSource, NoIssuers};
use keyward::chain::names::ServerName;
use keyward::fetch::{AiaAnswers, AiaIssuers, AiaOptions, Proxies};
use keyward::model::{Certificate, EncodedCertificate};
use keyward::report::diagnose::Diagnosis;
use time::OffsetDateTime;

use crate::args::IssuerArgs;
use crate::exit::Failure;
use crate::output::Output;
use crate::{anchors, clock, connection, source};

/// Everything that the diagnoses of one call share.
pub(crate) struct Survey<'a> {
    args: &'a IssuerArgs,
    now: OffsetDateTime,
    pool: Vec<AnchorSet>,
    asked: Vec<AnchorSet>,
    known: Vec<AnchorSet>,
    answers: AiaAnswers,
}

/// One chain to diagnose.
pub(crate) struct Surveyed<'a> {
    /// How reports call it.
    pub(crate) name: &'a str,
    /// The name that it has to be for.
    pub(crate) host: Option<&'a ServerName>,
    /// The chain as it was sent or stored.
    pub(crate) presented: &'a [EncodedCertificate],
    /// The address of the server that sent it, where it is known.
    pub(crate) peer: Option<IpAddr>,
}

impl<'a> Survey<'a> {
    /// Reads the files and anchors that the call names. `asked` are the trust stores that it is about.
    pub(crate) fn new(
        args: &'a IssuerArgs,
        asked: Vec<AnchorSet>,
        output: &mut Output,
    ) -> Result<Self, Failure> {
        let mut pool = Vec::new();
        for path in &args.untrusted {
            let reading = source::certificates_of_file(path)?;
            for note in &reading.notes {
                output.warn(note);
            }
            pool.push(set(&path.display().to_string(), &reading.certificates));
        }
        let known = anchors::known(args, output)?;
        Ok(Self { args, now: clock::now(), pool, asked, known, answers: AiaAnswers::default() })
    }

    /// Certificates that may be used to build a path, beside those of `--untrusted`; they vouch for nothing.
    pub(crate) fn with_material(mut self, material: AnchorSet) -> Self {
        self.pool.push(material);
        self
    }

    /// Issuers are asked for through these proxies; without this, straight.
    pub(crate) fn through(self, proxies: Proxies) -> Self {
        Self { answers: AiaAnswers::through(proxies), ..self }
    }

    /// The certificates that came from files and from the anchors at hand, not from a network.
    pub(crate) fn local(&self) -> impl Iterator<Item = &Certificate> {
        self.pool.iter().chain(&self.known).flat_map(|set| &set.certificates)
    }

    /// The time of the call.
    pub(crate) fn now(&self) -> OffsetDateTime {
        self.now
    }

    /// The certificates of the files that the call names.
    pub(crate) fn pool(&self) -> Vec<Certificate> {
        self.pool.iter().flat_map(|set| set.certificates.iter().cloned()).collect()
    }

    /// The anchors at hand.
    pub(crate) fn roots(&self) -> Vec<Certificate> {
        self.known.iter().flat_map(|set| set.certificates.iter().cloned()).collect()
    }

    /// Does something that asks for issuers of certificates which no server has sent.
    pub(crate) fn with_issuers<T>(&self, ask: impl FnOnce(&mut dyn IssuerSource) -> T) -> T {
        let reach = connection::reach(self.args.aia_local, None);
        let mut aia = AiaIssuers::new(&self.answers, AiaOptions { reach, ..AiaOptions::default() });
        if self.args.no_aia { ask(&mut NoIssuers) } else { ask(&mut aia) }
    }

    /// Diagnoses one chain.
    pub(crate) fn diagnose(&self, subject: &Surveyed<'_>) -> Diagnosis {
        let [pool, asked, known] = [&self.pool, &self.asked, &self.known].map(|sets| stores(sets));
        let world = World { now: self.now, pool: &pool, asked: &asked, known: &known };
        let about = Subject { name: subject.name, host: subject.host, presented: subject.presented };
        let mut nobody = NoIssuers;
        let reach = connection::reach(self.args.aia_local, subject.peer);
        let mut aia = AiaIssuers::new(&self.answers, AiaOptions { reach, ..AiaOptions::default() });
        let issuers: &mut dyn IssuerSource = if self.args.no_aia { &mut nobody } else { &mut aia };
        diagnose::diagnose(about, world, issuers)
    }
}

/// A set of certificates under a label.
pub(crate) fn set(label: &str, certificates: &[Certificate]) -> AnchorSet {
    AnchorSet {
        label: label.to_owned(),
        certificates: certificates.to_vec(),
        unreadable: 0,
        place: label.to_owned(),
    }
}

fn stores(sets: &[AnchorSet]) -> Vec<Store<'_>> {
    sets.iter().map(|set| Store { label: &set.label, certificates: &set.certificates }).collect()
}
