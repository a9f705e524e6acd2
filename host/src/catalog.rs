//! The merchant's catalog: the rows of the product feed.
