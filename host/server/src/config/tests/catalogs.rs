//! How catalogs are imported and kept.

use super::*;

#[test]
fn catalogs_have_limits_that_take_what_stripe_takes() {
    let catalogs = parse(&with("")).unwrap().catalogs;
    assert_eq!(catalogs.poll, Some(Duration::from_secs(2)));
    assert!(catalogs.max_bytes >= 4_000_000_000);
    assert_eq!(catalogs.kept.grace, Duration::from_secs(900));
    let text = "\n[catalogs]\npoll_ms = 0\nmax_mb = 16\ngrace_seconds = 60\ncache_mb = 2\n";
    let catalogs = parse(&with(text)).unwrap().catalogs;
    assert_eq!((catalogs.poll, catalogs.max_bytes), (None, 16 << 20));
    assert_eq!(
        (catalogs.kept.grace, catalogs.kept.bytes),
        (Duration::from_secs(60), 2 << 20)
    );
}

#[test]
fn what_is_out_of_range_is_named() {
    for (line, key) in [
        ("max_mb = 0", "catalogs.max_mb"),
        ("grace_seconds = 86401", "catalogs.grace_seconds"),
        ("cache_mb = 0", "catalogs.cache_mb"),
        ("max_bytes = 5", "catalogs.max_bytes"),
    ] {
        let error = parse(&with(&format!("\n[catalogs]\n{line}\n")))
            .unwrap_err()
            .to_string();
        assert!(error.contains(key), "{error}");
    }
}
