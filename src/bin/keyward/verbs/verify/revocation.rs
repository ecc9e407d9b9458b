//! What `verify` may ask about revocation: CRLs of files, the stapled answer, addresses.

use keyward::chain::revocation::Inquiry;
use keyward::fetch::{RevocationAddresses, RevocationOptions};
use keyward::format::objects::{self, Object};
use keyward::format::ocsp;
use keyward::model::{Certificate, Crl};

use crate::args::VerifyArgs;
use crate::exit::Failure;
use crate::presented::Chain;
use crate::{connection, source};

/// The CRLs of the files, each with the name of its file. A file without any is an error.
pub(super) fn crls(args: &VerifyArgs) -> Result<Vec<(Crl, String)>, Failure> {
    let mut all = Vec::new();
    for path in &args.crl {
        let bytes = source::read_file(path)?;
        let name = path.display().to_string();
        let before = all.len();
        if let Ok(objects) = objects::read(&bytes) {
            all.extend(objects.found.into_iter().filter_map(|found| match found.object {
                Object::Crl(crl) => Some((crl, name.clone())),
                _ => None,
            }));
        }
        if all.len() == before {
            return Err(Failure::unusable("not-a-crl", format!("{name} holds no CRL")));
        }
    }
    Ok(all)
}

/// Whom to ask. Without `--revocation` the files are all there is.
pub(super) fn inquiry(
    args: &VerifyArgs,
    chain: &Chain,
    certificates: &[Certificate],
    crls: &[(Crl, String)],
) -> Result<Inquiry, Failure> {
    let mut inquiry = if args.asks_about_revocation() {
        let reach = connection::reach(args.aia_local, chain.peer);
        let options = RevocationOptions { reach, ..RevocationOptions::default() };
        let proxies = connection::proxies(&args.connect)?;
        Inquiry::of(RevocationAddresses::new(options).through(proxies))
    } else {
        Inquiry::default()
    };
    for (crl, name) in crls {
        inquiry = inquiry.with_file(crl, name);
    }
    Ok(match (&chain.ocsp, certificates.first()) {
        (Some(stapled), Some(leaf)) if args.asks_about_revocation() => {
            inquiry.with_stapled(leaf, ocsp::read(stapled).map_err(|error| error.to_string()))
        }
        _ => inquiry,
    })
}
