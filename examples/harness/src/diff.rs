//! Differences of two texts, line by line, and of two JSON values.

use serde_json::Value;
use similar::TextDiff;

/// Number of unchanged lines shown around a difference.
const AROUND: usize = 2;

/// Marks lines of the first text with `- `, of the second with `+ `, and shows a few unchanged lines around them.
pub(crate) fn lines(left: &str, right: &str) -> String {
    let difference = TextDiff::from_lines(left, right);
    let mut shown = String::new();
    let mut next = 0;
    for near in difference.grouped_ops(AROUND) {
        if near.first().is_some_and(|op| op.old_range().start > next) {
            shown.push_str("  …\n");
        }
        for op in &near {
            for change in difference.iter_changes(op) {
                shown.push_str(&format!("{} {}\n", change.tag(), change.value().trim_end_matches('\n')));
            }
            next = op.old_range().end;
        }
    }
    shown
}

/// The first member of a quote that has another value in one call than decision by decision; `None` if they are equal.
pub(crate) fn first_difference(whole: &Value, parts: &Value) -> Option<String> {
    difference_at("", whole, parts)
}

fn difference_at(path: &str, whole: &Value, parts: &Value) -> Option<String> {
    match (whole, parts) {
        (Value::Object(of_whole), Value::Object(of_parts)) => {
            let names = of_whole
                .keys()
                .chain(of_parts.keys().filter(|name| !of_whole.contains_key(*name)));
            let mut members = names.map(|name| {
                let path = if path.is_empty() {
                    name.clone()
                } else {
                    format!("{path}.{name}")
                };
                (path, of_whole.get(name), of_parts.get(name))
            });
            members.find_map(|(path, whole, parts)| {
                difference_at(&path, whole.unwrap_or(&Value::Null), parts.unwrap_or(&Value::Null))
            })
        }
        (Value::Array(of_whole), Value::Array(of_parts)) => {
            let mut both = of_whole.iter().zip(of_parts).enumerate();
            let inside =
                both.find_map(|(index, (whole, parts))| difference_at(&format!("{path}[{index}]"), whole, parts));
            let (whole, parts) = (of_whole.len(), of_parts.len());
            inside.or_else(|| {
                (whole != parts)
                    .then(|| format!("{path} has {whole} entries in one call and {parts} decision by decision"))
            })
        }
        _ => (whole != parts).then(|| format!("{path} is {whole} in one call and {parts} decision by decision")),
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn lines_that_differ_are_shown_with_a_few_around() {
        let left = "a\nb\nc\nd\ne\nf\ng\n";
        let right = "a\nb\nc\nd\nE\nf\ng\nh\n";
        assert_eq!(lines(left, right), "  …\n  c\n  d\n- e\n+ E\n  f\n  g\n+ h\n");
        assert_eq!(
            lines("a\n1\n2\n3\n4\n5\nb\n", "A\n1\n2\n3\n4\n5\nb\nc\n"),
            "- a\n+ A\n  1\n  2\n  …\n  5\n  b\n+ c\n"
        );
        assert_eq!(lines("", "x\n"), "+ x\n");
        assert_eq!(lines("x\n", ""), "- x\n");
    }

    #[test]
    fn the_first_member_that_differs_is_named_by_its_path() {
        let whole = json!({"lines": [{"id": "line_1", "tax": 3}, {"id": "line_2"}], "totals": {"tax": 3}});
        let differs = |parts| first_difference(&whole, &parts);
        assert_eq!(differs(whole.clone()), None);
        let other_tax = json!({"lines": [{"id": "line_1", "tax": 4}, {"id": "line_2"}], "totals": {"tax": 4}});
        assert_eq!(
            differs(other_tax).as_deref(),
            Some("lines[0].tax is 3 in one call and 4 decision by decision")
        );
        let fewer = json!({"lines": [{"id": "line_1", "tax": 3}], "totals": {"tax": 3}});
        assert_eq!(
            differs(fewer).as_deref(),
            Some("lines has 2 entries in one call and 1 decision by decision")
        );
        let more = json!({"lines": whole["lines"], "totals": {"tax": 3, "fees": 1}});
        assert_eq!(
            differs(more).as_deref(),
            Some("totals.fees is null in one call and 1 decision by decision")
        );
    }
}
