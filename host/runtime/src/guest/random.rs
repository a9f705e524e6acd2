//! RNG seed of a guest.
//!
//! A charge that is retried calls its plugin again, and the request must be identical to the byte, in a host of any release and
//! on any machine. So the RNG seed is specified here instead of by the standard library's hasher, which may change: the first
//! eight bytes, big-endian, of SHA-256 over a fixed label, the length of the session id, the session id, and the time.

use sha2::{Digest as _, Sha256};

use tillhouse_checkout::ids::SessionId;
use tillhouse_checkout::time::Timestamp;

/// Domain separation of this hash. Another way to compute it needs another label.
const LABEL: &[u8] = b"tillhouse guest random 1\0";

/// Seed for a session at the start time of its phase; equal inputs give equal seeds.
pub(crate) fn seed(session: &SessionId, now: Timestamp) -> u64 {
    let session = session.as_str().as_bytes();
    let digest = Sha256::new()
        .chain_update(LABEL)
        .chain_update((session.len() as u64).to_be_bytes())
        .chain_update(session)
        .chain_update(now.millis().to_be_bytes())
        .finalize();
    digest.iter().take(8).fold(0, |seed, byte| seed << 8 | u64::from(*byte))
}

/// The next 64 bits (splitmix64): for hash maps, not for secrets.
pub(crate) const fn next(state: &mut u64) -> u64 {
    *state = state.wrapping_add(0x9e37_79b9_7f4a_7c15);
    let mut z = *state;
    z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    z ^ (z >> 31)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(session: &str, now: u64) -> u64 {
        seed(&SessionId::new(session), Timestamp(now))
    }

    /// Expected values were computed independently of this code. A change here changes the bytes of retried charges.
    #[test]
    fn the_seeds_are_those_of_every_release() {
        assert_eq!(of("cs_1", 1_767_268_800_000), 0x6346_f43f_aa1f_cbd0);
        assert_eq!(of("cs_1", 1_767_268_800_001), 0xb916_fb51_4339_9fd6);
        assert_eq!(of("", 0), 0x0ee2_789f_cd74_30b3);
    }

    #[test]
    fn the_numbers_are_those_of_every_release() {
        let mut state = of("cs_1", 1_767_268_800_000);
        assert_eq!(
            [next(&mut state), next(&mut state)],
            [0x5ccf_fe6d_e1f3_90e6, 0x9a46_24c9_afa3_30aa]
        );
    }

    #[test]
    fn where_the_session_ends_and_the_time_begins_counts() {
        assert_ne!(of("cs_1", 0), of("cs_1\0", 0));
        assert_ne!(of("cs_1", 0), of("cs_1\0\0\0\0\0\0\0\0", 0));
        assert_ne!(of("a", u64::from(b'b') << 56), of("ab", 0));
    }
}
