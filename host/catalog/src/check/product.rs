//! What the cells of a product row say together.

use tillhouse_checkout::money::Money;

use super::Header;
use super::report::Report;
use crate::columns::{self, code};
use crate::problem::{Fault, Problem};
use crate::rule::Rule;
use crate::values;

/// Numbers of Google's taxonomy for films, books and music, and of what they belong to.
const MEDIA: [&str; 6] = ["783", "784", "839", "855", "886", "5037"];
/// Words of a merchant's own categories for films, books and music.
const MEDIA_WORDS: [&str; 12] = [
    "book",
    "books",
    "ebook",
    "ebooks",
    "film",
    "films",
    "movie",
    "movies",
    "music",
    "dvd",
    "vinyl",
    "audiobooks",
];
/// What tells variants apart beside the custom options.
const OPTIONS: [[u8; 2]; 3] = [
    [code::OPTION_NAME_1, code::OPTION_VALUE_1],
    [code::OPTION_NAME_2, code::OPTION_VALUE_2],
    [code::OPTION_NAME_3, code::OPTION_VALUE_3],
];

pub(super) fn check(report: &mut Report<'_, '_>) {
    sale(report);
    preorder(report);
    stock(report);
    identity(report);
    variants(report);
    lengths(report);
    reviews(report);
}

/// The sale price is lower, in the same currency, and has its dates.
pub(super) fn sale(report: &mut Report<'_, '_>) {
    let (written, dates) = (report.get(code::SALE_PRICE), report.get(code::SALE_DATES));
    if written.is_empty() {
        if !dates.is_empty() {
            let fault = Fault::new(
                Rule::DatesWithoutSale,
                "has no sale_price to apply to",
                "give one, or leave it empty",
            );
            report.add_at(code::SALE_DATES, fault);
        }
        return;
    }
    if dates.is_empty() {
        report.needs(
            code::SALE_DATES,
            Rule::SaleWithoutDates,
            "with sale_price",
            "write it as 2026-01-01/2026-01-31",
        );
    }
    let read = |code| report.read(code, values::money);
    if let (Some(price), Some(sale)) = (read(code::PRICE), read(code::SALE_PRICE))
        && let Err(fault) = below(sale, price)
    {
        report.add_at(code::SALE_PRICE, fault);
    }
}

fn below(sale: Money, price: Money) -> Result<(), Fault> {
    if sale.currency != price.currency {
        let message = format!("is in {}, and price in {}", sale.currency, price.currency);
        return Err(Fault::new(Rule::SaleCurrency, message, "give both in one currency"));
    }
    if sale.amount >= price.amount {
        let message = format!("is {sale}, which is not below the price, {price}");
        return Err(Fault::new(
            Rule::SaleNotBelowPrice,
            message,
            "lower it, or leave it empty",
        ));
    }
    Ok(())
}

pub(super) fn preorder(report: &mut Report<'_, '_>) {
    if report.get(code::AVAILABILITY) == "preorder" && report.get(code::AVAILABILITY_DATE).is_empty() {
        let help = "write the day on which it can be delivered, as 2026-02-24";
        report.needs(
            code::AVAILABILITY_DATE,
            Rule::PreorderWithoutDate,
            "for availability preorder",
            help,
        );
    }
}

/// Tracked stock has a quantity, and other stock has none. A row that says neither is of an item whose stock is not tracked.
fn stock(report: &mut Report<'_, '_>) {
    let quantity = report.get(code::INVENTORY_QUANTITY);
    let untracked = report.read(code::INVENTORY_NOT_TRACKED, values::boolean);
    match untracked {
        Some(true) if !quantity.is_empty() => {
            let fault = Fault::new(
                Rule::QuantityOfUntracked,
                "must be empty where inventory_not_tracked is true",
                "leave one of the two empty",
            );
            report.add_at(code::INVENTORY_QUANTITY, fault);
        }
        Some(false) if quantity.is_empty() => {
            let help = "give the number of units, or say that inventory_not_tracked is true";
            let why = "where inventory_not_tracked is false";
            report.needs(code::INVENTORY_QUANTITY, Rule::TrackedWithoutQuantity, why, help);
        }
        _ => {}
    }
}

fn identity(report: &mut Report<'_, '_>) {
    let has = |report: &Report<'_, '_>, codes: &[u8]| report.cells.any(codes);
    if report.header.has(code::BRAND) && !has(report, &[code::BRAND]) && !is_media(report) {
        report.needs(
            code::BRAND,
            Rule::BrandMissing,
            "but for films, books and music",
            "name the brand",
        );
    }
    let identifiers = [code::GTIN, code::MPN];
    if report.header.has_one_of(&identifiers) && !has(report, &identifiers) {
        report.needs(
            code::MPN,
            Rule::IdentifierMissing,
            "without gtin",
            "give the manufacturer's number, or a gtin",
        );
    }
    let categories = [code::GOOGLE_PRODUCT_CATEGORY, code::PRODUCT_CATEGORY];
    if report.header.has_one_of(&categories) && !has(report, &categories) {
        let help = "write a path of your own, or a number of Google's taxonomy into google_product_category";
        report.needs(
            code::PRODUCT_CATEGORY,
            Rule::CategoryMissing,
            "without google_product_category",
            help,
        );
    }
    let shipped = report.get(code::SHIPPING_TYPE) != "digital";
    if shipped && report.header.has(code::SHIPPING) && !has(report, &[code::SHIPPING]) {
        let help = "write it as US:ALL:Standard:3-5:4.99 USD, or say digital in shipping_type";
        report.needs(code::SHIPPING, Rule::ShippingMissing, "for what is shipped", help);
    }
}

/// What [`identity`] does not report of rows, because the header lacks it.
pub(super) fn missing_columns(header: Header) -> Vec<Problem> {
    let missing = |codes: &[u8], of: u8, rule: Rule, why: &str| {
        let help = format!("add it to the header: {}", columns::of(of).limit());
        let fault = Fault::new(rule, format!("is missing {why}"), help);
        (!header.has_one_of(codes)).then(|| Problem::of_cell(1, columns::of(of), "", fault))
    };
    let categories = [code::GOOGLE_PRODUCT_CATEGORY, code::PRODUCT_CATEGORY];
    [
        missing(
            &[code::BRAND],
            code::BRAND,
            Rule::BrandMissing,
            "(but films, books and music need none)",
        ),
        missing(
            &[code::GTIN, code::MPN],
            code::MPN,
            Rule::IdentifierMissing,
            "and so is gtin",
        ),
        missing(
            &categories,
            code::PRODUCT_CATEGORY,
            Rule::CategoryMissing,
            "and so is google_product_category",
        ),
        missing(
            &[code::SHIPPING],
            code::SHIPPING,
            Rule::ShippingMissing,
            "for what is shipped",
        ),
    ]
    .into_iter()
    .flatten()
    .collect()
}

fn is_media(report: &Report<'_, '_>) -> bool {
    let google = report.get(code::GOOGLE_PRODUCT_CATEGORY);
    if MEDIA.contains(&google) || google.split('>').next().is_some_and(|top| top.trim() == "Media") {
        return true;
    }
    let own = report.get(code::PRODUCT_CATEGORY);
    let mut words = own.split(|letter: char| !letter.is_alphanumeric());
    words.any(|word| MEDIA_WORDS.iter().any(|media| word.eq_ignore_ascii_case(media)))
}

/// Custom options have names and values, and variants a group.
fn variants(report: &mut Report<'_, '_>) {
    let mut names = Vec::new();
    for pair in OPTIONS {
        let [name, value] = pair.map(|code| report.get(code));
        let empty = if name.is_empty() { pair[0] } else { pair[1] };
        if name.is_empty() != value.is_empty() {
            report.needs(
                empty,
                Rule::OptionPair,
                "beside its other half",
                "give both, or neither",
            );
        }
        if !name.is_empty() && names.contains(&name) {
            let fault = Fault::new(
                Rule::OptionTwice,
                "names an option twice",
                "give each option a name of its own",
            );
            report.add_at(pair[0], fault);
        }
        names.extend((!name.is_empty()).then_some(name));
    }
    let grouped = !report.get(code::ITEM_GROUP_ID).is_empty();
    if !grouped && (!names.is_empty() || !report.get(code::ITEM_GROUP_TITLE).is_empty()) {
        let help = "give all variants the id of one group";
        report.needs(code::ITEM_GROUP_ID, Rule::GroupMissing, "for variants", help);
    }
}

fn lengths(report: &mut Report<'_, '_>) {
    let mut first = None;
    for code in [code::LENGTH, code::WIDTH, code::HEIGHT] {
        let Some(unit) = report.read(code, values::length) else {
            continue;
        };
        if *first.get_or_insert(unit) != unit {
            let fault = Fault::new(
                Rule::LengthUnits,
                "is in another unit than the other lengths",
                "use cm, or in, for all",
            );
            return report.add_at(code, fault);
        }
    }
}

fn reviews(report: &mut Report<'_, '_>) {
    let rating = report.get(code::REVIEW_RATING);
    let count = report.read(code::REVIEW_COUNT, |count| values::whole(count, u64::MAX));
    let reviewed = count.is_some_and(|count| count > 0);
    if reviewed && rating.is_empty() {
        let help = "give the average from 1 to 5";
        report.needs(code::REVIEW_RATING, Rule::RatingMissing, "with reviews", help);
    } else if !rating.is_empty() && !reviewed {
        let fault = Fault::new(
            Rule::RatingWithoutReviews,
            "has no product_review_count above 0",
            "give the number of reviews, or leave both empty",
        );
        report.add_at(code::REVIEW_RATING, fault);
    }
}
