//! `crash_point!`: a point at which a test can stop the host. Without the feature `crash-points` it expands to the code it wraps.

/// A crash point, in four forms.
///
/// - `crash_point!(around WHAT, COMMIT)` runs the commit, with a crash point before it and one after it.
/// - `crash_point!(PLACE of TRIP)` is a crash point inside an exchange with an upstream.
/// - `crash_point!(body TRIP, BYTES)` wraps the body of a request on a pooled connection.
/// - `crash_point!(sending TRIP, REQUEST)` sends that request, with a crash point after its body was taken.
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
            return Err($trip.failed(kind.into(), $crate::INJECTED_ERROR));
        }
    };
}

/// Without the feature, expands to the wrapped code alone.
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
