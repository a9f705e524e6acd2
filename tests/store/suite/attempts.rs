//! Payment attempts: the constraints that prevent double charges.

use tillhouse_checkout::attempt::Attempt;
use tillhouse_checkout::attempt::AttemptStatus::{
    self, Approved, Charging, Declined, Failed, Reserved, Resolving, Unknown, Voided,
};
use tillhouse_checkout::attempt::Unpaid;
use tillhouse_checkout::ids::{AttemptId, MerchantId, SessionId, TokenId};
use tillhouse_checkout::payer::Payer;
use tillhouse_checkout::payment_token::PaymentToken;
use tillhouse_checkout::ports::CommitError;

use super::Subject;
use super::fixtures::*;

fn with_token(mut attempt: Attempt, token: &str) -> Attempt {
    attempt.payer = Payer::Token(PaymentToken::stripe(token));
    attempt
}

pub(crate) async fn a_checkout_has_one_live_attempt(subject: &Subject) {
    for (n, state) in AttemptStatus::ALL
        .into_iter()
        .filter(|state| state.is_live())
        .enumerate()
    {
        let checkout = format!("cs_{n}");
        subject
            .commit(insert_attempt(attempt(&format!("pa_{n}"), &checkout, state)))
            .await;
        let second = attempt(&format!("pa_{n}_again"), &checkout, Reserved);
        let error = subject.refused(insert_attempt(second)).await;
        assert!(matches!(error, CommitError::LiveAttempt), "{state:?}: {error:?}");
    }
}

pub(crate) async fn an_attempt_that_ended_makes_room_for_another(subject: &Subject) {
    let first = attempt("pa_1", "cs_1", Reserved);
    subject.commit(insert_attempt(first.clone())).await;
    subject
        .commit(replace_attempt(in_state(&first, Failed), Reserved))
        .await;
    let second = attempt("pa_2", "cs_1", Charging);
    subject.commit(insert_attempt(second.clone())).await;
    subject
        .commit(replace_attempt(in_state(&second, Declined), Charging))
        .await;
    let third = attempt("pa_3", "cs_1", Unknown);
    subject.commit(insert_attempt(third.clone())).await;
    subject.commit(replace_attempt(in_state(&third, Voided), Unknown)).await;
    subject.commit(insert_attempt(attempt("pa_4", "cs_1", Reserved))).await;
    let all = subject
        .store
        .attempts_of(&merchant(), &SessionId::new("cs_1"))
        .await
        .unwrap();
    let seen: Vec<_> = all.iter().map(|it| (it.id.as_str(), it.status())).collect();
    let expected = [
        ("pa_1", Failed),
        ("pa_2", Declined),
        ("pa_3", Voided),
        ("pa_4", Reserved),
    ];
    assert_eq!(seen, expected);
}

pub(crate) async fn attempts_of_a_session_are_those_of_its_merchant(subject: &Subject) {
    let mine = attempt("pa_1", "cs_1", Reserved);
    let theirs = Attempt {
        merchant: MerchantId::new("other"),
        ..attempt("pa_2", "cs_1", Reserved)
    };
    subject.commit(insert_attempt(mine.clone())).await;
    subject.commit(insert_attempt(theirs.clone())).await;
    for expected in [mine, theirs] {
        let found = subject.store.attempts_of(&expected.merchant, &expected.session).await;
        assert_eq!(found.unwrap(), [expected]);
    }
    let none = subject
        .store
        .attempts_of(&MerchantId::new("third"), &SessionId::new("cs_1"))
        .await;
    assert_eq!(none.unwrap(), []);
}

pub(crate) async fn an_attempt_moves_only_from_the_state_it_is_in(subject: &Subject) {
    let first = attempt("pa_1", "cs_1", Reserved);
    subject.commit(insert_attempt(first.clone())).await;
    subject
        .commit(replace_attempt(in_state(&first, Resolving), Reserved))
        .await;
    let late = subject
        .refused(replace_attempt(in_state(&first, Failed), Reserved))
        .await;
    assert!(matches!(late, CommitError::Attempt), "{late:?}");
    let unknown = attempt("pa_2", "cs_2", Resolving);
    let missing = subject.refused(replace_attempt(unknown, Reserved)).await;
    assert!(matches!(missing, CommitError::Attempt), "{missing:?}");
    let stored = subject.store.attempt(&AttemptId::new("pa_1")).await.unwrap();
    assert_eq!(stored, Some(in_state(&first, Resolving)));
}

pub(crate) async fn a_resolved_token_is_used_up(subject: &Subject) {
    let first = with_token(attempt("pa_1", "cs_1", Reserved), "spt");
    let second = with_token(attempt("pa_2", "cs_2", Reserved), "spt");
    let (token, elsewhere) = (TokenId::new("spt"), SessionId::new("cs_2"));
    subject.commit(insert_attempt(first.clone())).await;
    subject.commit(insert_attempt(second.clone())).await;
    let used = subject.store.token_used(&merchant(), &token, &elsewhere).await;
    assert!(!used.unwrap(), "a reservation does not use the token up");

    subject
        .commit(replace_attempt(in_state(&first, Resolving), Reserved))
        .await;
    let used = subject.store.token_used(&merchant(), &token, &elsewhere).await;
    assert!(used.unwrap(), "resolving may have consumed the token");
    let own = subject.store.token_used(&merchant(), &token, &first.session).await;
    assert!(!own.unwrap(), "not consumed for its own checkout");
    let other = MerchantId::new("other");
    let theirs = subject.store.token_used(&other, &token, &elsewhere).await;
    assert!(!theirs.unwrap(), "not consumed for another merchant");

    let error = subject
        .refused(replace_attempt(in_state(&second, Resolving), Reserved))
        .await;
    assert!(matches!(error, CommitError::TokenUsed), "{error:?}");
    // A failure after the resolve does not make the token usable again.
    subject
        .commit(replace_attempt(in_state(&first, Failed), Resolving))
        .await;
    let error = subject
        .refused(replace_attempt(in_state(&second, Resolving), Reserved))
        .await;
    assert!(matches!(error, CommitError::TokenUsed), "{error:?}");
}

pub(crate) async fn a_token_that_was_never_resolved_may_be_tried_again(subject: &Subject) {
    let first = with_token(attempt("pa_1", "cs_1", Reserved), "spt");
    subject.commit(insert_attempt(first.clone())).await;
    subject
        .commit(replace_attempt(in_state(&first, Failed), Reserved))
        .await;
    let second = with_token(attempt("pa_2", "cs_1", Reserved), "spt");
    subject.commit(insert_attempt(second.clone())).await;
    subject
        .commit(replace_attempt(in_state(&second, Resolving), Reserved))
        .await;
}

/// The token service has shown that the token was not resolved: it can pay another attempt, of any checkout, and is then consumed.
pub(crate) async fn a_token_that_is_shown_to_be_unused_is_free(subject: &Subject) {
    for (checkout, again) in [("cs_1", "cs_1"), ("cs_2", "cs_3")] {
        let token = format!("spt_{checkout}");
        let first = with_token(attempt(&format!("pa_{checkout}"), checkout, Reserved), &token);
        subject.commit(insert_attempt(first.clone())).await;
        let resolving = in_state(&first, Resolving);
        subject.commit(replace_attempt(resolving.clone(), Reserved)).await;
        let unused = Attempt {
            state: Unpaid::Failed {
                reason: "the token was not resolved".to_owned(),
                token_unused: true,
            }
            .at(START),
            ..first.clone()
        };
        subject.commit(replace_attempt(unused, Resolving)).await;
        let (id, elsewhere) = (TokenId::new(&*token), SessionId::new("cs_other"));
        let used = subject.store.token_used(&merchant(), &id, &elsewhere).await;
        assert!(!used.unwrap(), "the token is usable again");
        let second = with_token(attempt(&format!("pa_again_{checkout}"), again, Reserved), &token);
        subject.commit(insert_attempt(second.clone())).await;
        subject
            .commit(replace_attempt(in_state(&second, Resolving), Reserved))
            .await;
        let used = subject.store.token_used(&merchant(), &id, &elsewhere).await;
        assert!(used.unwrap(), "resolving may have consumed the token");
    }
}

pub(crate) async fn references_are_unique_per_merchant(subject: &Subject) {
    let approved = |id: &str, checkout: &str, reference: &str| Attempt {
        state: approved_with(reference),
        ..attempt(id, checkout, Approved)
    };
    subject.commit(insert_attempt(approved("pa_1", "cs_1", "ch_1"))).await;
    let seen = subject.refused(insert_attempt(approved("pa_2", "cs_2", "ch_1"))).await;
    assert!(matches!(seen, CommitError::ReferenceSeen), "{seen:?}");
    let charging = attempt("pa_3", "cs_3", Charging);
    subject.commit(insert_attempt(charging)).await;
    let seen = subject
        .refused(replace_attempt(approved("pa_3", "cs_3", "ch_1"), Charging))
        .await;
    assert!(matches!(seen, CommitError::ReferenceSeen), "{seen:?}");
    let ours = Attempt {
        reference: "reference-pa_1".into(),
        ..attempt("pa_4", "cs_4", Reserved)
    };
    let ours = subject.refused(insert_attempt(ours)).await;
    assert!(matches!(ours, CommitError::Attempt), "{ours:?}");
    let elsewhere = Attempt {
        merchant: MerchantId::new("other"),
        ..approved("pa_5", "cs_5", "ch_1")
    };
    subject.commit(insert_attempt(elsewhere)).await;
}

pub(crate) async fn what_an_attempt_pays_never_changes(subject: &Subject) {
    let first = attempt("pa_1", "cs_1", Reserved);
    subject.commit(insert_attempt(first.clone())).await;
    let next = in_state(&first, Resolving);
    for changed in [
        Attempt {
            amount: money(1),
            ..next.clone()
        },
        Attempt {
            session: SessionId::new("cs_2"),
            ..next.clone()
        },
        with_token(next.clone(), "spt_other"),
        Attempt {
            reference: "another".into(),
            ..next.clone()
        },
    ] {
        let error = subject.refused(replace_attempt(changed, Reserved)).await;
        assert!(matches!(error, CommitError::Attempt), "{error:?}");
    }
    subject.commit(replace_attempt(next, Reserved)).await;
}

/// The store itself rejects transitions that the state machine forbids, whichever code attempts them.
pub(crate) async fn an_attempt_moves_only_where_it_may(subject: &Subject) {
    for (n, from) in AttemptStatus::ALL.into_iter().enumerate() {
        for (m, to) in AttemptStatus::ALL.into_iter().enumerate() {
            let stored = attempt(&format!("pa_{n}_{m}"), &format!("cs_{n}_{m}"), from);
            subject.commit(insert_attempt(stored.clone())).await;
            let moved = subject.store.commit(replace_attempt(in_state(&stored, to), from)).await;
            let expected = from.may_become(to);
            assert_eq!(moved.is_ok(), expected, "{from:?} -> {to:?}: {moved:?}");
            let now = subject.store.attempt(&stored.id).await.unwrap().unwrap();
            assert_eq!(now.status(), if expected { to } else { from });
        }
    }
}

pub(crate) async fn an_attempt_is_found_by_its_reference(subject: &Subject) {
    let stored = attempt("pa_1", "cs_1", Charging);
    subject.commit(insert_attempt(stored.clone())).await;
    let find =
        async |whose: &MerchantId, reference: &str| subject.store.attempt_by_reference(whose, reference).await.unwrap();
    assert_eq!(find(&merchant(), "reference-pa_1").await, Some(stored));
    assert_eq!(find(&merchant(), "reference-pa_2").await, None);
    assert_eq!(find(&MerchantId::new("other"), "reference-pa_1").await, None);
}

/// An order without a charge: no token, no amount, and no unknown outcome.
pub(crate) async fn an_attempt_without_a_token_charges_nothing(subject: &Subject) {
    let free = |id: &str, session: &str, state| Attempt {
        payer: Payer::NothingDue {},
        amount: money(0),
        ..attempt(id, session, state)
    };
    // Two attempts without a token do not conflict, as two with the same token would.
    for id in ["1", "2"] {
        let (id, session) = (format!("pa_free_{id}"), format!("cs_free_{id}"));
        let reserved = free(&id, &session, Reserved);
        subject.commit(insert_attempt(reserved.clone())).await;
        assert_eq!(
            subject.store.attempt(&reserved.id).await.unwrap(),
            Some(reserved.clone())
        );
        let charged = in_state(&reserved, Resolving);
        let error = subject.refused(replace_attempt(charged, Reserved)).await;
        assert!(matches!(error, CommitError::Attempt), "{error:?}");
        let made = in_state(&reserved, Approved);
        subject.commit(replace_attempt(made.clone(), Reserved)).await;
        assert_eq!(subject.store.attempt(&made.id).await.unwrap(), Some(made));
    }
    let owed = Attempt {
        amount: money(1),
        ..free("pa_owed", "cs_owed", Reserved)
    };
    let error = subject.refused(insert_attempt(owed)).await;
    assert!(
        matches!(error, CommitError::Store(_)),
        "expected a refusal of an amount without a token: {error:?}"
    );
    // The token of an attempt never changes.
    let paid = attempt("pa_paid", "cs_paid", Reserved);
    subject.commit(insert_attempt(paid.clone())).await;
    let freed = Attempt {
        payer: Payer::NothingDue {},
        ..in_state(&paid, Approved)
    };
    let error = subject.refused(replace_attempt(freed, Reserved)).await;
    assert!(matches!(error, CommitError::Attempt), "{error:?}");
}
