use super::*;

fn read(text: &str, read: impl Fn(&mut Section<'_>)) -> Vec<String> {
    let document = Document::parse(text, Some("shop.toml")).unwrap();
    let reader = Reader::new(&document);
    let mut root = reader.root();
    read(&mut root);
    root.finish();
    reader.into_errors().iter().map(ToString::to_string).collect()
}

#[test]
fn every_error_names_its_line_and_its_key() {
    let errors = read(
        "name = 1\n\n[limits]\nsize = 7\nslow = \"yes\"\n[[step]]\n[[step]]\nprices = [\n  1,\n  \"two\",\n]\n",
        |root| {
            assert_eq!(root.text("name"), None);
            let mut limits = root.section("limits");
            assert_eq!(limits.number::<u8>("size", 1..=5), None);
            assert_eq!(limits.flag("slow"), None);
            limits.finish();
            for mut step in root.sections("step") {
                assert_eq!(step.required("title", "add a title"), None);
                step.texts("prices");
                step.finish();
            }
        },
    );
    assert_eq!(
        errors,
        [
            "shop.toml:1: name: is a whole number; it must be a string in quotes",
            "shop.toml:4: limits.size: is 7; it must be a whole number from 1 to 5",
            "shop.toml:5: limits.slow: is a string; it must be true or false",
            "shop.toml:6: step[0].title: is missing; add a title",
            "shop.toml:7: step[1].title: is missing; add a title",
            "shop.toml:9: step[1].prices[0]: is a whole number; it must be a string in quotes",
        ]
    );
}

#[test]
fn an_unknown_key_is_answered_with_the_known_ones() {
    let errors = read("[shop]\nname = \"a\"\ncolour = 1\n[empty]\nsize = 1\n", |root| {
        let mut shop = root.section("shop");
        shop.text("name");
        shop.text("currency");
        shop.finish();
        root.section("empty").finish();
    });
    assert_eq!(
        errors,
        [
            "shop.toml:3: shop.colour: is not a known key; expected one of: name, currency",
            "shop.toml:5: empty.size: is not a known key; remove it",
        ]
    );
}

#[test]
fn a_table_or_an_array_in_the_wrong_place_is_an_error_with_the_expected_type() {
    let errors = read("shop = 1\nsteps = {}\nlist = [1]\n", |root| {
        assert!(root.section("shop").is_empty());
        assert!(root.sections("steps").is_empty());
        assert!(root.sections("list").is_empty());
    });
    assert_eq!(
        errors,
        [
            "shop.toml:1: shop: is a whole number; it must be a table: [shop]",
            "shop.toml:2: steps: is a table; it must be an array",
            "shop.toml:3: list[0]: is a whole number; it must be a table",
        ]
    );
}

#[test]
fn an_absent_key_is_at_the_line_of_its_closest_parent() {
    let errors = read("\n[shop]\n", |root| {
        root.missing("name", "add it");
        let mut shop = root.section("shop");
        shop.section("owner").missing("name", "add it");
    });
    assert_eq!(
        errors,
        [
            "shop.toml: name: is missing; add it",
            "shop.toml:2: shop.owner.name: is missing; add it",
        ]
    );
}

#[test]
fn a_variable_overrides_a_scalar_and_is_named_in_its_error() {
    let document = Document::parse("[shop]\nsize = 1\nname = \"a\"\n", None).unwrap();
    let variables = |path: &str| match path {
        "shop.size" => Some(("SHOP_SIZE".to_owned(), "many".to_owned())),
        "shop.name" => Some(("SHOP_NAME".to_owned(), "b".to_owned())),
        _ => None,
    };
    let reader = Reader::with_variables(&document, &variables);
    let mut shop = reader.root().section("shop");
    assert_eq!(shop.text("name").as_deref(), Some("b"));
    assert_eq!(shop.number::<u64>("size", 0..=9), None);
    assert_eq!((reader.count(), reader.since(1)), (1, Vec::new()));
    let error = reader.into_errors().remove(0).to_string();
    assert_eq!(
        error,
        "line 2: shop.size: SHOP_SIZE is not a number; it must be a whole number from 0 to 9"
    );
}
