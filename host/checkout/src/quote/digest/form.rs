//! The canonical form that a digest is computed over: bytes that no two different contents share.

use sha2::{Digest, Sha256};

use crate::money::Amount;

/// Texts are preceded by their length in bytes and lists by their number of entries; numbers are 8 bytes, big-endian.
#[derive(Default)]
pub(super) struct Form(Sha256);

impl Form {
    /// A form that begins with its name, so that forms of two names never have the same digest.
    pub(super) fn named(name: &str) -> Self {
        let mut form = Self::default();
        form.text(name);
        form
    }

    pub(super) fn text(&mut self, text: &str) {
        self.0.update((text.len() as u64).to_be_bytes());
        self.0.update(text.as_bytes());
    }

    pub(super) fn number(&mut self, number: i64) {
        self.0.update(number.to_be_bytes());
    }

    pub(super) fn flag(&mut self, flag: bool) {
        self.number(flag.into());
    }

    pub(super) fn optional(&mut self, text: Option<&str>) {
        self.each(text, Self::text);
    }

    pub(super) fn amounts<const N: usize>(&mut self, amounts: [Amount; N]) {
        for amount in amounts {
            self.number(amount.minor());
        }
    }

    /// Each entry of a list as the digest of its own form, sorted: the order in which a plugin names things is of no account.
    pub(super) fn each<T>(&mut self, entries: impl IntoIterator<Item = T>, write: impl Fn(&mut Self, T)) {
        let entry = |entry| {
            let mut form = Self::default();
            write(&mut form, entry);
            form.0.finalize()
        };
        let mut digests: Vec<_> = entries.into_iter().map(entry).collect();
        digests.sort_unstable();
        self.0.update((digests.len() as u64).to_be_bytes());
        for digest in digests {
            self.0.update(digest);
        }
    }

    /// SHA-256 over the form, in hex.
    pub(super) fn digest(self) -> String {
        hex::encode(self.0.finalize())
    }
}
