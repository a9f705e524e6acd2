//! `[vault]` and `[merchants.NAME.vault]`: the host's own vault for cards, off unless both are there.

use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use super::section::Section;
use tillhouse_checkout::secret::Secret;
use tillhouse_payments::vault::{VaultKey, VaultKeys};

const FORM: &str = "give { id = \"2026-11\", file = \"vault.key\" } with 64 hex digits, as `openssl rand -hex 32` prints, in a file that only \
                    the host's user can read";

/// The keys of the vault.
#[derive(Clone, Debug)]
pub struct VaultConfig {
    /// `keys`: the first seals; the others open what they have sealed, and may go a day after they were replaced. Each has an `id`, and a
    /// `file` or a `secret`.
    pub keys: Arc<VaultKeys>,
    /// Their files. Only the user of the host may read them.
    pub files: Vec<PathBuf>,
}

/// A merchant's part of the vault. Its agents may delegate cards: the merchant is in the scope of PCI DSS then.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct MerchantVaultConfig {
    /// `max_life_minutes`: the longest that a card is kept before it pays, whatever the agent allows. Default: 60.
    pub longest_life: Duration,
    /// `per_minute`: how many cards an agent may delegate per minute. Default: 30.
    pub per_minute: u32,
}

impl VaultConfig {
    pub(super) fn read(mut section: Section<'_>) -> Option<Self> {
        let (mut keys, mut files) = (Vec::<VaultKey>::new(), Vec::new());
        let sections = section.sections("keys");
        if sections.is_empty() {
            section.error("keys", "is missing or empty", FORM);
        }
        for mut section in sections {
            let id = section.required("id", "name the key, for instance by the month in which it was made");
            let file = section.path("file");
            let secret = match (&file, section.has("secret")) {
                (Some(file), false) => read_file(&section, file),
                (None, true) => section.secret("secret"),
                _ => {
                    section.value("secret");
                    section.section_error("needs a file or a secret, and not both", FORM);
                    None
                }
            };
            if let Some(id) = &id
                && (id.contains('\0') || keys.iter().any(|key| key.id() == id))
            {
                section.error(
                    "id",
                    "is not usable, or names another key already",
                    "give each key an id of its own",
                );
            }
            match id.zip(secret).map(|(id, secret)| VaultKey::new(id, &secret)) {
                Some(Ok(key)) => keys.push(key),
                Some(Err(error)) => section.section_error(error.to_string(), FORM),
                None => {}
            }
            files.extend(file);
            section.finish();
        }
        section.finish();
        let mut keys = keys.into_iter();
        let current = keys.next()?;
        Some(Self {
            keys: Arc::new(VaultKeys::new(current, keys.collect())),
            files,
        })
    }
}

fn read_file(section: &Section<'_>, file: &std::path::Path) -> Option<Arc<Secret>> {
    match section.sources.file(file) {
        Ok(text) => Some(Arc::new(Secret::new(text))),
        Err(error) => {
            section.error("file", format!("{} cannot be read: {error}", file.display()), FORM);
            None
        }
    }
}

impl MerchantVaultConfig {
    pub(super) fn read(mut section: Section<'_>) -> Self {
        let minutes: u64 = section.number("max_life_minutes", 1..=1440).unwrap_or(60);
        let per_minute = section.number("per_minute", 1..=6000).unwrap_or(30);
        section.finish();
        Self {
            longest_life: Duration::from_secs(minutes * 60),
            per_minute,
        }
    }
}
