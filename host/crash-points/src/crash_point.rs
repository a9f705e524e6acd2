//! `crash_point!`: a point at which a test can stop the host. Without the feature `crash-points` it expands to the code it wraps.

/// A crash point, in four forms.
///
/// - `crash_point!(around WHAT, COMMIT)` runs the commit, with a crash point before it and one after it.
/// - `crash_point!(PLACE in EXCHANGE)` is a crash point inside an exchange with an upstream.
/// - `crash_point!(body EXCHANGE, BYTES)` wraps the body of a request on a pooled connection.
/// - `crash_point!(sending EXCHANGE, REQUEST)` sends that request, with a crash point after its body was taken.
#[cfg(feature = "crash-points")]
#[macro_export]
macro_rules! crash_point {
    (around $what:expr, $commit:expr) => {{
        let what = $what;
        $crate::around_commit(what, $commit).await
    }};
    (body $exchange:expr, $bytes:expr) => {
        $exchange.observe_body($bytes)
    };
    (sending $exchange:expr, $request:expr) => {
        $exchange.send_observed($request).await?
    };
    ($place:literal in $exchange:expr) => {
        if let Err(kind) = $crate::inside_exchange(&$exchange.request_name, $place, $exchange.deadline).await {
            return Err($exchange.error(kind.into(), $crate::INJECTED_ERROR));
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
    (body $exchange:expr, $bytes:expr) => {
        $bytes
    };
    (sending $exchange:expr, $request:expr) => {
        $request.await
    };
    ($place:literal in $exchange:expr) => {};
}
