//! Checks one cell by what its column allows.

use tillhouse_checkout::ids::ItemId;
use tillhouse_checkout::text::{TextForm, is_blank};

use super::Memo;
use super::report::Report;
use crate::columns::{Column, Kind, code};
use crate::problem::{Fault, shown};
use crate::rule::Rule;
use crate::values::{self, entries};

/// Check a cell that has a value.
pub(super) fn check(report: &mut Report<'_, '_>, memo: &mut Memo, column: &'static Column, value: &str) {
    match &column.kind {
        Kind::Id { most } => id(report, column, value, *most),
        Kind::Text { most } => text(report, column, value, *most),
        Kind::PlainText { most } => {
            text(report, column, value, *most);
            keep(report, column, value, plain(value));
        }
        Kind::OneOf(words) => listed(report, column, value, words),
        Kind::Boolean => keep(report, column, value, values::boolean(value)),
        Kind::Whole { to } => keep(report, column, value, values::whole(value, *to)),
        Kind::Number { from, to } => keep(report, column, value, values::in_range(value, *from, *to)),
        Kind::Money => money(report, memo, column, value),
        Kind::Date => keep(report, column, value, values::day_or_moment(value)),
        Kind::Dates => match values::dates(value) {
            Ok(period) => keep(report, column, value, period.fault.map_or(Ok(()), Err)),
            Err(fault) => report.add(column, value, fault),
        },
        Kind::Times => keep(report, column, value, values::times(value)),
        Kind::Link => keep(report, column, value, values::link(value)),
        Kind::ImageLink => image(report, column, value),
        Kind::ImageLinks { most } => images(report, column, value, *most),
        Kind::Gtin => keep(report, column, value, gtin(value)),
        Kind::Country => keep(report, column, value, entries::country_code(value)),
        Kind::Length => keep(report, column, value, values::length(value)),
        Kind::Weight => keep(report, column, value, values::weight_grams(value)),
        Kind::GoogleCategory => keep(report, column, value, google_category(value)),
        Kind::Category => keep(report, column, value, levels(value)),
        Kind::StripeTaxCode => keep(report, column, value, stripe_tax_code(value)),
        Kind::OtherTaxCode { most } => {
            keep(report, column, value, other_tax_code(value));
            text(report, column, value, *most);
        }
        Kind::Fees => entries::fees(value, &mut |fault| report.add(column, value, fault)),
        Kind::Shipping => entries::shipping(value, &mut |fault| report.add(column, value, fault)),
        Kind::Thresholds => {
            let shipping = report.get(code::SHIPPING);
            entries::thresholds(value, shipping, &mut |fault| report.add(column, value, fault));
        }
        Kind::Related { most } => {
            let id = report.get(code::ID);
            entries::related(value, id, *most, &mut |fault| report.add(column, value, fault));
        }
        Kind::Warnings { most } => entries::warnings(value, *most, &mut |fault| report.add(column, value, fault)),
        Kind::Ids => entries::ids(value, &mut |fault| report.add(column, value, fault)),
        Kind::PromotionCode { most } => {
            text(report, column, value, *most);
            keep(report, column, value, promotion_code(value));
        }
    }
}

fn keep<T>(report: &mut Report<'_, '_>, column: &'static Column, value: &str, result: Result<T, Fault>) {
    if let Err(fault) = result {
        report.add(column, value, fault);
    }
}

/// Longer ids, ids without anything visible, and ids with control characters or with characters that change the direction of text
/// cannot be ordered: every protocol refuses them.
fn id(report: &mut Report<'_, '_>, column: &'static Column, value: &str, most: usize) {
    let plain = |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_' | b'.');
    if value.len() <= most && value.bytes().all(plain) {
        return;
    }
    let length = value.chars().count();
    let form = |message: String, help: &'static str| Fault::new(Rule::IdForm, message, help);
    let fault = match TextForm::Exact.read(value) {
        _ if length > ItemId::MAX_CHARS => {
            let message = format!("has {length} characters; {} are possible", ItemId::MAX_CHARS);
            form(message, "give the item a shorter id")
        }
        Err(error) => form(error.to_string(), ""),
        Ok(_) if is_blank(value) => form("has no visible character".to_owned(), "give the item an id"),
        Ok(_) if length > most => too_long(length, most),
        Ok(_) => {
            let message = format!(
                "is {}, with other characters than letters, digits, -, _ and .",
                shown(value)
            );
            Fault::new(Rule::IdCharacters, message, "Stripe asks for alphanumeric ids")
        }
    };
    report.add(column, value, fault);
}

fn text(report: &mut Report<'_, '_>, column: &'static Column, value: &str, most: usize) {
    if value.len() > most {
        let length = value.chars().count();
        if length > most {
            report.add(column, value, too_long(length, most));
        }
    }
    if let Some(control) = control(value)
        && let Err(error) = TextForm::Lines.read(control)
    {
        report.add(
            column,
            value,
            Fault::new(Rule::ControlCharacters, error.to_string(), ""),
        );
    }
    if column.code == code::TITLE {
        keep(report, column, value, capitals(value));
    }
}

/// The text from its first control character on, but for tabs and line breaks. Those of C1 begin with the byte 0xc2.
fn control(value: &str) -> Option<&str> {
    // Without an early end, the processor compares many bytes at once.
    let is_suspect = |byte: u8| (byte < b' ') | (byte == 0x7f) | (byte == 0xc2);
    if !value.bytes().fold(false, |any, byte| any | is_suspect(byte)) {
        return None;
    }
    let found = value.find(|letter: char| letter.is_control() && !matches!(letter, '\t' | '\n' | '\r'))?;
    value.get(found..)
}

fn too_long(length: usize, most: usize) -> Fault {
    Fault::new(
        Rule::TooLong,
        format!("has {length} characters; {most} are possible"),
        "shorten it",
    )
}

/// Words in capitals, but short ones such as names of brands and sizes.
fn capitals(value: &str) -> Result<(), Fault> {
    let (mut letters, mut lower) = (0, false);
    for letter in value.chars().filter(|letter| letter.is_alphabetic()) {
        letters += usize::from(letter.is_uppercase());
        lower |= !letter.is_uppercase();
        if lower {
            return Ok(());
        }
    }
    if letters < 10 {
        return Ok(());
    }
    Err(Fault::new(
        Rule::Capitals,
        "is all in capitals",
        "write it as a sentence has it",
    ))
}

fn plain(value: &str) -> Result<(), Fault> {
    let fault = |message: &str, help: &'static str| Err(Fault::new(Rule::PlainText, message, help));
    let bytes = value.as_bytes();
    let markup = |window: &[u8]| matches!(window, [b'<', next] if next.is_ascii_alphabetic() || *next == b'/');
    if bytes.contains(&b'<') && bytes.contains(&b'>') && bytes.windows(2).any(markup) {
        return fault("has markup", "write plain text");
    }
    if bytes.contains(&b':') && (value.contains("http://") || value.contains("https://")) {
        return fault("has a link", "describe the item, and put its address into link");
    }
    Ok(())
}

fn listed(report: &mut Report<'_, '_>, column: &'static Column, value: &str, words: &[&str]) {
    if words.contains(&value) {
        return;
    }
    if column.code == code::TAX_BEHAVIOR && value == "unspecified" {
        let message = "is \"unspecified\", which Stripe does not have";
        return report.add(
            column,
            value,
            Fault::new(Rule::TaxUnspecified, message, "leave it empty for exclusive"),
        );
    }
    let (last, others) = words.split_last().unwrap_or((&"", &[]));
    let message = format!("is {}; it must be {} or {last}", shown(value), others.join(", "));
    let same = words
        .iter()
        .find(|word| word.eq_ignore_ascii_case(&value.replace([' ', '-'], "_")));
    let help = same.map(|word| format!("write {word}")).unwrap_or_default();
    report.add(column, value, Fault::new(Rule::NotListed, message, help));
}

fn money(report: &mut Report<'_, '_>, memo: &mut Memo, column: &'static Column, value: &str) {
    let currency = match values::money(value) {
        Ok(money) => money.currency,
        Err(fault) => return report.add(column, value, fault),
    };
    let assigned = match memo.currency {
        Some((known, assigned)) if known == currency => assigned,
        _ => currency.is_assigned(),
    };
    memo.currency = Some((currency, assigned));
    if !assigned {
        let message = format!("is in {currency}, which is not a currency");
        report.add(
            column,
            value,
            Fault::new(Rule::CurrencyUnknown, message, "write a code of ISO 4217, such as USD"),
        );
    }
}

fn image(report: &mut Report<'_, '_>, column: &'static Column, value: &str) {
    keep(report, column, value, values::link(value));
    keep(report, column, value, values::image(value));
}

fn images(report: &mut Report<'_, '_>, column: &'static Column, value: &str, most: usize) {
    for link in value.split(',') {
        let link = link.trim();
        if link.is_empty() {
            let fault = Fault::new(Rule::EntryEmpty, "has an empty entry", "remove the comma too many");
            report.add(column, value, fault);
        } else {
            image(report, column, link);
        }
    }
    entries::at_most(value.split(',').count(), most, &mut |fault| {
        report.add(column, value, fault)
    });
}

/// Digits; the last character of an ISBN of ten may be an X.
fn gtin(value: &str) -> Result<(), Fault> {
    let digits = match value.strip_suffix(['X', 'x']) {
        Some(isbn) if isbn.len() == 9 => isbn,
        _ => value,
    };
    if value.len() <= 50 && digits.bytes().all(|byte| byte.is_ascii_digit()) {
        return Ok(());
    }
    let help = match value.contains(['E', '+']) {
        true => "a spreadsheet has rounded it: format the column as text, and enter the number again",
        false => "write at most 50 digits, without dashes and spaces",
    };
    Err(Fault::new(
        Rule::GtinForm,
        format!("is {}, not a number", shown(value)),
        help,
    ))
}

/// A number, or a path. The lists of the taxonomy have both in one line.
fn google_category(value: &str) -> Result<(), Fault> {
    let number = value.bytes().take_while(u8::is_ascii_digit).count();
    let rest = value.get(number..).unwrap_or_default().trim_start();
    match (number, rest) {
        (1..=7, "") => Ok(()),
        (0, _) => levels(value),
        _ => {
            let message = format!("is {}, not a number or a path", shown(value));
            Err(Fault::new(
                Rule::CategoryForm,
                message,
                "write the number alone, such as 2271",
            ))
        }
    }
}

fn levels(value: &str) -> Result<(), Fault> {
    if value.split('>').all(|level| !level.trim().is_empty()) {
        return Ok(());
    }
    let message = format!("is {}, with an empty level", shown(value));
    Err(Fault::new(
        Rule::CategoryForm,
        message,
        "write it as Apparel & Accessories > Clothing",
    ))
}

fn stripe_tax_code(value: &str) -> Result<(), Fault> {
    let digits = value.strip_prefix("txcd_");
    if digits.is_some_and(|digits| digits.len() == 8 && digits.bytes().all(|byte| byte.is_ascii_digit())) {
        return Ok(());
    }
    let message = format!("is {}, not a product tax code of Stripe", shown(value));
    Err(Fault::new(Rule::TaxCodeForm, message, "write it as txcd_99999999"))
}

fn other_tax_code(value: &str) -> Result<(), Fault> {
    if value.strip_prefix("anrok:").is_some_and(|code| !code.trim().is_empty()) {
        return Ok(());
    }
    let message = format!("is {}, not a provider and a tax code", shown(value));
    Err(Fault::new(
        Rule::TaxCodeForm,
        message,
        "write it as anrok:prod_abc123; anrok is the only provider",
    ))
}

fn promotion_code(value: &str) -> Result<(), Fault> {
    if value
        .bytes()
        .all(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_'))
    {
        return Ok(());
    }
    let message = format!(
        "is {}, with other characters than letters, digits, - and _",
        shown(value)
    );
    Err(Fault::new(Rule::CodeCharacters, message, "replace them"))
}
