//! A whole quote in one call is the quote of the single decisions, whatever the cart is.
//!
//! `TILLHOUSE_CARTS=10000 cargo test -p tillhouse-tests --test suite whole_quotes` tries as many carts of each shop; the default is
//! some dozens.

use std::fs;
use std::path::PathBuf;
use std::sync::{Arc, OnceLock};

use proptest::prelude::*;
use proptest::test_runner::{Config, TestRunner};
use tillhouse_checkout::cart::{Cart, CartEdit, FulfillmentGroup, RequestedItem};
use tillhouse_checkout::contact::{Address, Recipient, RecipientEdit};
use tillhouse_checkout::ids::{GroupId, ItemId, LineId, MerchantId, PluginId, SessionId};
use tillhouse_checkout::money::Currency;
use tillhouse_checkout::ports::{PhaseKind, PhaseScope};
use tillhouse_checkout::quote::Quote;
use tillhouse_checkout::session::Agent;
use tillhouse_checkout::time::Timestamp;
use tillhouse_runtime::trial::{MERCHANT, QuoteCalls, Trial};
use tillhouse_runtime::{Binding, EngineSettings, SharedEngine, flatten};
use tillhouse_tests::{TestClock, component, workspace};

/// How many carts of each shop are tried.
fn carts() -> u32 {
    let wanted = std::env::var("TILLHOUSE_CARTS").ok();
    wanted.and_then(|number| number.parse().ok()).unwrap_or(48)
}

/// Items of the catalog, with and without tax in their prices, and one that does not exist.
const ITEMS: [&str; 6] = ["tee", "book", "pen", "lamp", "song", "gone"];

const CATALOG: &str = "id,title,price,sale_price,availability,inventory_quantity,weight,tax_behavior,shipping_type\n\
     tee,Tee,25.00 USD,,in_stock,7,180 g,exclusive,\n\
     book,Book,9.99 USD,,in_stock,,400 g,inclusive,\n\
     pen,Pen,0.04 USD,,in_stock,,10 g,exclusive,\n\
     lamp,Lamp,89.00 USD,71.20 USD,backorder,0,2.4 kg,inclusive,\n\
     song,Song,9.00 USD,,in_stock,,,inclusive,digital\n";

const CODES: [&str; 7] = ["SAVE10", "FIVEOFF", "ORDER3", "SHIPFREE", "MEMBER", "TEN", "NOPE"];

const COUNTRIES: [(&str, &str, &str); 4] = [
    ("US", "CA", "94105"),
    ("DE", "", "10115"),
    ("JP", "", "1000001"),
    ("KP", "", ""),
];

#[derive(Clone, Debug)]
struct RandomCart {
    items: Vec<(usize, u32)>,
    codes: Vec<usize>,
    destination: Option<usize>,
    billing: Option<usize>,
    grouped: bool,
}

fn random_cart() -> impl Strategy<Value = RandomCart> {
    (
        // The last item does not exist: it is rare, because such a cart is refused as a whole.
        prop::collection::vec(
            (
                prop_oneof![40 => 0..ITEMS.len() - 1, 1 => Just(ITEMS.len() - 1)],
                1_u32..40,
            ),
            1..6,
        ),
        prop::collection::vec(0..CODES.len(), 0..4),
        prop::option::of(0..COUNTRIES.len()),
        prop::option::weighted(0.2, 0..COUNTRIES.len()),
        prop::bool::weighted(0.2),
    )
        .prop_map(|(items, codes, destination, billing, grouped)| RandomCart {
            items,
            codes,
            destination,
            billing,
            grouped,
        })
}

fn address(index: usize) -> Address {
    let (country, region, postal_code) = COUNTRIES[index];
    Address {
        line_one: "1 Main St".into(),
        city: "Town".into(),
        region: region.into(),
        country: country.into(),
        postal_code: postal_code.into(),
        ..Address::default()
    }
}

impl RandomCart {
    fn cart(&self) -> Cart {
        let items = self.items.iter().map(|(index, quantity)| RequestedItem {
            item: ItemId::new(ITEMS[*index]),
            quantity: *quantity,
        });
        let recipient = self.destination.map(|index| {
            RecipientEdit::Whole(Recipient {
                address: Some(address(index)),
                ..Recipient::default()
            })
        });
        let mut cart = Cart::default();
        cart.apply(CartEdit {
            items: Some(items.collect()),
            codes: Some(self.codes.iter().map(|index| CODES[*index].to_owned()).collect()),
            recipient: recipient.into(),
            billing: self.billing.map(address),
            ..CartEdit::default()
        })
        .unwrap();
        if self.grouped {
            let groups = cart
                .lines
                .iter()
                .enumerate()
                .map(|(index, line)| group(index, &line.id));
            cart.groups = groups.collect();
        }
        cart
    }
}

/// Every second group has an address of its own.
fn group(index: usize, line: &LineId) -> FulfillmentGroup {
    FulfillmentGroup {
        id: GroupId::new(format!("g{index}")),
        kind: "shipping".into(),
        lines: vec![line.clone()],
        destination: index.is_multiple_of(2).then(|| address(index % COUNTRIES.len())),
        recipient: None,
        location: None,
        instructions: None,
    }
}

/// A component that exports `quoting`, with its configuration as TOML.
struct Shop {
    runtime: tokio::runtime::Runtime,
    trial: Trial,
}

impl Shop {
    fn new(component: PathBuf, config: &str) -> Self {
        let runtime = tokio::runtime::Runtime::new().unwrap();
        let settings = EngineSettings {
            max_instances: 8,
            workers: 1,
            ..EngineSettings::default()
        };
        let trial = runtime.block_on(async {
            let engine = SharedEngine::new(&settings).unwrap();
            let client = tillhouse_egress::Client::new().unwrap();
            let trial = Trial::new(engine, &settings, Arc::new(TestClock::of_the_machine()), client).unwrap();
            let component = trial.load(fs::read(component).unwrap()).await.unwrap();
            let mut binding = Binding::new(PluginId::new("shop"), "1.0.0", component);
            binding.config = flatten(config, None, None).unwrap();
            let catalog = tillhouse_catalog::Catalog::from_csv(CATALOG.as_bytes()).unwrap();
            trial
                .install(binding, catalog, Currency::new("usd").unwrap())
                .await
                .unwrap();
            trial
        });
        Self { runtime, trial }
    }

    /// The quote, or the error as text.
    fn quote(&self, cart: &Cart, calls: QuoteCalls) -> Result<Quote, String> {
        let scope = PhaseScope {
            merchant: MerchantId::new(MERCHANT),
            session: SessionId::new("cs_1"),
            kind: PhaseKind::Quote,
            now: Timestamp(1_795_000_000_000),
            currency: Currency::new("usd").unwrap(),
            locale: None,
            time_zone: None,
            agent: Agent::default(),
            catalog: None,
            deadline: None,
        };
        let report = self.runtime.block_on(self.trial.quote(scope, cart, calls));
        report.quote.map_err(|error| error.to_string())
    }

    /// Random carts are quoted both ways. Returns how many had a quote.
    fn assert_both_ways_agree(&self) -> Result<u32, String> {
        let mut runner = TestRunner::new(Config {
            cases: carts(),
            failure_persistence: None,
            ..Config::default()
        });
        let quoted = std::cell::Cell::new(0);
        let run = runner.run(&random_cart(), |random| {
            let cart = random.cart();
            let whole = self.quote(&cart, QuoteCalls::Whole);
            let single = self.quote(&cart, QuoteCalls::OneByOne);
            quoted.set(quoted.get() + u32::from(single.is_ok()));
            prop_assert_eq!(whole, single);
            Ok(())
        });
        run.map_err(|error| error.to_string())?;
        Ok(quoted.get())
    }
}

fn bare_plugin() -> PathBuf {
    static BUILT: OnceLock<PathBuf> = OnceLock::new();
    let build = || tillhouse_plugin_tools::build(&workspace(), &["bare-plugin"]).expect("the bare plugin is built");
    BUILT.get_or_init(|| build().remove(0).component).clone()
}

const SHOP_CONFIG: &str = include_str!("../../../plugins/reference-shop/default-config.toml");

#[test]
fn the_reference_shop_answers_the_same_in_one_call_and_in_five() {
    for (mode, scope) in [("half-up", "line"), ("down", "rate"), ("half-even", "cart")] {
        let config = SHOP_CONFIG
            .replace("rounding = \"half-up\"", &format!("rounding = \"{mode}\""))
            .replace("rounding-scope = \"line\"", &format!("rounding-scope = \"{scope}\""));
        assert!(config.contains(&format!("rounding-scope = \"{scope}\"")));
        let shop = Shop::new(component("reference-shop"), &config);
        let quoted = shop.assert_both_ways_agree().unwrap();
        assert!(quoted * 2 > carts(), "{quoted} of {} carts had a quote", carts());
    }
}

#[test]
fn a_plugin_against_the_bare_contract_answers_the_same_in_one_call_and_in_five() {
    let quoted = Shop::new(bare_plugin(), "").assert_both_ways_agree().unwrap();
    assert!(quoted * 2 > carts(), "{quoted} of {} carts had a quote", carts());
}

#[test]
fn a_plugin_whose_two_answers_disagree_is_found() {
    let shop = Shop::new(bare_plugin(), "disagree = \"shipping\"");
    assert!(shop.assert_both_ways_agree().is_err());
}
