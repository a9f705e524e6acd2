//! The amounts that a host computes from an answer, as text and as JSON.
//!
//! Price and discount are as the plugin states them, with tax where the price includes it; net, tax and total are what the host
//! derives from them.

use serde_json::{Map, Value, json};

use tillhouse_checkout::ids::LineId;
use tillhouse_checkout::money::{Currency, format_minor};
use tillhouse_checkout::quote::{Discount, Fee, Quote, QuoteLine, QuoteOption, Totals};
use tillhouse_console::output::Printer;

/// What the answer decides of a quote.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Part {
    /// Prices, discounts and fees; taxes are not known.
    Prices,
    /// Taxes on given amounts.
    Taxes,
    /// Everything that a quote is assembled from.
    Whole,
}

/// The amounts that follow from an answer.
#[derive(Debug)]
pub(super) struct Computed {
    quote: Quote,
    part: Part,
}

/// Amounts of a line, an option or a fee, in minor units.
struct Row<'a> {
    kind: &'static str,
    id: &'a str,
    /// Stated price, the discounts on it, and whether both include tax; a fee has only its amount.
    stated: Option<(i64, i64, bool)>,
    net: i64,
    tax: i64,
    /// Why it is exempt from tax.
    exempt: Option<&'a str>,
    /// Lines that an option applies to; `None` if it does not apply.
    applies: Option<&'a [LineId]>,
}

impl<'a> Row<'a> {
    fn line(line: &'a QuoteLine) -> Self {
        let prices = line.prices;
        let discount = prices.discount.minor() + prices.order_discount.minor();
        Self {
            kind: "line",
            id: line.id.as_str(),
            stated: Some((prices.base.minor(), discount, line.tax_included)),
            net: line.subtotal.minor() - line.order_discount.minor(),
            tax: line.tax.minor(),
            exempt: line.tax_exempt.as_deref(),
            applies: None,
        }
    }

    fn option(option: &'a QuoteOption, quote: &'a Quote) -> Self {
        let left = if option.tax_included {
            option.total
        } else {
            option.subtotal
        };
        let price = option.shown_price.minor();
        let choice = quote.selected.iter().find(|choice| choice.option == option.id);
        Self {
            kind: "option",
            id: option.id.as_str(),
            stated: Some((price, price - left.minor(), option.tax_included)),
            net: option.subtotal.minor(),
            tax: option.tax.minor(),
            exempt: option.tax_exempt.as_deref(),
            applies: choice.map(|choice| choice.lines.as_slice()),
        }
    }

    fn fee(fee: &'a Fee) -> Self {
        Self {
            kind: "fee",
            id: &fee.id,
            stated: None,
            net: fee.amount.minor(),
            tax: fee.tax.minor(),
            exempt: fee.tax_exempt.as_deref(),
            applies: None,
        }
    }
}

impl Computed {
    /// The amounts before taxes are known.
    pub(super) const fn of_prices(quote: Quote) -> Self {
        let part = Part::Prices;
        Self { quote, part }
    }

    /// The taxes on amounts that the question gives.
    pub(super) const fn of_taxes(quote: Quote) -> Self {
        let part = Part::Taxes;
        Self { quote, part }
    }

    /// The amounts of a whole quote.
    pub(super) const fn of_all(quote: Quote) -> Self {
        let part = Part::Whole;
        Self { quote, part }
    }

    fn rows(&self) -> impl Iterator<Item = Row<'_>> {
        let options = self.quote.options.iter();
        let lines = self.quote.lines.iter().map(Row::line);
        let options = options.map(|option| Row::option(option, &self.quote));
        lines.chain(options).chain(self.quote.fees.iter().map(Row::fee))
    }

    /// Print the amounts as a table, then discounts and totals.
    pub(super) fn print(&self, printer: &Printer, currency: Currency) {
        let money = |minor: i64| format_minor(minor, &currency.upper());
        printer.heading("what a host computes from it");
        let of_all = match self.part {
            Part::Prices => columns(["left".to_owned()]),
            Part::Taxes | Part::Whole => columns(["net", "tax", "total"].map(str::to_owned)),
        };
        let stated = columns(["price", "discount"].map(str::to_owned));
        printer.line(&format!("  {:<28}{stated}{of_all}", ""));
        for row in self.rows() {
            printer.line(&self.row_text(&row, money));
        }
        for discount in &self.quote.discounts {
            printer.line(&discount_text(discount, money));
        }
        if self.part == Part::Whole {
            let totals =
                totals(&self.quote.totals).map(|(name, minor)| format!("{} {}", name.replace('_', " "), money(minor)));
            printer.line(&format!("  {}", totals.join(", ")));
        }
    }

    fn row_text(&self, row: &Row<'_>, money: impl Fn(i64) -> String) -> String {
        let stated = row.stated.map(|(price, discount, _)| [money(price), money(discount)]);
        let of_row = match self.part {
            Part::Prices => columns([money(row.net)]),
            Part::Taxes | Part::Whole => columns([row.net, row.tax, row.net + row.tax].map(money)),
        };
        let name = format!("{} {}", row.kind, row.id);
        format!(
            "  {name:<28}{}{of_row}{}",
            columns(stated.unwrap_or_default()),
            notes(row)
        )
    }

    /// Amounts in minor units.
    pub(super) fn document(&self) -> Value {
        let of = |kind: &str| -> Vec<Value> {
            let rows = self.rows().filter(|row| row.kind == kind);
            rows.map(|row| self.row_json(&row)).collect()
        };
        let mut document = json!({"lines": of("line"), "fees": of("fee")});
        if let Some(document) = document.as_object_mut() {
            if self.part != Part::Prices {
                document.insert("options".to_owned(), of("option").into());
            }
            if self.part != Part::Taxes {
                let discounts: Vec<Value> = self.quote.discounts.iter().map(discount_json).collect();
                document.insert("discounts".to_owned(), discounts.into());
            }
            if self.part == Part::Whole {
                let totals = totals(&self.quote.totals).into_iter();
                let totals: Map<String, Value> = totals.map(|(name, minor)| (name.to_owned(), minor.into())).collect();
                document.insert("totals".to_owned(), totals.into());
            }
        }
        document
    }

    fn row_json(&self, row: &Row<'_>) -> Value {
        let mut document = match self.part {
            Part::Prices => json!({"id": row.id, "left": row.net}),
            Part::Taxes | Part::Whole => {
                json!({"id": row.id, "net": row.net, "tax": row.tax, "total": row.net + row.tax})
            }
        };
        if let Some(document) = document.as_object_mut() {
            if let Some((price, discount, tax_included)) = row.stated {
                document.insert("price".to_owned(), price.into());
                document.insert("discount".to_owned(), discount.into());
                document.insert("tax_included".to_owned(), tax_included.into());
            }
            if let Some(exempt) = row.exempt {
                document.insert("tax_exempt".to_owned(), exempt.into());
            }
            if let Some(lines) = row.applies {
                document.insert("applies_to".to_owned(), json!(lines));
            }
        }
        document
    }
}

/// Cells of a row, as wide as the amounts of most carts.
fn columns<const N: usize>(cells: [String; N]) -> String {
    cells.iter().map(|cell| format!("  {cell:>14}")).collect()
}

fn discount_text(discount: &Discount, money: impl Fn(i64) -> String) -> String {
    let (coupon, amount) = (&discount.coupon, money(discount.amount.minor()));
    let code = discount.code.as_ref().map(|code| format!(", code {code}"));
    format!(
        "  discount {}: {amount} off, {} (coupon {}{})",
        discount.id,
        coupon.name,
        coupon.id,
        code.unwrap_or_default()
    )
}

/// What the amounts of a row do not say.
fn notes(row: &Row<'_>) -> String {
    let included = row.stated.filter(|(.., tax_included)| *tax_included);
    let included = included.map(|_| "price includes tax".to_owned());
    let applies = row.applies.map(|lines| {
        let lines: Vec<&str> = lines.iter().map(LineId::as_str).collect();
        format!("applies to {}", lines.join(", "))
    });
    let exempt = row.exempt.map(|why| format!("exempt from tax: {why}"));
    let notes: Vec<String> = included.into_iter().chain(exempt).chain(applies).collect();
    if notes.is_empty() {
        String::new()
    } else {
        format!("  {}", notes.join("; "))
    }
}

fn discount_json(discount: &Discount) -> Value {
    json!({
        "id": discount.id,
        "code": discount.code,
        "coupon": discount.coupon.id,
        "name": discount.coupon.name,
        "amount": discount.amount,
    })
}

/// The sums of a quote by the names of the contract.
fn totals(totals: &Totals) -> [(&'static str, i64); 8] {
    [
        ("items_base", totals.items_base.minor()),
        ("items_discount", totals.items_discount.minor()),
        ("subtotal", totals.subtotal.minor()),
        ("discount", totals.discount.minor()),
        ("fulfillment", totals.fulfillment.minor()),
        ("fees", totals.fees.minor()),
        ("tax", totals.tax.minor()),
        ("total", totals.total.minor()),
    ]
}
