//! Text tables whose columns are as wide as their widest cell.

use std::io::{self, Write};

/// A table: a header row and data rows.
#[derive(Debug)]
pub struct Table {
    rows: Vec<Vec<String>>,
}

impl Table {
    pub fn of<const N: usize>(head: [&str; N]) -> Self {
        Self {
            rows: vec![head.map(str::to_uppercase).to_vec()],
        }
    }

    pub fn row<const N: usize>(&mut self, cells: [String; N]) {
        // One row per line: external values may contain line breaks and control characters.
        let plain = |cell: String| {
            cell.chars()
                .map(|letter| if letter.is_control() { ' ' } else { letter })
                .collect()
        };
        self.rows.push(cells.map(plain).to_vec());
    }

    /// Print the table on standard output, or `nothing` if it has no rows.
    pub fn print(&self, nothing: &str) {
        if self.rows.len() == 1 {
            return print_line(nothing);
        }
        let columns = self.rows.first().map_or(0, Vec::len);
        let width = |column| {
            self.rows
                .iter()
                .filter_map(|row| row.get(column))
                .map(|cell: &String| cell.chars().count())
                .max()
        };
        let widths: Vec<usize> = (0..columns).map(|column| width(column).unwrap_or(0)).collect();
        for row in &self.rows {
            let cells: Vec<String> = row
                .iter()
                .zip(&widths)
                .map(|(cell, width)| format!("{cell:<width$}"))
                .collect();
            print_line(cells.join("  ").trim_end());
        }
    }
}

/// Print a line on standard output.
pub fn print_line(line: &str) {
    // Ignore broken pipes: the reader chose to stop.
    let _ = writeln!(io::stdout().lock(), "{line}");
}

/// The value as text, or `-` for `None`.
pub fn or_dash<T: ToString>(value: Option<&T>) -> String {
    value.map_or_else(|| "-".to_owned(), ToString::to_string)
}
