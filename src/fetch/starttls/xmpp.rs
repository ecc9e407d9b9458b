//! XMPP: the stream's features, then `<starttls/>` (RFC 6120 section 5).

use super::heard::Heard;
use super::xml::{Kind, Node, Tag, node};
use super::{Machine, Names, StartTlsError, Turn, words};

#[derive(Debug)]
enum Said {
    Nothing,
    Stream,
    StartTls,
}

#[derive(Debug)]
pub(super) struct Xmpp {
    opening: String,
    said: Said,
    /// The server has said a tag: it speaks XML, and text may stand in its elements.
    in_stream: bool,
    /// STARTTLS stood among the features.
    offered: bool,
    /// The element of a refusal that is being read, and what stands in it.
    refusal: Option<(String, Vec<String>)>,
    /// `<proceed>` was opened, and has to be closed.
    proceeding: bool,
}

impl Xmpp {
    /// As a client or a server, by the namespace of the stream's content.
    pub(super) fn new(namespace: &str, names: &Names) -> Self {
        // No address stands in an XMPP domain's place unescaped; a host name has none of these characters.
        let to = names.server.replace('&', "&amp;").replace('<', "&lt;").replace('\'', "&apos;");
        let opening = format!(
            "<?xml version='1.0'?><stream:stream xmlns='{namespace}' \
             xmlns:stream='http://etherx.jabber.org/streams' to='{to}' version='1.0'>"
        );
        Self {
            opening,
            said: Said::Nothing,
            in_stream: false,
            offered: false,
            refusal: None,
            proceeding: false,
        }
    }

    fn refused(said: &[String]) -> StartTlsError {
        let said =
            said.iter().filter(|part| !part.is_empty()).map(String::as_str).collect::<Vec<_>>().join(": ");
        StartTlsError::Refused(words(said.as_bytes()))
    }

    fn tag(&mut self, tag: &Tag) -> Result<Option<Turn>, StartTlsError> {
        if let Some((element, said)) = &mut self.refusal {
            match tag.kind {
                Kind::Close if tag.name == *element => {
                    let said = std::mem::take(said);
                    return Err(Self::refused(&said));
                }
                // The condition; `text` only holds words.
                Kind::Empty | Kind::Open if tag.name != "text" => said.push(words(tag.name.as_bytes())),
                _ => {}
            }
            return Ok(None);
        }
        match (&self.said, tag.name.as_str(), tag.kind) {
            (_, "error" | "failure", Kind::Open) => {
                self.refusal = Some((tag.name.clone(), vec![tag.name.clone()]));
            }
            (_, "error" | "failure", Kind::Empty) => {
                return Err(Self::refused(std::slice::from_ref(&tag.name)));
            }
            (_, "stream", Kind::Close) => return Err(StartTlsError::Closed("</stream:stream>".to_owned())),
            (Said::Stream, "starttls", Kind::Open | Kind::Empty) => self.offered = true,
            (Said::Stream, "features", Kind::Close | Kind::Empty) => {
                if !self.offered {
                    return Err(StartTlsError::NotOffered("its stream's features are without it".to_owned()));
                }
                self.said = Said::StartTls;
                return Ok(Some(Turn::Say(b"<starttls xmlns='urn:ietf:params:xml:ns:xmpp-tls'/>".to_vec())));
            }
            (Said::StartTls, "proceed", Kind::Empty) => return Ok(Some(Turn::Begin)),
            (Said::StartTls, "proceed", Kind::Open) => self.proceeding = true,
            (Said::StartTls, "proceed", Kind::Close) if self.proceeding => return Ok(Some(Turn::Begin)),
            _ => {}
        }
        Ok(None)
    }
}

impl Machine for Xmpp {
    fn turn(&mut self, heard: &mut Heard) -> Result<Turn, StartTlsError> {
        if matches!(self.said, Said::Nothing) {
            self.said = Said::Stream;
            return Ok(Turn::Say(self.opening.clone().into_bytes()));
        }
        if !self.in_stream
            && heard.rest().first().is_some_and(|&byte| byte != b'<' && !byte.is_ascii_whitespace())
        {
            return Err(StartTlsError::unexpected(heard.rest()));
        }
        while let Some(node) = node(heard) {
            match node {
                // Blanks between stanzas, what stands in the features, and the words of a refusal.
                Node::Text(text) => {
                    if let Some((_, said)) = &mut self.refusal {
                        said.push(words(&text));
                    }
                }
                Node::Tag(tag) => {
                    self.in_stream = true;
                    if let Some(turn) = self.tag(&tag)? {
                        return Ok(turn);
                    }
                }
            }
        }
        Ok(Turn::Wait)
    }
}
