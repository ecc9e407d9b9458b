//! One property of disabled algorithms: `DisabledAlgorithmConstraints` and `AlgorithmDecomposer`.

use std::fmt;

use time::{Date, Month, OffsetDateTime, Time};

use crate::model::public_key::{KeyAlgorithm, PublicKey};
use crate::report::certificate::rfc3339;

/// What a property disables.
#[derive(Clone, Debug, Default)]
pub(in super::super) struct Disabled {
    /// Algorithms that are disabled whatever else holds, as they stand there.
    names: Vec<String>,
    constraints: Vec<Constraint>,
}

/// An algorithm with its conditions, all of which have to hold for it to be disabled.
#[derive(Clone, Debug)]
struct Constraint {
    /// As it stands in the property; it is repeated in messages.
    algorithm: String,
    conditions: Vec<Condition>,
}

#[derive(Clone, Debug, PartialEq, Eq)]
enum Condition {
    KeySize(Operator, u32),
    JdkCa,
    DenyAfter(OffsetDateTime),
    Usage(Vec<String>),
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Operator {
    Equal,
    NotEqual,
    Less,
    LessOrEqual,
    Greater,
    GreaterOrEqual,
}

/// Where a certificate is met.
#[derive(Clone, Copy)]
pub(in super::super) struct Setting<'a> {
    /// The key that is looked at.
    pub(in super::super) key: &'a PublicKey,
    /// The path ends in an anchor that the JDK ships.
    pub(in super::super) jdk_ca: bool,
    /// `tlsserver` or `tlsclient`, or nothing.
    pub(in super::super) usage: &'a str,
    /// When.
    pub(in super::super) now: OffsetDateTime,
    /// What ends a message: ` used with certificate: …`, or a full stop.
    pub(in super::super) tail: &'a dyn fmt::Display,
}

/// The entries of a property.
pub(super) fn entries(value: &str) -> impl Iterator<Item = &str> {
    // The whole may stand in quotes.
    let bare = value.strip_prefix('"').and_then(|rest| rest.strip_suffix('"')).unwrap_or(value);
    bare.split(',').map(str::trim).filter(|entry| !entry.is_empty())
}

impl Disabled {
    /// Reads a property; `curves` are those of `jdk.disabled.namedCurves`, which it may include.
    pub(super) fn read(value: &str, curves: &[&str]) -> Result<Self, String> {
        let mut disabled = Self::default();
        for entry in entries(value) {
            if entry.eq_ignore_ascii_case("include jdk.disabled.namedCurves") {
                disabled.names.extend(curves.iter().map(|&curve| curve.to_owned()));
                continue;
            }
            match entry.split_once(' ') {
                // The name of a curve may hold a blank.
                Some(_)
                    if CURVES
                        .iter()
                        .any(|names| names.iter().any(|name| name.eq_ignore_ascii_case(entry))) =>
                {
                    disabled.names.push(entry.to_owned());
                }
                None => disabled.names.push(without_hyphen(entry)),
                Some((algorithm, policy)) => {
                    let conditions = policy.split('&').map(condition).collect::<Result<_, _>>()?;
                    let algorithm =
                        if is_digest(algorithm) { without_hyphen(algorithm) } else { algorithm.to_owned() };
                    disabled.constraints.push(Constraint { algorithm, conditions });
                }
            }
        }
        Ok(disabled)
    }

    /// Whether an algorithm, or a part of it, is disabled by name.
    pub(in super::super) fn names(&self, algorithm: &str) -> bool {
        parts(algorithm).iter().any(|part| self.name(part).is_some())
    }

    /// Whether a scheme of TLS is disabled by name.
    pub(in super::super) fn names_scheme(&self, scheme: &str) -> bool {
        self.name(scheme).is_some()
    }

    /// Whether an algorithm is disabled for a use of TLS (`permits(String, Set<SSLScope>)`).
    pub(in super::super) fn disables_usage(&self, algorithm: &str, usage: &str) -> bool {
        self.constraints_of(algorithm).any(|constraint| {
            matches!(
                constraint.conditions.first(),
                Some(Condition::Usage(usages)) if usages.iter().any(|name| name.eq_ignore_ascii_case(usage))
            )
        })
    }

    /// Whether a key may be used at all (`permits(Set, Key)`). Of conditions only the size counts, and a second
    /// one saves it.
    pub(in super::super) fn permits_key(&self, key: &PublicKey) -> bool {
        let algorithm = java_name(&key.algorithm);
        let small =
            self.constraints_of(&algorithm).any(|constraint| match constraint.conditions.as_slice() {
                [Condition::KeySize(operator, bits)] => !operator.permits(*bits, key.bits),
                _ => false,
            });
        self.name(&algorithm).is_none() && self.disabled_curve(key).is_none() && !small
    }

    /// The text with which an algorithm and a key are refused (`permits(String, ConstraintsParameters)`);
    /// without an algorithm, the key alone.
    pub(in super::super) fn refusal(&self, algorithm: Option<&str>, setting: &Setting<'_>) -> Option<String> {
        if let Some(curve) = self.disabled_curve(setting.key) {
            return Some(format!("Algorithm constraints check failed on disabled algorithm: {curve}"));
        }
        let key = java_name(&setting.key.algorithm);
        let mut algorithms = algorithm.map(parts).unwrap_or_default();
        algorithms.push(key);
        for name in &algorithms {
            if let Some(name) = self.name(name) {
                return Some(format!(
                    "Algorithm constraints check failed on disabled algorithm: {name}{}",
                    setting.tail
                ));
            }
            let refused = self.constraints_of(name).find_map(|constraint| constraint.refusal(setting));
            if refused.is_some() {
                return refused;
            }
        }
        None
    }

    /// The entry that disables an algorithm by its name.
    fn name(&self, algorithm: &str) -> Option<&str> {
        self.names.iter().map(String::as_str).find(|name| name.eq_ignore_ascii_case(algorithm))
    }

    fn constraints_of(&self, algorithm: &str) -> impl Iterator<Item = &Constraint> {
        self.constraints.iter().filter(move |constraint| constraint.algorithm.eq_ignore_ascii_case(algorithm))
    }

    /// The name under which the curve of a key is disabled.
    fn disabled_curve(&self, key: &PublicKey) -> Option<String> {
        let curve = key.curve.as_deref()?;
        let names = CURVES.iter().find(|names| names.contains(&curve));
        let all = names.copied().unwrap_or(&[]);
        let found = all.iter().find(|name| self.name(name).is_some()).map(|name| (*name).to_owned());
        found.or_else(|| self.name(curve).map(|_| curve.to_owned()))
    }
}

impl Constraint {
    /// The conditions form a chain: each is asked only where the one before it holds, and the last one
    /// speaks.
    fn refusal(&self, setting: &Setting<'_>) -> Option<String> {
        let mut text = None;
        for condition in &self.conditions {
            text = Some(condition.refusal(&self.algorithm, setting)?);
        }
        text
    }
}

impl Condition {
    /// What is said where the condition holds.
    fn refusal(&self, algorithm: &str, setting: &Setting<'_>) -> Option<String> {
        let tail = setting.tail;
        match self {
            Self::KeySize(operator, bits) => {
                let key = setting.key;
                let meant = java_name(&key.algorithm).eq_ignore_ascii_case(algorithm);
                (meant && !operator.permits(*bits, key.bits)).then(|| {
                    let size = key.bits.unwrap_or_default();
                    format!("Algorithm constraints check failed on keysize limits: {algorithm} {size} bit key{tail}")
                })
            }
            Self::JdkCa => setting.jdk_ca.then(|| {
                format!("Algorithm constraints check failed on certificate anchor limits. {algorithm}{tail}")
            }),
            Self::DenyAfter(date) => (*date <= setting.now).then(|| {
                let (date, now) = (date.date(), rfc3339(setting.now));
                format!(
                    "denyAfter constraint check failed: {algorithm} used with Constraint date: {date}; params date: {now}{tail}"
                )
            }),
            Self::Usage(usages) => usages
                .iter()
                .find(|usage| usage.eq_ignore_ascii_case(setting.usage))
                .map(|usage| format!("Usage constraint {usage} check failed: {algorithm}{tail}")),
        }
    }
}

impl Operator {
    /// Whether a key of such a size may be used; one of unknown size may.
    fn permits(self, limit: u32, bits: Option<u32>) -> bool {
        let Some(bits) = bits else { return true };
        bits != 0
            && match self {
                Self::Equal => bits != limit,
                Self::NotEqual => bits == limit,
                Self::Less => bits >= limit,
                Self::LessOrEqual => bits > limit,
                Self::Greater => bits <= limit,
                Self::GreaterOrEqual => bits < limit,
            }
    }
}

fn condition(text: &str) -> Result<Condition, String> {
    let text = text.trim();
    let unknown = || format!("the constraint \"{text}\" is not known");
    if let Some(rest) = text.strip_prefix("keySize") {
        let mut tokens = rest.split_whitespace();
        let (Some(operator), Some(size), None) = (tokens.next(), tokens.next(), tokens.next()) else {
            return Err(unknown());
        };
        let operator = match operator {
            "==" => Operator::Equal,
            "!=" => Operator::NotEqual,
            "<" => Operator::Less,
            "<=" => Operator::LessOrEqual,
            ">" => Operator::Greater,
            ">=" => Operator::GreaterOrEqual,
            _ => return Err(unknown()),
        };
        return size.parse().map(|size| Condition::KeySize(operator, size)).map_err(|_| unknown());
    }
    if text.eq_ignore_ascii_case("jdkCA") {
        return Ok(Condition::JdkCa);
    }
    if let Some(date) = text.strip_prefix("denyAfter") {
        return day(date.trim()).map(Condition::DenyAfter).ok_or_else(unknown);
    }
    match text.strip_prefix("usage") {
        Some(usages) => Ok(Condition::Usage(usages.split_whitespace().map(str::to_owned).collect())),
        None => Err(unknown()),
    }
}

fn day(text: &str) -> Option<OffsetDateTime> {
    let mut numbers = text.split('-');
    let year = numbers.next()?.parse().ok()?;
    let month = Month::try_from(numbers.next()?.parse::<u8>().ok()?).ok()?;
    let day = Date::from_calendar_date(year, month, numbers.next()?.parse().ok()?).ok()?;
    Some(day.with_time(Time::MIDNIGHT).assume_utc())
}

/// The algorithm and what it is made of, in upper case and without the hyphen of `SHA-1`:
/// `SHA256withRSA`, `SHA256`, `RSA`.
fn parts(algorithm: &str) -> Vec<String> {
    let upper = algorithm.to_uppercase();
    let mut parts: Vec<String> = upper
        .split('/')
        .flat_map(|part| part.split("WITH"))
        .flat_map(|part| part.split("AND"))
        .filter(|part| !part.is_empty())
        .map(without_hyphen)
        .collect();
    parts.push(upper);
    parts
}

fn is_digest(name: &str) -> bool {
    name.get(..4).is_some_and(|start| start.eq_ignore_ascii_case("SHA-"))
}

fn without_hyphen(name: &str) -> String {
    if is_digest(name) { name.replacen('-', "", 1) } else { name.to_owned() }
}

/// `Key.getAlgorithm`.
pub(in super::super) fn java_name(algorithm: &KeyAlgorithm) -> String {
    match algorithm {
        KeyAlgorithm::Ed25519 | KeyAlgorithm::Ed448 => "EdDSA".to_owned(),
        other => other.to_string(),
    }
}

/// Names of curves and their aliases (`sun.security.util.KnownOIDs`), the first as it is called here.
const CURVES: [&[&str]; 9] = [
    &["secp256r1", "NIST P-256", "X9.62 prime256v1"],
    &["secp384r1", "NIST P-384"],
    &["secp521r1", "NIST P-521"],
    &["secp256k1"],
    &["secp224r1", "NIST P-224"],
    &["secp192r1", "NIST P-192", "X9.62 prime192v1"],
    &["brainpoolP256r1"],
    &["brainpoolP384r1"],
    &["brainpoolP512r1"],
];
