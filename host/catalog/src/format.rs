//! How the file of a feed is written: its encoding, and what separates its cells.

mod detect;
mod text_stream;

use std::fmt;
use std::str::FromStr;

use serde::Serialize;

use tillhouse_checkout::feed::FeedType;

pub(crate) use text_stream::TextStream;

/// Longest row that is read, in bytes of UTF-8.
const RECORD_BYTES: usize = 1024 * 1024;

macro_rules! words {
    ($(#[$meta:meta])* pub enum $name:ident, $expected:literal { $($(#[$doc:meta])* $variant:ident = $text:literal,)+ }) => {
        $(#[$meta])*
        #[derive(Clone, Copy, Debug, PartialEq, Eq)]
        pub enum $name {
            $($(#[$doc])* $variant,)+
        }

        impl $name {
            /// Every one of them.
            pub const ALL: &'static [Self] = &[$(Self::$variant,)+];

            /// Its name in options and in JSON.
            #[must_use]
            pub const fn as_str(self) -> &'static str {
                match self { $(Self::$variant => $text,)+ }
            }
        }

        impl FromStr for $name {
            type Err = String;

            fn from_str(name: &str) -> Result<Self, String> {
                match name {
                    $($text => Ok(Self::$variant),)+
                    other => Err(format!("is {other:?}; {}", $expected)),
                }
            }
        }

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.pad(self.as_str())
            }
        }

        impl Serialize for $name {
            fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
                serializer.serialize_str(self.as_str())
            }
        }
    };
}

words! {
    /// Which bytes stand for which characters.
    pub enum FileEncoding, "it must be utf-8, utf-16le, utf-16be or windows-1252" {
        /// UTF-8, what Stripe wants.
        Utf8 = "utf-8",
        /// UTF-16 with the low byte first, as spreadsheets write "Unicode text".
        Utf16Le = "utf-16le",
        /// UTF-16 with the high byte first.
        Utf16Be = "utf-16be",
        /// One byte per character, as spreadsheets of western Europe and America write "CSV".
        Windows1252 = "windows-1252",
    }
}

words! {
    /// What separates the cells of a row.
    pub enum Separator, "it must be comma, tab, semicolon or pipe" {
        /// A comma, as in a CSV file.
        Comma = "comma",
        /// A tab, as in a TSV file.
        Tab = "tab",
        /// `;`, which Stripe does not take; read only if an option says so.
        Semicolon = "semicolon",
        /// `|`, which Stripe does not take; read only if an option says so.
        Pipe = "pipe",
    }
}

impl Separator {
    /// The byte between two cells.
    #[must_use]
    pub const fn byte(self) -> u8 {
        match self {
            Self::Comma => b',',
            Self::Tab => b'\t',
            Self::Semicolon => b';',
            Self::Pipe => b'|',
        }
    }

    /// Its name in a sentence.
    pub(crate) const fn plural(self) -> &'static str {
        match self {
            Self::Comma => "commas",
            Self::Tab => "tabs",
            Self::Semicolon => "semicolons",
            Self::Pipe => "vertical bars",
        }
    }
}

/// How a file is written, as it was found or said.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
pub struct FileFormat {
    /// Its encoding. Until the first character outside of ASCII is read, UTF-8.
    pub encoding: FileEncoding,
    /// Whether the encoding is a guess: the file is not UTF-8, and nothing in it says what it is.
    pub guessed: bool,
    /// Whether it begins with a byte order mark.
    pub bom: bool,
    /// What separates its cells.
    pub separator: Separator,
}

impl fmt::Display for FileFormat {
    /// `comma-separated, windows-1252 (guessed)`.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}-separated, {}", self.separator, self.encoding)?;
        match (self.guessed, self.bom) {
            (true, _) => f.write_str(" (guessed)"),
            (false, true) => f.write_str(" with a byte order mark"),
            (false, false) => Ok(()),
        }
    }
}

/// How a file is read.
#[derive(Clone, Debug)]
pub struct ReadOptions {
    /// What its rows are about.
    pub feed: FeedType,
    /// Its encoding; `None`: as found.
    pub encoding: Option<FileEncoding>,
    /// What separates its cells; `None`: commas or tabs, as found.
    pub separator: Option<Separator>,
    /// Whether rows that Stripe would refuse are refused.
    pub strict: bool,
    /// Longest row that is read, in bytes of UTF-8.
    pub max_record_bytes: usize,
}

impl ReadOptions {
    /// Format as found, not strict.
    #[must_use]
    pub const fn new(feed: FeedType) -> Self {
        Self {
            feed,
            encoding: None,
            separator: None,
            strict: false,
            max_record_bytes: RECORD_BYTES,
        }
    }
}

impl Default for ReadOptions {
    fn default() -> Self {
        Self::new(FeedType::Product)
    }
}
