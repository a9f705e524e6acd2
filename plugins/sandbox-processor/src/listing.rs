//! Listing of charges, for reconciliation.

use tillhouse_plugin::{
    payments::{Entry, Page},
    prelude::*,
};

use crate::{
    Processor, answer, settings,
    wire::{self, Charge, List},
};

/// Charges per page, which is the acquirer's maximum.
const PAGE: &str = "100";

impl PaymentsList for Processor {
    /// Lists charges. The cursor is the id of the last charge of a page.
    ///
    /// The acquirer's times have a resolution of seconds: the start is rounded down and the end up, so that no charge is missed.
    fn list_charges(_op: Operation, since: u64, until: u64, cursor: Option<String>) -> Result<Page, Failure> {
        let mut request = egress::get("acquirer", "/v1/charges")
            .query("created_gte", (since / 1_000).to_string())
            .query("created_lt", until.div_ceil(1_000).to_string())
            .query("limit", PAGE);
        if let Some(cursor) = cursor {
            request = request.query("starting_after", cursor);
        }
        let response = settings::authorized(request)?.send()?;
        let list = (response.status == 200)
            .then(|| wire::read::<List>(&response))
            .flatten();
        let list = list.ok_or_else(|| answer::failure_of_response(&response))?;
        let next = list
            .data
            .last()
            .filter(|_| list.has_more)
            .map(|charge| charge.id.clone());
        Ok(Page {
            entries: list.data.into_iter().map(entry).collect(),
            next,
        })
    }
}

/// A charge that was refunded as a whole is in the contract's state `refunded`; one that was refunded in part stays `approved`.
fn entry(charge: Charge) -> Entry {
    let is_refunded =
        charge.status == "approved" && charge.amount_refunded > 0 && charge.amount_refunded == charge.amount;
    Entry {
        amount: charge.money(),
        state: if is_refunded { "refunded".into() } else { charge.status },
        reference: charge.reference,
        processor_reference: charge.id,
        created: charge.created.saturating_mul(1_000),
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "tests")]

    use super::*;

    const PAGE_OF_ONE: &str = r#"{"object":"list","has_more":true,"data":[{"id":"ch_1","status":"voided","amount":5,
        "currency":"eur","reference":"ref_1","captured":true,"created":7}]}"#;

    #[test]
    fn a_page_has_the_cursor_of_the_next() {
        let host = testing::Host::new()
            .answer(200, PAGE_OF_ONE)
            .answer(200, r#"{"data":[]}"#)
            .install();
        let list = |cursor| Processor::list_charges(testing::operation("1"), 6_500, 8_500, cursor).unwrap();
        let page = list(None);
        let amount = Money {
            minor: 5,
            currency: "EUR".into(),
        };
        let (reference, processor_reference, state) = (Some("ref_1".into()), "ch_1".into(), "voided".into());
        assert_eq!(
            page.entries,
            [Entry {
                reference,
                processor_reference,
                amount,
                state,
                created: 7_000
            }]
        );
        assert_eq!(list(page.next).next, None);
        let queries: Vec<_> = host.requests().into_iter().map(|request| request.query).collect();
        let expected = |name: &str, value: &str| (name.to_owned(), value.to_owned());
        let window = [
            expected("created_gte", "6"),
            expected("created_lt", "9"),
            expected("limit", "100"),
        ];
        assert_eq!(queries.first().unwrap(), &window);
        assert_eq!(
            queries.last().unwrap().last().unwrap(),
            &expected("starting_after", "ch_1")
        );
    }

    #[test]
    fn an_unusable_list_is_a_failure_and_not_an_empty_page() {
        let _host = testing::Host::new().answer(503, "").install();
        let answer = Processor::list_charges(testing::operation("1"), 0, 1, None);
        assert_eq!(answer, Err(Failure::Unavailable(None)));
    }
}
