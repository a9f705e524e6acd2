//! The rules of a feed, each with a stable id: that of error files, of `--json`, and of `RULES.md`.

use std::fmt;

use serde::{Serialize, Serializer};

/// What follows from a broken rule.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Scope {
    /// The item is sold and uploaded; it could be described better.
    Advice,
    /// The item is sold, and is not uploaded: Stripe would refuse it. It is not sold either where the import is strict.
    Feed,
    /// The item is not sold: its row, or the whole file, is refused.
    Checkout,
}

impl Scope {
    /// The name in JSON and in tables.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Advice => "advice",
            Self::Feed => "feed",
            Self::Checkout => "checkout",
        }
    }
}

impl fmt::Display for Scope {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.as_str())
    }
}

/// The scope of a rule: its own, or for a rule of single cells that of the column.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum RuleScope {
    Fixed(Scope),
    /// `Checkout` in a column without which an item cannot be sold, else `Feed`.
    OfColumn,
}

macro_rules! rules {
    ($($variant:ident = $id:literal, $scope:expr, $meaning:literal;)+) => {
        /// A rule of a feed.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub enum Rule {
            $(#[doc = $meaning] $variant,)+
        }

        impl Rule {
            /// Every rule, in the order of `RULES.md`.
            pub const ALL: &'static [Self] = &[$(Self::$variant,)+];

            /// The id, which stays the same in every release.
            #[must_use]
            pub const fn id(self) -> &'static str {
                match self { $(Self::$variant => $id,)+ }
            }

            /// What it wants, in words.
            #[must_use]
            pub const fn meaning(self) -> &'static str {
                match self { $(Self::$variant => $meaning,)+ }
            }

            pub(crate) const fn scope(self) -> RuleScope {
                match self { $(Self::$variant => $scope,)+ }
            }
        }
    };
}

const CHECKOUT: RuleScope = RuleScope::Fixed(Scope::Checkout);
const FEED: RuleScope = RuleScope::Fixed(Scope::Feed);
const ADVICE: RuleScope = RuleScope::Fixed(Scope::Advice);
const COLUMN: RuleScope = RuleScope::OfColumn;

rules! {
    FileUnreadable = "file_unreadable", CHECKOUT, "The file can be read to its end.";
    FileEmpty = "file_empty", CHECKOUT, "The file has a header.";
    FileForm = "file_form", CHECKOUT, "The file is text: not a spreadsheet, an archive, XML or UTF-32.";
    FileSeparator = "file_separator", CHECKOUT, "Commas or tabs separate the columns.";
    FileTruncated = "file_truncated", CHECKOUT, "Every quote is closed.";
    HeaderTwice = "header_twice", CHECKOUT, "A column occurs once.";
    HeaderMissing = "header_missing", COLUMN, "The header has the columns that each row needs.";
    HeaderSpelling = "header_spelling", ADVICE, "A column that is almost named as one of the feed is named as that one.";
    HeaderUnnamed = "header_unnamed", ADVICE, "Each column has a name.";
    HeaderOther = "header_other", ADVICE, "An inventory or price feed has the columns of that feed only.";
    RowLong = "row_long", CHECKOUT, "A row is not longer than the limit.";
    RowWidth = "row_width", CHECKOUT, "A row has as many cells as the header has columns.";
    RowEncoding = "row_encoding", CHECKOUT, "A row is in the encoding of the file.";
    RowZero = "row_zero", CHECKOUT, "A row has no zero bytes.";
    RowUnended = "row_unended", FEED, "The last row has a line end, as those before it.";
    RowTwice = "row_twice", CHECKOUT, "An id occurs in one row.";
    UnknownItem = "unknown_item", CHECKOUT, "An inventory or price feed names items of the catalog.";
    NothingToChange = "nothing_to_change", CHECKOUT, "A row of an inventory or price feed has a value.";

    Required = "required", COLUMN, "A cell that each row needs has a value.";
    IdForm = "id_form", CHECKOUT, "An id can be ordered: at most 256 characters, visible, none that controls or turns text.";
    IdCharacters = "id_characters", ADVICE, "An id has letters, digits, `-`, `_` and `.` only.";
    TooLong = "too_long", FEED, "A text is not longer than its limit.";
    ControlCharacters = "control_characters", FEED, "A text has no control characters but tabs and line breaks.";
    NotListed = "not_listed", COLUMN, "A cell has one of the words that its column allows.";
    TaxUnspecified = "tax_unspecified", FEED, "`tax_behavior` is `inclusive`, `exclusive` or empty.";
    NotBoolean = "not_boolean", COLUMN, "A cell is `true` or `false`.";
    NotWhole = "not_whole", COLUMN, "A cell is a whole number in its range.";
    NotNumber = "not_number", COLUMN, "A cell is a number in its range.";
    MoneyForm = "money_form", COLUMN, "A price is a number and a currency.";
    MoneyDecimals = "money_decimals", COLUMN, "A price has at most the decimals of its currency (ISO 4217).";
    MoneyLimit = "money_limit", COLUMN, "A price is at most 2^53 - 1 minor units.";
    CurrencyUnknown = "currency_unknown", FEED, "ISO 4217 assigns the currency.";
    DateForm = "date_form", COLUMN, "A date is written as in ISO 8601, and exists.";
    DateZone = "date_zone", FEED, "A time of day has a zone.";
    DatesOrder = "dates_order", COLUMN, "A period ends after it starts.";
    LinkForm = "link_form", FEED, "A link begins with `https://` or `http://`, has a host, and is encoded (RFC 1738).";
    LinkPlain = "link_plain", ADVICE, "A link is `https`.";
    ImageForm = "image_form", ADVICE, "An image is a JPEG or PNG.";
    PlainText = "plain_text", FEED, "A description has no markup and no links.";
    Capitals = "capitals", ADVICE, "A title is not all in capitals.";
    GtinForm = "gtin_form", FEED, "A GTIN has at most 50 digits, without dashes and spaces.";
    MeasureForm = "measure_form", COLUMN, "A measure is a number and a unit.";
    CountryCode = "country_code", FEED, "A country is an assigned code in capitals (ISO 3166-1 alpha-2).";
    CategoryForm = "category_form", FEED, "A category is a number or a path, without empty levels.";
    TaxCodeForm = "tax_code_form", FEED, "A tax code has the form of its provider.";
    CodeCharacters = "code_characters", FEED, "A promotion code has letters, digits, `-` and `_` only.";

    TooManyEntries = "too_many_entries", FEED, "A list is not longer than its limit.";
    EntryEmpty = "entry_empty", FEED, "A list has no empty entries.";
    EntryParts = "entry_parts", FEED, "An entry of a list has all its parts, with colons between.";
    EntryArea = "entry_area", FEED, "The area of an entry is a region, `ALL`, or for the US a postal code, range or beginning.";
    EntrySpeed = "entry_speed", FEED, "A speed is a number of days or a range of them.";
    EntryName = "entry_name", FEED, "A service or fee in an entry has a name.";
    FeeBasis = "fee_basis", FEED, "The basis of a fee is `per_item` or `per_order`.";
    ThresholdService = "threshold_service", FEED, "A service with a threshold is one of `shipping`.";
    RelatedType = "related_type", FEED, "A related product is `upsell`, `cross_sell`, `substitute` or `accessory`.";
    RelatedSelf = "related_self", FEED, "An item is not related to itself.";
    RelatedTwice = "related_twice", FEED, "An item is related to another once.";
    WarningType = "warning_type", FEED, "A warning is a `legal_disclaimer`, `safety_warning` or `prop_65`.";

    SaleNotBelowPrice = "sale_not_below_price", CHECKOUT, "A sale price is below the price.";
    SaleCurrency = "sale_currency", CHECKOUT, "A sale price is in the currency of the price.";
    SaleWithoutDates = "sale_without_dates", FEED, "A sale price has its dates.";
    DatesWithoutSale = "dates_without_sale", ADVICE, "Dates of a sale have a sale price.";
    PreorderWithoutDate = "preorder_without_date", FEED, "A `preorder` has its `availability_date`.";
    TrackedWithoutQuantity = "tracked_without_quantity", FEED, "Tracked stock has its `inventory_quantity`.";
    QuantityOfUntracked = "quantity_of_untracked", FEED, "Stock that is not tracked has no `inventory_quantity`.";
    BrandMissing = "brand_missing", FEED, "Items but films, books and music have a `brand`.";
    IdentifierMissing = "identifier_missing", FEED, "An item has a `gtin` or an `mpn`.";
    CategoryMissing = "category_missing", FEED, "An item has a `google_product_category` or a `product_category`.";
    ShippingMissing = "shipping_missing", FEED, "An item that is shipped has `shipping`.";
    GroupMissing = "group_missing", FEED, "A variant has its `item_group_id`.";
    GroupAttributes = "group_attributes", FEED, "All variants of a group have the same attributes.";
    OptionPair = "option_pair", FEED, "A custom option has its name and its value.";
    OptionTwice = "option_twice", FEED, "The custom options of an item have different names.";
    LengthUnits = "length_units", FEED, "Length, width and height are in one unit.";
    RatingMissing = "rating_missing", FEED, "Reviews have a rating.";
    RatingWithoutReviews = "rating_without_reviews", FEED, "A rating has reviews.";

    PercentMissing = "percent_missing", FEED, "A promotion of `percent_off` has its number.";
    AmountMissing = "amount_missing", FEED, "A promotion of `amount_off` has its amount.";
    BenefitOther = "benefit_other", FEED, "A promotion has the value of its `benefit_type` only.";
    CodeMissing = "code_missing", FEED, "A promotion by code, or with free shipping, has its `promotion_code`.";
    TargetMissing = "target_missing", FEED, "A promotion of `specific_products` names some.";
    TargetUnknown = "target_unknown", ADVICE, "A promotion names items of the catalog.";
    TargetOfAll = "target_of_all", FEED, "A promotion of `all_products` names none.";
}

impl Rule {
    /// The rule with this id; `None` if this release has none.
    #[must_use]
    pub fn from_id(id: &str) -> Option<Self> {
        Self::ALL.iter().copied().find(|rule| rule.id() == id)
    }
}

impl fmt::Display for Rule {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.id())
    }
}

impl Serialize for Rule {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(self.id())
    }
}
