//! `[merchants.NAME.feed]`.

use super::*;
use tillhouse_catalog::Separator;
use tillhouse_checkout::feed::FeedMode;

fn feed(text: &str) -> String {
    with(&format!(
        "[merchants.acme.stripe]\nsecret_key = \"k\"\n[merchants.acme.feed]\n{text}"
    ))
}

fn read(text: &str) -> FeedConfig {
    let mut config = parse(&feed(text)).unwrap();
    let acme = config.merchants.remove(&MerchantId::new("acme")).unwrap();
    acme.feed.unwrap()
}

#[test]
fn a_feed_needs_a_transport_and_an_account() {
    let feed_of = |text: &str| paths(&feed(text));
    assert_eq!(feed_of(""), ["merchants.acme.feed.transport"]);
    let without_account = with("[merchants.acme.feed]\ntransport = \"import_sets\"");
    let seen = paths(&without_account);
    assert!(seen.iter().any(|path| path.starts_with("merchants.acme.")), "{seen:?}");
    let read = read("transport = \"catalog_imports\"");
    assert_eq!(
        (read.way, read.version.as_str()),
        (FeedWay::CatalogImports, "2026-06-24.dahlia")
    );
    assert_eq!((read.separator, read.mode), (Separator::Comma, FeedMode::Upsert));
    assert_eq!(read.files_url.as_str(), "https://files.stripe.com/");
    assert_eq!(read.upload_hosts, ["stripeusercontent.com"]);
    assert!(read.full_at.is_none() && read.increments.is_none());
}

#[test]
fn each_wrong_setting_is_named_with_a_way_out() {
    for (text, key, help) in [
        ("transport = \"ftp\"", "transport", "catalog_imports"),
        ("transport = \"catalog_imports\"\nformat = \"xml\"", "format", "tsv"),
        (
            "transport = \"import_sets\"\nmode = \"replace\"",
            "mode",
            "catalog_imports",
        ),
        ("transport = \"import_sets\"\nmode = \"merge\"", "mode", "upsert"),
        (
            "transport = \"import_sets\"\nincrements_seconds = 300",
            "increments_seconds",
            "catalog_imports",
        ),
        (
            "transport = \"catalog_imports\"\nincrements_seconds = 5",
            "increments_seconds",
            "60",
        ),
        (
            "transport = \"catalog_imports\"\nfull_at = \"3 o'clock\"",
            "full_at",
            "03:00",
        ),
        (
            "transport = \"catalog_imports\"\nfull_at = \"03:00\"\ntime_zone = \"Mars/Base\"",
            "time_zone",
            "Europe/Berlin",
        ),
        (
            "transport = \"catalog_imports\"\ntime_zone = \"UTC\"",
            "time_zone",
            "full_at",
        ),
        (
            "transport = \"catalog_imports\"\nfiles_url = \"http://files.example\"",
            "files_url",
            "https",
        ),
        (
            "transport = \"catalog_imports\"\nupload_hosts = [\"https://a.example\"]",
            "upload_hosts",
            "without scheme",
        ),
        (
            "transport = \"catalog_imports\"\ncatalog_imports_version = \"new\"",
            "catalog_imports_version",
            "20",
        ),
        ("transport = \"catalog_imports\"\nsurprise = 1", "surprise", ""),
    ] {
        let errors = parse(&feed(text)).unwrap_err();
        let keys: Vec<&str> = errors
            .diagnostics()
            .iter()
            .filter_map(|error| error.place.key())
            .collect();
        assert_eq!(keys, [format!("merchants.acme.feed.{key}")], "{text}");
        let told = errors.to_string();
        assert!(told.contains(help), "{text}: {told}");
    }
}

#[test]
fn uploads_are_kept_as_long_as_retention_says() {
    let days = |text: &str| parse(&format!("{text}\n{}", with(""))).map(|config| config.retention.feeds);
    assert_eq!(days("").unwrap(), None);
    assert_eq!(
        days("[retention]\nfeeds_days = 30").unwrap(),
        Some(Duration::from_secs(30 * 24 * 3600))
    );
    assert!(days("[retention]\nfeeds_days = 1").is_err());
}
