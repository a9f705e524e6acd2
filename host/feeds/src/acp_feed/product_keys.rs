//! Which items belong to which product, for a catalog of any size: pairs of a product and an item, spread over files by the product, of
//! which one at a time is in memory.

use std::collections::hash_map::DefaultHasher;
use std::hash::{Hash, Hasher};
use std::io::{self, BufWriter, Read, Write};
use std::path::Path;

use tillhouse_checkout::ids::ItemId;

use crate::spool::SpooledFile;

/// Items of one file, about.
const ITEMS_PER_FILE: u64 = 50_000;

/// What an item is to a product.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Membership {
    /// A variant of it.
    Current,
    /// It was a variant of it, and is not in the catalog any more.
    Deleted,
    /// It was a variant of it, and is one of another product.
    Moved,
}

impl Membership {
    const fn code(self) -> u8 {
        match self {
            Self::Current => 0,
            Self::Deleted => 1,
            Self::Moved => 2,
        }
    }

    const fn of(code: u8) -> Self {
        match code {
            1 => Self::Deleted,
            2 => Self::Moved,
            _ => Self::Current,
        }
    }
}

/// An item of a product.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Member {
    pub(super) product: String,
    pub(super) membership: Membership,
    pub(super) item: ItemId,
}

/// Members that are being collected.
#[derive(Debug)]
pub(super) struct MemberWriter {
    files: Vec<(SpooledFile, BufWriter<std::fs::File>)>,
}

impl MemberWriter {
    /// For about this many items. The number of files decides the order of the products: it must be the same whenever they are collected.
    pub(super) fn new(items: u64, spool: Option<&Path>) -> io::Result<Self> {
        let count = usize::try_from(items / ITEMS_PER_FILE + 1).unwrap_or(usize::MAX);
        let create = |_| {
            let file = SpooledFile::create(spool)?;
            let out = BufWriter::new(file.from_start()?);
            Ok((file, out))
        };
        let files = (0..count).map(create).collect::<io::Result<Vec<_>>>()?;
        Ok(Self { files })
    }

    pub(super) fn write(&mut self, product: &str, item: &ItemId, membership: Membership) -> io::Result<()> {
        // With fixed keys, so that a product is in the same file in every process.
        let mut hasher = DefaultHasher::new();
        product.hash(&mut hasher);
        let count = u64::try_from(self.files.len()).unwrap_or(1);
        let at = usize::try_from(hasher.finish() % count).unwrap_or_default();
        let Some((_, out)) = self.files.get_mut(at) else {
            return Ok(());
        };
        for text in [product, item.as_str()] {
            let length = u32::try_from(text.len()).map_err(io::Error::other)?;
            out.write_all(&length.to_be_bytes())?;
            out.write_all(text.as_bytes())?;
        }
        out.write_all(&[membership.code()])
    }

    /// The collected members, in an order that is always the same.
    pub(super) fn finish(self) -> io::Result<MemberFiles> {
        let flushed = self.files.into_iter().map(|(file, mut out)| {
            out.flush()?;
            Ok(file)
        });
        let mut files = flushed.collect::<io::Result<Vec<_>>>()?;
        files.reverse();
        Ok(MemberFiles { files })
    }
}

/// Collected members, file by file.
#[derive(Debug)]
pub(super) struct MemberFiles {
    files: Vec<SpooledFile>,
}

impl MemberFiles {
    /// The members of the next file, by product; `None` after the last one.
    pub(super) fn next(&mut self) -> io::Result<Option<Vec<Member>>> {
        let Some(file) = self.files.pop() else {
            return Ok(None);
        };
        let mut bytes = Vec::new();
        file.from_start()?.read_to_end(&mut bytes)?;
        let mut rest = bytes.as_slice();
        let mut members = Vec::new();
        while !rest.is_empty() {
            let product = take_text(&mut rest)?;
            let item = ItemId::new(take_text(&mut rest)?);
            let mut code = [0];
            rest.read_exact(&mut code)?;
            members.push(Member {
                product,
                membership: Membership::of(code[0]),
                item,
            });
        }
        members.sort_unstable();
        Ok(Some(members))
    }
}

fn take_text(from: &mut &[u8]) -> io::Result<String> {
    let mut length = [0; 4];
    from.read_exact(&mut length)?;
    let length = usize::try_from(u32::from_be_bytes(length)).map_err(io::Error::other)?;
    let text = from.split_off(..length).ok_or(io::ErrorKind::UnexpectedEof)?;
    String::from_utf8(text.to_vec()).map_err(io::Error::other)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn collected(items: u64) -> Vec<String> {
        let mut writer = MemberWriter::new(items, None).unwrap();
        for (product, item, membership) in [
            ("shirt", "shirt-s", Membership::Current),
            ("mug", "mug", Membership::Current),
            ("shirt", "shirt-l", Membership::Current),
            ("shirt", "shirt-xl", Membership::Deleted),
            ("a b", "ü", Membership::Moved),
        ] {
            writer.write(product, &ItemId::new(item), membership).unwrap();
        }
        let mut files = writer.finish().unwrap();
        let mut lines = Vec::new();
        while let Some(members) = files.next().unwrap() {
            lines.extend(
                members
                    .iter()
                    .map(|it| format!("{}/{} {:?}", it.product, it.item, it.membership)),
            );
        }
        lines
    }

    #[test]
    fn the_items_of_a_product_are_together() {
        assert_eq!(
            collected(5),
            [
                "a b/ü Moved",
                "mug/mug Current",
                "shirt/shirt-l Current",
                "shirt/shirt-s Current",
                "shirt/shirt-xl Deleted"
            ]
        );
    }

    #[test]
    fn the_order_is_the_same_whenever_they_are_collected() {
        let many = collected(1_000_000);
        assert_eq!(many.len(), 5);
        assert_eq!(many, collected(1_000_000));
        let first = many.iter().position(|line| line.starts_with("shirt/")).unwrap();
        assert!(
            many[first..first + 3].iter().all(|line| line.starts_with("shirt/")),
            "{many:?}"
        );
    }
}
