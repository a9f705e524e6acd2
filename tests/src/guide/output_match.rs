//! Compares the output of commands with what a guide shows.

/// Wildcard in expected lines: matches any text.
const WILDCARD: char = '…';

/// The first expected line that is missing from the output, in order.
pub(super) fn first_missing_line<'a>(expected: &'a str, output: &str) -> Option<&'a str> {
    let mut output = output.lines();
    let mut expected = expected.lines().filter(|line| !line.trim().is_empty());
    expected.find(|wanted| !output.any(|line| matches(wanted, line)))
}

/// Whether a line matches; leading and trailing space is ignored.
fn matches(expected: &str, line: &str) -> bool {
    let (expected, line) = (expected.trim(), line.trim());
    let Some((start, rest)) = expected.split_once(WILDCARD) else {
        return expected == line;
    };
    let Some(mut line) = line.strip_prefix(start) else {
        return false;
    };
    let mut parts: Vec<&str> = rest.split(WILDCARD).collect();
    let end = parts.pop().unwrap_or_default();
    for part in parts {
        let Some((_, after)) = line.split_once(part) else {
            return false;
        };
        line = after;
    }
    line.ends_with(end)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lines_are_found_in_their_order_among_others() {
        let output = "Compiling\n  test a ... ok\n  test b ... ok\nbuilt in 1.3 s by me\n";
        assert_eq!(first_missing_line("test a ... ok\n\ntest b ... ok\n", output), None);
        assert_eq!(
            first_missing_line("test b ... ok\ntest a ... ok\n", output),
            Some("test a ... ok")
        );
        assert_eq!(first_missing_line("built in … s by …\n", output), None);
        assert_eq!(first_missing_line("built in … s\n", output), Some("built in … s"));
        assert_eq!(first_missing_line("…\n…\n…\n…\n…\n", output), Some("…"));
    }
}
