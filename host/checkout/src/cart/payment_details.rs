//! Billing address and purchase order, which most agents give beside the payment: those of a payment that failed are not of the next.

use serde::{Deserialize, Serialize};

use super::{Address, Cart, CartEdit, CartError};

/// What a cart says of the payment.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct PaymentDetails {
    /// Billing address of the payment that failed.
    pub billing: Option<Address>,
    /// Number of the purchase order in the buyer's own books.
    pub purchase_order: Option<String>,
}

impl Cart {
    /// Apply the last changes, which come with a payment. Its billing address and purchase order replace those of an earlier payment,
    /// also where it has none.
    ///
    /// # Errors
    /// As for [`Cart::apply`].
    pub fn apply_with_payment(&mut self, edit: CartEdit) -> Result<(), CartError> {
        self.forget_payment();
        let before = self.payment_details();
        self.apply(edit)?;
        self.before_payment = (before != self.payment_details()).then(|| Box::new(before));
        Ok(())
    }

    /// Take back what came with a payment that failed.
    pub fn forget_payment(&mut self) {
        if let Some(before) = self.before_payment.take() {
            self.billing = before.billing;
            self.purchase_order = before.purchase_order;
        }
    }

    fn payment_details(&self) -> PaymentDetails {
        PaymentDetails {
            billing: self.billing.clone(),
            purchase_order: self.purchase_order.clone(),
        }
    }
}
