//! UTCTime and GeneralizedTime.

use time::{Date, Month, OffsetDateTime, Time};

use super::{Asn1Error, Problem, Reader, tag};

impl Reader<'_> {
    /// Reads a UTCTime or GeneralizedTime in the form of RFC 5280 section 4.1.2.5: to the second, in UTC.
    ///
    /// # Errors
    ///
    /// As [`Reader::any`]; [`Problem::Content`] for another form, and for no date of the calendar.
    pub fn time(&mut self, field: &'static str) -> Result<OffsetDateTime, Asn1Error> {
        let place = self.clone();
        let wrong = |what| place.error(field, Problem::Content(what));
        let value = self.any(field)?;
        let (year, rest) = match value.tag {
            tag::UTC_TIME => {
                let (year, rest) = number::<2>(value.content).ok_or_else(|| wrong("no time"))?;
                (if year < 50 { 2000 + year } else { 1900 + year }, rest)
            }
            tag::GENERALIZED_TIME => number::<4>(value.content).ok_or_else(|| wrong("no time"))?,
            found => {
                return Err(place.error(field, Problem::Tag { expected: tag::GENERALIZED_TIME, found }));
            }
        };
        from_parts(year, rest).ok_or_else(|| wrong("no time, or not in the form YYMMDDHHMMSSZ"))
    }
}

fn from_parts(year: u16, rest: &[u8]) -> Option<OffsetDateTime> {
    let (month, rest) = number::<2>(rest)?;
    let (day, rest) = number::<2>(rest)?;
    let (hour, rest) = number::<2>(rest)?;
    let (minute, rest) = number::<2>(rest)?;
    let (second, rest) = number::<2>(rest)?;
    if rest != b"Z" {
        return None;
    }
    let octet = |number: u16| u8::try_from(number).ok();
    let month = Month::try_from(octet(month)?).ok()?;
    let date = Date::from_calendar_date(i32::from(year), month, octet(day)?).ok()?;
    let time = Time::from_hms(octet(hour)?, octet(minute)?, octet(second)?).ok()?;
    Some(date.with_time(time).assume_utc())
}

/// A number of so many digits, and what follows.
fn number<const DIGITS: usize>(text: &[u8]) -> Option<(u16, &[u8])> {
    let (digits, rest) = text.split_first_chunk::<DIGITS>()?;
    let value = digits.iter().try_fold(0u16, |value, digit| {
        digit.is_ascii_digit().then(|| value * 10 + u16::from(digit - b'0'))
    })?;
    Some((value, rest))
}
