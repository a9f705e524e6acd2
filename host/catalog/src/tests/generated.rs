//! Many good rows, with every column of every feed.

use std::collections::{BTreeMap, BTreeSet};

use tillhouse_checkout::catalog::CatalogRow;
use tillhouse_checkout::feed::FeedType;

use crate::{COLUMNS, Cells, ColumnNames, FeedReader, FeedRecord, FeedWriter, Item, ReadOptions, Separator};

/// A deterministic sequence of numbers (`SplitMix64`).
struct Numbers(u64);

impl Numbers {
    fn below(&mut self, end: u64) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut mixed = self.0;
        mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        (mixed ^ (mixed >> 31)) % end
    }

    fn of<'w>(&mut self, words: &[&'w str]) -> &'w str {
        words[usize::try_from(self.below(words.len() as u64)).unwrap()]
    }

    fn one_in(&mut self, count: u64) -> bool {
        self.below(count) == 0
    }

    /// A text with letters of several alphabets, at most so many characters.
    fn text(&mut self, most: u64) -> String {
        let words = [
            "Tee",
            "größer",
            "crème",
            "\"soft\"",
            "Ωmega",
            "日本",
            "a, b",
            "x < y",
            "50 %",
            "line\nbreak",
            "🏠",
        ];
        let (mut text, mut left) = (String::new(), self.below(most));
        loop {
            let word = self.of(&words);
            let length = word.chars().count() as u64 + 1;
            if length > left {
                text.push('T');
                return text;
            }
            left -= length;
            text.push_str(word);
            text.push(' ');
        }
    }

    fn money(&mut self, currency: &str, least: u64) -> String {
        let minor = least + self.below(500_000);
        match currency {
            "JPY" => format!("{minor} JPY"),
            "KWD" => format!("{}.{:03} KWD", minor / 1000, minor % 1000),
            currency => format!("{}.{:02} {currency}", minor / 100, minor % 100),
        }
    }
}

type Row = BTreeMap<String, String>;

fn put(row: &mut Row, name: &str, value: impl Into<String>) {
    row.insert(name.to_owned(), value.into());
}

/// A good row of the product feed.
fn product(numbers: &mut Numbers, index: u64) -> Row {
    let mut row = Row::new();
    put(&mut row, "id", format!("SKU-{index}"));
    put(&mut row, "title", numbers.text(150));
    put(&mut row, "description", numbers.text(150));
    put(&mut row, "link", format!("https://shop.example/p/{index}?a=1,2"));
    put(&mut row, "image_link", format!("https://cdn.example/{index}.jpg"));
    identity(numbers, &mut row, index);
    offer(numbers, &mut row);
    shipping(numbers, &mut row);
    variant(numbers, &mut row, index);
    more(numbers, &mut row, index);
    row
}

fn identity(numbers: &mut Numbers, row: &mut Row, index: u64) {
    match numbers.below(4) {
        0 => put(row, "google_product_category", "784"),
        1 => put(row, "product_category", "Media > Books > Novels"),
        _ => {
            put(row, "product_category", "Home & Garden > Kitchen");
            put(row, "google_product_category", "Home & Garden > Kitchen & Dining");
            put(row, "brand", numbers.text(70));
        }
    }
    if numbers.one_in(2) {
        put(
            row,
            "gtin",
            numbers.of(&["3234567890126", "080442957X", "0012345678905"]),
        );
    } else {
        put(row, "mpn", format!("TH-{index}"));
    }
    put(row, "condition", numbers.of(&["new", "refurbished", "used"]));
}

fn offer(numbers: &mut Numbers, row: &mut Row) {
    let currency = numbers.of(&["USD", "EUR", "JPY", "KWD"]);
    put(row, "price", numbers.money(currency, 600_000));
    if numbers.one_in(3) {
        put(row, "sale_price", numbers.money(currency, 1));
        let dates = [
            "2026-01-01/2026-01-31",
            "2026-01-01T00:00:00Z/2026-02-01T00:00:00-05:00",
        ];
        put(row, "sale_price_effective_date", numbers.of(&dates));
    }
    let availability = numbers.of(&["in_stock", "out_of_stock", "preorder", "backorder"]);
    put(row, "availability", availability);
    if availability == "preorder" {
        put(
            row,
            "availability_date",
            numbers.of(&["2026-02-24", "2026-02-24T10:00:00+01:00"]),
        );
    }
    match numbers.below(3) {
        0 => put(row, "inventory_not_tracked", numbers.of(&["true", "TRUE", "yes"])),
        1 => {
            put(row, "inventory_not_tracked", "false");
            put(row, "inventory_quantity", numbers.below(1000).to_string());
        }
        _ => {}
    }
    put(row, "tax_behavior", numbers.of(&["inclusive", "exclusive", ""]));
    match numbers.below(3) {
        0 => put(row, "stripe_product_tax_code", "txcd_99999999"),
        1 => put(row, "third_party_tax_code", "anrok:prod_abc123"),
        _ => {}
    }
}

fn shipping(numbers: &mut Numbers, row: &mut Row) {
    if numbers.one_in(5) {
        put(row, "shipping_type", "digital");
        return;
    }
    let options = [
        "US:ALL:Standard Shipping:3-5:0.00 USD,US:ALL:Expedited:1-2:12.99 USD",
        "US:94012:Standard Shipping:3-5:0.00 USD,US:73114-74547:Night:1:9.99 USD,US:94*:Day:1-2:9.99 USD,US:94*-95*:Slow:2-5:0.00 USD",
        "DE:BY:Standard Shipping::4.90 EUR, CH:ALL:Post:4-8:8.90 CHF",
    ];
    put(row, "shipping", numbers.of(&options));
    put(
        row,
        "free_shipping_threshold",
        numbers.of(&["US:ALL:Standard Shipping:50.00 USD", ""]),
    );
    put(row, "shipping_cost_basis", numbers.of(&["per_order", "per_item", ""]));
    let fees = [
        "US:CA:Recycling Fee:0.25 USD,DE:ALL:Bottle Deposit:0.10 EUR",
        "US:CA:Recycling Fee:0.25 USD:per_item",
    ];
    put(row, "applicable_fees", numbers.of(&fees));
    put(row, "weight", numbers.of(&["180 g", "2.5 lb", "1.23456 kg", "12 oz"]));
    let unit = numbers.of(&["cm", "in"]);
    for name in ["length", "width", "height"] {
        put(row, name, format!("{}.5 {unit}", numbers.below(100)));
    }
}

fn variant(numbers: &mut Numbers, row: &mut Row, index: u64) {
    if !index.is_multiple_of(4) {
        return;
    }
    put(row, "item_group_id", format!("group-{}", index / 16));
    put(row, "item_group_title", numbers.text(150));
    put(row, "color", numbers.of(&["Black", "Natural white"]));
    put(row, "size", numbers.of(&["S", "M", "10"]));
    put(row, "size_system", numbers.of(&["US", "DE", "JP"]));
    put(row, "gender", numbers.of(&["male", "female", "unisex"]));
    put(row, "material", numbers.text(100));
    put(
        row,
        "age_group",
        numbers.of(&["newborn", "infant", "toddler", "kids", "adult"]),
    );
    for (number, name) in [(1, "Pattern"), (2, "Fit"), (3, "Neck")] {
        put(row, &format!("custom_variant_option_name_{number}"), name);
        put(row, &format!("custom_variant_option_value_{number}"), numbers.text(40));
    }
}

fn more(numbers: &mut Numbers, row: &mut Row, index: u64) {
    let images: Vec<String> = (0..numbers.below(11))
        .map(|image| format!("https://cdn.example/{index}%2C{image}.png"))
        .collect();
    put(row, "additional_image_link", images.join(","));
    put(row, "video_link", numbers.of(&["https://youtu.be/12345", ""]));
    put(row, "model_3d_link", numbers.of(&["https://cdn.example/a.glb", ""]));
    put(row, "expiration_date", numbers.of(&["2026-12-31", ""]));
    put(row, "popularity_score", numbers.of(&["0", "4.7", "5"]));
    put(row, "return_rate", numbers.of(&["0", "2.0", "100"]));
    let reviews = numbers.below(3);
    put(row, "product_review_count", reviews.to_string());
    put(
        row,
        "product_review_rating",
        if reviews > 0 {
            numbers.of(&["1", "4.3", "5"])
        } else {
            ""
        },
    );
    let related = ["upsell:SKU-x,cross_sell:SKU-y,substitute:SKU-z,accessory:SKU-w", ""];
    put(row, "related_products", numbers.of(&related));
    let warnings = [
        "prop_65: This product can expose you to chemicals, including lead.",
        "safety_warning:Small parts,legal_disclaimer:None",
        "",
    ];
    put(row, "product_warning", numbers.of(&warnings));
    put(row, "age_restriction", numbers.of(&["18", ""]));
    for label in 0..5 {
        put(row, &format!("custom_label_{label}"), numbers.text(100));
    }
    put(row, "delete", numbers.of(&["false", ""]));
    put(row, "disable_checkout", numbers.of(&["true", "false", ""]));
    put(row, "supplier", numbers.text(20));
}

fn promotion(numbers: &mut Numbers, index: u64) -> Row {
    let mut row = Row::new();
    put(&mut row, "promotion_id", format!("PROMO_{index}"));
    put(&mut row, "title", numbers.text(150));
    put(&mut row, "link", numbers.of(&["https://shop.example/promo", ""]));
    put(
        &mut row,
        "active_period",
        "2026-05-01T00:00:00Z/2026-12-15T23:59:59+02:00",
    );
    let benefit = numbers.of(&["percent_off", "amount_off", "free_shipping"]);
    put(&mut row, "benefit_type", benefit);
    match benefit {
        "percent_off" => put(&mut row, "percent_off", numbers.below(101).to_string()),
        "amount_off" => put(&mut row, "amount_off", numbers.money("USD", 1)),
        _ => {}
    }
    put(&mut row, "minimum_order_amount", numbers.of(&["50.00 USD", ""]));
    if numbers.one_in(2) {
        put(&mut row, "target_selection", "all_products");
    } else {
        put(&mut row, "target_selection", "specific_products");
        let targets = [
            "target_ids",
            "target_item_group_ids",
            "excluded_ids",
            "excluded_item_group_ids",
        ];
        put(&mut row, numbers.of(&targets), "SKU-1, SKU-2");
    }
    let by_code = benefit == "free_shipping" || numbers.one_in(2);
    put(
        &mut row,
        "application_type",
        if by_code { "promotion_code" } else { "automatic" },
    );
    put(&mut row, "promotion_code", if by_code { "SPRING_20-x" } else { "" });
    put(&mut row, "delete", numbers.of(&["false", ""]));
    row
}

/// The file that has these rows.
fn file(rows: &[Row]) -> Vec<u8> {
    let names: BTreeSet<&str> = rows.iter().flat_map(BTreeMap::keys).map(String::as_str).collect();
    let mut csv = csv::Writer::from_writer(Vec::new());
    csv.write_record(&names).unwrap();
    for row in rows {
        let cell = |name: &&str| row.get(*name).map_or("", String::as_str);
        csv.write_record(names.iter().map(cell)).unwrap();
    }
    csv.into_inner().unwrap()
}

fn columns_of(feed: &FeedType, rows: &[Row]) {
    let used: BTreeSet<&str> = rows
        .iter()
        .flatten()
        .filter(|(_, value)| !value.is_empty())
        .map(|(name, _)| name.as_str())
        .collect();
    for column in COLUMNS.iter().filter(|column| column.feeds.has(feed)) {
        assert!(used.contains(column.name), "the generator does not use {}", column.name);
    }
}

/// The rows of a file, none of which may break a rule.
fn unbroken(file: &[u8]) -> Vec<CatalogRow> {
    let reader = FeedReader::open(file, &ReadOptions::default()).unwrap();
    assert_eq!(reader.header_problems(), []);
    let row = |record| match record {
        Ok(FeedRecord::Row { row, problems }) if problems.is_empty() => row,
        other => panic!("{other:?}"),
    };
    reader.map(row).collect()
}

#[test]
fn ten_thousand_good_rows_break_no_rule() {
    let mut numbers = Numbers(17);
    let rows: Vec<Row> = (0..10_000).map(|index| product(&mut numbers, index)).collect();
    columns_of(&FeedType::Product, &rows);
    assert_eq!(unbroken(&file(&rows)).len(), rows.len());
}

#[test]
fn good_rows_are_kept_and_uploaded_as_they_were_written() {
    let mut numbers = Numbers(4711);
    let rows: Vec<Row> = (0..300).map(|index| product(&mut numbers, index)).collect();
    let stored = unbroken(&file(&rows));
    let mut names = ColumnNames::default();
    for (row, written) in stored.iter().zip(&rows) {
        let kept: BTreeMap<&str, &str> = Cells::new(&row.content).unwrap().collect();
        let written = written.iter().map(|(name, value)| (name.as_str(), value.trim()));
        let written = written.filter(|(name, value)| !matches!(*name, "id" | "delete") && !value.is_empty());
        assert_eq!(kept, written.collect());
        Item::decode(row).unwrap();
        names.add(&row.content);
    }
    let names = names.only_of_feed(&FeedType::Product);
    let mut writer = FeedWriter::new(Vec::new(), Separator::Tab, &names)
        .unwrap()
        .for_stripe();
    stored.iter().for_each(|row| writer.row(row).unwrap());
    let feed = writer.finish().unwrap();
    let strict = ReadOptions {
        strict: true,
        ..ReadOptions::default()
    };
    let again = FeedReader::open(feed.as_slice(), &strict).unwrap();
    let refused = again.filter(|record| !matches!(record, Ok(FeedRecord::Row { .. })));
    // The feed of Stripe does not have our column for what is not shipped.
    let digital = rows.iter().filter(|row| row.contains_key("shipping_type"));
    assert_eq!(refused.count(), digital.count());
}

#[test]
fn good_promotions_break_no_rule() {
    let mut numbers = Numbers(65);
    let rows: Vec<Row> = (0..1_000).map(|index| promotion(&mut numbers, index)).collect();
    columns_of(&FeedType::Promotion, &rows);
    let options = ReadOptions::new(FeedType::Promotion);
    assert_eq!(super::problems(&file(&rows), &options), []);
}
