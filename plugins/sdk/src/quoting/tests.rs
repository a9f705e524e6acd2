//! A quote that a plugin composes of its single decisions.
