//! Certificates on their way out: to stdout or into a file.

use std::path::Path;

use keyward::format::{pem, pkcs7};
use keyward::model::EncodedCertificate;

use crate::args::CertificateFormat;
use crate::exit::Failure;
use crate::output::Output;
use crate::{shell, store};

/// Writes certificates in the format that was asked for, else that of the file's extension, else PEM.
pub(crate) fn write(
    certificates: &[EncodedCertificate],
    path: Option<&Path>,
    format: Option<CertificateFormat>,
    output: &mut Output,
) -> Result<(), Failure> {
    let format = match (format, path) {
        (Some(format), _) => format,
        (None, Some(path)) => by_extension(path)?,
        (None, None) => CertificateFormat::Pem,
    };
    let bytes = encode(certificates, format)?;
    match path {
        Some(path) => {
            store::write_certificates(path, &bytes, output)?;
            let count = certificates.len();
            let noun = if count == 1 { "certificate" } else { "certificates" };
            output.talk(&format!("{}: {count} {noun} written", path.display()));
            Ok(())
        }
        None if format == CertificateFormat::Pem => output.bytes(&bytes),
        None => output.binary(&bytes),
    }
}

/// One certificate as a PEM block.
pub(crate) fn pem(der: &[u8]) -> String {
    pem::encode("CERTIFICATE", der)
}

fn encode(certificates: &[EncodedCertificate], format: CertificateFormat) -> Result<Vec<u8>, Failure> {
    match (format, certificates) {
        (CertificateFormat::Pem, all) => {
            Ok(all.iter().map(|certificate| pem(&certificate.der)).collect::<String>().into_bytes())
        }
        (CertificateFormat::P7b, all) => Ok(pkcs7::encode(all)),
        (CertificateFormat::Der, [only]) => Ok(only.der.to_vec()),
        (CertificateFormat::Der, all) => Err(Failure::unusable(
            "der-holds-one",
            format!("DER holds one certificate, and there are {}", all.len()),
        )
        .hint("use --first, or --format pem or p7b")),
    }
}

fn by_extension(path: &Path) -> Result<CertificateFormat, Failure> {
    let extension = path.extension().and_then(|e| e.to_str()).unwrap_or_default().to_lowercase();
    match extension.as_str() {
        "der" => Ok(CertificateFormat::Der),
        "p7b" | "p7c" | "p7" | "spc" => Ok(CertificateFormat::P7b),
        "jks" | "p12" | "pfx" | "jceks" | "keystore" | "truststore" => Err(Failure::unusable(
            "is-a-keystore",
            format!("{} has the extension of a keystore, and only certificates are written", path.display()),
        )
        .hint("give a file with another extension, or the format with --format")
        .hint(format!(
            "to trust one of the certificates: keyward trust add … --to {}",
            shell::command([path.display().to_string()])
        ))),
        _ => Ok(CertificateFormat::Pem),
    }
}
