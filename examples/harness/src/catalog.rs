//! The catalog of a test: a product feed in CSV.

use std::collections::BTreeMap;

/// Columns that every item has.
const COLUMNS: [&str; 4] = ["id", "title", "price", "availability"];

/// Column that says whether the price includes tax; without it no price does.
const TAX_BEHAVIOR: &str = "tax_behavior";

/// Column that says whether the item is a download; without it no item is.
const SHIPPING_TYPE: &str = "shipping_type";

/// Columns that are added to a catalog for an item that needs them. A column of another name may be a typing error.
const ADDED: [&str; 2] = [TAX_BEHAVIOR, SHIPPING_TYPE];

/// An item of the catalog that is being built.
///
/// ```no_run
/// # use tillhouse_harness::prelude::*;
/// # async fn test(env: Env) {
/// env.item(item("tee", "25.00 USD")).item(item("mug", "15.00 USD").stock(2));
/// # }
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
#[must_use = "an item is handed to `env.item`"]
pub struct Item(BTreeMap<String, String>);

/// An item in stock, with a price as in the product feed: `25.00 USD`.
///
/// ```no_run
/// # use tillhouse_harness::prelude::*;
/// # fn test(env: Env) {
/// env.item(item("tee", "25.00 USD").stock(3).column("weight", "180 g"));
/// # }
/// ```
pub fn item(id: &str, price: &str) -> Item {
    Item(BTreeMap::new())
        .column("id", id)
        .column("title", id)
        .column("price", price)
        .column("availability", "in_stock")
}

impl Item {
    /// Sets the number of units in stock.
    ///
    /// ```no_run
    /// # use tillhouse_harness::prelude::*;
    /// # async fn test(env: Env) {
    /// env.item(item("print", "40.00 USD").stock(1));
    /// assert_eq!(env.inventory().check(cart().line("print", 1)).await.unwrap()[0].available, Some(1));
    /// # }
    /// ```
    pub fn stock(self, units: u64) -> Self {
        self.column("inventory_quantity", units.to_string())
    }

    /// States that the price includes tax.
    ///
    /// ```no_run
    /// # use tillhouse_harness::prelude::*;
    /// # async fn test(env: Env) {
    /// env.catalog("").currency("EUR").item(item("tee", "9.99 EUR").tax_included());
    /// let quote = env.quote(cart().line("tee", 3).to(address::of("DE"))).await.unwrap();
    /// assert_eq!(quote.line("line_1"), gross(29_97).tax(4_79));
    /// # }
    /// ```
    pub fn tax_included(self) -> Self {
        self.column(TAX_BEHAVIOR, "inclusive")
    }

    /// Makes the item a download, which is not shipped.
    ///
    /// ```no_run
    /// # use tillhouse_harness::prelude::*;
    /// # async fn test(env: Env) {
    /// env.item(item("song", "1.00 USD").download());
    /// let quote = env.quote(cart().line("song", 1).billed_to(address::of("DE"))).await.unwrap();
    /// assert_eq!(quote.line("line_1"), net(1_00).tax(19));
    /// # }
    /// ```
    pub fn download(self) -> Self {
        self.column(SHIPPING_TYPE, "digital")
    }

    /// Sets a column of the product feed.
    ///
    /// ```no_run
    /// # use tillhouse_harness::prelude::*;
    /// # async fn test(env: Env) {
    /// env.item(item("bread", "4.00 USD").column("tax_category", "food"));
    /// # }
    /// ```
    pub fn column(mut self, name: &str, value: impl Into<String>) -> Self {
        self.0.insert(name.to_owned(), value.into());
        self
    }
}

/// A catalog in CSV, and the items that a test adds to it.
#[derive(Clone, Debug, Default)]
pub(crate) struct Catalog {
    csv: String,
    items: Vec<Item>,
}

impl Catalog {
    pub(crate) const fn of(csv: String) -> Self {
        Self { csv, items: Vec::new() }
    }

    pub(crate) fn add(&mut self, item: Item) {
        self.items.push(item);
    }

    /// The catalog and the added items as one product feed.
    pub(crate) fn csv(&self) -> String {
        if self.items.is_empty() {
            return self.csv.clone();
        }
        let mut header: Vec<String> = match self.csv.lines().next() {
            Some(header) => header.split(',').map(|name| name.trim().to_owned()).collect(),
            None => self.columns(),
        };
        let mut csv = if self.csv.is_empty() {
            row(&header)
        } else {
            self.csv.trim_end().to_owned() + "\n"
        };
        for name in ADDED {
            let is_needed = self.items.iter().any(|item| item.0.contains_key(name));
            if is_needed && !header.iter().any(|known| known == name) {
                csv = with_column(&csv, name);
                header.push(name.to_owned());
            }
        }
        for Item(values) in &self.items {
            if let Some(strange) = values.keys().find(|name| !header.contains(name)) {
                panic!(
                    "the catalog of this test has no column `{strange}`; its columns are {}",
                    header.join(", ")
                );
            }
            let value = |name: &String| values.get(name).cloned().unwrap_or_default();
            csv.push_str(&row(&header.iter().map(value).collect::<Vec<_>>()));
        }
        csv
    }

    fn columns(&self) -> Vec<String> {
        let mut columns: Vec<String> = COLUMNS.map(str::to_owned).into();
        for name in self.items.iter().flat_map(|item| item.0.keys()) {
            if !columns.contains(name) {
                columns.push(name.clone());
            }
        }
        columns
    }
}

/// The catalog with one more column, which is empty in every row.
fn with_column(csv: &str, name: &str) -> String {
    let (mut longer, mut in_quotes, mut is_header) = (String::with_capacity(csv.len() * 2), false, true);
    for letter in csv.chars() {
        in_quotes ^= letter == '"';
        if letter == '\n' && !in_quotes {
            // A row that ends with a carriage return ends before it.
            let carriage_return = longer.ends_with('\r').then(|| longer.pop()).flatten();
            longer.push(',');
            longer.push_str(if is_header { name } else { "" });
            longer.extend(carriage_return);
            is_header = false;
        }
        longer.push(letter);
    }
    longer
}

fn row(values: &[String]) -> String {
    let quoted = values.iter().map(|value| format!("\"{}\"", value.replace('"', "\"\"")));
    quoted.collect::<Vec<_>>().join(",") + "\n"
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn items_are_added_to_the_columns_of_the_catalog() {
        let mut catalog = Catalog::of("id,title,price,availability\nmug,Mug,1.00 USD,in_stock\n".into());
        catalog.add(item("t\"ee", "25.00 USD"));
        assert!(
            catalog
                .csv()
                .ends_with("mug,Mug,1.00 USD,in_stock\n\"t\"\"ee\",\"t\"\"ee\",\"25.00 USD\",\"in_stock\"\n")
        );
    }

    #[test]
    fn a_download_and_a_price_that_includes_tax_add_their_columns_to_the_catalog() {
        let text = "id,title,price,availability\r\nmug,\"Mug,\nblue\",1.00 USD,in_stock\r\n";
        let mut catalog = Catalog::of(text.into());
        catalog.add(item("song", "1.00 USD").tax_included().download());
        assert_eq!(
            catalog.csv(),
            "id,title,price,availability,tax_behavior,shipping_type\r\nmug,\"Mug,\nblue\",1.00 USD,in_stock,,\n\
             \"song\",\"song\",\"1.00 USD\",\"in_stock\",\"inclusive\",\"digital\"\n"
        );
    }

    #[test]
    #[should_panic(expected = "the catalog of this test has no column `colour`; its columns are id, title")]
    fn an_item_with_a_column_that_the_catalog_lacks_is_an_error() {
        let mut catalog = Catalog::of("id,title,price,availability\n".into());
        catalog.add(item("tee", "25.00 USD").column("colour", "red"));
        let _ = catalog.csv();
    }

    #[test]
    fn a_catalog_of_items_alone_has_their_columns() {
        let mut catalog = Catalog::default();
        catalog.add(item("tee", "25.00 USD").stock(3));
        let read = tillhouse_plugin_protocol::lookups::ReadCatalog { csv: catalog.csv() };
        let catalog = crate::program::Program::of_this_process().ask_now(&read).unwrap();
        assert_eq!(catalog.items[0].inventory, Some(3));
    }
}
