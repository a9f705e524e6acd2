//! Payments: tokens, the saga, and reports.
