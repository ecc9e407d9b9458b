//! Why there is no password.

use std::io;

use super::Spec;

/// A password could not be had. No variant holds any part of one.
#[derive(Debug, thiserror::Error)]
pub(crate) enum PasswordError {
    /// `env:NAME` names a variable that is not set.
    #[error("the environment variable {name} is not set")]
    Unset {
        /// The variable.
        name: String,
    },
    /// The source gave octets that are no text.
    #[error("the password of {spec} is not in UTF-8")]
    NotUtf8 {
        /// The source.
        spec: Spec,
    },
    /// The file or the descriptor could not be opened or read.
    #[error("the password of {spec} cannot be read: {error}")]
    Unreadable {
        /// The source.
        spec: Spec,
        /// What the system answered.
        error: io::Error,
    },
    /// The first line does not end within [`keyward::limits::PASSWORD_BYTES`].
    #[error("the first line of {spec} has more than {limit} bytes, which is no password")]
    TooLong {
        /// The source.
        spec: Spec,
        /// The bound, in bytes.
        limit: usize,
    },
    /// The source ended before its first octet. An empty password is an empty line.
    #[error("{spec} has no line with a password")]
    Empty {
        /// The source.
        spec: Spec,
    },
    /// Standard input is wanted for two purposes.
    #[error("standard input is read for {first}, and cannot be read for {second} as well")]
    InputTaken {
        /// Who has it.
        first: String,
        /// Who wants it too.
        second: String,
    },
    /// There is no terminal to ask on.
    #[error("the password of {of} is not given, and there is no terminal to ask for it")]
    NoTerminal {
        /// What it would open.
        of: String,
    },
    /// The person ended the input.
    #[error("the password of {of} was not given")]
    NoAnswer {
        /// What it would open.
        of: String,
    },
    /// The terminal failed, or the person interrupted.
    #[error("the password of {of} could not be asked for: {error}")]
    Terminal {
        /// What it would open.
        of: String,
        /// What the system answered.
        error: io::Error,
    },
    /// A new password that is specified has too few characters.
    #[error("the new password of {of} has less than {least} characters")]
    TooShort {
        /// What it would protect.
        of: String,
        /// The fewest.
        least: usize,
    },
    /// A new password was typed wrongly too often.
    #[error("no new password of {of} was agreed on in three tries")]
    TooManyTries {
        /// What it would protect.
        of: String,
    },
}

impl PasswordError {
    /// The stable name of the error, for scripts.
    pub(crate) fn id(&self) -> &'static str {
        match self {
            Self::Unset { .. } => "password-unset",
            Self::NotUtf8 { .. } => "password-not-utf8",
            Self::Unreadable { .. } => "password-unreadable",
            Self::TooLong { .. } => "password-too-long",
            Self::Empty { .. } => "password-missing",
            Self::InputTaken { .. } => "stdin-taken",
            Self::NoTerminal { .. } => "no-password",
            Self::NoAnswer { .. } | Self::Terminal { .. } | Self::TooManyTries { .. } => "password-not-given",
            Self::TooShort { .. } => "password-too-short",
        }
    }
}
