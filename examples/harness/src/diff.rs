//! Line-by-line difference of two texts.

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

#[cfg(test)]
mod tests {
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
}
