//! A row, or a file, that breaks each rule alone.

use tillhouse_checkout::catalog::DuplicateRow;
use tillhouse_checkout::feed::FeedType;
use tillhouse_checkout::ids::ItemId;

use crate::{Problem, Rule};

/// What breaks a rule.
pub(super) struct Example {
    pub(super) rule: Rule,
    of: Of,
}

enum Of {
    /// A good row of a feed with other cells.
    Row(&'static str, &'static [(&'static str, &'static str)]),
    /// Two good rows, the second with other cells.
    Second(&'static [(&'static str, &'static str)]),
    /// The bytes of a file.
    File(&'static [u8]),
    /// A file of an increment.
    Increment(&'static [u8]),
    /// A file with a header of its own, and good rows.
    Header(fn(&str) -> String),
    /// A good file after a change.
    Text(fn(String) -> Vec<u8>),
}

/// A row of each feed that breaks no rule.
const GOOD_PRODUCT: &[(&str, &str)] = &[
    ("id", "tee"),
    ("title", "Tee"),
    ("description", "A tee of heavy cotton."),
    ("link", "https://shop.example/tee"),
    ("image_link", "https://shop.example/tee.jpg"),
    ("availability", "in_stock"),
    ("price", "15.00 USD"),
    ("brand", "Tillhouse"),
    ("mpn", "TH-1"),
    ("product_category", "Apparel & Accessories > Clothing"),
    ("shipping", "US:ALL:Standard:3-5:4.99 USD"),
];
const GOOD_PROMOTION: &[(&str, &str)] = &[
    ("promotion_id", "SPRING"),
    ("title", "Spring sale"),
    ("active_period", "2026-05-01T00:00:00Z/2026-06-01T00:00:00Z"),
    ("benefit_type", "percent_off"),
    ("percent_off", "20"),
    ("target_selection", "all_products"),
    ("application_type", "automatic"),
];

const fn product(rule: Rule, cells: &'static [(&'static str, &'static str)]) -> Example {
    Example {
        rule,
        of: Of::Row("product", cells),
    }
}

const fn promotion(rule: Rule, cells: &'static [(&'static str, &'static str)]) -> Example {
    Example {
        rule,
        of: Of::Row("promotion", cells),
    }
}

const fn of(rule: Rule, of: Of) -> Example {
    Example { rule, of }
}

pub(super) const EXAMPLES: &[Example] = &[
    of(Rule::FileEmpty, Of::File(b"")),
    of(Rule::FileForm, Of::File(b"PK\x03\x04")),
    of(Rule::FileForm, Of::File(b"id,title\0\n")),
    of(Rule::FileSeparator, Of::File(b"id;title;price;availability\n")),
    of(Rule::FileSeparator, Of::File(b"id|title|price|availability\n")),
    of(Rule::RowUnended, Of::Text(|file| file.trim_end().into())),
    of(Rule::FileTruncated, Of::Text(|file| (file + "mug,\"Mug").into_bytes())),
    of(Rule::HeaderTwice, Of::Header(|header| format!("{header},brand"))),
    of(
        Rule::HeaderMissing,
        Of::Header(|header| header.replace("price", "amount_due")),
    ),
    of(
        Rule::HeaderMissing,
        Of::Header(|header| header.replace("description", "about_it")),
    ),
    of(Rule::HeaderSpelling, Of::Header(|header| format!("{header},colour"))),
    of(Rule::HeaderUnnamed, Of::Header(|header| format!("{header},"))),
    of(
        Rule::HeaderOther,
        Of::Increment(b"id,availability,inventory_quantity,title\ntee,in_stock,7,Tee\n"),
    ),
    of(
        Rule::RowLong,
        Of::Text(|file| (file + &"x".repeat(60_001)).into_bytes()),
    ),
    of(Rule::RowWidth, Of::Text(|file| (file + "mug,Mug\n").into_bytes())),
    of(
        Rule::RowEncoding,
        Of::Text(|file| [file.replace("heavy", "schöne").into_bytes(), b"m\xfcg\n".to_vec()].concat()),
    ),
    of(
        Rule::RowZero,
        // Later than the first bytes, in which they would say that the file is not text.
        Of::Text(|file| {
            file.replace("\ntee,Tee", &("\n".repeat(70_000) + "tee,Te\0e"))
                .into_bytes()
        }),
    ),
    of(
        Rule::NothingToChange,
        Of::Increment(b"id,availability,inventory_quantity\ntee,,\n"),
    ),
    product(Rule::Required, &[("title", "")]),
    product(Rule::Required, &[("link", "")]),
    product(Rule::IdForm, &[("id", "\u{202e}tee")]),
    product(Rule::IdCharacters, &[("id", "tee/red")]),
    product(Rule::TooLong, &[("size", "as large as they come, and larger")]),
    product(Rule::ControlCharacters, &[("title", "Tee\u{1b}[31m")]),
    product(Rule::NotListed, &[("availability", "In stock")]),
    product(Rule::NotListed, &[("gender", "women")]),
    product(Rule::TaxUnspecified, &[("tax_behavior", "unspecified")]),
    product(Rule::NotBoolean, &[("inventory_not_tracked", "maybe")]),
    product(Rule::NotWhole, &[("inventory_quantity", "-1")]),
    product(Rule::NotWhole, &[("age_restriction", "18+")]),
    product(Rule::NotNumber, &[("popularity_score", "5.1")]),
    product(Rule::NotNumber, &[("return_rate", "2 %")]),
    product(Rule::MoneyForm, &[("price", "15,00 USD")]),
    product(Rule::MoneyForm, &[("price", "15.00")]),
    product(Rule::MoneyDecimals, &[("price", "15.005 USD")]),
    product(Rule::MoneyDecimals, &[("price", "1500.5 JPY")]),
    product(Rule::MoneyLimit, &[("price", "999999999999999.00 USD")]),
    product(Rule::CurrencyUnknown, &[("price", "15.00 XQX")]),
    product(Rule::DateForm, &[("availability_date", "24.02.2026")]),
    product(
        Rule::DateForm,
        &[
            ("sale_price", "12.00 USD"),
            ("sale_price_effective_date", "2026-02-30/2026-03-01"),
        ],
    ),
    product(Rule::DateZone, &[("expiration_date", "2026-12-31T23:59:59")]),
    product(
        Rule::DatesOrder,
        &[
            ("sale_price", "12.00 USD"),
            ("sale_price_effective_date", "2026-02-01/2026-01-01"),
        ],
    ),
    product(Rule::LinkForm, &[("link", "shop.example/tee")]),
    product(
        Rule::LinkForm,
        &[("additional_image_link", "https://shop.example/a b.jpg")],
    ),
    product(Rule::LinkPlain, &[("link", "http://shop.example/tee")]),
    product(Rule::ImageForm, &[("image_link", "https://shop.example/tee.webp")]),
    product(Rule::PlainText, &[("description", "A <b>tee</b>.")]),
    product(Rule::PlainText, &[("description", "More at https://shop.example.")]),
    product(Rule::Capitals, &[("title", "BEST TEE EVER MADE")]),
    product(Rule::GtinForm, &[("gtin", "3234-5678-90126")]),
    product(Rule::GtinForm, &[("gtin", "3.23457E+12")]),
    product(Rule::MeasureForm, &[("weight", "3 stones")]),
    product(Rule::MeasureForm, &[("length", "20")]),
    product(Rule::CountryCode, &[("size_system", "UK")]),
    product(Rule::CountryCode, &[("shipping", "XX:ALL:Standard:3-5:4.99 USD")]),
    product(
        Rule::CategoryForm,
        &[("google_product_category", "2271 - Apparel & Accessories")],
    ),
    product(Rule::CategoryForm, &[("product_category", "Apparel > > Shirts")]),
    product(Rule::TaxCodeForm, &[("stripe_product_tax_code", "txcd_1")]),
    product(Rule::TaxCodeForm, &[("third_party_tax_code", "avalara:P0000000")]),
    promotion(Rule::CodeCharacters, &[("promotion_code", "SPRING 20")]),
    product(
        Rule::TooManyEntries,
        &[(
            "related_products",
            "upsell:1,upsell:2,upsell:3,upsell:4,upsell:5,upsell:6,upsell:7,upsell:8,upsell:9,upsell:10,upsell:11",
        )],
    ),
    product(Rule::EntryEmpty, &[("applicable_fees", "US:CA:Recycling:0.25 USD,")]),
    product(Rule::EntryParts, &[("shipping", "US:ALL:Standard:4.99 USD")]),
    product(Rule::EntryParts, &[("applicable_fees", "US:CA:0.25 USD")]),
    product(Rule::EntryArea, &[("shipping", "DE:10115:Standard:3-5:4.99 EUR")]),
    product(
        Rule::EntryArea,
        &[("applicable_fees", "US:California:Recycling:0.25 USD")],
    ),
    product(Rule::EntrySpeed, &[("shipping", "US:ALL:Standard:5-3:4.99 USD")]),
    product(Rule::EntryName, &[("shipping", "US:ALL::3-5:4.99 USD")]),
    product(
        Rule::FeeBasis,
        &[("applicable_fees", "US:CA:Recycling:0.25 USD:per_box")],
    ),
    product(
        Rule::ThresholdService,
        &[("free_shipping_threshold", "US:ALL:Express:50.00 USD")],
    ),
    product(Rule::RelatedType, &[("related_products", "similar:mug")]),
    product(Rule::RelatedSelf, &[("related_products", "upsell:tee")]),
    product(Rule::RelatedTwice, &[("related_products", "upsell:mug,cross_sell:mug")]),
    product(Rule::WarningType, &[("product_warning", "choking_hazard:Small parts")]),
    product(
        Rule::SaleNotBelowPrice,
        &[
            ("sale_price", "15.00 USD"),
            ("sale_price_effective_date", "2026-01-01/2026-01-31"),
        ],
    ),
    product(
        Rule::SaleCurrency,
        &[
            ("sale_price", "12.00 EUR"),
            ("sale_price_effective_date", "2026-01-01/2026-01-31"),
        ],
    ),
    product(Rule::SaleWithoutDates, &[("sale_price", "12.00 USD")]),
    product(
        Rule::DatesWithoutSale,
        &[("sale_price_effective_date", "2026-01-01/2026-01-31")],
    ),
    product(Rule::PreorderWithoutDate, &[("availability", "preorder")]),
    product(Rule::TrackedWithoutQuantity, &[("inventory_not_tracked", "false")]),
    product(
        Rule::QuantityOfUntracked,
        &[("inventory_not_tracked", "true"), ("inventory_quantity", "7")],
    ),
    product(Rule::BrandMissing, &[("brand", "")]),
    product(Rule::IdentifierMissing, &[("mpn", "")]),
    product(Rule::CategoryMissing, &[("product_category", "")]),
    product(Rule::ShippingMissing, &[("shipping", "")]),
    product(Rule::GroupMissing, &[("item_group_title", "Tees")]),
    of(Rule::GroupAttributes, Of::Second(&[("id", "mug"), ("size", "L")])),
    product(
        Rule::OptionPair,
        &[("item_group_id", "tees"), ("custom_variant_option_name_1", "Pattern")],
    ),
    product(
        Rule::OptionTwice,
        &[
            ("item_group_id", "tees"),
            ("custom_variant_option_name_1", "Pattern"),
            ("custom_variant_option_value_1", "Floral"),
            ("custom_variant_option_name_2", "Pattern"),
            ("custom_variant_option_value_2", "Striped"),
        ],
    ),
    product(Rule::LengthUnits, &[("length", "20 in"), ("width", "50 cm")]),
    product(Rule::RatingMissing, &[("product_review_count", "12")]),
    product(Rule::RatingWithoutReviews, &[("product_review_rating", "4.3")]),
    promotion(Rule::PercentMissing, &[("percent_off", "")]),
    promotion(
        Rule::AmountMissing,
        &[("benefit_type", "amount_off"), ("percent_off", "")],
    ),
    promotion(Rule::BenefitOther, &[("amount_off", "10.00 USD")]),
    promotion(Rule::CodeMissing, &[("application_type", "promotion_code")]),
    promotion(
        Rule::CodeMissing,
        &[("benefit_type", "free_shipping"), ("percent_off", "")],
    ),
    promotion(Rule::TargetMissing, &[("target_selection", "specific_products")]),
    promotion(Rule::TargetOfAll, &[("target_ids", "tee,mug")]),
];

impl Example {
    pub(super) fn feed(&self) -> FeedType {
        match self.of {
            Of::Row(feed, _) => FeedType::from(feed),
            Of::Increment(_) => FeedType::Inventory,
            _ => FeedType::Product,
        }
    }

    pub(super) fn file(&self) -> Vec<u8> {
        match self.of {
            Of::Row("promotion", cells) => file(&[with(GOOD_PROMOTION, cells)]).into_bytes(),
            Of::Row(_, cells) => file(&[with(GOOD_PRODUCT, cells)]).into_bytes(),
            Of::Second(cells) => {
                let grouped = with(GOOD_PRODUCT, &[("item_group_id", "tees"), ("size", "")]);
                let second = with(&grouped, cells);
                file(&[grouped, second]).into_bytes()
            }
            Of::File(bytes) | Of::Increment(bytes) => bytes.to_vec(),
            Of::Header(change) => {
                let good = file(&[GOOD_PRODUCT.to_vec()]);
                let (header, rows) = good.split_once('\n').unwrap();
                let header = change(header);
                let missing = header.matches(',').count() - rows_of(rows);
                format!("{header}\n{}{}\n", rows.trim_end(), ",".repeat(missing)).into_bytes()
            }
            Of::Text(change) => change(file(&[GOOD_PRODUCT.to_vec()])),
        }
    }
}

/// Commas between the cells of a row.
fn rows_of(row: &str) -> usize {
    GOOD_PRODUCT.len() - 1 + usize::from(row.is_empty())
}

fn with(
    good: &[(&'static str, &'static str)],
    cells: &[(&'static str, &'static str)],
) -> Vec<(&'static str, &'static str)> {
    let mut row = good.to_vec();
    for (name, value) in cells {
        match row.iter_mut().find(|(known, _)| known == name) {
            Some(cell) => cell.1 = value,
            None => row.push((name, value)),
        }
    }
    row
}

fn file(rows: &[Vec<(&str, &str)>]) -> String {
    let mut csv = csv::Writer::from_writer(Vec::new());
    csv.write_record(rows[0].iter().map(|(name, _)| name)).unwrap();
    for row in rows {
        csv.write_record(row.iter().map(|(_, value)| value)).unwrap();
    }
    String::from_utf8(csv.into_inner().unwrap()).unwrap()
}

/// Rules that a reader does not find: what the store has decides, or the disk.
pub(super) fn found_by_the_store(rule: Rule) -> bool {
    matches!(
        rule,
        Rule::RowTwice | Rule::UnknownItem | Rule::TargetUnknown | Rule::FileUnreadable
    )
}

pub(super) fn told_by_the_store(rule: Rule) -> String {
    let id = ItemId::new("tee");
    match rule {
        Rule::RowTwice => {
            let row = DuplicateRow {
                id,
                first_line: 2,
                line: 9,
            };
            Problem::duplicate(&row, &FeedType::Product).to_string()
        }
        Rule::TargetUnknown => {
            let column = crate::column("target_ids").unwrap();
            Problem::unknown_targets(2, column, &[&id]).to_string()
        }
        Rule::UnknownItem => Problem::unknown_item(&id, 9).to_string(),
        _ => String::new(),
    }
}
