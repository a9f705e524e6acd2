//! A cart as the protocol expects it, and the members of its quote that tests ask for.

use serde::Deserialize;
use tillhouse_plugin::types;
use tillhouse_plugin_protocol::cart::{
    Address, Buyer, Cart, CartLine, Choice, Company, Group, Loyalty, Recipient, TaxExemption,
};

use super::{Amounts, Totals};

/// Extension with the buyer's note, which is not an extension of the agent.
const NOTES: &str = "tillhouse.notes";

#[derive(Clone, Debug, Default, PartialEq, Deserialize)]
pub(super) struct Quote {
    pub(super) lines: Vec<Line>,
    pub(super) options: Vec<FulfillmentOption>,
    pub(super) fees: Vec<Fee>,
    pub(super) selected: Vec<Choice>,
    pub(super) totals: Totals,
}

#[derive(Clone, Debug, PartialEq, Deserialize)]
pub(super) struct Line {
    pub(super) id: String,
    subtotal: i64,
    order_discount: i64,
    tax: i64,
}

#[derive(Clone, Debug, PartialEq, Deserialize)]
pub(super) struct FulfillmentOption {
    pub(super) id: String,
    subtotal: i64,
    tax: i64,
}

#[derive(Clone, Debug, PartialEq, Deserialize)]
pub(super) struct Fee {
    pub(super) id: String,
    amount: i64,
    tax: i64,
}

impl Line {
    pub(super) const fn amounts(&self) -> Amounts {
        Amounts::new(self.subtotal.saturating_sub(self.order_discount), self.tax)
    }
}

impl FulfillmentOption {
    pub(super) const fn amounts(&self) -> Amounts {
        Amounts::new(self.subtotal, self.tax)
    }
}

impl Fee {
    pub(super) const fn amounts(&self) -> Amounts {
        Amounts::new(self.amount, self.tax)
    }
}

/// The cart of the contract as the one that an agent would send.
pub(crate) fn to_protocol(cart: types::Cart) -> Cart {
    let (notes, extensions): (Vec<_>, Vec<_>) = cart.extensions.into_iter().partition(|(key, _)| key == NOTES);
    let lines = cart.lines.into_iter().map(|line| CartLine {
        id: line.id,
        item: line.item,
        quantity: line.quantity,
    });
    let choices = cart.choices.into_iter().map(|choice| Choice {
        option: choice.option,
        lines: choice.lines,
    });
    Cart {
        lines: lines.collect(),
        codes: cart.codes,
        buyer: cart.buyer.map(buyer),
        recipient: recipient(cart.recipient, cart.destination),
        billing: cart.billing.map(address),
        groups: cart.groups.into_iter().map(group).collect(),
        choices: choices.collect(),
        quote_id: cart.quote_id,
        notes: notes.into_iter().next().map(|(_, text)| text),
        extensions,
    }
}

/// A host keeps the shipping address with the recipient.
fn recipient(of_cart: Option<types::Recipient>, destination: Option<types::Address>) -> Option<Recipient> {
    if of_cart.is_none() && destination.is_none() {
        return None;
    }
    let types::Recipient { name, phone, email } = of_cart.unwrap_or_default();
    Some(Recipient {
        name,
        phone,
        email,
        address: destination.map(address),
    })
}

fn group(group: types::Group) -> Group {
    Group {
        id: group.id,
        kind: group.kind,
        lines: group.lines,
        destination: group.destination.map(address),
        recipient: group.recipient.and_then(|of_group| recipient(Some(of_group), None)),
        location: group.location,
        instructions: group.instructions,
    }
}

fn buyer(buyer: types::Buyer) -> Buyer {
    Buyer {
        first_name: buyer.first_name,
        last_name: buyer.last_name,
        full_name: buyer.name,
        email: buyer.email,
        phone: buyer.phone,
        customer_id: buyer.customer_id,
        account: buyer.account,
        authentication: buyer.signed_in.then(|| "authenticated".to_owned()),
        company: buyer.company.map(|company| Company {
            name: company.name,
            tax_id: company.tax_id,
            department: company.department,
            cost_center: company.cost_center,
        }),
        tax_exemption: buyer.tax_exemption.map(|exemption| TaxExemption {
            certificate: exemption.certificate,
            kind: exemption.kind,
            regions: exemption.regions,
            expires: exemption.expires,
        }),
        loyalty: buyer.loyalty.map(|loyalty| Loyalty {
            tier: loyalty.tier,
            points: loyalty.points,
            member_since: loyalty.member_since,
        }),
    }
}

fn address(address: types::Address) -> Address {
    Address {
        name: address.name,
        company: address.company,
        line_one: address.line_one,
        line_two: address.line_two,
        city: address.city,
        region: address.region,
        country: address.country,
        postal_code: address.postal_code,
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::super::{Quote, gross, net};
    use super::*;
    use crate::{address, cart};

    #[test]
    fn a_cart_of_the_contract_is_sent_as_an_agent_would_send_it() {
        let cart = cart()
            .line("tee", 2)
            .to(address::us("CA"))
            .recipient("Joe Bloggs")
            .business("Acme", "DE1")
            .signed_in("cus_1")
            .shipped_by("express")
            .lines_to("gift", &["line_1"], address::of("FR"))
            .extension(NOTES, "Ring twice")
            .extension("gift-wrap", "true");
        let sent = to_protocol(cart.into());
        let recipient = sent.recipient.unwrap();
        assert_eq!(recipient.name.as_deref(), Some("Joe Bloggs"));
        assert_eq!(recipient.address.unwrap().region, "CA");
        let buyer = sent.buyer.unwrap();
        assert_eq!(buyer.authentication.as_deref(), Some("authenticated"));
        assert_eq!(buyer.company.unwrap().tax_id.as_deref(), Some("DE1"));
        assert_eq!(
            (sent.choices[0].option.as_str(), sent.groups[0].lines.as_slice()),
            ("express", &["line_1".to_owned()][..])
        );
        assert_eq!((sent.notes.as_deref(), sent.extensions.len()), (Some("Ring twice"), 1));
        assert_eq!(to_protocol(types::Cart::default()), Cart::default());
    }

    #[test]
    fn amounts_of_a_quote_are_those_after_every_discount() {
        let quote = Quote::read(json!({
            "lines": [{"id": "line_1", "subtotal": 25_00, "order_discount": 5_00, "tax": 3_80, "base": 30_00}],
            "options": [{"id": "standard", "subtotal": 5_00, "tax": 95, "shown_price": 5_95}],
            "fees": [{"id": "gift_wrap", "amount": 3_50, "tax": 0}],
            "selected": [{"option": "standard", "lines": ["line_1"]}],
            "totals": {"items_base": 30_00, "items_discount": 5_00, "subtotal": 25_00, "discount": 5_00, "fulfillment": 5_00,
                "fees": 3_50, "tax": 4_75, "total": 33_25},
        }));
        assert_eq!(quote.line("line_1"), gross(23_80).net(20_00).tax(3_80));
        assert_ne!(quote.line("line_1"), gross(23_80).tax(3_79));
        assert_eq!(quote.option("standard"), gross(5_95).tax(95));
        assert_eq!(quote.fee("gift_wrap"), net(3_50));
        assert_eq!(quote.totals().total, 33_25);
        assert!(quote.options().eq(["standard"]) && quote.selected().eq(["standard"]));
    }

    #[test]
    #[should_panic(expected = "the quote has no option `express`")]
    fn what_is_not_in_the_quote_fails_the_test() {
        let totals = json!({"items_base": 0, "items_discount": 0, "subtotal": 0, "discount": 0, "fulfillment": 0, "fees": 0,
            "tax": 0, "total": 0});
        let quote = Quote::read(json!({"lines": [], "options": [], "fees": [], "selected": [], "totals": totals}));
        let _ = quote.option("express");
    }
}
