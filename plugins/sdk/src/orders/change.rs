//! Constructors for changes of an order, and what they are about.

use super::{Adjustment, Change, Confirmation, Fulfillment, LineUnits, OrderChange, Reading};

impl Reading {
    /// Creates a reading of changes, in the order in which they took place; an empty response with status 200 is sent.
    ///
    /// ```
    /// use tillhouse_plugin::orders::{OrderChange, Reading};
    ///
    /// let reading = Reading::of(vec![OrderChange::status("evt_1", "ord_1", "processing")]);
    /// assert_eq!((reading.changes.len(), reading.reply), (1, None));
    /// ```
    #[must_use]
    pub const fn of(changes: Vec<OrderChange>) -> Self {
        Self { changes, reply: None }
    }
}

impl OrderChange {
    /// Creates a change that reports goods as shipped, handed over or delivered.
    ///
    /// ```
    /// use tillhouse_plugin::orders::{Fulfillment, OrderChange};
    ///
    /// let parcel = Fulfillment::new("parcel_9", "shipping", "delivered", 1_767_225_600_000);
    /// assert_eq!(OrderChange::fulfilled("evt_1", "ord_1", parcel).order, "ord_1");
    /// ```
    #[must_use]
    pub fn fulfilled(id: impl Into<String>, order: impl Into<String>, fulfillment: Fulfillment) -> Self {
        Self::of(id, order, Change::Fulfilled(fulfillment))
    }

    /// Creates a change that reports money or goods as returned.
    ///
    /// ```
    /// use tillhouse_plugin::orders::{Adjustment, OrderChange};
    ///
    /// let refund = Adjustment::new("re_1", "refund", "completed", 1_767_225_600_000);
    /// assert_eq!(OrderChange::adjusted("evt_1", "ord_1", refund).id, "evt_1");
    /// ```
    #[must_use]
    pub fn adjusted(id: impl Into<String>, order: impl Into<String>, adjustment: Adjustment) -> Self {
        Self::of(id, order, Change::Adjusted(adjustment))
    }

    /// Creates a change that reports the status of an order, such as `processing`.
    ///
    /// ```
    /// use tillhouse_plugin::orders::{Change, OrderChange};
    ///
    /// let change = OrderChange::status("evt_1", "ord_1", "processing");
    /// assert_eq!(change.what, Change::Status("processing".into()));
    /// ```
    #[must_use]
    pub fn status(id: impl Into<String>, order: impl Into<String>, status: impl Into<String>) -> Self {
        Self::of(id, order, Change::Status(status.into()))
    }

    /// Creates a change that confirms an order; what is left out stays as it was.
    ///
    /// ```
    /// use tillhouse_plugin::orders::{Confirmation, OrderChange};
    ///
    /// let invoiced = Confirmation { invoice: Some("2026-17".into()), ..Confirmation::default() };
    /// let change = OrderChange::confirmed("evt_1", "ord_1", invoiced);
    /// assert_eq!(change.order, "ord_1");
    /// ```
    #[must_use]
    pub fn confirmed(id: impl Into<String>, order: impl Into<String>, confirmation: Confirmation) -> Self {
        Self::of(id, order, Change::Confirmed(confirmation))
    }

    fn of(id: impl Into<String>, order: impl Into<String>, what: Change) -> Self {
        Self {
            id: id.into(),
            order: order.into(),
            what,
        }
    }
}

impl Fulfillment {
    /// Creates a parcel, pickup or download with all lines; `at` is the time of the last change in epoch milliseconds.
    ///
    /// ```
    /// use tillhouse_plugin::orders::Fulfillment;
    ///
    /// let parcel = Fulfillment {
    ///     tracking_number: Some("1Z999".into()),
    ///     ..Fulfillment::new("parcel_9", "shipping", "shipped", 1_767_225_600_000)
    /// };
    /// assert!(parcel.lines.is_empty(), "all lines");
    /// ```
    #[must_use]
    pub fn new(id: impl Into<String>, kind: &str, status: &str, at: u64) -> Self {
        Self {
            id: id.into(),
            kind: kind.into(),
            status: status.into(),
            lines: Vec::new(),
            carrier: None,
            tracking_number: None,
            tracking_url: None,
            description: None,
            destination: None,
            earliest: None,
            latest: None,
            digital: None,
            events: Vec::new(),
            at,
            extensions: Vec::new(),
        }
    }
}

impl Adjustment {
    /// Creates an adjustment of the order as a whole; `at` is the time of the last change in epoch milliseconds.
    ///
    /// ```
    /// use tillhouse_plugin::orders::{Adjustment, LineUnits};
    ///
    /// let returned = Adjustment {
    ///     lines: vec![LineUnits::new("line_1", 1)],
    ///     ..Adjustment::new("re_1", "return", "completed", 1_767_225_600_000)
    /// };
    /// assert_eq!(returned.amount, None);
    /// ```
    #[must_use]
    pub fn new(id: impl Into<String>, kind: &str, status: &str, at: u64) -> Self {
        Self {
            id: id.into(),
            kind: kind.into(),
            status: status.into(),
            lines: Vec::new(),
            amount: None,
            reason: None,
            code: None,
            at,
            extensions: Vec::new(),
        }
    }
}

impl LineUnits {
    /// Creates a number of units of a line.
    ///
    /// ```
    /// use tillhouse_plugin::orders::LineUnits;
    ///
    /// assert_eq!(LineUnits::new("line_1", 2).quantity, 2);
    /// ```
    #[must_use]
    pub fn new(line: impl Into<String>, quantity: u32) -> Self {
        Self {
            line: line.into(),
            quantity,
        }
    }
}
