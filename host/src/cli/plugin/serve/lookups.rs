//! Look-ups that need no plugin: catalogs, currencies, test cards, and the encoded forms of card data.

use tillhouse_plugin_protocol::lookups::{
    self, Item, ReadCatalog, ReadCurrency, ReadRedactedForms, ReadTestCard, RedactedForms, TestCard,
};
use tillhouse_plugin_protocol::{RequestError, RequestErrorKind, Sensitive};
use tillhouse_sandbox::card;

use super::perform::Perform;
use super::server_state::ServerState;
use tillhouse_catalog::Catalog;
use tillhouse_checkout::money::Currency;
use tillhouse_egress::redact::Redactor;

/// Parse a catalog from CSV. Empty text gives an empty catalog.
pub(super) fn catalog(csv: &str) -> Result<Catalog, RequestError> {
    if csv.is_empty() {
        return Ok(Catalog::default());
    }
    Catalog::from_csv(csv.as_bytes()).map_err(|errors| {
        let errors: Vec<String> = errors.iter().map(|error| format!("  - {error}")).collect();
        RequestError::new(RequestErrorKind::Catalog, errors.join("\n"))
    })
}

pub(super) fn currency(code: &str) -> Result<Currency, RequestError> {
    Currency::new(code).map_err(|error| RequestError::new(RequestErrorKind::Currency, format!("{code}: {error}")))
}

impl Perform for ReadCatalog {
    async fn perform(self, _state: &ServerState) -> Result<lookups::Catalog, RequestError> {
        let catalog = catalog(&self.csv)?;
        let items = catalog.items().map(|item| Item {
            id: item.id.to_string(),
            inventory: item.inventory,
        });
        Ok(lookups::Catalog { items: items.collect() })
    }
}

impl Perform for ReadCurrency {
    async fn perform(self, _state: &ServerState) -> Result<lookups::Currency, RequestError> {
        let currency = currency(&self.code)?;
        Ok(lookups::Currency {
            code: currency.upper(),
            exponent: currency.exponent(),
        })
    }
}

impl Perform for ReadRedactedForms {
    async fn perform(self, _state: &ServerState) -> Result<RedactedForms, RequestError> {
        let mut redactor = Redactor::default();
        redactor.add(self.value.reveal());
        let forms = redactor.forms().map(|form| String::from_utf8_lossy(form).into_owned());
        Ok(RedactedForms {
            forms: forms.map(Sensitive::from).collect(),
        })
    }
}

impl Perform for ReadTestCard {
    async fn perform(self, _state: &ServerState) -> Result<TestCard, RequestError> {
        let known = card::TestCard::by_payment_method(&self.payment_method);
        Ok(TestCard {
            number: known.map(|card| Sensitive::from(card.number.to_owned())),
        })
    }
}
