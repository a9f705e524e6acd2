//! String literals in a plugin's sources that could be configuration keys.

use std::collections::BTreeSet;
use std::fs;
use std::path::Path;

/// Literals that could be keys, from every source file below a folder except tests.
pub(crate) fn of_folder(folder: &Path) -> BTreeSet<String> {
    let mut literals = BTreeSet::new();
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        let name = path.file_name().unwrap().to_str().unwrap();
        if path.is_dir() {
            literals.extend(of_folder(&path));
        } else if name.ends_with(".rs") && !["tests.rs", "properties.rs"].contains(&name) {
            literals.extend(of_text(&fs::read_to_string(&path).unwrap()));
        }
    }
    literals
}

fn of_text(text: &str) -> BTreeSet<String> {
    let code = text.split("#[cfg(test)]").next().unwrap();
    let lines = code.lines().filter(|line| !line.trim_start().starts_with("//"));
    let literals = lines.flat_map(|line| line.split('"').skip(1).step_by(2));
    let is_key_char = |c: char| c.is_ascii_alphanumeric() || "._-".contains(c);
    let key =
        |literal: &&str| literal.starts_with(|c: char| c.is_ascii_alphabetic()) && literal.chars().all(is_key_char);
    literals
        .filter(key)
        .map(|literal| literal.trim_end_matches('.').to_owned())
        .collect()
}

#[test]
fn literals_are_read_from_code_only() {
    let text = "// \"no\"\nlet a = get(\"tax.us.\"); let b = \"is not a key\";\n#[cfg(test)]\nlet c = \"no\";\n";
    assert_eq!(of_text(text).into_iter().collect::<Vec<_>>(), ["tax.us"]);
}
