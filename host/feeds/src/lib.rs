//! Uploads of product feeds: what agents are told of a merchant's catalog.
//!
//! An upload is a saga: each step is committed before the next request is sent, so that it goes on where it was after a crash, on any
//! host, and nothing is uploaded twice.
