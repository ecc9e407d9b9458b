//! Name constraints: RFC 5280 sections 4.2.1.10, 6.1.3 (b) and (c), 6.1.4 (g).

mod subtree;

use std::net::IpAddr;

use x509_parser::extensions::GeneralSubtree;
use x509_parser::prelude::{GeneralName, NameConstraints, ParsedExtension};

use self::subtree::{Kind, Subject, Subtree};
use super::super::Question;
use super::super::violation::{Rank, Violation};
use super::{Link, Place};
use crate::limits;
use crate::model::Name;

const SECTION: &str = "RFC 5280 section 4.2.1.10";
const OID: &str = "2.5.29.30";
/// emailAddress in a distinguished name.
const MAIL_ATTRIBUTE: &str = "1.2.840.113549.1.9.1";

/// The extension is for CAs, says something, is critical, and its names are in their syntax.
pub(super) fn check_form(link: &Link<'_>, found: &mut Vec<Violation>) {
    check_form_but_criticality(link, found);
    if link.extension(OID).is_some_and(|extension| !extension.critical) {
        let message = format!("the name constraints of {} are not critical", link.called());
        found.push(link.breaks("name-constraints-not-critical", Rank::Form, SECTION, message));
    }
}

/// The same, but the extension need not be critical.
pub(crate) fn check_form_but_criticality(link: &Link<'_>, found: &mut Vec<Violation>) {
    let mut breaks = |id, message| found.push(link.breaks(id, Rank::Form, SECTION, message));
    let Some(extension) = link.extension(OID) else { return };
    if !link.is_authority() {
        breaks("name-constraints-of-no-ca", format!("{} is no CA, and has name constraints", link.called()));
    }
    let ParsedExtension::NameConstraints(constraints) = extension.parsed_extension() else { return };
    if constraints.permitted_subtrees.is_none() && constraints.excluded_subtrees.is_none() {
        breaks(
            "empty-name-constraints",
            format!("the name constraints of {} constrain nothing", link.called()),
        );
    }
    for base in bases(constraints) {
        if let Err(what) = Subtree::new(base) {
            breaks(
                "malformed-name-constraint",
                format!("{} has a name constraint that is {what}", link.called()),
            );
        }
    }
}

/// Each certificate's names lie within what every CA above it permits, and outside what it excludes. What is
/// self-issued is exempt, unless it is the last.
pub(super) fn path(path: &[Link<'_>], _: &Question<'_>, found: &mut Vec<Violation>) {
    let mut left = limits::NAME_COMPARISONS;
    for (height, authority) in path.iter().enumerate().skip(1) {
        let Some(ParsedExtension::NameConstraints(constraints)) = authority.says(OID) else { continue };
        let (permitted, excluded) = (
            subtrees(constraints.permitted_subtrees.as_ref()),
            subtrees(constraints.excluded_subtrees.as_ref()),
        );
        for link in path.iter().take(height) {
            if link.place != Place::EndEntity && link.certificate.is_self_issued() {
                continue;
            }
            let checked = check_names(link, authority, &permitted, &excluded, &mut left);
            if let Err(violation) = checked {
                found.push(*violation);
                return;
            }
        }
    }
}

/// How a JVM holds a wildcard in a DNS name against constraints; its updates differ.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum JavaWildcards {
    /// As the label that it is: OpenJDK up to 17.0.19, and 25.0.3.
    Literal,
    /// As each name that it may match: 17.0.20.
    Matched,
    /// So where names are excluded, and as a label where they are permitted: from 17.0.21 on.
    MatchedWhereExcluded,
}

/// Whether a JVM takes the names of a certificate below these CAs: `NameConstraintsExtension` of OpenJDK.
/// The common name counts as a DNS name, or an address, where the alternative names hold none; a period in
/// front of a domain leaves out the domain itself; and where several CAs have constraints, what is excluded is
/// taken out of what is permitted, and if nothing is left there, everything is permitted.
pub(crate) fn permits_as_java(link: &Link<'_>, authorities: &[Link<'_>], wildcards: JavaWildcards) -> bool {
    let read = |all: Option<&Vec<_>>| -> Vec<Subtree> {
        let bases = all.into_iter().flatten().map(|subtree: &GeneralSubtree<'_>| &subtree.base);
        bases.filter_map(|base| Subtree::tolerant(base).ok()).collect()
    };
    let (mut permitted, mut excluded) = (Vec::new(), Vec::new());
    for authority in authorities {
        let Some(ParsedExtension::NameConstraints(constraints)) = authority.says(OID) else { continue };
        permitted.push(read(constraints.permitted_subtrees.as_ref()));
        excluded.extend(read(constraints.excluded_subtrees.as_ref()));
    }
    let names = names_of_java(link, wildcards);
    let constraints = permitted.iter().map(Vec::len).sum::<usize>().saturating_add(excluded.len());
    let pairs = constraints.saturating_mul(excluded.len().saturating_add(names.len()));
    if pairs > limits::NAME_COMPARISONS {
        return false;
    }
    if permitted.len() > 1 {
        for list in &mut permitted {
            list.retain(|subtree| !excluded.iter().any(|outer| subtree.lies_in(outer)));
        }
    }
    let excludes = |subtree: &Subtree, name: &Subject| match (name.kind(), wildcards) {
        (Kind::Dns, JavaWildcards::Literal) => subtree.permits(name),
        _ => subtree.excludes(name),
    };
    let permits = |subtree: &Subtree, name: &Subject| match (name.kind(), wildcards) {
        (Kind::Dns, JavaWildcards::Matched) => subtree.excludes(name),
        _ => subtree.permits(name),
    };
    names.iter().all(|name| {
        !excluded.iter().any(|subtree| excludes(subtree, name))
            && permitted.iter().all(|list| {
                let mut of_kind = list.iter().filter(|subtree| subtree.kind() == name.kind()).peekable();
                of_kind.peek().is_none() || of_kind.any(|subtree| permits(subtree, name))
            })
    })
}

/// The names of a certificate, and its common name where it stands in for another.
fn names_of_java(link: &Link<'_>, wildcards: JavaWildcards) -> Vec<Subject> {
    let mut names = names_of(link);
    let Some(common_name) = link.certificate.subject().common_names().last() else { return names };
    let lacks = |kind| !names.iter().any(|name| name.kind() == kind);
    match common_name.parse::<IpAddr>() {
        Ok(address) if lacks(Kind::Ip) => names.push(Subject::Ip(match address {
            IpAddr::V4(four) => four.octets().to_vec(),
            IpAddr::V6(six) => six.octets().to_vec(),
        })),
        Err(_) if lacks(Kind::Dns) && is_dns_name_of_java(common_name, wildcards) => {
            names.push(Subject::Dns(common_name.to_ascii_lowercase()));
        }
        _ => {}
    }
    names
}

/// `DNSName(String)`; from 17.0.21 on with limits, and once each `*` has become a letter.
fn is_dns_name_of_java(text: &str, wildcards: JavaWildcards) -> bool {
    let known = |label: &str| label.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'-');
    match wildcards {
        JavaWildcards::Literal | JavaWildcards::Matched => {
            text.split('.').all(|label| !label.is_empty() && !label.starts_with('-') && known(label))
        }
        JavaWildcards::MatchedWhereExcluded => {
            let plain = text.replace('*', "z");
            plain.len() <= 253
                && plain.split('.').all(|label| {
                    (1..=63).contains(&label.len())
                        && !label.starts_with('-')
                        && !label.ends_with('-')
                        && known(label)
                })
        }
    }
}

fn check_names(
    link: &Link<'_>,
    authority: &Link<'_>,
    permitted: &[Subtree],
    excluded: &[Subtree],
    left: &mut usize,
) -> Result<(), Box<Violation>> {
    let breaks = |what: &str, name: &Subject| {
        let message = format!("{} {what} {name}, which {} has", authority.called(), link.called());
        Err(Box::new(link.breaks("name-constraint", Rank::Constraint, SECTION, message)))
    };
    for name in &names_of(link) {
        *left = left.saturating_sub(permitted.len().saturating_add(excluded.len()));
        if *left == 0 {
            let message =
                format!("{} has too many names for the constraints of {}", link.called(), authority.called());
            let id = "too-many-name-constraints";
            return Err(Box::new(link.breaks(id, Rank::GivenUp, "", message)));
        }
        if excluded.iter().any(|subtree| subtree.excludes(name)) {
            return breaks("excludes", name);
        }
        let mut of_kind = permitted.iter().filter(|subtree| subtree.kind() == name.kind()).peekable();
        if of_kind.peek().is_some() && !of_kind.any(|subtree| subtree.permits(name)) {
            return breaks("does not permit", name);
        }
    }
    Ok(())
}

/// The names of a certificate: its subject, its alternative names, and where it has none of those the mail
/// addresses in its subject.
fn names_of(link: &Link<'_>) -> Vec<Subject> {
    let mut names = Vec::new();
    if !link.certificate.subject().is_empty() {
        names.push(Subject::Directory(link.certificate.subject().clone()));
    }
    match link.says("2.5.29.17") {
        Some(ParsedExtension::SubjectAlternativeName(alternative)) => {
            names.extend(alternative.general_names.iter().map(subject_of));
        }
        _ => {
            let attributes = link.parsed.subject().iter_attributes();
            let mails = attributes.filter(|attribute| attribute.attr_type().to_id_string() == MAIL_ATTRIBUTE);
            names.extend(
                mails.filter_map(|mail| mail.as_str().ok()).map(|mail| Subject::Mail(mail.to_owned())),
            );
        }
    }
    names
}

fn subject_of(name: &GeneralName<'_>) -> Subject {
    match name {
        GeneralName::DNSName(text) => Subject::Dns(text.to_ascii_lowercase()),
        GeneralName::RFC822Name(text) => Subject::Mail((*text).to_owned()),
        GeneralName::URI(text) => Subject::Uri((*text).to_owned()),
        GeneralName::IPAddress(octets) => Subject::Ip(octets.to_vec()),
        GeneralName::DirectoryName(name) => Subject::Directory(Name::from_parsed(name)),
        other => Subject::Other(Kind::of(other)),
    }
}

fn subtrees(all: Option<&Vec<GeneralSubtree<'_>>>) -> Vec<Subtree> {
    // What is malformed was refused before; it is passed over here.
    all.into_iter().flatten().filter_map(|subtree| Subtree::new(&subtree.base).ok()).collect()
}

fn bases<'a>(constraints: &'a NameConstraints<'a>) -> impl Iterator<Item = &'a GeneralName<'a>> {
    let all = [&constraints.permitted_subtrees, &constraints.excluded_subtrees];
    all.into_iter().flatten().flatten().map(|subtree| &subtree.base)
}
