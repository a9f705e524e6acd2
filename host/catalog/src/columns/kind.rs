//! What a cell of a column may be.

use std::fmt;

/// What a cell may be. Its text is that of the tables in `RULES.md`.
#[derive(Debug)]
pub(crate) enum Kind {
    /// The id of an item or a promotion, with its longest length at Stripe.
    Id { most: usize },
    /// Text of at most so many characters.
    Text { most: usize },
    /// Text without markup and links.
    PlainText { most: usize },
    /// One of these words.
    OneOf(&'static [&'static str]),
    /// `true` or `false`.
    Boolean,
    /// A whole number from 0 to this.
    Whole { to: u64 },
    /// A number with decimals in a range.
    Number { from: u32, to: u32 },
    /// A number and a currency.
    Money,
    /// A day, or a time with a zone.
    Date,
    /// Two dates with a slash between.
    Dates,
    /// Two times, both with a zone.
    Times,
    /// The web address of a page.
    Link,
    /// The web address of an image.
    ImageLink,
    /// Web addresses of images, with commas between.
    ImageLinks { most: usize },
    /// Digits of a product number.
    Gtin,
    /// Code of a country.
    Country,
    /// A number and `cm` or `in`.
    Length,
    /// A number and `lb`, `oz`, `g` or `kg`.
    Weight,
    /// Number or path in Google's taxonomy.
    GoogleCategory,
    /// A path of the merchant's own.
    Category,
    /// A product tax code of Stripe.
    StripeTaxCode,
    /// A tax code of another provider.
    OtherTaxCode { most: usize },
    /// Fees, each for a region.
    Fees,
    /// Shipping options by area.
    Shipping,
    /// From which subtotals shipping is free.
    Thresholds,
    /// Other products that go with it.
    Related { most: usize },
    /// Warnings that are shown.
    Warnings { most: usize },
    /// Ids, with commas between.
    Ids,
    /// A code that buyers enter.
    PromotionCode { most: usize },
}

impl fmt::Display for Kind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Id { most } => write!(f, "text of at most {most} letters, digits and `-`, `_`, `.`"),
            Self::Text { most: usize::MAX } => f.write_str("text"),
            Self::Text { most } => write!(f, "text of at most {most} characters"),
            Self::PlainText { most } => write!(f, "text of at most {most} characters, without markup and links"),
            Self::OneOf(words) => write!(f, "`{}`", words.join("`, `")),
            Self::Boolean => f.write_str("`true`, `false`"),
            Self::Whole { to: u64::MAX } => f.write_str("whole number from 0"),
            Self::Whole { to } => write!(f, "whole number from 0 to {to}"),
            Self::Number { from, to } => write!(f, "number from {from} to {to}"),
            Self::Money => f.write_str("number with the currency's decimals, and its code: `15.00 USD`"),
            Self::Date => f.write_str("date (ISO 8601); a time of day needs a zone"),
            Self::Dates => f.write_str("`start/end` of dates (ISO 8601); times of day need a zone"),
            Self::Times => f.write_str("`start/end` of times with a zone (ISO 8601)"),
            Self::Link => f.write_str("web address with `https` or `http`"),
            Self::ImageLink => f.write_str("web address of a JPEG or PNG"),
            Self::ImageLinks { most } => {
                write!(
                    f,
                    "at most {most} web addresses with commas between; a comma in one is `%2C`"
                )
            }
            Self::Gtin => f.write_str("at most 50 digits"),
            Self::Country => f.write_str("country code (ISO 3166-1 alpha-2)"),
            Self::Length => f.write_str("number, and `cm` or `in`"),
            Self::Weight => f.write_str("number, and `lb`, `oz`, `g` or `kg`"),
            Self::GoogleCategory => f.write_str("number or whole path in Google's product taxonomy, not both"),
            Self::Category => f.write_str("path with `>` between its levels"),
            Self::StripeTaxCode => f.write_str("`txcd_` and eight digits"),
            Self::OtherTaxCode { most } => write!(f, "`anrok:code`, at most {most} characters"),
            Self::Fees => f.write_str("`country:region:label:amount[:basis]` with commas between"),
            Self::Shipping => f.write_str("`country:area:service:speed:price` with commas between"),
            Self::Thresholds => f.write_str("`country:region:service:amount` with commas between"),
            Self::Related { most } => write!(f, "at most {most} of `type:id` with commas between"),
            Self::Warnings { most } => {
                write!(
                    f,
                    "`type:message` with commas between, messages of at most {most} characters"
                )
            }
            Self::Ids => f.write_str("ids with commas between"),
            Self::PromotionCode { most } => write!(f, "at most {most} letters, digits, `-` and `_`"),
        }
    }
}
