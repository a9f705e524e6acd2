//! What must never happen, whatever crashes, races or lies.

mod totals;
