//! A command that repeats a failed call of a test outside the test.

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};

use serde_json::Value as Json;
use toml::{Table, Value};

use super::FunctionCall;
use super::settings::Settings;
use crate::plugin::Plugin;
use crate::time;

/// Writes the call's files beside the component and returns the command; `None` if they cannot be written.
pub(super) fn command(plugin: &Plugin, request: &FunctionCall, it: &Settings) -> Option<String> {
    let folder = plugin.component.with_file_name("failed-calls");
    fs::create_dir_all(&folder).ok()?;
    let function = request.function.name();
    // Tests that fail at the same time write different files: a thread has the name of its test.
    let test = std::thread::current().name().unwrap_or("test").replace("::", "-");
    let file = |kind: &str, text: String| {
        let path = folder.join(format!("{}-{test}-{function}{kind}", plugin.name));
        fs::write(&path, text).ok().map(|()| path)
    };
    let input = file(".json", format!("{:#}", Json::Object(request.arguments.clone())))?;
    let mut command = format!(
        "tillhouse plugin run {} --function {function} --input {}",
        plugin.folder.display(),
        input.display()
    );
    let mut add_option = |option: &str, path: PathBuf| command.push_str(&format!(" --{option} {}", path.display()));
    if it.config != plugin.config {
        let table = changed(config_table(&plugin.folder), &plugin.config, &it.config);
        add_option("config", file("-config.toml", table.to_string())?);
    }
    let catalog = it.catalog.csv();
    if catalog != plugin.catalog.clone().unwrap_or_default() {
        add_option("catalog", file("-catalog.csv", catalog)?);
    }
    if !it.currency.eq_ignore_ascii_case("usd") {
        command.push_str(&format!(" --currency {}", it.currency.to_ascii_lowercase()));
    }
    command.push_str(&format!(" --now {}", time::format(it.now_ms)?));
    Some(command)
}

/// The configuration beside the plugin's sources, with the types of its values.
fn config_table(folder: &Path) -> Table {
    let mut files = ["default-config.toml", "config.toml"].into_iter();
    let text = files.find_map(|name| fs::read_to_string(folder.join(name)).ok());
    text.and_then(|text| text.parse().ok()).unwrap_or_default()
}

/// The table with the changes of the test; unchanged keys keep their type.
fn changed(mut table: Table, before: &BTreeMap<String, String>, now: &BTreeMap<String, String>) -> Table {
    for key in before.keys().filter(|key| !now.contains_key(*key)) {
        set(&mut table, key, None);
    }
    for (key, value) in now.iter().filter(|(key, value)| before.get(*key) != Some(*value)) {
        set(&mut table, key, Some(value));
    }
    table
}

fn set(table: &mut Table, key: &str, value: Option<&str>) {
    if let Some((outer, inner)) = key.split_once('.') {
        let inside = table.entry(outer).or_insert_with(|| Value::Table(Table::new()));
        if let Some(inside) = inside.as_table_mut() {
            set(inside, inner, value);
        }
        return;
    }
    match value {
        Some(value) => drop(table.insert(key.to_owned(), typed(table.get(key), value))),
        None => drop(table.remove(key)),
    }
}

/// The type of the value that it replaces; for a new key, a number or a flag if the text is one.
fn typed(replaced: Option<&Value>, text: &str) -> Value {
    let plain = || Value::from(text);
    let number = || text.parse::<i64>().map(Value::from);
    let flag = || text.parse::<bool>().map(Value::from);
    match replaced {
        Some(Value::Integer(_)) => number().unwrap_or_else(|_| plain()),
        Some(Value::Boolean(_)) => flag().unwrap_or_else(|_| plain()),
        Some(Value::Array(_)) => text.split(", ").map(Value::from).collect::<Vec<_>>().into(),
        Some(_) => plain(),
        None => number().or_else(|_| flag()).unwrap_or_else(|_| plain()),
    }
}

#[cfg(test)]
mod tests {
    use tillhouse_plugin_protocol::component::Describe;

    use super::*;
    use crate::program::Program;

    /// The configuration as the plugin receives it.
    fn flatten(table: &Table) -> Option<BTreeMap<String, String>> {
        let describe = Describe {
            manifest: "[plugin]\nid = \"x\"\nversion = \"1\"\napi = \"tillhouse:merchant@0.2\"".into(),
            config: table.to_string(),
        };
        Some(Program::of_this_process().ask_now(&describe).ok()?.config)
    }

    #[test]
    fn a_configuration_keeps_its_types_where_the_test_changed_it() {
        let beside = "zip = \"94105\"\ncountries = [\"US\", \"CA\"]\nold = 1\n[shipping]\nprice = 599\nfree = false";
        let beside: Table = beside.parse().unwrap();
        let before = flatten(&beside).unwrap();
        let mut now = before.clone();
        now.remove("old");
        for (key, value) in [
            ("zip", "10001"),
            ("shipping.price", "0"),
            ("shipping.free", "true"),
            ("tax.rate", "7"),
        ] {
            now.insert(key.to_owned(), value.to_owned());
        }
        let table = changed(beside, &before, &now);
        assert_eq!(flatten(&table).unwrap(), now);
        let expected =
            "zip = \"10001\"\ncountries = [\"US\", \"CA\"]\n[shipping]\nprice = 0\nfree = true\n[tax]\nrate = 7";
        assert_eq!(table, expected.parse().unwrap());
    }
}
