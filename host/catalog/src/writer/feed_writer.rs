//! Writes rows of a catalog as CSV or TSV, one after the other.

use std::collections::HashMap;
use std::io::{self, Write};

use tillhouse_checkout::catalog::CatalogRow;
use tillhouse_checkout::ids::ItemId;

use super::ColumnNames;
use crate::cells::{CellColumn, Cells};
use crate::columns::{Kind, by_code, code, column};
use crate::format::Separator;
use crate::values;

/// Writes a file of rows with certain columns.
#[derive(Debug)]
pub struct FeedWriter<W: Write> {
    csv: csv::Writer<W>,
    places: [Option<u8>; 128],
    others: HashMap<Box<str>, usize>,
    width: usize,
    feed: bool,
}

impl<W: Write> FeedWriter<W> {
    /// Write the header of a file.
    ///
    /// # Errors
    /// Those of `out`.
    pub fn new(out: W, separator: Separator, columns: &ColumnNames) -> io::Result<Self> {
        let mut csv = csv::WriterBuilder::new().delimiter(separator.byte()).from_writer(out);
        csv.write_record(columns.iter())?;
        let (places, known) = columns.places();
        let others = columns
            .others()
            .enumerate()
            .map(|(index, name)| (Box::from(name), known + index));
        let others: HashMap<_, _> = others.collect();
        Ok(Self {
            csv,
            places,
            width: known + others.len(),
            others,
            feed: false,
        })
    }

    /// As Stripe wants rows: `true` and `false` as such, and an item that says nothing of its stock as not tracked, which is how it
    /// is sold. Without it, cells are written as they were imported.
    #[must_use]
    pub fn for_stripe(mut self) -> Self {
        self.feed = true;
        self
    }

    /// Write a row.
    ///
    /// # Errors
    /// If the row is damaged, and those of `out`.
    pub fn row(&mut self, row: &CatalogRow) -> io::Result<()> {
        self.row_with::<&str, &str>(row, &[])
    }

    /// Write a row with other cells in place of its own, by the names of their columns. Cells whose columns the file does not have
    /// are passed over. The content of the row may be empty.
    ///
    /// # Errors
    /// If the row is damaged, and those of `out`.
    pub fn row_with<N: AsRef<str>, V: AsRef<str>>(&mut self, row: &CatalogRow, with: &[(N, V)]) -> io::Result<()> {
        let mut line = vec![""; self.width];
        let mut put = |place: Option<usize>, value| {
            if let Some(cell) = place.and_then(|place| line.get_mut(place)) {
                *cell = value;
            }
        };
        for of in [code::ID, code::PROMOTION_ID] {
            put(self.place(CellColumn::Known(of)), row.id.as_str());
        }
        if !row.content.is_empty() {
            for (column, value) in Cells::new(&row.content).map_err(io::Error::other)?.cells() {
                put(self.place(column), self.written(column, value));
            }
        }
        for (name, value) in with {
            let known = column(name.as_ref()).map(|column| CellColumn::Known(column.code));
            let column = known.unwrap_or(CellColumn::Named(name.as_ref()));
            put(self.place(column), self.written(column, value.as_ref()));
        }
        let tracking = self.place(CellColumn::Known(code::INVENTORY_NOT_TRACKED));
        let quantity = self.place(CellColumn::Known(code::INVENTORY_QUANTITY));
        let empty = |place: Option<usize>| {
            place
                .and_then(|place| line.get(place))
                .is_none_or(|cell| cell.is_empty())
        };
        if self.feed && !row.content.is_empty() && empty(tracking) {
            let tracked = if empty(quantity) { "true" } else { "false" };
            if let Some(cell) = tracking.and_then(|place| line.get_mut(place)) {
                *cell = tracked;
            }
        }
        Ok(self.csv.write_record(&line)?)
    }

    /// Write a row that deletes an item: its id and `delete` alone. The file must have that column.
    ///
    /// # Errors
    /// Those of `out`.
    pub fn delete(&mut self, id: &ItemId) -> io::Result<()> {
        let row = CatalogRow {
            id: id.clone(),
            line: 0,
            content: Vec::new(),
        };
        self.row_with(&row, &[("delete", "true")])
    }

    /// Write what is buffered, and return the output.
    ///
    /// # Errors
    /// Those of `out`.
    pub fn finish(self) -> io::Result<W> {
        self.csv.into_inner().map_err(|error| error.into_error())
    }

    fn place(&self, column: CellColumn<'_>) -> Option<usize> {
        match column {
            CellColumn::Known(code) => self.places.get(usize::from(code))?.map(usize::from),
            CellColumn::Named(name) => self.others.get(name).copied(),
        }
    }

    fn written<'v>(&self, column: CellColumn<'_>, value: &'v str) -> &'v str {
        let boolean = match column {
            CellColumn::Known(code) => by_code(code).is_some_and(|column| matches!(column.kind, Kind::Boolean)),
            CellColumn::Named(_) => false,
        };
        match (self.feed && boolean).then(|| values::boolean(value)) {
            Some(Ok(true)) => "true",
            Some(Ok(false)) => "false",
            Some(Err(_)) | None => value,
        }
    }
}
