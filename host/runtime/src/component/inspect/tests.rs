use super::*;
use crate::component::manifest::Manifest;

const LIMIT: usize = 1 << 20;

fn component(imports: &[&str], exports: &[&str]) -> ComponentInfo {
    let imports = imports.iter().map(|name| format!("(import \"{name}\" (instance))"));
    let exports = exports.iter().map(|name| format!("(export \"{name}\" (instance $i))"));
    let text = format!(
        "(component {} (core module (data \"{}\") (func (nop))) (instance $i) {})",
        imports.collect::<String>(),
        "x".repeat(100),
        exports.collect::<String>()
    );
    ComponentInfo::read(&wat::parse_str(text).unwrap(), LIMIT).unwrap()
}

fn manifest(more: &str) -> Manifest {
    let head = "[plugin]\nid = \"a\"\nversion = \"1\"\napi = \"tillhouse:merchant@0.2\"\n";
    Manifest::parse(&format!("{head}{more}")).unwrap()
}

#[test]
fn a_component_is_read_with_what_is_inside_of_it() {
    let read = component(&["tillhouse:host/log@0.2.0"], &["tillhouse:merchant/pricing@0.2.0"]);
    assert_eq!(read.imports, ["tillhouse:host/log@0.2.0"]);
    assert_eq!(read.exports, ["tillhouse:merchant/pricing@0.2.0"]);
    assert!(read.exports(Capability::Pricing) && !read.exports(Capability::Tax));
    assert_eq!(read.contract().as_deref(), Some("tillhouse:merchant@0.2.0"));
    assert!(read.uses("log") && !read.uses("egress"));
    assert!(read.sizes.data > 100 && read.sizes.code > 0, "{:?}", read.sizes);
    let sum: usize = read.sizes.each().iter().map(|(_, bytes)| bytes).sum();
    assert_eq!(sum, read.sizes.total);
}

#[test]
fn every_name_that_does_not_fit_is_a_problem_of_its_own() {
    let read = component(
        &[
            "wasi:http/types@0.2.0",
            "wasi:sockets/tcp@0.2.0",
            "tillhouse:host/log@0.2.0",
        ],
        &["tillhouse:merchant/pricing@0.1.0"],
    );
    let problems = read.problems();
    assert_eq!(problems.len(), 3, "{problems:?}");
    assert!(matches!(&problems[2], PackageError::UnknownExport { export } if export.ends_with("pricing@0.1.0")));
    assert_eq!(component(&[], &[]).problems(), [PackageError::NoCapability]);
}

#[test]
fn a_size_over_a_mebibyte_is_explained_by_its_largest_part() {
    let parts = |code, data, names| SizeBreakdown {
        total: code + data + names,
        code,
        data,
        names,
    };
    assert_eq!(parts(1 << 20, 0, 0).advice(), None);
    assert!(parts(1 << 20, 1, 0).advice().unwrap().contains("cargo tree"));
    assert!(parts(1, 1 << 20, 0).advice().unwrap().contains("include_bytes!"));
    assert!(parts(1, 0, 1 << 20).advice().unwrap().contains("strip"));
}

#[test]
fn a_release_that_asks_for_more_needs_approval_and_one_that_asks_for_less_does_not() {
    let read = component(&["tillhouse:host/egress@0.2.0"], &["tillhouse:merchant/risk@0.2.0"]);
    let less = manifest("[[upstream]]\nname = \"x\"\nhosts = [\"a.example\"]\n");
    let more = manifest("[[upstream]]\nname = \"x\"\nhosts = [\"a.example\"]\nsecrets = [\"key\"]\n");
    let up = ReleaseDiff::between((&read, Some(&less)), (&read, Some(&more)));
    assert!(up.needs_approval);
    assert_eq!(up.authority.unwrap().added, ["upstream x: secret key"]);
    let down = ReleaseDiff::between((&read, Some(&more)), (&read, Some(&less)));
    assert!(!down.needs_approval);
    assert_eq!(down.authority.unwrap().removed, ["upstream x: secret key"]);
    let anywhere = manifest("[[upstream]]\nname = \"x\"\n");
    assert!(ReleaseDiff::between((&read, Some(&less)), (&read, Some(&anywhere))).needs_approval);
    assert!(ReleaseDiff::between((&read, None), (&read, Some(&less))).needs_approval);
}

#[test]
fn a_release_that_reaches_out_for_the_first_time_needs_approval() {
    let old = component(&["tillhouse:host/log@0.2.0"], &["tillhouse:merchant/risk@0.2.0"]);
    let new = component(
        &["tillhouse:host/egress@0.2.0", "tillhouse:host/log@0.2.0"],
        &["tillhouse:merchant/risk@0.2.0"],
    );
    let difference = ReleaseDiff::between((&old, None), (&new, None));
    assert_eq!(difference.imports.added, ["tillhouse:host/egress@0.2.0"]);
    assert!(difference.needs_approval && difference.exports.is_nothing());
    assert!(!ReleaseDiff::between((&new, None), (&old, None)).needs_approval);
}

#[test]
fn a_release_that_may_send_requests_and_has_no_manifest_needs_approval() {
    let reaching = component(&["tillhouse:host/egress@0.2.0"], &["tillhouse:merchant/risk@0.2.0"]);
    let asks = manifest("[[upstream]]\nname = \"x\"\n");
    for before in [None, Some(&asks)] {
        let difference = ReleaseDiff::between((&reaching, before), (&reaching, None));
        assert!(
            difference.needs_approval && difference.authority.is_none(),
            "{before:?}"
        );
    }
    let pure = component(&["tillhouse:host/log@0.2.0"], &["tillhouse:merchant/tax@0.2.0"]);
    let difference = ReleaseDiff::between((&pure, None), (&pure, None));
    assert!(!difference.needs_approval && difference.authority.unwrap().is_nothing());
}
