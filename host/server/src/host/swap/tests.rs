use std::collections::BTreeSet;

use super::*;

fn names(names: &[&str]) -> BTreeSet<String> {
    names.iter().map(|name| (*name).to_owned()).collect()
}

fn requested(name: &str, secrets: &[&str], slots: &[&str]) -> RequestedUpstream {
    RequestedUpstream {
        name: name.to_owned(),
        secrets: names(secrets),
        credential_slots: names(slots),
        ..RequestedUpstream::default()
    }
}

fn upstream(secrets: &[&str], slots: &[&str]) -> Upstream {
    let mut upstream = Upstream::new("acquirer", "https://acquirer.example").unwrap();
    upstream.secrets = names(secrets);
    upstream.credential_slots = names(slots);
    upstream
}

#[test]
fn a_release_that_asks_for_less_gets_less_and_one_that_asks_for_more_no_more() {
    let had = upstream(&["api_key"], &["number"]);
    let less = restrict(&requested("acquirer", &[], &["number"]), &had);
    assert_eq!((less.secrets, less.credential_slots), (names(&[]), names(&["number"])));
    let more = requested("acquirer", &["api_key", "other"], &["number", "eci"]);
    let cut = restrict(&more, &had);
    assert_eq!(
        (&cut.secrets, &cut.credential_slots),
        (&had.secrets, &had.credential_slots)
    );
    let manifest = Manifest {
        id: PluginId::new("shop"),
        version: "1".to_owned(),
        api: "tillhouse:merchant@0.1".to_owned(),
        upstreams: vec![more],
        provides: None,
        schema: None,
    };
    let granted = BTreeMap::from([("acquirer".to_owned(), cut)]);
    assert_eq!(
        missing_grants(&manifest, &granted),
        [
            "upstream acquirer: secret other",
            "upstream acquirer: credential slot eci"
        ]
    );
}
