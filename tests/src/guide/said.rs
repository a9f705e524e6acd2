//! Compares the output of commands with what a guide shows.

/// Wildcard in expected lines: matches any text.
const ANYTHING: char = '…';

/// The first expected line that is missing from the output, in order.
pub(super) fn missing<'a>(expected: &'a str, said: &str) -> Option<&'a str> {
    let mut said = said.lines();
    let mut expected = expected.lines().filter(|line| !line.trim().is_empty());
    expected.find(|wanted| !said.any(|line| is(wanted, line)))
}

/// Whether a line matches; leading and trailing space is ignored.
fn is(expected: &str, line: &str) -> bool {
    let (expected, line) = (expected.trim(), line.trim());
    let Some((start, rest)) = expected.split_once(ANYTHING) else {
        return expected == line;
    };
    let Some(mut line) = line.strip_prefix(start) else {
        return false;
    };
    let mut parts: Vec<&str> = rest.split(ANYTHING).collect();
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
        let said = "Compiling\n  test a ... ok\n  test b ... ok\nbuilt in 1.3 s by me\n";
        assert_eq!(missing("test a ... ok\n\ntest b ... ok\n", said), None);
        assert_eq!(missing("test b ... ok\ntest a ... ok\n", said), Some("test a ... ok"));
        assert_eq!(missing("built in … s by …\n", said), None);
        assert_eq!(missing("built in … s\n", said), Some("built in … s"));
        assert_eq!(missing("…\n…\n…\n…\n…\n", said), Some("…"));
    }
}
