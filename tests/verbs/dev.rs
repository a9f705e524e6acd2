//! `tillhouse plugin dev`: a plugin is edited, rebuilt and replaced while its host runs.

use std::path::PathBuf;

use libtest_mimic::Trial;
use tillhouse_tests::{TestFolder, workspace};

use crate::dev_process::{DevProcess, price_over_http};
use crate::{plugin, trial};

pub(crate) fn trials() -> Vec<Trial> {
    vec![
        trial(
            "dev::a_change_is_built_and_swapped_in_and_a_mistake_is_not",
            a_change_is_built_and_swapped_in_and_a_mistake_is_not,
        ),
        trial(
            "dev::a_processor_is_served_with_the_bundled_shop",
            a_processor_is_served_with_the_bundled_shop,
        ),
    ]
}

const SOURCE: &str = r#"//! A shop whose every item costs the same.

use tillhouse_plugin::prelude::*;

#[derive(Debug)]
pub struct Shop;

impl Pricing for Shop {
    fn price(_ctx: Context, cart: Cart) -> Result<PricedCart, Failure> {
        let priced = |line: &Line| PricedLine {
            unit_price: PRICE,
            ..PricedLine::new(line.id.as_str(), Amount::ZERO)
        };
        Ok(PricedCart {
            lines: cart.lines.iter().map(priced).collect(),
            ..PricedCart::default()
        })
    }
}

const PRICE: i64 = 1_000;

tillhouse_plugin::export!(Shop: pricing);
"#;

/// A plugin project in a temporary directory of its own.
struct Author {
    folder: TestFolder,
}

impl Author {
    fn new() -> Self {
        let folder = TestFolder::new();
        std::fs::create_dir(folder.path().join("src")).unwrap();
        let sdk = workspace().join("plugins/sdk");
        let cargo = format!(
            "[package]\nname = \"one-price-shop\"\nversion = \"0.1.0\"\nedition = \"2024\"\n\n\
             [lib]\ncrate-type = [\"cdylib\", \"rlib\"]\n\n\
             [dependencies]\ntillhouse-plugin = {{ path = \"{}\" }}\n\n\
             [profile.guest]\ninherits = \"release\"\nopt-level = 3\nlto = true\ncodegen-units = 1\npanic = \"abort\"\n\
             strip = true\n\n[workspace]\n",
            sdk.display()
        );
        folder.write("Cargo.toml", cargo);
        // The same versions as the workspace, so that cargo downloads nothing.
        std::fs::copy(workspace().join("Cargo.lock"), folder.path().join("Cargo.lock")).unwrap();
        folder.write(
            "plugin.toml",
            "[plugin]\nid = \"one-price-shop\"\nversion = \"0.1.0\"\napi = \"tillhouse:merchant@0.2\"\n",
        );
        let author = Self { folder };
        author.write_source(SOURCE);
        author
    }

    fn write_source(&self, source: &str) {
        self.folder.write("src/lib.rs", source);
    }

    fn prices(&self, price: &str) {
        self.write_source(&SOURCE.replace("1_000", price));
    }

    fn path(&self) -> PathBuf {
        self.folder.path().to_path_buf()
    }
}

async fn a_change_is_built_and_swapped_in_and_a_mistake_is_not() {
    let author = Author::new();
    let mut dev = DevProcess::start(author.path().to_str().unwrap(), &[]);
    let serving = dev.next("serving");
    assert_eq!(price_over_http(&serving), 1_000);
    let call = dev.next("call");
    assert!(call["function"].is_string() && call["outcome"] == "ok", "{call:#}");
    let request = dev.next("request");
    assert_eq!(
        (
            request["method"].as_str(),
            request["path"].as_str(),
            request["status"].as_u64()
        ),
        (Some("POST"), Some("/checkout_sessions"), Some(201))
    );

    author.prices("1_234");
    let swapped = dev.next("swapped");
    assert_eq!(swapped["plugin"], "one-price-shop");
    assert_eq!(price_over_http(&serving), 1_234);

    author.prices("a_thousand");
    let refused = dev.next("refused");
    assert!(
        refused["why"].as_str().unwrap().contains("one-price-shop failed"),
        "{refused:#}"
    );
    assert!(
        dev.stderr().contains("cannot find value `a_thousand`"),
        "{}",
        dev.stderr()
    );
    assert_eq!(price_over_http(&serving), 1_234, "the previous build stays in use");

    author.prices("2_000");
    let _ = dev.next("swapped");
    dev.type_line("b");
    for protocol in ["acp", "stripe_acs"] {
        let bought = dev.next("bought");
        assert_eq!(
            (bought["protocol"].as_str(), bought["status"].as_str()),
            (Some(protocol), Some("completed"))
        );
        assert!(bought["total"].as_i64() > Some(2_000), "{bought:#}");
    }

    author.write_source(&SOURCE.replace("unit_price: PRICE", "unit_price: [PRICE][cart.lines.len()]"));
    let _ = dev.next("swapped");
    dev.type_line("b");
    let failed = std::iter::repeat_with(|| dev.next("call")).find(|call| call["outcome"] != "ok");
    let failed = failed.unwrap();
    assert_eq!(
        (failed["function"].as_str(), failed["outcome"].as_str()),
        (Some("pricing.price"), Some("trap"))
    );
    let detail = failed["detail"].as_str().unwrap();
    assert!(detail.starts_with("panicked at src/lib.rs:"), "{detail}");
    assert!(failed["remedy"].is_string(), "{failed:#}");
    assert_eq!(dev.end(), Some(0));
}

async fn a_processor_is_served_with_the_bundled_shop() {
    let dev = DevProcess::start(&plugin("plugins/sandbox-processor"), &["--buy"]);
    let serving = dev.next("serving");
    assert_eq!(serving["plugin"], "sandbox-processor");
    for _ in ["acp", "stripe_acs"] {
        assert_eq!(dev.next("bought")["status"], "completed");
    }
    assert_eq!(dev.end(), Some(0));
}
