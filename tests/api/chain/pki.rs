//! Certificates made on the spot: authorities and leaves with whatever a test wants to be odd about them.

use keyward::model::{Certificate, EncodedCertificate};
use rcgen::{
    BasicConstraints, CertificateParams, CertificateRevocationListParams, CustomExtension, DistinguishedName,
    DnType, ExtendedKeyUsagePurpose, IsCa, Issuer, KeyIdMethod, KeyPair, KeyUsagePurpose, RevocationReason,
    RevokedCertParams, SanType, SerialNumber,
};
use time::OffsetDateTime;
use time::macros::datetime;

/// The time at which the tests judge. What [`authority`] and [`Authority::leaf`] make is valid from 2020 to
/// 2049 unless changed, so that a JVM with its own clock agrees.
pub(crate) const NOW: OffsetDateTime = datetime!(2026-01-01 12:00:00 UTC);

/// The host for which leaves are made.
pub(crate) const HOST: &str = "server.example.org";

/// A certificate with its key: what can issue.
pub(crate) struct Authority {
    pub(crate) certificate: Certificate,
    params: CertificateParams,
    key: KeyPair,
}

/// The usual parameters of a CA.
pub(crate) fn ca_params(name: &str) -> CertificateParams {
    let mut params = params(name);
    params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
    params.key_usages = vec![KeyUsagePurpose::KeyCertSign, KeyUsagePurpose::CrlSign];
    params
}

/// The usual parameters of a server's certificate for [`HOST`].
pub(crate) fn leaf_params(name: &str) -> CertificateParams {
    let mut params = params(name);
    params.subject_alt_names = vec![SanType::DnsName(HOST.try_into().unwrap())];
    params.key_usages = vec![KeyUsagePurpose::DigitalSignature];
    params.extended_key_usages = vec![ExtendedKeyUsagePurpose::ServerAuth];
    params
}

fn params(name: &str) -> CertificateParams {
    let mut params = CertificateParams::default();
    params.distinguished_name = DistinguishedName::new();
    params.distinguished_name.push(DnType::CommonName, name);
    params.distinguished_name.push(DnType::OrganizationName, "Keyward Test");
    params.not_before = datetime!(2020-01-01 00:00:00 UTC);
    params.not_after = datetime!(2049-01-01 00:00:00 UTC);
    params.use_authority_key_identifier_extension = true;
    params
}

/// A self-signed authority with an EC P-256 key.
pub(crate) fn authority(name: &str, change: impl FnOnce(&mut CertificateParams)) -> Authority {
    authority_with(name, KeyPair::generate().unwrap(), change)
}

/// A self-signed authority with a given key.
pub(crate) fn authority_with(
    name: &str,
    key: KeyPair,
    change: impl FnOnce(&mut CertificateParams),
) -> Authority {
    let mut params = ca_params(name);
    change(&mut params);
    let certificate = read(params.self_signed(&key).unwrap().der());
    Authority { certificate, params, key }
}

impl Authority {
    /// An authority below this one.
    pub(crate) fn authority(&self, name: &str, change: impl FnOnce(&mut CertificateParams)) -> Authority {
        let mut params = ca_params(name);
        change(&mut params);
        let key = KeyPair::generate().unwrap();
        let certificate = self.sign(&params, &key);
        Authority { certificate, params, key }
    }

    /// A server's certificate below this authority.
    pub(crate) fn leaf(&self, name: &str, change: impl FnOnce(&mut CertificateParams)) -> Certificate {
        let mut params = leaf_params(name);
        change(&mut params);
        self.sign(&params, &KeyPair::generate().unwrap())
    }

    /// A certificate of this authority for another one's name and key.
    pub(crate) fn cross(
        &self,
        other: &Authority,
        change: impl FnOnce(&mut CertificateParams),
    ) -> Certificate {
        let mut params = other.params.clone();
        change(&mut params);
        self.sign(&params, &other.key)
    }

    /// The same name with a new key, self-signed.
    pub(crate) fn rekeyed(&self) -> Authority {
        let key = KeyPair::generate().unwrap();
        let certificate = read(self.params.self_signed(&key).unwrap().der());
        Authority { certificate, params: self.params.clone(), key }
    }

    /// The same name and key, self-signed again.
    pub(crate) fn renewed(&self, change: impl FnOnce(&mut CertificateParams)) -> Authority {
        let mut params = self.params.clone();
        change(&mut params);
        let key = KeyPair::from_pem(&self.key.serialize_pem()).unwrap();
        let certificate = read(params.self_signed(&key).unwrap().der());
        Authority { certificate, params, key }
    }

    /// A CRL of this authority, DER.
    pub(crate) fn crl(
        &self,
        revoked: &[&Certificate],
        this_update: OffsetDateTime,
        next_update: OffsetDateTime,
        reason: RevocationReason,
    ) -> Vec<u8> {
        let entry = |certificate: &&Certificate| RevokedCertParams {
            serial_number: SerialNumber::from_slice(certificate.serial()),
            revocation_time: this_update,
            reason_code: Some(reason),
            invalidity_date: None,
        };
        let params = CertificateRevocationListParams {
            this_update,
            next_update,
            crl_number: 1.into(),
            issuing_distribution_point: None,
            revoked_certs: revoked.iter().map(entry).collect(),
            key_identifier_method: KeyIdMethod::Sha256,
        };
        params.signed_by(&Issuer::from_params(&self.params, &self.key)).unwrap().der().to_vec()
    }

    fn sign(&self, params: &CertificateParams, key: &KeyPair) -> Certificate {
        let issuer = Issuer::from_params(&self.params, &self.key);
        read(params.signed_by(key, &issuer).unwrap().der())
    }
}

/// A self-signed server certificate.
pub(crate) fn self_signed(name: &str, change: impl FnOnce(&mut CertificateParams)) -> Certificate {
    let mut params = leaf_params(name);
    change(&mut params);
    read(params.self_signed(&KeyPair::generate().unwrap()).unwrap().der())
}

/// Ends in 2021.
pub(crate) fn expired(params: &mut CertificateParams) {
    params.not_after = datetime!(2021-01-01 00:00:00 UTC);
}

/// Begins in 2048.
pub(crate) fn future(params: &mut CertificateParams) {
    params.not_before = datetime!(2048-01-01 00:00:00 UTC);
}

/// Names an address for the issuer's certificate.
pub(crate) fn with_aia(url: &'static str) -> impl FnOnce(&mut CertificateParams) {
    move |params| {
        let length = |n: usize| u8::try_from(n).unwrap();
        let mut description = vec![0x06, 8, 0x2b, 6, 1, 5, 5, 7, 0x30, 2, 0x86, length(url.len())];
        description.extend(url.as_bytes());
        let mut content = vec![0x30, length(description.len() + 2), 0x30, length(description.len())];
        content.extend(description);
        let oid = [1, 3, 6, 1, 5, 5, 7, 1, 1];
        params.custom_extensions.push(CustomExtension::from_oid_content(&oid, content));
    }
}

/// As a handshake gives it.
pub(crate) fn sent(certificates: &[&Certificate]) -> Vec<EncodedCertificate> {
    certificates.iter().map(|&certificate| EncodedCertificate::from(certificate)).collect()
}

fn read(der: &[u8]) -> Certificate {
    Certificate::from_der(der).unwrap()
}
