//! Listing of charges, to reconcile the processor's ledger with the host's.

use tillhouse_plugin::payments::{Entry, Page};
use tillhouse_plugin::prelude::*;

use crate::{Shop, payments::read};

impl PaymentsList for Shop {
    /// The acquirer's times have a resolution of seconds, so entries outside the requested range
    /// are filtered out again.
    fn list_charges(
        _op: Operation,
        since: u64,
        until: u64,
        cursor: Option<String>,
    ) -> Result<Page, Failure> {
        let request = egress::get("acquirer", "/v1/charges").bearer_secret("api_key");
        let request = request
            .query("created_gte", (since / 1_000).to_string())
            .query("created_lt", until.div_ceil(1_000).to_string());
        let request = match cursor {
            Some(cursor) => request.query("starting_after", cursor),
            None => request,
        };
        let answer = request.send()?;
        let list = read(&answer);
        let charges = list["data"].as_array().filter(|_| answer.status == 200);
        let entries = charges.ok_or(Failure::Unavailable(None))?.iter().map(entry);
        let entries: Vec<Entry> = entries.collect();
        let last = entries
            .last()
            .map(|entry| entry.processor_reference.clone());
        let within = |entry: &Entry| (since..until).contains(&entry.created);
        Ok(Page {
            next: last.filter(|_| list["has_more"] == true),
            entries: entries.into_iter().filter(within).collect(),
        })
    }
}

fn entry(charge: &serde_json::Value) -> Entry {
    let text = |key: &str| charge[key].as_str().unwrap_or_default().to_owned();
    Entry {
        reference: charge["reference"].as_str().map(str::to_owned),
        processor_reference: text("id"),
        amount: Money {
            minor: charge["amount"].as_i64().unwrap_or_default(),
            currency: text("currency").to_uppercase(),
        },
        state: text("status"),
        created: charge["created"].as_u64().unwrap_or_default() * 1_000,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_page_has_a_next_one_only_while_there_is_more() {
        let charge = r#"{"id":"ch_1","amount":1,"currency":"usd","status":"approved","created":5}"#;
        let more = format!(r#"{{"data":[{charge}],"has_more":true}}"#);
        let last = format!(r#"{{"data":[{charge}],"has_more":false}}"#);
        let _host = testing::Host::new()
            .answer(200, &more)
            .answer(200, &last)
            .install();
        let page = || Shop::list_charges(testing::operation("1"), 0, 10_000, None).unwrap();
        assert_eq!(page().next.as_deref(), Some("ch_1"));
        let page = page();
        assert_eq!((page.next, page.entries[0].created), (None, 5_000));
    }
}
