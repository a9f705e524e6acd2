//! Encodings, separators, and files that are damaged.

use super::{Pieces, problems, rows};
use crate::Problem;
use crate::{FeedReader, FileEncoding, ReadOptions, Rule, Separator};

const FILE: &str = "id,title,price,availability\n1,Café “crème”,1.00 EUR,in_stock\n2,Tee,2.00 EUR,in_stock\n";

fn utf16(text: &str, order: fn(u16) -> [u8; 2], mark: bool) -> Vec<u8> {
    let mark = mark.then_some('\u{feff}');
    let text: String = mark.into_iter().chain(text.chars()).collect();
    text.encode_utf16().flat_map(order).collect()
}

fn windows_1252(text: &str) -> Vec<u8> {
    encoding_rs::WINDOWS_1252.encode(text).0.into_owned()
}

/// What the rows of a file are refused for.
fn refusing(file: &[u8]) -> Vec<Problem> {
    let mut found = problems(file, &ReadOptions::default());
    found.retain(Problem::refuses);
    found
}

#[test]
fn every_encoding_gives_the_same_rows_and_is_named() {
    let expected = rows(FILE.as_bytes(), &ReadOptions::default());
    for (file, encoding, guessed, bom) in [
        (FILE.as_bytes().to_vec(), FileEncoding::Utf8, false, false),
        (format!("\u{feff}{FILE}").into_bytes(), FileEncoding::Utf8, false, true),
        (utf16(FILE, u16::to_le_bytes, true), FileEncoding::Utf16Le, false, true),
        (utf16(FILE, u16::to_be_bytes, true), FileEncoding::Utf16Be, false, true),
        (
            utf16(FILE, u16::to_le_bytes, false),
            FileEncoding::Utf16Le,
            false,
            false,
        ),
        (
            utf16(FILE, u16::to_be_bytes, false),
            FileEncoding::Utf16Be,
            false,
            false,
        ),
        (windows_1252(FILE), FileEncoding::Windows1252, true, false),
    ] {
        for size in [1, 3, 7, 1 << 20] {
            let pieces = Pieces { rest: &file, size };
            assert_eq!(
                rows(pieces, &ReadOptions::default()),
                expected,
                "{encoding} in pieces of {size}"
            );
        }
        let mut reader = FeedReader::open(file.as_slice(), &ReadOptions::default()).unwrap();
        assert_eq!(reader.by_ref().count(), 2);
        let format = reader.format();
        assert_eq!((format.encoding, format.guessed, format.bom), (encoding, guessed, bom));
        assert_eq!(reader.bytes_read(), file.len() as u64);
        let said = ReadOptions {
            encoding: Some(encoding),
            ..ReadOptions::default()
        };
        assert_eq!(rows(file.as_slice(), &said), expected, "{encoding} as an option says");
    }
}

#[test]
fn the_first_letter_outside_of_ascii_decides_wherever_it_is() {
    let ascii: String = (0..5000)
        .map(|row| format!("{row},Item {row},1.00 EUR,in_stock\n"))
        .collect();
    let file = |last: &str| format!("id,title,price,availability\n{ascii}{last},1.00 EUR,in_stock\n");
    let utf8 = file("last,Café");
    for bytes in [utf8.clone().into_bytes(), windows_1252(&utf8)] {
        let found = rows(bytes.as_slice(), &ReadOptions::default());
        assert_eq!(found.last().unwrap()[1].1, "Café");
    }
}

#[test]
fn a_row_in_another_encoding_than_the_file_is_refused_alone() {
    let mut file = FILE.as_bytes().to_vec();
    file.extend(windows_1252("3,Gâteau,3.00 EUR,in_stock\n"));
    file.extend(b"4,Cup,4.00 EUR,in_stock\n");
    let found = refusing(&file);
    assert_eq!(found.len(), 1);
    assert_eq!(
        found[0].to_string(),
        "line 4: is not UTF-8, as the rest of the file: \"G�teau\"; save the whole file as UTF-8"
    );
    let mut reader = FeedReader::open(file.as_slice(), &ReadOptions::default()).unwrap();
    reader.nth(2).unwrap().unwrap();
    assert_eq!(
        reader.cells().collect::<Vec<_>>(),
        ["3", "G\u{fffd}teau", "3.00 EUR", "in_stock"]
    );
    assert_eq!(reader.count(), 1, "the row after it is read");
}

#[test]
fn a_file_of_utf_16_that_lacks_a_byte_loses_its_last_row_only() {
    let mut file = utf16(FILE, u16::to_le_bytes, true);
    file.truncate(file.len() - 3);
    let found = refusing(&file);
    assert_eq!(
        found
            .iter()
            .map(|problem| (problem.line, problem.rule))
            .collect::<Vec<_>>(),
        [(3, Rule::RowEncoding)]
    );
}

#[test]
fn other_separators_are_read_where_an_option_says_so() {
    let expected = rows(FILE.as_bytes(), &ReadOptions::default());
    for separator in Separator::ALL {
        let file = FILE.replace(',', &char::from(separator.byte()).to_string());
        let options = ReadOptions {
            separator: Some(*separator),
            ..ReadOptions::default()
        };
        assert_eq!(rows(file.as_bytes(), &options), expected, "{separator}");
        let found = FeedReader::open(file.as_bytes(), &ReadOptions::default());
        assert_eq!(
            found.is_ok(),
            matches!(separator, Separator::Comma | Separator::Tab),
            "{separator}"
        );
    }
}

#[test]
fn a_file_is_read_whatever_is_cut_off_or_is_refused_with_its_line() {
    let file = format!("{FILE}3,\"Three\nlines\n\"\"quoted\"\"\",3.00 EUR,in_stock\n");
    let lines = file.lines().count() as u64;
    for length in 0..file.len() {
        for problem in problems(&file.as_bytes()[..length], &ReadOptions::default()) {
            assert!((1..=lines).contains(&problem.line), "{length}: {problem}");
        }
    }
}

#[test]
fn a_line_without_end_is_refused_in_bounded_memory() {
    let endless = std::io::Read::take(std::io::repeat(b'x'), 32 << 20);
    let file = std::io::Read::chain(
        FILE.as_bytes(),
        std::io::Read::chain(endless, &b"\n9,Last,1.00 EUR,in_stock\n"[..]),
    );
    let options = ReadOptions::default();
    let found: Vec<_> = FeedReader::open(file, &options).unwrap().map(Result::unwrap).collect();
    assert_eq!(found.len(), 4, "two rows, the long one, and the row after it");
    let endless = std::io::Read::take(std::io::repeat(b'x'), 4 << 20);
    assert_eq!(FeedReader::open(endless, &options).unwrap_err()[0].rule, Rule::RowLong);
}
