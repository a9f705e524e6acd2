//! Selects requests by method and path.

/// Matches requests with a method and a path pattern, in which `*` stands for one segment. Queries are ignored.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Route {
    method: &'static str,
    pattern: &'static str,
}

impl Route {
    /// A route for a method and a path pattern.
    #[must_use]
    pub const fn new(method: &'static str, pattern: &'static str) -> Self {
        Self { method, pattern }
    }

    pub(super) fn covers(self, method: &str, path: &str) -> bool {
        let path = path.split('?').next().unwrap_or_default();
        let (mut wanted, mut given) = (self.pattern.split('/'), path.split('/'));
        let same = |(wanted, given): (&str, &str)| wanted == "*" || wanted == given;
        method == self.method
            && wanted.by_ref().zip(given.by_ref()).all(same)
            && self.pattern.split('/').count() == path.split('/').count()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_star_is_one_segment_and_a_query_does_not_matter() {
        let resolve = Route::new("POST", "/v1/tokens/*/resolve");
        assert!(resolve.covers("POST", "/v1/tokens/spt_1/resolve?expand=x"));
        for (method, path) in [
            ("GET", "/v1/tokens/spt_1/resolve"),
            ("POST", "/v1/tokens/spt_1"),
            ("POST", "/v1/tokens/spt_1/resolve/x"),
            ("POST", "/v1/tokens/a/b/resolve"),
        ] {
            assert!(!resolve.covers(method, path), "{method} {path}");
        }
    }
}
