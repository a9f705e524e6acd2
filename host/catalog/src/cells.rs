//! The content of a stored row: its cells that are not empty, compact and self-describing.
//!
//! A byte for the form, then each cell: the code of its column, the length of the value, the value. The code 0 stands for a column
//! that the table does not have: its name follows, with its length before it. Lengths are in LEB128. The id is not among them: it
//! is the key of the row. In a row of an increment, an empty cell says that the item loses its value.

use std::fmt;

use super::columns::{self, by_code};

/// The form of rows that this release writes.
const FORM: u8 = 1;
/// Code of a column that the table does not have.
const NAMED: u8 = 0;

/// Stored bytes that are not a row.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum DecodeError {
    /// A later release has written it.
    Form(u8),
    /// A later release has written a column with this code.
    Column(u8),
    /// It ends within a cell, or a text is not UTF-8.
    Damaged,
    /// A cell that an item needs is missing or wrong.
    Cell(String),
}

impl fmt::Display for DecodeError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Form(form) => write!(
                f,
                "the catalog row has the form {form}, which a later release has written; import again"
            ),
            Self::Column(code) => {
                write!(
                    f,
                    "the catalog row has a column with the code {code}, which a later release has written; import again"
                )
            }
            Self::Damaged => f.write_str("the catalog row is damaged; import again"),
            Self::Cell(problem) => write!(f, "the catalog row cannot be read: {problem}; import again"),
        }
    }
}

impl std::error::Error for DecodeError {}

/// A new content without cells.
pub(crate) fn start(content: &mut Vec<u8>) {
    content.clear();
    content.push(FORM);
}

/// Append a cell of a column of the table.
pub(crate) fn push_known(content: &mut Vec<u8>, code: u8, value: &str) {
    content.push(code);
    push_text(content, value);
}

/// Append a cell of another column.
pub(crate) fn push_named(content: &mut Vec<u8>, name: &str, value: &str) {
    content.push(NAMED);
    push_text(content, name);
    push_text(content, value);
}

fn push_text(content: &mut Vec<u8>, text: &str) {
    let mut length = text.len();
    while length >= 0x80 {
        content.push((length as u8) | 0x80);
        length >>= 7;
    }
    content.push(length as u8);
    content.extend_from_slice(text.as_bytes());
}

/// A column of a stored row: by its code, or by its name.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum CellColumn<'a> {
    Known(u8),
    Named(&'a str),
}

/// The cells of a stored row, in the order in which they were written.
#[derive(Clone, Debug)]
pub struct Cells<'a> {
    rest: &'a [u8],
}

impl<'a> Cells<'a> {
    /// The cells of a content. It is read to its end, so that iterating never fails.
    ///
    /// # Errors
    /// If the content is damaged, or a later release has written it.
    pub fn new(content: &'a [u8]) -> Result<Self, DecodeError> {
        let cells = Self::unchecked(content)?;
        let mut reader = cells.clone();
        while let Some(cell) = reader.read() {
            if let (CellColumn::Known(code), _) = cell?
                && by_code(code).is_none()
            {
                return Err(DecodeError::Column(code));
            }
        }
        Ok(cells)
    }

    /// The cells of a content that was read before.
    pub(crate) fn checked(content: &'a [u8]) -> Self {
        Self {
            rest: content.get(1..).unwrap_or_default(),
        }
    }

    fn unchecked(content: &'a [u8]) -> Result<Self, DecodeError> {
        match content.split_first() {
            Some((&FORM, rest)) => Ok(Self { rest }),
            Some((&form, _)) => Err(DecodeError::Form(form)),
            None => Err(DecodeError::Damaged),
        }
    }

    /// The value of a column by its name in lower case; `None` if it is empty.
    #[must_use]
    pub fn get(&self, name: &str) -> Option<&'a str> {
        let known = columns::column(name).map(|column| column.code);
        let mut cells = self.clone();
        cells
            .cells()
            .find(|(column, _)| match column {
                CellColumn::Known(code) => Some(*code) == known,
                CellColumn::Named(other) => *other == name,
            })
            .map(|(_, value)| value)
            .filter(|value| !value.is_empty())
    }

    /// The cells with their codes.
    pub(crate) fn cells(&mut self) -> impl Iterator<Item = (CellColumn<'a>, &'a str)> {
        std::iter::from_fn(|| self.read()?.ok())
    }

    fn read(&mut self) -> Option<Result<(CellColumn<'a>, &'a str), DecodeError>> {
        let (&code, rest) = self.rest.split_first()?;
        self.rest = rest;
        Some(self.read_after(code))
    }

    fn read_after(&mut self, code: u8) -> Result<(CellColumn<'a>, &'a str), DecodeError> {
        let column = match code {
            NAMED => CellColumn::Named(self.text()?),
            code => CellColumn::Known(code),
        };
        Ok((column, self.text()?))
    }

    fn text(&mut self) -> Result<&'a str, DecodeError> {
        let mut length = 0_usize;
        for shift in (0..35).step_by(7) {
            let (&byte, rest) = self.rest.split_first().ok_or(DecodeError::Damaged)?;
            self.rest = rest;
            length |= usize::from(byte & 0x7f) << shift;
            if byte & 0x80 == 0 {
                let (text, rest) = self.rest.split_at_checked(length).ok_or(DecodeError::Damaged)?;
                self.rest = rest;
                return std::str::from_utf8(text).map_err(|_| DecodeError::Damaged);
            }
        }
        Err(DecodeError::Damaged)
    }
}

impl<'a> Iterator for Cells<'a> {
    type Item = (&'a str, &'a str);

    /// The next cell: the name of its column, and its value.
    fn next(&mut self) -> Option<Self::Item> {
        let (column, value) = self.cells().next()?;
        match column {
            CellColumn::Known(code) => by_code(code).map(|column| (column.name, value)),
            CellColumn::Named(name) => Some((name, value)),
        }
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::columns::COLUMNS;

    /// The content that has these cells.
    fn encoded(cells: &[(String, String)]) -> Vec<u8> {
        let mut content = Vec::new();
        start(&mut content);
        for (name, value) in cells {
            match columns::column(name) {
                Some(column) => push_known(&mut content, column.code, value),
                None => push_named(&mut content, name, value),
            }
        }
        content
    }

    fn name() -> impl Strategy<Value = String> {
        let known = (0..COLUMNS.len()).prop_map(|index| COLUMNS[index].name.to_owned());
        prop_oneof![known, "[a-z_]{1,12}", "\\PC{1,140}"]
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(64))]

        #[test]
        fn cells_are_read_as_they_were_written(cells in prop::collection::vec((name(), "(?s).{0,150}"), 0..8)) {
            let content = encoded(&cells);
            let read: Vec<_> = Cells::new(&content).unwrap().map(|(name, value)| (name.to_owned(), value.to_owned())).collect();
            prop_assert_eq!(&read, &cells);
            for (name, _) in &cells {
                let first = cells.iter().find(|(other, _)| other == name).map(|(_, value)| value.as_str());
                prop_assert_eq!(Cells::new(&content).unwrap().get(name), first.filter(|value| !value.is_empty()));
            }
        }

        #[test]
        fn other_bytes_are_an_error_or_cells(content in prop::collection::vec(any::<u8>(), 0..200)) {
            if let Ok(cells) = Cells::new(&content) {
                prop_assert!(cells.count() <= content.len());
            }
        }

        #[test]
        fn a_content_that_was_cut_off_is_damaged_or_shorter(cut in 0_usize..40) {
            let content = encoded(&[("title".into(), "A title".into()), ("colour".into(), "red".into())]);
            let cut = cut.min(content.len());
            if let Ok(cells) = Cells::new(&content[..cut]) {
                prop_assert!(cells.count() <= 2);
            }
        }
    }

    #[test]
    fn the_form_is_permanent() {
        let content = encoded(&[("title".into(), "Tee".into()), ("colour".into(), "red".into())]);
        assert_eq!(content, b"\x01\x02\x03Tee\x00\x06colour\x03red");
        let long = encoded(&[("title".into(), "x".repeat(300))]);
        assert_eq!(long[..4], [1, 2, 0xac, 0x02]);
    }

    #[test]
    fn what_a_later_release_wrote_is_named_as_such() {
        assert_eq!(Cells::new(&[2]).unwrap_err(), DecodeError::Form(2));
        assert_eq!(Cells::new(&[1, 250, 0]).unwrap_err(), DecodeError::Column(250));
        assert_eq!(Cells::new(&[]).unwrap_err(), DecodeError::Damaged);
    }
}
