//! A feed as a whole: its rows, and every error in it.

use crate::Catalog;
use tillhouse_checkout::ids::ItemId;
use tillhouse_checkout::money::Currency;
use tillhouse_checkout::time::Timestamp;

const FEED: &str = "\
id,title,description,price,sale_price,sale_price_effective_date,availability,inventory_quantity,weight,shipping_type,image_link,product_category,colour
tee,T-Shirt,\"Soft, warm\",15.00 USD,12.50 USD,2026-01-01T00:00:00Z/2026-02-01T00:00:00Z,in_stock,7,0.5 kg,,https://shop.example/tee.jpg,Apparel,red
song,A Song,,500 JPY,,,in_stock,,,digital,,Music,
";

#[test]
fn a_row_becomes_an_item() {
    let catalog = Catalog::from_csv(FEED.as_bytes()).unwrap();
    let tee = catalog.get(&ItemId::new("tee")).unwrap();
    assert_eq!(tee.price.to_string(), "15.00 USD");
    assert_eq!(tee.inventory, Some(7));
    assert_eq!(tee.weight_grams, Some(500));
    assert_eq!(tee.category.as_deref(), Some("Apparel"));
    assert!(tee.physical);
    let song = catalog.get(&ItemId::new("song")).unwrap();
    assert_eq!(
        (song.price.amount.minor(), song.inventory, song.physical),
        (500, None, false)
    );
    assert_eq!(catalog.column(&ItemId::new("tee"), "colour"), Some("red"));
    assert_eq!(catalog.column(&ItemId::new("song"), "colour"), None);
    let shown = catalog.describe(&ItemId::new("tee")).unwrap();
    assert_eq!(shown.description.as_deref(), Some("Soft, warm"));
    assert_eq!(shown.images, ["https://shop.example/tee.jpg"]);
}

#[test]
fn a_sale_price_holds_within_its_dates_only() {
    let catalog = Catalog::from_csv(FEED.as_bytes()).unwrap();
    let tee = catalog.get(&ItemId::new("tee")).unwrap();
    let minor = |now| tee.sale_price_at(Timestamp(now)).map(|price| price.amount.minor());
    let start = 1_767_225_600_000;
    assert_eq!(minor(start - 1), None);
    assert_eq!(minor(start), Some(1250));
    assert_eq!(minor(1_769_904_000_000), None);
}

#[test]
fn a_price_includes_tax_only_if_its_tax_behavior_is_inclusive() {
    let feed = "id,title,price,availability,tax_behavior\n\
                a,A,9.99 EUR,in_stock,inclusive\n\
                b,B,9.99 EUR,in_stock,exclusive\n\
                c,C,9.99 EUR,in_stock,unspecified\n\
                d,D,9.99 EUR,in_stock,\n";
    let catalog = Catalog::from_csv(feed.as_bytes()).unwrap();
    let included = ["a", "b", "c", "d"].map(|id| catalog.get(&ItemId::new(id)).unwrap().tax_included);
    assert_eq!(included, [true, false, false, false]);
    let without = Catalog::from_csv(FEED.as_bytes()).unwrap();
    assert!(without.items().all(|item| !item.tax_included));
}

#[test]
fn another_tax_behavior_is_refused_with_the_allowed_ones() {
    for (other, help) in [
        ("Inclusive", "; write inclusive"),
        ("included", ""),
        ("true", ""),
        ("0.19", ""),
    ] {
        let feed = format!("id,title,price,availability,tax_behavior\na,A,9.99 EUR,in_stock,{other}\n");
        let errors = Catalog::from_csv(feed.as_bytes()).unwrap_err();
        let texts: Vec<String> = errors.iter().map(ToString::to_string).collect();
        assert_eq!(
            texts,
            [format!(
                "line 2: column tax_behavior is {other:?}; it must be inclusive or exclusive{help}"
            )]
        );
    }
}

#[test]
fn every_error_is_reported_with_its_line() {
    let feed = "id,title,price,availability,weight\n\
                a,A,15.001 USD,in_stock,\n\
                b,,1.00 USD,maybe,3 stones\n\
                c,C,1.00 USD,in_stock,\n\
                c,C,1.00 USD,in_stock,\n";
    let errors = Catalog::from_csv(feed.as_bytes()).unwrap_err();
    let seen: Vec<_> = errors.iter().map(|error| (error.line, &*error.column)).collect();
    assert_eq!(
        seen,
        [
            (2, "price"),
            (3, "title"),
            (3, "weight"),
            (3, "availability"),
            (5, "id")
        ]
    );
}

#[test]
fn a_row_of_blank_cells_is_skipped() {
    for blank in [
        ",,,,",
        ",",
        ",,,,,,,,",
        " , ,\t,  ,",
        "\"\",\"\",\" \",,",
        "   ",
        "\u{a0},\u{a0},,,",
    ] {
        let feed = format!("id,title,price,availability,weight\n{blank}\na,A,1.00 USD,in_stock,\n{blank}\n{blank}\n");
        let catalog = Catalog::from_csv(feed.as_bytes()).unwrap_or_else(|errors| panic!("{blank:?}: {errors:?}"));
        assert_eq!(catalog.len(), 1, "{blank:?}");
    }
}

#[test]
fn a_row_with_a_single_value_is_a_row() {
    for row in [",,,,1 kg", " ,A,,,", "0,,,,", ",,,,,,x", "a"] {
        let feed = format!("id,title,price,availability,weight\n,,,,\n{row}\n");
        let errors = Catalog::from_csv(feed.as_bytes()).unwrap_err();
        assert!(errors.iter().all(|error| error.line == 3), "{row:?}: {errors:?}");
    }
}

#[test]
fn a_row_of_another_width_is_refused_with_both_numbers() {
    for (row, cells) in [("a,A,1.00 USD", "3"), ("a,A,1.00 USD,in_stock,,x", "6")] {
        let feed = format!("id,title,price,availability,weight\n{row}\n");
        let errors = Catalog::from_csv(feed.as_bytes()).unwrap_err();
        let text = errors[0].to_string();
        assert!(
            text.contains(&format!("has {cells} cells")) && text.contains("5 columns"),
            "{text}"
        );
    }
}

#[test]
fn a_file_without_the_required_columns_is_refused() {
    let errors = Catalog::from_csv("sku,title\n1,x\n".as_bytes()).unwrap_err();
    let missing: Vec<_> = errors.iter().map(|error| &*error.column).collect();
    assert_eq!(missing, ["id", "availability", "price"]);
}

fn errors(feed: &str) -> Vec<String> {
    let errors = Catalog::from_csv(feed.as_bytes()).unwrap_err();
    errors.iter().map(ToString::to_string).collect()
}

#[test]
fn a_feed_with_tabs_is_the_feed_with_commas() {
    let commas = "id,title,price,availability\na,A,1.00 USD,in_stock\n,,,\nb,B,2.00 USD,in_stock\n";
    let tabs = commas.replace(',', "\t");
    let [commas, tabs] = [commas, &tabs].map(|feed| Catalog::from_csv(feed.as_bytes()).unwrap());
    assert_eq!((commas.len(), tabs.len()), (2, 2));
    for item in commas.items() {
        assert_eq!(tabs.get(&item.id), Some(item));
    }
    let wide = "id\ttitle\tprice\tavailability\na\tA\t1.00 USD\tin_stock\tx\n";
    assert!(errors(wide)[0].contains("quote values that contain tabs"));
}

#[test]
fn an_id_that_a_row_deletes_is_not_sold_wherever_that_row_is() {
    let header = "id,title,price,availability,delete\n";
    let mug = "mug,Mug,5.00 USD,in_stock,\n";
    for rows in [
        format!("{mug}mug,,,,true\n"),
        format!("mug,,,,true\n{mug}"),
        format!("mug,,,,TRUE\n{mug}mug,,,,yes\n"),
    ] {
        let catalog = Catalog::from_csv(format!("{header}{rows}").as_bytes()).unwrap();
        assert!(catalog.is_empty(), "{rows}");
    }
    let kept = Catalog::from_csv(format!("{header}mug,Mug,5.00 USD,in_stock,false\ncup,,,,true\n").as_bytes()).unwrap();
    assert_eq!(kept.len(), 1);
    assert_eq!(
        errors(&format!("{header}{mug}mug,,,,maybe\n,,,,true\n")),
        [
            "line 3: column delete is \"maybe\", not true or false; write true or false",
            "line 4: column id is required; name what is deleted"
        ]
    );
}

#[test]
fn a_sale_price_is_below_the_price() {
    let feed = "id,title,price,sale_price,availability\n\
                a,A,10.00 USD,15.00 USD,in_stock\n\
                b,B,10.00 USD,10.00 USD,in_stock\n\
                c,C,10.00 USD,9.00 EUR,in_stock\n";
    assert_eq!(
        errors(feed),
        [
            "line 2: column sale_price is 15.00 USD, which is not below the price, 10.00 USD; lower it, or leave it empty",
            "line 3: column sale_price is 10.00 USD, which is not below the price, 10.00 USD; lower it, or leave it empty",
            "line 4: column sale_price is in EUR, and price in USD; give both in one currency",
        ]
    );
    let free = "id,title,price,sale_price,availability\na,A,10.00 USD,0.00 USD,in_stock\n";
    assert_eq!(Catalog::from_csv(free.as_bytes()).unwrap().len(), 1);
}

#[test]
fn an_id_that_no_request_can_name_is_refused() {
    let feed = |id: &str| format!("id,title,price,availability\n\"{id}\",A,1.00 USD,in_stock\n");
    let longest = "x".repeat(ItemId::MAX_CHARS);
    assert_eq!(Catalog::from_csv(feed(&longest).as_bytes()).unwrap().len(), 1);
    assert!(errors(&feed(&format!("{longest}x")))[0].contains("has 257 characters; 256 are possible"));
    for control in ["a\tb", "a\u{1}b", "a\u{7f}b", "a\u{85}b", "a\nb"] {
        assert!(errors(&feed(control))[0].contains("control character"), "{control:?}");
    }
    for unseen in ["a\u{202e}b", "\u{200b}"] {
        assert!(!errors(&feed(unseen)).is_empty(), "{unseen:?}");
    }
}

#[test]
fn a_catalog_of_which_nothing_can_be_bought_is_warned_of() {
    let read = |rows: &str| {
        let feed = format!("id,title,price,availability,delete\n{rows}");
        Catalog::from_csv(feed.as_bytes()).unwrap()
    };
    let usd = Currency::new("USD").unwrap();
    let warnings = |rows: &str| -> Vec<String> { read(rows).warnings(usd).iter().map(ToString::to_string).collect() };
    assert!(warnings("")[0].contains("has no items"));
    assert!(warnings("a,,,,true\n")[0].contains("has no items"));
    assert!(warnings("a,A,1.00 USD,in_stock,\n").is_empty());
    let rows: String = ["d", "c", "b", "a"]
        .map(|id| format!("{id},{id},1.00 EUR,in_stock,\n"))
        .concat();
    assert_eq!(
        warnings(&format!("{rows}e,E,1.00 USD,in_stock,\n")),
        [
            "4 of 5 items are not priced in USD and cannot be bought: a, b, c, …; give prices in USD, or set the merchant's \
          currency to theirs"
        ]
    );
}

#[test]
fn a_file_that_ends_inside_a_quote_is_refused_with_the_line_of_the_quote() {
    let header = "id,title,price,availability,description\n";
    for (rows, line) in [
        ("a,A,1.00 USD,in_stock,\"red\nb,B,2.00 USD,in_stock,blue\n", 2),
        ("a,A,1.00 USD,in_stock,red\nb,B,2.00 USD,in_stock,\"long te", 3),
        ("a,A,1.00 USD,in_stock,\"two \"\"\nb,B,2.00 USD,in_stock,x\n", 2),
        ("\"a\nb\",A,1.00 USD,in_stock,x\nb,B,2.00 USD,in_stock,\"", 4),
    ] {
        let found = errors(&format!("{header}{rows}"));
        let expected = format!("line {line}: opens a quote that is not closed");
        assert!(
            found.iter().any(|error| error.starts_with(&expected)),
            "{rows:?}: {found:?}"
        );
    }
    let tabs = "id\ttitle\tprice\tavailability\na\t\"A\t1.00 USD\tin_stock\n";
    assert!(errors(tabs).iter().any(|error| error.contains("not closed")));
}

#[test]
fn quotes_that_are_closed_or_within_a_cell_are_text() {
    let header = "id,title,price,availability,description\n";
    for rows in [
        "a,A,1.00 USD,in_stock,\"red, \"\"and\"\" blue\"",
        "a,A,1.00 USD,in_stock,\"two\nlines\"\nb,B,2.00 USD,in_stock,\"x\"\n",
        "a,\"A\",1.00 USD,in_stock,\"\"\r\n",
        "a,5\" screen,1.00 USD,in_stock,7\"",
        "a,A,1.00 USD,in_stock,\"\"\"\"",
    ] {
        let feed = format!("{header}{rows}");
        let catalog = Catalog::from_csv(feed.as_bytes()).unwrap_or_else(|errors| panic!("{rows:?}: {errors:?}"));
        assert!(!catalog.is_empty());
    }
}
