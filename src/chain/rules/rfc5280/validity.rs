//! Dates: RFC 5280 sections 4.1.2.5 and 6.1.3 (a)(2). The anchor's are kept too.

use time::OffsetDateTime;

use super::super::Question;
use super::super::violation::{Rank, Violation};
use super::Link;
use crate::report::certificate::rfc3339;

const SECTION: &str = "RFC 5280 section 4.1.2.5";

/// Each certificate is within its dates, both ends included. Dates have whole seconds, and so has the time
/// that is held against them.
pub(super) fn check(path: &[Link<'_>], question: &Question<'_>, found: &mut Vec<Violation>) {
    let now = question.now.replace_nanosecond(0).unwrap_or(question.now);
    for link in path {
        let (from, until) = (link.certificate.not_before(), link.certificate.not_after());
        if now < from {
            let message = format!("{} is not valid before {}", link.called(), rfc3339(from));
            found.push(link.breaks("not-yet-valid", Rank::Date, SECTION, message));
        } else if until < now {
            let message = format!("{} expired on {}", link.called(), rfc3339(until));
            found.push(link.breaks("expired", Rank::Date, SECTION, message));
        }
        if form_is_wrong(link.parsed.validity().not_before.is_utctime(), from)
            || form_is_wrong(link.parsed.validity().not_after.is_utctime(), until)
        {
            let message = format!(
                "{} writes a date before 2050 as GeneralizedTime, or a later one as UTCTime",
                link.called()
            );
            found.push(link.breaks("date-form", Rank::Form, SECTION, message));
        }
    }
}

/// Dates through 2049 are UTCTime, all later ones GeneralizedTime.
fn form_is_wrong(utc: bool, time: OffsetDateTime) -> bool {
    utc != (time.year() < 2050)
}
