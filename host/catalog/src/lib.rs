//! The merchant's catalog: the rows of a CSV file with the columns of Stripe's product feed
//! (<https://docs.stripe.com/agentic-commerce/product-feed>).
//!
//! The host reads the columns that decisions and descriptions need, and keeps every other column by name for plugins.

mod columns;
mod error;
mod fields;
mod item;

use std::collections::HashMap;
use std::collections::hash_map::Entry;
use std::io::Read;

use columns::{Columns, FeedRow};
pub use error::CatalogError;
pub use item::{Item, Sale};

use tillhouse_checkout::decision::ItemDescription;
use tillhouse_checkout::ids::ItemId;

/// Items by id. Built once and shared; a new import creates a new catalog.
#[derive(Debug, Default)]
pub struct Catalog {
    columns: Columns,
    items: HashMap<ItemId, Item>,
}

impl Catalog {
    /// Reads a feed: CSV (RFC 4180) in UTF-8 with a header row of the feed's column names. `id`, `title`, `price` and
    /// `availability` are required. A row whose `delete` column is `true` is skipped, and so is a row of blank cells, as
    /// spreadsheets leave them.
    ///
    /// # Errors
    /// All errors in the feed, each with its line in the file.
    pub fn from_csv(reader: impl Read) -> Result<Self, Vec<CatalogError>> {
        let mut csv = csv::ReaderBuilder::new()
            .trim(csv::Trim::All)
            .flexible(true)
            .from_reader(reader);
        let (columns, width) = match csv.headers() {
            Ok(header) => (Columns::read(header)?, header.len()),
            Err(error) => return Err(vec![CatalogError::from_csv(&error)]),
        };
        let mut items = HashMap::new();
        let mut errors = Vec::new();
        for record in csv.into_records() {
            match record {
                Ok(record) if record.iter().all(str::is_empty) => {}
                Ok(record) if record.len() != width => errors.push(CatalogError::wrong_width(&record, width)),
                Ok(record) => read_row(FeedRow::new(&columns, &record), &mut items, &mut errors),
                Err(error) => errors.push(CatalogError::from_csv(&error)),
            }
        }
        if errors.is_empty() {
            Ok(Self { columns, items })
        } else {
            Err(errors)
        }
    }

    /// Looks up an item by its id; `None` if the feed has no such row.
    #[must_use]
    pub fn get(&self, id: &ItemId) -> Option<&Item> {
        self.items.get(id)
    }

    /// Any column of an item, by its name in the feed; `None` if the item or the value is missing.
    #[must_use]
    pub fn column(&self, id: &ItemId, name: &str) -> Option<&str> {
        let index = self.columns.index(name)?;
        let value = self.items.get(id)?.values.get(index)?;
        (!value.is_empty()).then_some(value.as_ref())
    }

    /// Title, description, images and link of an item, as shown to buyers.
    #[must_use]
    pub fn describe(&self, id: &ItemId) -> Option<ItemDescription> {
        self.items.get(id).map(|item| item.description.clone())
    }

    /// Number of items, without deleted rows.
    #[must_use]
    pub fn len(&self) -> usize {
        self.items.len()
    }

    /// Whether the catalog has no items.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.items.is_empty()
    }

    /// All items, in arbitrary order.
    pub fn items(&self) -> impl Iterator<Item = &Item> {
        self.items.values()
    }
}

fn read_row(row: FeedRow<'_>, items: &mut HashMap<ItemId, Item>, errors: &mut Vec<CatalogError>) {
    if row
        .get("delete")
        .is_some_and(|value| value.eq_ignore_ascii_case("true"))
    {
        return;
    }
    match Item::read(&row) {
        Ok(item) => match items.entry(item.id.clone()) {
            Entry::Vacant(entry) => {
                entry.insert(item);
            }
            Entry::Occupied(_) => errors.push(row.error("id", "occurs twice in the file")),
        },
        Err(row_errors) => errors.extend(row_errors),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use tillhouse_checkout::time::Timestamp;

    const FEED: &str = "\
id,title,description,price,sale_price,sale_price_effective_date,availability,inventory_quantity,weight,shipping_type,image_link,product_category,colour
tee,T-Shirt,\"Soft, warm\",15.00 USD,12.50 USD,2026-01-01T00:00:00Z/2026-02-01T00:00:00Z,in_stock,7,0.5 kg,,https://shop.example/tee.jpg,Apparel,red
song,A Song,,500 JPY,,,in_stock,,,digital,,Music,
";

    #[test]
    fn a_row_becomes_an_item() {
        let catalog = Catalog::from_csv(FEED.as_bytes()).unwrap();
        let tee = catalog.get(&ItemId::new("tee")).unwrap();
        assert_eq!(tee.price.to_string(), "15.00 USD");
        assert_eq!(tee.inventory, Some(7));
        assert_eq!(tee.weight_grams, Some(500));
        assert_eq!(tee.category.as_deref(), Some("Apparel"));
        assert!(tee.physical);
        let song = catalog.get(&ItemId::new("song")).unwrap();
        assert_eq!(
            (song.price.amount.minor(), song.inventory, song.physical),
            (500, None, false)
        );
        assert_eq!(catalog.column(&ItemId::new("tee"), "colour"), Some("red"));
        assert_eq!(catalog.column(&ItemId::new("song"), "colour"), None);
        let shown = catalog.describe(&ItemId::new("tee")).unwrap();
        assert_eq!(shown.description.as_deref(), Some("Soft, warm"));
        assert_eq!(shown.images, ["https://shop.example/tee.jpg"]);
    }

    #[test]
    fn a_sale_price_holds_within_its_dates_only() {
        let catalog = Catalog::from_csv(FEED.as_bytes()).unwrap();
        let tee = catalog.get(&ItemId::new("tee")).unwrap();
        let minor = |now| tee.sale_price_at(Timestamp(now)).map(|price| price.amount.minor());
        let start = 1_767_225_600_000;
        assert_eq!(minor(start - 1), None);
        assert_eq!(minor(start), Some(1250));
        assert_eq!(minor(1_769_904_000_000), None);
    }

    #[test]
    fn a_price_includes_tax_only_if_its_tax_behavior_is_inclusive() {
        let feed = "id,title,price,availability,tax_behavior\n\
                    a,A,9.99 EUR,in_stock,inclusive\n\
                    b,B,9.99 EUR,in_stock,exclusive\n\
                    c,C,9.99 EUR,in_stock,unspecified\n\
                    d,D,9.99 EUR,in_stock,\n";
        let catalog = Catalog::from_csv(feed.as_bytes()).unwrap();
        let included = ["a", "b", "c", "d"].map(|id| catalog.get(&ItemId::new(id)).unwrap().tax_included);
        assert_eq!(included, [true, false, false, false]);
        let without = Catalog::from_csv(FEED.as_bytes()).unwrap();
        assert!(without.items().all(|item| !item.tax_included));
    }

    #[test]
    fn another_tax_behavior_is_refused_with_the_allowed_ones() {
        for other in ["Inclusive", "included", "true", "0.19"] {
            let feed = format!("id,title,price,availability,tax_behavior\na,A,9.99 EUR,in_stock,{other}\n");
            let errors = Catalog::from_csv(feed.as_bytes()).unwrap_err();
            let texts: Vec<String> = errors.iter().map(ToString::to_string).collect();
            assert_eq!(
                texts,
                [format!(
                    "line 2: column tax_behavior is {other:?}; it must be inclusive, exclusive or unspecified"
                )]
            );
        }
    }

    #[test]
    fn every_error_is_reported_with_its_line() {
        let feed = "id,title,price,availability,weight\n\
                    a,A,15.001 USD,in_stock,\n\
                    b,,1.00 USD,maybe,3 stones\n\
                    c,C,1.00 USD,in_stock,\n\
                    c,C,1.00 USD,in_stock,\n";
        let errors = Catalog::from_csv(feed.as_bytes()).unwrap_err();
        let seen: Vec<_> = errors.iter().map(|error| (error.line, error.column.as_str())).collect();
        assert_eq!(
            seen,
            [
                (2, "price"),
                (3, "title"),
                (3, "availability"),
                (3, "weight"),
                (5, "id")
            ]
        );
    }

    #[test]
    fn a_row_of_blank_cells_is_skipped() {
        for blank in [
            ",,,,",
            ",",
            ",,,,,,,,",
            " , ,\t,  ,",
            "\"\",\"\",\" \",,",
            "   ",
            "\u{a0},\u{a0},,,",
        ] {
            let feed =
                format!("id,title,price,availability,weight\n{blank}\na,A,1.00 USD,in_stock,\n{blank}\n{blank}\n");
            let catalog = Catalog::from_csv(feed.as_bytes()).unwrap_or_else(|errors| panic!("{blank:?}: {errors:?}"));
            assert_eq!(catalog.len(), 1, "{blank:?}");
        }
    }

    #[test]
    fn a_row_with_a_single_value_is_a_row() {
        for row in [",,,,1 kg", " ,A,,,", "0,,,,", ",,,,,,x", "a"] {
            let feed = format!("id,title,price,availability,weight\n,,,,\n{row}\n");
            let errors = Catalog::from_csv(feed.as_bytes()).unwrap_err();
            assert!(errors.iter().all(|error| error.line == 3), "{row:?}: {errors:?}");
        }
    }

    #[test]
    fn a_row_of_another_width_is_refused_with_both_numbers() {
        for (row, cells) in [("a,A,1.00 USD", "3"), ("a,A,1.00 USD,in_stock,,x", "6")] {
            let feed = format!("id,title,price,availability,weight\n{row}\n");
            let errors = Catalog::from_csv(feed.as_bytes()).unwrap_err();
            let text = errors[0].to_string();
            assert!(
                text.contains(&format!("has {cells} cells")) && text.contains("5 columns"),
                "{text}"
            );
        }
    }

    #[test]
    fn a_file_without_the_required_columns_is_refused() {
        let errors = Catalog::from_csv("sku,title\n1,x\n".as_bytes()).unwrap_err();
        let missing: Vec<_> = errors.iter().map(|error| error.column.as_str()).collect();
        assert_eq!(missing, ["id", "price", "availability"]);
    }
}
