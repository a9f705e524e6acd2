//! How ready a quote is for payment, by its errors.

use super::shop::Shop;
use crate::message::{Message, Resolution, Subject};
use crate::quote::Quote;
use crate::readiness::Readiness;

const PAGE: &str = "https://shop.example/checkout/1";

fn error(code: &str) -> Message {
    Message::error(code, Subject::Session, "No")
}

fn quote(errors: &[Message], page: Option<&str>) -> Quote {
    Quote {
        messages: errors.to_vec(),
        continue_url: page.map(str::to_owned),
        ..Shop::selling(&[("song", 1, 500)], false).quote()
    }
}

#[test]
fn the_agent_acts_before_the_buyer_and_the_buyer_before_the_merchant() {
    let review = Message {
        resolution: Some(Resolution::RequiresBuyerReview),
        ..error("region_restricted")
    };
    let escalation = Readiness::RequiresEscalation(PAGE);
    for (errors, page, expected) in [
        (vec![], Some(PAGE), Readiness::Ready),
        (
            vec![error("missing"), error("missing")],
            Some(PAGE),
            Readiness::NotReady,
        ),
        (
            vec![error("missing"), error("out_of_stock")],
            Some(PAGE),
            Readiness::NotReady,
        ),
        (vec![error("out_of_stock")], None, Readiness::NotReady),
        (vec![error("requires_sign_in")], Some(PAGE), escalation),
        (
            vec![error("age_verification_required"), review.clone()],
            Some(PAGE),
            escalation,
        ),
        (vec![review], None, Readiness::NotReady),
        (
            vec![error("requires_sign_in"), error("missing")],
            Some(PAGE),
            Readiness::NotReady,
        ),
        (
            vec![error("requires_sign_in"), error("approval_required")],
            Some(PAGE),
            escalation,
        ),
        (vec![error("approval_required")], Some(PAGE), Readiness::PendingApproval),
        (vec![error("approval_required")], None, Readiness::PendingApproval),
        (
            vec![error("approval_required"), error("missing")],
            None,
            Readiness::NotReady,
        ),
    ] {
        assert_eq!(quote(&errors, page).readiness(), expected, "{errors:?}");
    }
}

#[test]
fn a_quote_without_lines_is_not_ready() {
    assert_eq!(Quote::default().readiness(), Readiness::NotReady);
}
