use super::*;

fn manifest(secrets: &str, slots: &str) -> String {
    format!(
        "[plugin]\nid = \"shop\"\nversion = \"1.0.0\"\napi = \"tillhouse:merchant@0.2\"\n\
         [[upstream]]\nname = \"acquirer\"\nsecrets = [{secrets}]\ncredential_slots = [{slots}]\n"
    )
}

/// A slot whose manifest requests two secrets, of which the operator grants one.
fn slot() -> PluginSlot {
    let text = manifest("\"api_key\", \"withheld\"", "\"number\"");
    let mut upstream = Upstream::new("acquirer", "https://acquirer.example").unwrap();
    upstream.secrets = BTreeSet::from(["api_key".to_owned()]);
    upstream.credential_slots = BTreeSet::from(["number".to_owned()]);
    let configured = ConfiguredPlugin {
        file: "/srv/shop.wasm".to_owned(),
        manifest: Manifest::parse(&text).unwrap(),
        manifest_text: text,
        grants: PluginGrants {
            upstreams: BTreeMap::from([("acquirer".to_owned(), upstream)]),
            ..PluginGrants::default()
        },
        component: Err(vec!["/srv/shop.wasm: not found".to_owned()]),
    };
    PluginSlot::configured(0, configured, Timestamp(1))
}

fn wider(secrets: &str, slots: &str) -> Vec<String> {
    let requested = Manifest::parse(&manifest(secrets, slots)).unwrap();
    let found = slot().wider(&requested, "plugin.toml");
    found.into_iter().map(|it| it.message).collect()
}

#[test]
fn a_release_may_request_less_and_what_is_withheld_on_purpose() {
    for (secrets, slots) in [
        ("\"api_key\"", ""),
        ("", "\"number\""),
        ("\"api_key\", \"withheld\"", "\"number\""),
    ] {
        assert!(wider(secrets, slots).is_empty(), "{secrets} {slots}");
    }
}

#[test]
fn what_a_release_requests_beyond_the_grants_is_named() {
    assert_eq!(
        wider("\"api_key\", \"master_key\"", "\"number\", \"cvc\""),
        [
            "requests what is not granted: upstream acquirer: secret master_key",
            "requests what is not granted: upstream acquirer: credential slot cvc"
        ]
    );
}

#[test]
fn the_configured_release_is_no_way_back_if_its_component_cannot_be_used() {
    let slot = slot();
    assert!(slot.view().is_none() && slot.configured_view().is_none() && slot.previous_view().is_none());
    assert_eq!(slot.in_force.unwrap_err(), ["/srv/shop.wasm: not found"]);
}
