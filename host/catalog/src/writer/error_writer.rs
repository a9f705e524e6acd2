//! Files of refused rows, in the form of Stripe's: the message before the cells of the row.

use std::io::{self, Write};

use crate::format::Separator;
use crate::problem::Problem;

/// The name of the first column, as in Stripe's files.
pub(crate) const MESSAGE: &str = "stripe_error_message";

/// Writes the rows that have problems.
#[derive(Debug)]
pub struct ErrorWriter<W: Write> {
    csv: csv::Writer<W>,
    width: usize,
}

impl<W: Write> ErrorWriter<W> {
    /// Write the header: the message, and the columns of the file that was read.
    ///
    /// # Errors
    /// Those of `out`.
    pub fn new<S: AsRef<str>>(out: W, separator: Separator, header: &[S]) -> io::Result<Self> {
        let mut csv = csv::WriterBuilder::new()
            .delimiter(separator.byte())
            .flexible(true)
            .from_writer(out);
        csv.write_field(MESSAGE)?;
        for name in header {
            csv.write_field(name.as_ref())?;
        }
        csv.write_record(None::<&[u8]>)?;
        Ok(Self {
            csv,
            width: header.len(),
        })
    }

    /// Write a row with all its problems in the first cell, each on a line of its own. Missing cells are empty; cells too many
    /// follow.
    ///
    /// # Errors
    /// Those of `out`.
    pub fn row(&mut self, problems: &[Problem], cells: impl IntoIterator<Item = impl AsRef<str>>) -> io::Result<()> {
        let messages: Vec<String> = problems.iter().map(message).collect();
        self.csv.write_field(messages.join("\n"))?;
        let mut written = 0;
        for cell in cells {
            self.csv.write_field(cell.as_ref())?;
            written += 1;
        }
        for _ in written..self.width {
            self.csv.write_field("")?;
        }
        Ok(self.csv.write_record(None::<&[u8]>)?)
    }

    /// Write what is buffered, and return the output.
    ///
    /// # Errors
    /// Those of `out`.
    pub fn finish(self) -> io::Result<W> {
        self.csv.into_inner().map_err(|error| error.into_error())
    }
}

/// `line 3: column price is …; how to fix it [money_form]`.
fn message(problem: &Problem) -> String {
    format!("{problem} [{}]", problem.rule)
}
