//! `crash_point!`: a place at which a test has the host fall over. Without the feature `crash-points` it is nothing.

/// A place, in four forms.
///
/// - `crash_point!(around WHAT, COMMIT)` is the commit, with a place before it and one after it.
/// - `crash_point!(PLACE of TRIP)` is a place of an exchange.
/// - `crash_point!(body TRIP, BYTES)` is the body of a request on a pooled connection.
/// - `crash_point!(sending TRIP, REQUEST)` is the sending of it, with a place after the body was taken.
#[cfg(feature = "crash-points")]
#[macro_export]
macro_rules! crash_point {
    (around $what:expr, $commit:expr) => {{
        let what = $what;
        $crate::around(what, $commit).await
    }};
    (body $trip:expr, $bytes:expr) => {
        $trip.watched($bytes)
    };
    (sending $trip:expr, $request:expr) => {
        $trip.written($request).await?
    };
    ($place:literal of $trip:expr) => {
        if let Err(kind) = $crate::effect(&$trip.what, $place, $trip.deadline).await {
            return Err($trip.failed(kind.into(), $crate::MARK));
        }
    };
}

/// See above: nothing but the commit itself.
#[cfg(not(feature = "crash-points"))]
#[macro_export]
macro_rules! crash_point {
    (around $what:expr, $commit:expr) => {
        $commit.await
    };
    (body $trip:expr, $bytes:expr) => {
        $bytes
    };
    (sending $trip:expr, $request:expr) => {
        $request.await
    };
    ($place:literal of $trip:expr) => {};
}
