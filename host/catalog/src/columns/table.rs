//! The table. A new column gets the next code, wherever it stands at Stripe.

use super::{Column, Feeds, Kind};

const PRODUCT: Feeds = Feeds::PRODUCT;
const INVENTORY: Feeds = Feeds::INVENTORY;
const PRICING: Feeds = Feeds::PRICING;
const PROMOTION: Feeds = Feeds::PROMOTION;
const ITEMS: Feeds = PRODUCT.and(INVENTORY).and(PRICING);
const NONE: Feeds = Feeds::NONE;

/// The column with this code.
pub(super) const fn of(code: u8) -> &'static Column {
    #[allow(clippy::indexing_slicing, reason = "called with the constants of `code` only")]
    &COLUMNS[code as usize - 1]
}

/// Of each column: its code, name and feeds; the feeds that need it in each row at Stripe, and those that need it to sell; whether a
/// wrong cell keeps its item from being sold; what a cell may be, and when it is needed.
macro_rules! columns {
    ($($constant:ident = $code:literal, $name:literal, $feeds:expr, $required:expr, $essential:expr, $sells:literal, $kind:expr,
       $requirement:literal;)+) => {
        /// All columns, by code.
        pub const COLUMNS: &[Column] = &[$(Column {
            name: $name,
            code: $code,
            feeds: $feeds,
            required: $required,
            essential: $essential,
            sells: $sells,
            kind: $kind,
            requirement: $requirement,
        },)+];

        /// The codes of the columns in stored rows.
        #[allow(dead_code, reason = "some columns are checked as the table says only")]
        pub(crate) mod code {
            $(pub(crate) const $constant: u8 = $code;)+
        }
    };
}

columns! {
    ID = 1, "id", ITEMS, ITEMS, ITEMS, true, Kind::Id { most: 100 }, "always";
    TITLE = 2, "title", PRODUCT.and(PROMOTION), PRODUCT.and(PROMOTION), PRODUCT, true, Kind::Text { most: 150 }, "always";
    DESCRIPTION = 3, "description", PRODUCT, PRODUCT, NONE, false, Kind::PlainText { most: 5000 }, "always";
    LINK = 4, "link", PRODUCT.and(PROMOTION), PRODUCT, NONE, false, Kind::Link, "always, but for promotions";
    BRAND = 5, "brand", PRODUCT, NONE, NONE, false, Kind::Text { most: 70 }, "but for films, books and music";
    GTIN = 6, "gtin", PRODUCT, NONE, NONE, false, Kind::Gtin, "";
    MPN = 7, "mpn", PRODUCT, NONE, NONE, false, Kind::Text { most: 70 }, "without `gtin`";
    IMAGE_LINK = 8, "image_link", PRODUCT, PRODUCT, NONE, false, Kind::ImageLink, "always";
    ADDITIONAL_IMAGE_LINK = 9, "additional_image_link", PRODUCT, NONE, NONE, false, Kind::ImageLinks { most: 10 }, "";
    VIDEO_LINK = 10, "video_link", PRODUCT, NONE, NONE, false, Kind::Link, "";
    MODEL_3D_LINK = 11, "model_3d_link", PRODUCT, NONE, NONE, false, Kind::Link, "";
    CONDITION = 12, "condition", PRODUCT, NONE, NONE, false, Kind::OneOf(&["new", "refurbished", "used"]), "if not new";
    GOOGLE_PRODUCT_CATEGORY = 13, "google_product_category", PRODUCT, NONE, NONE, false, Kind::GoogleCategory, "";
    PRODUCT_CATEGORY = 14, "product_category", PRODUCT, NONE, NONE, false, Kind::Category, "without `google_product_category`";
    AGE_GROUP = 15, "age_group", PRODUCT, NONE, NONE, false, Kind::OneOf(&["newborn", "infant", "toddler", "kids", "adult"]), "";
    MATERIAL = 16, "material", PRODUCT, NONE, NONE, false, Kind::Text { most: 100 }, "if it tells variants apart";
    LENGTH = 17, "length", PRODUCT, NONE, NONE, false, Kind::Length, "";
    WIDTH = 18, "width", PRODUCT, NONE, NONE, false, Kind::Length, "";
    HEIGHT = 19, "height", PRODUCT, NONE, NONE, false, Kind::Length, "";
    WEIGHT = 20, "weight", PRODUCT, NONE, NONE, true, Kind::Weight, "";
    ITEM_GROUP_ID = 21, "item_group_id", PRODUCT, NONE, NONE, false, Kind::Text { most: 70 }, "for variants";
    ITEM_GROUP_TITLE = 22, "item_group_title", PRODUCT, NONE, NONE, false, Kind::Text { most: 150 }, "";
    COLOR = 23, "color", PRODUCT, NONE, NONE, false, Kind::Text { most: 100 }, "";
    SIZE = 24, "size", PRODUCT, NONE, NONE, false, Kind::Text { most: 20 }, "";
    SIZE_SYSTEM = 25, "size_system", PRODUCT, NONE, NONE, false, Kind::Country, "";
    GENDER = 26, "gender", PRODUCT, NONE, NONE, false, Kind::OneOf(&["male", "female", "unisex"]), "";
    OPTION_NAME_1 = 27, "custom_variant_option_name_1", PRODUCT, NONE, NONE, false, Kind::Text { most: usize::MAX }, "with its value";
    OPTION_VALUE_1 = 28, "custom_variant_option_value_1", PRODUCT, NONE, NONE, false, Kind::Text { most: usize::MAX }, "with its name";
    OPTION_NAME_2 = 29, "custom_variant_option_name_2", PRODUCT, NONE, NONE, false, Kind::Text { most: usize::MAX }, "with its value";
    OPTION_VALUE_2 = 30, "custom_variant_option_value_2", PRODUCT, NONE, NONE, false, Kind::Text { most: usize::MAX }, "with its name";
    OPTION_NAME_3 = 31, "custom_variant_option_name_3", PRODUCT, NONE, NONE, false, Kind::Text { most: usize::MAX }, "with its value";
    OPTION_VALUE_3 = 32, "custom_variant_option_value_3", PRODUCT, NONE, NONE, false, Kind::Text { most: usize::MAX }, "with its name";
    AVAILABILITY = 33, "availability", PRODUCT.and(INVENTORY), PRODUCT.and(INVENTORY), PRODUCT, true, Kind::OneOf(&["in_stock", "out_of_stock", "preorder", "backorder"]), "always";
    AVAILABILITY_DATE = 34, "availability_date", PRODUCT.and(INVENTORY), NONE, NONE, false, Kind::Date, "for `preorder`";
    EXPIRATION_DATE = 35, "expiration_date", PRODUCT, NONE, NONE, false, Kind::Date, "";
    INVENTORY_NOT_TRACKED = 36, "inventory_not_tracked", PRODUCT, NONE, NONE, true, Kind::Boolean, "";
    INVENTORY_QUANTITY = 37, "inventory_quantity", PRODUCT.and(INVENTORY), INVENTORY, NONE, true, Kind::Whole { to: u64::MAX }, "if `inventory_not_tracked` is false; empty if it is true";
    PRICE = 38, "price", PRODUCT.and(PRICING), PRODUCT.and(PRICING), PRODUCT.and(PRICING), true, Kind::Money, "always";
    SALE_PRICE = 39, "sale_price", PRODUCT.and(PRICING), NONE, NONE, true, Kind::Money, "";
    SALE_DATES = 40, "sale_price_effective_date", PRODUCT.and(PRICING), NONE, NONE, true, Kind::Dates, "with `sale_price`";
    STRIPE_TAX_CODE = 41, "stripe_product_tax_code", PRODUCT, NONE, NONE, false, Kind::StripeTaxCode, "with Stripe Tax";
    OTHER_TAX_CODE = 42, "third_party_tax_code", PRODUCT, NONE, NONE, false, Kind::OtherTaxCode { most: 120 }, "with Anrok";
    TAX_BEHAVIOR = 43, "tax_behavior", PRODUCT, NONE, NONE, true, Kind::OneOf(&["inclusive", "exclusive"]), "";
    APPLICABLE_FEES = 44, "applicable_fees", PRODUCT, NONE, NONE, false, Kind::Fees, "where fees apply";
    SHIPPING = 45, "shipping", PRODUCT, NONE, NONE, false, Kind::Shipping, "if the item is shipped";
    SHIPPING_COST_BASIS = 46, "shipping_cost_basis", PRODUCT, NONE, NONE, false, Kind::OneOf(&["per_order", "per_item"]), "";
    FREE_SHIPPING_THRESHOLD = 47, "free_shipping_threshold", PRODUCT, NONE, NONE, false, Kind::Thresholds, "";
    POPULARITY_SCORE = 48, "popularity_score", PRODUCT, NONE, NONE, false, Kind::Number { from: 0, to: 5 }, "";
    RETURN_RATE = 49, "return_rate", PRODUCT, NONE, NONE, false, Kind::Number { from: 0, to: 100 }, "";
    REVIEW_COUNT = 50, "product_review_count", PRODUCT, NONE, NONE, false, Kind::Whole { to: u64::MAX }, "";
    REVIEW_RATING = 51, "product_review_rating", PRODUCT, NONE, NONE, false, Kind::Number { from: 1, to: 5 }, "if `product_review_count` is above 0; else empty";
    RELATED_PRODUCTS = 52, "related_products", PRODUCT, NONE, NONE, false, Kind::Related { most: 10 }, "";
    PRODUCT_WARNING = 53, "product_warning", PRODUCT, NONE, NONE, false, Kind::Warnings { most: 1000 }, "where the law wants one";
    AGE_RESTRICTION = 54, "age_restriction", PRODUCT, NONE, NONE, false, Kind::Whole { to: u64::MAX }, "";
    CUSTOM_LABEL_0 = 55, "custom_label_0", PRODUCT, NONE, NONE, false, Kind::Text { most: 100 }, "";
    CUSTOM_LABEL_1 = 56, "custom_label_1", PRODUCT, NONE, NONE, false, Kind::Text { most: 100 }, "";
    CUSTOM_LABEL_2 = 57, "custom_label_2", PRODUCT, NONE, NONE, false, Kind::Text { most: 100 }, "";
    CUSTOM_LABEL_3 = 58, "custom_label_3", PRODUCT, NONE, NONE, false, Kind::Text { most: 100 }, "";
    CUSTOM_LABEL_4 = 59, "custom_label_4", PRODUCT, NONE, NONE, false, Kind::Text { most: 100 }, "";
    DELETE = 60, "delete", PRODUCT.and(PROMOTION), NONE, NONE, true, Kind::Boolean, "";
    DISABLE_CHECKOUT = 61, "disable_checkout", PRODUCT, NONE, NONE, false, Kind::Boolean, "";
    SHIPPING_TYPE = 62, "shipping_type", NONE, NONE, NONE, false, Kind::OneOf(&["physical", "digital"]), "read by the host: a `digital` item is not shipped";
    PROMOTION_ID = 63, "promotion_id", PROMOTION, PROMOTION, PROMOTION, true, Kind::Id { most: 100 }, "always";
    ACTIVE_PERIOD = 64, "active_period", PROMOTION, PROMOTION, NONE, false, Kind::Times, "always";
    BENEFIT_TYPE = 65, "benefit_type", PROMOTION, PROMOTION, NONE, false, Kind::OneOf(&["percent_off", "amount_off", "free_shipping"]), "always";
    PERCENT_OFF = 66, "percent_off", PROMOTION, NONE, NONE, false, Kind::Whole { to: 100 }, "if `benefit_type` is `percent_off`";
    AMOUNT_OFF = 67, "amount_off", PROMOTION, NONE, NONE, false, Kind::Money, "if `benefit_type` is `amount_off`";
    MINIMUM_ORDER_AMOUNT = 68, "minimum_order_amount", PROMOTION, NONE, NONE, false, Kind::Money, "";
    TARGET_SELECTION = 69, "target_selection", PROMOTION, PROMOTION, NONE, false, Kind::OneOf(&["all_products", "specific_products"]), "always";
    TARGET_IDS = 70, "target_ids", PROMOTION, NONE, NONE, false, Kind::Ids, "one of the four, if `target_selection` is `specific_products`";
    TARGET_GROUPS = 71, "target_item_group_ids", PROMOTION, NONE, NONE, false, Kind::Ids, "as `target_ids`";
    EXCLUDED_IDS = 72, "excluded_ids", PROMOTION, NONE, NONE, false, Kind::Ids, "as `target_ids`";
    EXCLUDED_GROUPS = 73, "excluded_item_group_ids", PROMOTION, NONE, NONE, false, Kind::Ids, "as `target_ids`";
    APPLICATION_TYPE = 74, "application_type", PROMOTION, PROMOTION, NONE, false, Kind::OneOf(&["automatic", "promotion_code"]), "always";
    PROMOTION_CODE = 75, "promotion_code", PROMOTION, NONE, NONE, false, Kind::PromotionCode { most: 20 }, "if `application_type` is `promotion_code`, and for `free_shipping`";
}
