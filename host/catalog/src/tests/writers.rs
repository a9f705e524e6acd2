//! What is written of rows: feeds, exports, and refused rows.

use tillhouse_checkout::feed::FeedType;
use tillhouse_checkout::ids::ItemId;

use super::rows;
use crate::{ColumnNames, ErrorWriter, FeedReader, FeedRecord, FeedWriter, ReadOptions, Separator};

const FILE: &str = "\
id,supplier,title,description,link,image_link,price,availability,inventory_quantity,disable_checkout
tee,Ada,\"Tee, \"\"soft\"\"\",\"Two
lines\",https://shop.example/tee,https://shop.example/tee.jpg,15.00 USD,in_stock,7,yes
song,,Song,A song,https://shop.example/song,https://shop.example/song.jpg,1.00 USD,in_stock,,
";

fn stored() -> Vec<tillhouse_checkout::catalog::CatalogRow> {
    let reader = FeedReader::open(FILE.as_bytes(), &ReadOptions::default()).unwrap();
    let row = |record| match record {
        Ok(FeedRecord::Row { row, .. }) => row,
        other => panic!("{other:?}"),
    };
    reader.map(row).collect()
}

fn used() -> ColumnNames {
    let mut names = ColumnNames::default();
    names.add_name("id");
    for row in stored() {
        names.add(&row.content);
    }
    names
}

fn text(written: std::io::Result<Vec<u8>>) -> String {
    String::from_utf8(written.unwrap()).unwrap()
}

#[test]
fn an_export_is_read_as_the_file_that_was_imported() {
    let sorted = |mut cells: Vec<Vec<(String, String)>>| {
        cells.iter_mut().for_each(|row| row.sort());
        cells
    };
    for separator in [Separator::Comma, Separator::Tab] {
        let mut writer = FeedWriter::new(Vec::new(), separator, &used()).unwrap();
        for row in stored() {
            writer.row(&row).unwrap();
        }
        let written = text(writer.finish());
        let options = ReadOptions::default();
        assert_eq!(
            sorted(rows(written.as_bytes(), &options)),
            sorted(rows(FILE.as_bytes(), &options))
        );
    }
}

#[test]
fn a_product_feed_has_the_columns_of_stripe_and_says_whether_stock_is_tracked() {
    let names = used().only_of_feed(&FeedType::Product);
    let mut writer = FeedWriter::new(Vec::new(), Separator::Comma, &names)
        .unwrap()
        .for_stripe();
    for row in stored() {
        writer.row(&row).unwrap();
    }
    assert_eq!(
        text(writer.finish()),
        "id,title,description,link,image_link,availability,inventory_not_tracked,inventory_quantity,price,disable_checkout\n\
         tee,\"Tee, \"\"soft\"\"\",\"Two\nlines\",https://shop.example/tee,https://shop.example/tee.jpg,in_stock,false,7,15.00 USD,true\n\
         song,Song,A song,https://shop.example/song,https://shop.example/song.jpg,in_stock,true,,1.00 USD,\n"
    );
}

#[test]
fn an_inventory_feed_has_counted_stock_in_place_of_that_of_the_catalog() {
    let names = used().only_of_feed(&FeedType::Inventory);
    let mut writer = FeedWriter::new(Vec::new(), Separator::Tab, &names)
        .unwrap()
        .for_stripe();
    let counted = [
        ("availability", "out_of_stock"),
        ("inventory_quantity", "0"),
        ("price", "9.00 USD"),
    ];
    writer.row_with(&stored()[0], &counted).unwrap();
    assert_eq!(
        text(writer.finish()),
        "id\tavailability\tinventory_quantity\ntee\tout_of_stock\t0\n"
    );
}

#[test]
fn a_row_that_deletes_has_its_id_alone() {
    let mut names = ColumnNames::default();
    for name in ["id", "title", "delete"] {
        names.add_name(name);
    }
    let mut writer = FeedWriter::new(Vec::new(), Separator::Comma, &names)
        .unwrap()
        .for_stripe();
    writer.delete(&ItemId::new("mug")).unwrap();
    assert_eq!(text(writer.finish()), "id,title,delete\nmug,,true\n");
}

#[test]
fn refused_rows_are_written_as_those_of_stripe_with_the_message_first() {
    let file = "id,title,price,availability\n\
                a,A,1.005 USD,maybe\n\
                b,\"B, b\",1.00 USD\n\
                c,C,1.00 USD,in_stock\n";
    let mut reader = FeedReader::open(file.as_bytes(), &ReadOptions::default()).unwrap();
    let mut writer = ErrorWriter::new(Vec::new(), Separator::Comma, reader.header()).unwrap();
    while let Some(record) = reader.next() {
        if let FeedRecord::Refused { problems, .. } = record.unwrap() {
            writer.row(&problems, reader.cells()).unwrap();
        }
    }
    assert_eq!(
        text(writer.finish()),
        "stripe_error_message,id,title,price,availability\n\
         \"line 2: column availability is \"\"maybe\"\"; it must be in_stock, out_of_stock, preorder or backorder [not_listed]\n\
         line 2: column price has 3 decimals; USD has 2; write at most 2 [money_decimals]\",a,A,1.005 USD,maybe\n\
         \"line 3: has 3 cells, but the header has 4 columns; quote values that contain commas [row_width]\",b,\"B, b\",1.00 USD,\n"
    );
}
