//! The one place where the command reads the clock.

use time::OffsetDateTime;

/// The time of the call.
pub(crate) fn now() -> OffsetDateTime {
    OffsetDateTime::now_utc()
}
