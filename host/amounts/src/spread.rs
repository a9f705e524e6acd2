//! Divides an amount by weights, by the largest-remainder method: the shares add up exactly.

use core::cmp::Reverse;
use std::collections::BTreeMap;

/// Divides `total`, which is zero or more, in proportion to the weights.
///
/// Every share is its exact part rounded down, and the units that are left go to the largest remainders; where remainders are
/// equal, to the earlier share. A weight below zero counts as zero. If no weight is positive, all shares are zero.
#[must_use]
pub fn spread(total: i64, weights: &[i64]) -> Vec<i64> {
    spread_within(total, weights, |_| i64::MAX)
}

/// As [`spread`], where the share at an index takes at most `room(index)`. What finds no room is left out.
///
/// The units that are left over go to the shares with room only. A floor that exceeds its room is cut to it.
#[must_use]
pub(crate) fn spread_within(total: i64, weights: &[i64], room: impl Fn(usize) -> i64) -> Vec<i64> {
    let weight = |index: usize| i128::from(weights.get(index).copied().unwrap_or_default().max(0));
    let sum: i128 = (0..weights.len()).map(weight).sum();
    if sum == 0 {
        return vec![0; weights.len()];
    }
    let exact = |index: usize| i128::from(total) * weight(index);
    // A share is at most the total, which fits.
    let floor = |index: usize| i64::try_from(exact(index) / sum).unwrap_or(total).min(room(index));
    let mut shares: Vec<i64> = (0..weights.len()).map(floor).collect();
    let mut left = i128::from(total) - shares.iter().copied().map(i128::from).sum::<i128>();
    let mut order: Vec<usize> = (0..weights.len()).filter(|index| weight(*index) > 0).collect();
    order.sort_by_key(|index| Reverse(exact(*index) % sum));
    for index in order {
        let Some(share) = shares.get_mut(index) else { continue };
        if left > 0 && *share < room(index) {
            *share += 1;
            left -= 1;
        }
    }
    shares
}

/// As [`spread`], in two steps: first over the keys, whose weights are summed, then within each key.
///
/// What the lines of one key get together does not depend on how the key is split into lines.
#[must_use]
pub fn spread_by_key(total: i64, weights: &[i64], keys: &[usize]) -> Vec<i64> {
    let mut groups: BTreeMap<usize, Vec<usize>> = BTreeMap::new();
    for (index, key) in keys.iter().enumerate().take(weights.len()) {
        groups.entry(*key).or_default().push(index);
    }
    if groups.len() == weights.len() {
        return spread(total, weights);
    }
    let weight = |index: &usize| weights.get(*index).copied().unwrap_or_default().max(0);
    // Weights are amounts of one cart; a sum beyond the range is refused where the cart is added up.
    let sum = |group: &Vec<usize>| group.iter().map(weight).fold(0, i64::saturating_add);
    let sums: Vec<i64> = groups.values().map(sum).collect();
    let mut shares = vec![0; weights.len()];
    for (group, of_all) in groups.values().zip(spread(total, &sums)) {
        let own: Vec<i64> = group.iter().map(weight).collect();
        for (index, share) in group.iter().zip(spread(of_all, &own)) {
            if let Some(slot) = shares.get_mut(*index) {
                *slot = share;
            }
        }
    }
    shares
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn shares_add_up_and_the_largest_remainders_get_the_rest() {
        assert_eq!(spread(100, &[1, 1, 1]), [34, 33, 33]);
        assert_eq!(spread(10, &[999, 1, 500]), [7, 0, 3]);
        assert_eq!(spread(10, &[0, -5]), [0, 0]);
        assert!(spread(10, &[]).is_empty());
        let largest = crate::MAX;
        assert_eq!(spread(largest, &[largest, largest]), [largest / 2 + 1, largest / 2]);
    }

    #[test]
    fn no_share_exceeds_its_room() {
        assert_eq!(
            spread_within(3, &[1, 1, 1], |index| if index == 0 { 0 } else { 9 }),
            [0, 2, 1]
        );
        assert_eq!(
            spread_within(2, &[1, 1, 1], |index| if index == 0 { 0 } else { 9 }),
            [0, 1, 1]
        );
    }

    #[test]
    fn what_a_key_gets_does_not_depend_on_its_lines() {
        let whole = spread_by_key(10, &[333, 333, 334], &[0, 1, 2]);
        let split = spread_by_key(10, &[111, 333, 111, 334, 111], &[0, 1, 0, 2, 0]);
        assert_eq!(whole, [3, 3, 4]);
        assert_eq!(split, [1, 3, 1, 4, 1]);
    }
}
