//! The cells of one row by the codes of their columns.

use crate::columns::COLUMNS;

/// Cells of columns of the table; an empty text where a row has none.
#[derive(Clone, Debug)]
pub(crate) struct RowCells<'r>([&'r str; COLUMNS.len() + 1]);

impl Default for RowCells<'_> {
    fn default() -> Self {
        Self([""; COLUMNS.len() + 1])
    }
}

impl<'r> RowCells<'r> {
    pub(crate) fn get(&self, code: u8) -> &'r str {
        self.0.get(usize::from(code)).copied().unwrap_or_default()
    }

    pub(crate) fn set(&mut self, code: u8, value: &'r str) {
        if let Some(cell) = self.0.get_mut(usize::from(code)) {
            *cell = value;
        }
    }

    /// The first of these columns that has a value.
    pub(crate) fn first(&self, codes: [u8; 2]) -> Option<&'r str> {
        codes
            .into_iter()
            .map(|code| self.get(code))
            .find(|value| !value.is_empty())
    }

    /// Whether one of these columns has a value.
    pub(crate) fn any(&self, codes: &[u8]) -> bool {
        codes.iter().any(|code| !self.get(*code).is_empty())
    }
}
