//! LMTP: `LHLO` where SMTP has `EHLO` (RFC 2033 section 4.1), and else as SMTP.

use super::Names;
use super::smtp::Smtp;

pub(super) fn new(names: &Names) -> Smtp {
    Smtp::new("LHLO", names)
}
