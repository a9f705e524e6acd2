//! `[store]`.

use std::path::PathBuf;

use super::section::Section;

/// Where state is kept.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct StoreConfig {
    /// `url`: `sqlite:FOLDER`. `sqlite:data`.
    pub url: StoreUrl,
    /// `readers`: connections that read. 4.
    pub readers: usize,
    /// `group_max`: units of work that share one fsync at most. 64.
    pub group_max: usize,
}

/// An engine and its place.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum StoreUrl {
    /// SQLite, in a folder of its own.
    Sqlite {
        /// The folder.
        folder: PathBuf,
    },
}

impl StoreConfig {
    pub(super) fn read(mut section: Section<'_>) -> Option<Self> {
        let url = url(&mut section);
        let readers = section.number("readers", 1..=256).unwrap_or(4);
        let group_max = section.number("group_max", 1..=1024).unwrap_or(64);
        section.finish();
        Some(Self {
            url: url?,
            readers,
            group_max,
        })
    }
}

/// The text is not repeated in a problem: a URL of a database server holds a password.
fn url(section: &mut Section<'_>) -> Option<StoreUrl> {
    let text = section.text("url").unwrap_or_else(|| "sqlite:data".into());
    match text.split_once(':') {
        Some(("sqlite", folder)) if !folder.is_empty() => Some(StoreUrl::Sqlite {
            folder: section.complaints().sources.resolve(folder),
        }),
        Some(("postgres" | "postgresql", _)) => {
            section.wrong(
                "url",
                "PostgreSQL is not supported by this version",
                "use \"sqlite:FOLDER\" on a local disk",
            );
            None
        }
        _ => {
            section.wrong("url", "is not known", "use \"sqlite:FOLDER\"");
            None
        }
    }
}
