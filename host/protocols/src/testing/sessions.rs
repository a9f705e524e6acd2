//! Sessions with known contents, to render.

mod states;

use tillhouse_checkout::cart::{Cart, CartLine, Choice};
use tillhouse_checkout::contact::{Address, Buyer, Recipient};
use tillhouse_checkout::decision::{
    ConsentOption, Coupon, Dimensions, DiscountTarget, DiscountTerms, ItemDescription, ItemFacts, ItemProperty, Link,
    PickupPlace, RejectedCode, TaxPart, Weight,
};
use tillhouse_checkout::ids::{ItemId, LineId, MerchantId, OptionId, SessionId};
use tillhouse_checkout::message::{Message, MessageSeverity, Subject};
use tillhouse_checkout::money::{Amount, Currency};
use tillhouse_checkout::quote::{Discount, Fee, Quote, QuoteLine, QuoteOption, ShownAmounts, Totals};
use tillhouse_checkout::session::{Agent, Session, SessionState};
use tillhouse_checkout::shown_quote::ShownQuotes;
use tillhouse_checkout::time::Timestamp;

pub(crate) use states::{authenticating, committing, completed, held};

fn amount(minor: i64) -> Amount {
    Amount::new(minor).unwrap()
}

fn usd() -> Currency {
    Currency::new("USD").unwrap()
}

/// Every fact that a line shows.
fn item_facts(id: &str) -> ItemFacts {
    let property = |name: &str, value: &str| ItemProperty {
        name: name.into(),
        value: value.into(),
    };
    ItemFacts {
        product: Some(format!("{id}-group")),
        category: Some("Clothing > Tops".into()),
        weight: Some(Weight {
            value: 250.into(),
            unit: "g".into(),
        }),
        dimensions: Some(Dimensions {
            length: 30.into(),
            width: 20.into(),
            height: 2.into(),
            unit: "cm".into(),
        }),
        options: vec![property("Size", "M")],
        attributes: vec![property("Brand", "Acme")],
        warnings: vec!["Keep away from fire".into()],
    }
}

fn line(id: &str, quantity: u32, unit: i64, discount: i64, tax: i64) -> QuoteLine {
    let base = unit * i64::from(quantity);
    QuoteLine {
        id: LineId::new(id),
        item: ItemId::new(id),
        shown: ItemDescription {
            title: format!("Title of {id}"),
            description: Some("Described".into()),
            images: vec!["https://shop.example/a.jpg".into()],
            url: None,
            facts: item_facts(id),
        },
        quantity,
        group: None,
        unit_price: amount(unit),
        tax_included: false,
        prices: ShownAmounts::default(),
        base: amount(base),
        discount: amount(discount),
        subtotal: amount(base - discount),
        order_discount: Amount::ZERO,
        tax: amount(tax),
        tax_parts: vec![TaxPart {
            jurisdiction: "California".into(),
            rate: 87_500,
            amount: tax,
        }],
        tax_exempt: None,
        total: amount(base - discount + tax),
        availability: Some("in_stock".into()),
        available: Some(7),
        available_from: None,
        max_quantity: Some(10),
    }
}

fn option(id: &str, kind: &str, subtotal: i64, tax: i64) -> QuoteOption {
    QuoteOption {
        id: OptionId::new(id),
        kind: kind.into(),
        title: format!("By {kind}"),
        description: Some("Soon".into()),
        carrier: Some("USPS".into()),
        earliest: Some(Timestamp(1_768_867_200_000)),
        latest: Some(Timestamp(1_769_126_399_000)),
        shown_price: amount(subtotal),
        tax_included: false,
        discount: Amount::ZERO,
        subtotal: amount(subtotal),
        tax: amount(tax),
        tax_parts: Vec::new(),
        tax_exempt: None,
        total: amount(subtotal + tax),
        lines: Vec::new(),
        group: None,
        place: None,
        pickup_type: None,
        ready_by: None,
        pickup_by: None,
    }
}

fn place() -> PickupPlace {
    PickupPlace {
        id: Some("loc_1".into()),
        name: "Downtown".into(),
        address: Address {
            name: "Downtown".into(),
            line_one: "5 Market St".into(),
            city: "San Francisco".into(),
            region: "CA".into(),
            country: "US".into(),
            postal_code: "94105".into(),
            ..Address::default()
        },
        phone: None,
        instructions: Some("Ring twice".into()),
    }
}

fn message(severity: MessageSeverity, code: Option<&str>, about: Subject, text: &str) -> Message {
    Message {
        severity,
        code: code.map(str::to_owned),
        about,
        text: text.into(),
        markdown: false,
        resolution: None,
    }
}

fn messages() -> Vec<Message> {
    vec![
        message(MessageSeverity::Info, None, Subject::Session, "Hello"),
        message(
            MessageSeverity::Warning,
            Some("low_stock"),
            Subject::Line(LineId::new("mug")),
            "Nearly gone",
        ),
        message(
            MessageSeverity::Warning,
            Some("moon_phase"),
            Subject::Option(OptionId::new("std")),
            "Full moon",
        ),
    ]
}

fn discounts() -> Vec<Discount> {
    let discount = |id: &str, code: Option<&str>, terms, target, minor| Discount {
        id: id.into(),
        code: code.map(str::to_owned),
        coupon: Coupon {
            id: format!("coupon of {id}"),
            name: format!("Discount {id}"),
            terms,
            duration: None,
            duration_in_months: None,
            max_redemptions: None,
            times_redeemed: None,
            metadata: Vec::new(),
        },
        method: "across".into(),
        priority: 1,
        starts: None,
        ends: None,
        shown_amount: amount(minor),
        amount: amount(minor),
        allocations: vec![(target, amount(minor))],
    };
    let mug = DiscountTarget::Line(LineId::new("mug"));
    vec![
        discount("d_10", Some("TEN"), DiscountTerms::Rate(70_000), mug, 140),
        discount("d_off", None, DiscountTerms::Amount(100), DiscountTarget::Order, 100),
    ]
}

fn quote() -> Quote {
    let lines = vec![
        QuoteLine {
            order_discount: amount(100),
            ..line("shirt", 1, 1500, 0, 120)
        },
        line("mug", 2, 1000, 140, 149),
    ];
    let options = vec![
        option("std", "shipping", 500, 40),
        option("file", "digital", 0, 0),
        option("bike", "local_delivery", 300, 24),
        QuoteOption {
            place: Some(place()),
            ..option("shop", "pickup", 0, 0)
        },
        option("locker", "pickup", 0, 0),
    ];
    let fees = vec![
        fee("wrap", "gift_wrap", 100),
        fee("box", "packing", 50),
        fee("deposit", "deposit", 25),
    ];
    let totals = Totals::of(&lines, &options.iter().take(1).collect::<Vec<_>>(), &fees).unwrap();
    Quote {
        lines,
        discounts: discounts(),
        rejected_codes: vec![RejectedCode {
            code: "OLD".into(),
            reason: "discount_code_expired".into(),
            message: "OLD is over".into(),
        }],
        fees,
        options,
        selected: vec![choice("std", &["shirt", "mug"])],
        totals,
        messages: messages(),
        links: ["privacy_policy", "return_policy", "blog"]
            .map(|kind| Link {
                kind: kind.into(),
                url: format!("https://shop.example/{kind}"),
                title: None,
            })
            .to_vec(),
        consents: vec![ConsentOption {
            channel: "email".into(),
            text: "News".into(),
            privacy_policy: "https://shop.example/privacy".into(),
            subscribed: false,
        }],
        continue_url: None,
        expires: None,
        metadata: Vec::new(),
        support: None,
    }
}

/// An option that applies to these lines.
pub(crate) fn choice(option: &str, lines: &[&str]) -> Choice {
    Choice {
        option: OptionId::new(option),
        lines: lines.iter().copied().map(LineId::new).collect(),
    }
}

fn fee(id: &str, kind: &str, minor: i64) -> Fee {
    Fee {
        id: id.into(),
        kind: kind.into(),
        title: format!("Fee {id}"),
        amount: amount(minor),
        tax: Amount::ZERO,
        tax_parts: Vec::new(),
        tax_exempt: None,
    }
}

pub(crate) fn address() -> Address {
    Address {
        name: "Jane Doe".into(),
        company: "Acme".into(),
        line_one: "123 Main St".into(),
        line_two: "Apt 4B".into(),
        city: "San Francisco".into(),
        region: "CA".into(),
        country: "US".into(),
        postal_code: "94105".into(),
        ..Address::default()
    }
}

/// An open session, ready for payment, in which every kind of field is set.
pub(crate) fn full() -> Session {
    let cart_line = |id: &str, quantity| CartLine {
        id: LineId::new(id),
        item: ItemId::new(id),
        quantity,
    };
    Session {
        id: SessionId::new("cs_1"),
        merchant: MerchantId::new("mer"),
        revision: 3,
        state: SessionState::Open,
        currency: usd(),
        cart: Cart {
            lines: vec![cart_line("shirt", 1), cart_line("mug", 2)],
            codes: vec!["TEN".into(), "OLD".into()],
            buyer: Some(Buyer {
                first_name: Some("Jane".into()),
                last_name: Some("Doe".into()),
                email: Some("jane@example.com".into()),
                phone: Some("+14155552671".into()),
                account: Some("guest".into()),
                ..Buyer::default()
            }),
            recipient: Some(Recipient {
                name: Some("Jane Doe".into()),
                phone: None,
                email: Some("jane@example.com".into()),
                address: Some(address()),
            }),
            locale: Some("en-US".into()),
            ..Cart::default()
        },
        quote: quote(),
        agent: Agent::default(),
        protocol: None,
        consents: Vec::new(),
        catalog: None,
        kept_order: None,
        attributions: Vec::new(),
        intent_trace: None,
        asked: None,
        shown: ShownQuotes::default(),
        last_payment_error: None,
        created: Timestamp(1_767_925_127_000),
        updated: Timestamp(1_767_925_128_000),
        expires: Timestamp(1_767_928_727_000),
    }
}

/// A session with almost no data, and with errors of many kinds.
pub(crate) fn bare() -> Session {
    let error = |code: &str, about| message(MessageSeverity::Error, Some(code), about, "No");
    let mut session = full();
    session.cart.buyer = Some(Buyer {
        first_name: Some("Jane".into()),
        ..Buyer::default()
    });
    session.cart.recipient = None;
    session.cart.codes.clear();
    session.cart.locale = None;
    session.quote.discounts.clear();
    session.quote.rejected_codes.clear();
    session.quote.options.clear();
    session.quote.selected.clear();
    session.quote.links.clear();
    session.quote.consents.clear();
    session.quote.messages = vec![
        error("missing", Subject::Address(None)),
        error("region_restricted", Subject::Address(Some("country".into()))),
        error("quantity_exceeded", Subject::Quantity(LineId::new("mug"))),
        error("out_of_stock", Subject::Line(LineId::new("shirt"))),
        error("gone_fishing", Subject::Choice),
        error("missing", Subject::Buyer(Some("email".into()))),
        error("invalid", Subject::Currency),
        error("invalid", Subject::Lines),
        error("payment_declined", Subject::Payment),
    ];
    session
}

pub(crate) fn in_state(state: SessionState) -> Session {
    Session { state, ..full() }
}
