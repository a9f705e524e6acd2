//! Where two JSON documents differ.

use std::fmt;

use serde_json::Value;

/// Lists in any order, and the member by which their entries are told apart.
const NAMED: [(&str, &str); 3] = [("fulfillment_options", "id"), ("links", "type"), ("totals", "type")];

/// One place at which an answer is not what the document shows; `None` where one of them has nothing.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Difference {
    pub(crate) path: String,
    pub(crate) documented: Option<Value>,
    pub(crate) answered: Option<Value>,
}

impl fmt::Display for Difference {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let shown = |value: &Option<Value>| value.as_ref().map_or_else(|| "nothing".to_owned(), Value::to_string);
        let (documented, answered) = (shown(&self.documented), shown(&self.answered));
        write!(formatter, "{}: documented {documented}, answered {answered}", self.path)
    }
}

/// Every difference, in the order of the members.
pub(crate) fn between(documented: &Value, answered: &Value) -> Vec<Difference> {
    let mut found = Vec::new();
    compare("", Some(documented), Some(answered), &mut found);
    found
}

fn compare_in_order(path: &str, documented: &[Value], answered: &[Value], found: &mut Vec<Difference>) {
    for index in 0..documented.len().max(answered.len()) {
        let path = format!("{path}[{index}]");
        compare(&path, documented.get(index), answered.get(index), found);
    }
}

fn compare_named(path: &str, name: &str, documented: &[Value], answered: &[Value], found: &mut Vec<Difference>) {
    let named = |list: &[Value], entry: &Value| list.iter().find(|other| other[name] == entry[name]).cloned();
    let only_answered = answered.iter().filter(|entry| named(documented, entry).is_none());
    for entry in documented.iter().chain(only_answered) {
        let (documented, answered) = (named(documented, entry), named(answered, entry));
        let path = format!("{path}[{}]", entry[name].as_str().unwrap_or_default());
        compare(&path, documented.as_ref(), answered.as_ref(), found);
    }
}

fn compare(path: &str, documented: Option<&Value>, answered: Option<&Value>, found: &mut Vec<Difference>) {
    match (documented, answered) {
        (Some(Value::Object(documented)), Some(Value::Object(answered))) => {
            let only_answered = answered.keys().filter(|name| !documented.contains_key(*name));
            for name in documented.keys().chain(only_answered) {
                let dot = if path.is_empty() { "" } else { "." };
                compare(
                    &format!("{path}{dot}{name}"),
                    documented.get(name),
                    answered.get(name),
                    found,
                );
            }
        }
        (Some(Value::Array(documented)), Some(Value::Array(answered))) => {
            match NAMED.into_iter().find(|(list, _)| *list == path) {
                Some((_, name)) => compare_named(path, name, documented, answered, found),
                None => compare_in_order(path, documented, answered, found),
            }
        }
        (documented, answered) if documented == answered => {}
        (documented, answered) => found.push(Difference {
            path: path.to_owned(),
            documented: documented.cloned(),
            answered: answered.cloned(),
        }),
    }
}
