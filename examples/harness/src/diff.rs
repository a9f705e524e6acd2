//! Line-by-line difference of two texts.

/// Number of unchanged lines shown around a difference.
const AROUND: usize = 2;

#[derive(Clone, Copy, PartialEq, Eq)]
enum Side {
    Both,
    Left,
    Right,
}

/// Marks lines of the first text with `- `, of the second with `+ `, and shows a few unchanged lines around them.
pub(crate) fn lines(left: &str, right: &str) -> String {
    let lines = aligned(&left.lines().collect::<Vec<_>>(), &right.lines().collect::<Vec<_>>());
    let is_near = |index: usize| {
        let from = index.saturating_sub(AROUND);
        lines
            .iter()
            .skip(from)
            .take(index - from + AROUND + 1)
            .any(|(side, _)| *side != Side::Both)
    };
    let mut shown = String::new();
    let mut skipped = false;
    for (index, (side, line)) in lines.iter().enumerate() {
        if !is_near(index) {
            skipped = true;
            continue;
        }
        if std::mem::take(&mut skipped) {
            shown.push_str("  …\n");
        }
        let mark = match side {
            Side::Both => ' ',
            Side::Left => '-',
            Side::Right => '+',
        };
        shown.push_str(&format!("{mark} {line}\n"));
    }
    shown
}

/// The textbook algorithm for the longest common subsequence: golden files are short.
fn aligned<'a>(left: &[&'a str], right: &[&'a str]) -> Vec<(Side, &'a str)> {
    let width = right.len() + 1;
    let mut longest = vec![0_usize; (left.len() + 1) * width];
    let at = |longest: &[usize], i: usize, j: usize| longest.get(i * width + j).copied().unwrap_or(0);
    for (i, a) in left.iter().enumerate().rev() {
        for (j, b) in right.iter().enumerate().rev() {
            let best = if a == b {
                at(&longest, i + 1, j + 1) + 1
            } else {
                at(&longest, i + 1, j).max(at(&longest, i, j + 1))
            };
            if let Some(cell) = longest.get_mut(i * width + j) {
                *cell = best;
            }
        }
    }
    let (mut i, mut j) = (0, 0);
    let mut lines = Vec::new();
    loop {
        match (left.get(i), right.get(j)) {
            (Some(a), Some(b)) if a == b => {
                lines.push((Side::Both, *a));
                (i, j) = (i + 1, j + 1);
            }
            (Some(a), b) if b.is_none() || at(&longest, i + 1, j) >= at(&longest, i, j + 1) => {
                lines.push((Side::Left, *a));
                i += 1;
            }
            (_, Some(b)) => {
                lines.push((Side::Right, *b));
                j += 1;
            }
            (_, None) => return lines,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lines_that_differ_are_shown_with_a_few_around() {
        let left = "a\nb\nc\nd\ne\nf\ng\n";
        let right = "a\nb\nc\nd\nE\nf\ng\nh\n";
        assert_eq!(lines(left, right), "  …\n  c\n  d\n- e\n+ E\n  f\n  g\n+ h\n");
        assert_eq!(lines("", "x\n"), "+ x\n");
        assert_eq!(lines("x\n", ""), "- x\n");
    }
}
