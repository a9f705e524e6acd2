//! Writes feeds: the rows of a catalog as Stripe's feeds want them, exports, and files of refused rows.

mod column_names;
mod error_writer;
mod feed_writer;

pub use column_names::ColumnNames;
pub use error_writer::ErrorWriter;
pub use feed_writer::FeedWriter;
