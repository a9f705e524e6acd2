//! `crash_point!`: a place at which a test has the host fall over. Without the feature `crash-points` it is nothing.

/// `crash_point!(around WHAT, COMMIT)` is the commit, with a place before it and one after it.
/// `crash_point!(PLACE of TRIP)` is a place of an exchange.
#[cfg(feature = "crash-points")]
macro_rules! crash_point {
    (around $what:expr, $commit:expr) => {{
        let what = $what;
        $crate::crash::around(what, $commit).await
    }};
    ($place:literal of $trip:expr) => {
        if let Err(kind) = $crate::crash::effect(&$trip.what, $place, $trip.deadline).await {
            return Err($trip.failed(kind, $crate::crash::MARK));
        }
    };
}

/// See above: nothing but the commit itself.
#[cfg(not(feature = "crash-points"))]
macro_rules! crash_point {
    (around $what:expr, $commit:expr) => {
        $commit.await
    };
    ($place:literal of $trip:expr) => {};
}
