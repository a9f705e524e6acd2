//! Erasing a buyer from what is stored, so that what was bought, what it cost and who was paid stay.

use super::attempt::Attempt;
use super::cart::Cart;
use super::device::Device;
use super::metadata::Metadata;
use super::order::Order;
use super::session::{Session, SessionState};
use super::shown_quote::ShownQuotes;

impl Session {
    /// Whether the session names this e-mail address, as the buyer's or a recipient's, in any case.
    #[must_use]
    pub fn names_email(&self, email: &str) -> bool {
        self.emails().any(|other| other.eq_ignore_ascii_case(email))
    }

    /// Every e-mail address in the session.
    pub fn emails(&self) -> impl Iterator<Item = &str> {
        let buyer = self.cart.buyer.as_ref().and_then(|buyer| buyer.email.as_deref());
        let groups = self.cart.groups.iter().filter_map(|group| group.recipient.as_ref());
        let recipients = self.cart.recipient.iter().chain(groups);
        buyer
            .into_iter()
            .chain(recipients.filter_map(|recipient| recipient.email.as_deref()))
    }

    /// Remove the buyer from the session: names, addresses, e-mail addresses, telephone numbers, and every text that a person or an
    /// agent wrote freely. Items, amounts, codes, the chosen options and the order stay. An open session is canceled, because what is
    /// left of it cannot be bought. The revision becomes the next one.
    pub fn erase_buyer(&mut self) {
        self.revision += 1;
        if self.state == SessionState::Open {
            self.state = SessionState::Canceled;
        }
        self.cart.erase_buyer();
        // Texts of the merchant's plugin may address the buyer.
        self.quote.messages.clear();
        self.last_payment_error = None;
        self.consents.clear();
        self.attributions.clear();
        self.intent_trace = None;
        self.shown = ShownQuotes::default();
    }
}

impl Cart {
    fn erase_buyer(&mut self) {
        self.buyer = None;
        self.recipient = None;
        self.billing = None;
        self.quote_id = None;
        self.purchase_order = None;
        self.before_payment = None;
        self.notes = None;
        self.metadata = Metadata::default();
        for group in &mut self.groups {
            group.destination = None;
            group.recipient = None;
            group.instructions = None;
        }
    }
}

impl Order {
    /// The next revision of the order, without the buyer: addresses, downloads, and every text that a person wrote freely. Units, money,
    /// carriers and tracking numbers stay.
    #[must_use]
    pub fn without_buyer(&self) -> Self {
        let mut order = self.clone();
        order.progress.revision += 1;
        for fulfillment in &mut order.progress.fulfillments {
            fulfillment.destination = None;
            fulfillment.description = None;
            fulfillment.digital = None;
            for event in &mut fulfillment.events {
                event.description = None;
                event.location = None;
            }
        }
        for adjustment in &mut order.progress.adjustments {
            adjustment.reason = None;
        }
        order
    }
}

impl Attempt {
    /// Remove the buyer from an ended attempt: billing address and device. Both are kept for sending the charge again, which an
    /// ended attempt never does.
    pub fn erase_buyer(&mut self) {
        self.billing = None;
        self.device = Device::default();
    }
}
