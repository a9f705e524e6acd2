//! What a token must grant to pay a checkout.

use super::*;

fn usd(minor: i64) -> Money {
    Money {
        amount: Amount::new(minor).unwrap(),
        currency: Currency::new("usd").unwrap(),
    }
}

fn good() -> GrantedToken {
    GrantedToken {
        session: None,
        billing: None,
        id: TokenId::new("spt_1"),
        livemode: false,
        deactivated: None,
        next_action: None,
        expires: Some(Timestamp(100_000)),
        currency: Currency::new("usd").ok(),
        max_amount: Amount::new(1000).ok(),
        captured: Amount::ZERO,
        method: Some("card".into()),
        forms: Vec::new(),
        card: CardDisplay::default(),
        signals: Vec::new(),
        checks: Vec::new(),
        agent_profile: Some("profile_a".into()),
        agent_name: None,
    }
}

fn check(token: &GrantedToken) -> Result<(), PaymentTokenError> {
    token.check(&Due {
        session: &SessionId::new("cs_1"),
        total: usd(1000),
        agent_profile: Some("profile_a"),
        mismatch: ProfileMismatch::Refuse,
        livemode: false,
        now: Timestamp(30_000),
        margin: Duration::from_secs(60),
    })
}

#[test]
fn a_token_pays_up_to_its_limit() {
    assert_eq!(check(&good()), Ok(()));
    let spent = GrantedToken {
        captured: Amount::new(1).unwrap(),
        ..good()
    };
    assert_eq!(
        check(&spent),
        Err(PaymentTokenError::AmountExceeded {
            limit: usd(999),
            total: usd(1000)
        })
    );
}

#[test]
fn each_defect_of_a_token_has_its_own_answer() {
    let eur = Currency::new("eur").unwrap();
    let mismatch = PaymentTokenError::CurrencyMismatch {
        token: eur,
        checkout: usd(0).currency,
    };
    for (token, problem) in [
        (
            GrantedToken {
                deactivated: Some("revoked".into()),
                ..good()
            },
            PaymentTokenError::Deactivated,
        ),
        (
            GrantedToken {
                deactivated: Some("resolved".into()),
                ..good()
            },
            PaymentTokenError::Deactivated,
        ),
        (
            GrantedToken {
                deactivated: Some("expired".into()),
                ..good()
            },
            PaymentTokenError::Expired,
        ),
        (
            GrantedToken {
                expires: Some(Timestamp(90_000)),
                ..good()
            },
            PaymentTokenError::Expired,
        ),
        (
            GrantedToken {
                currency: Some(eur),
                ..good()
            },
            mismatch,
        ),
    ] {
        assert_eq!(check(&token), Err(problem));
    }
    for token in [
        GrantedToken {
            livemode: true,
            ..good()
        },
        GrantedToken {
            next_action: Some("redirect_to_url".into()),
            ..good()
        },
        GrantedToken {
            agent_profile: Some("profile_b".into()),
            ..good()
        },
    ] {
        assert!(matches!(check(&token), Err(PaymentTokenError::Unusable(_))));
    }
}

#[test]
fn a_token_of_another_agent_is_refused_only_where_the_merchant_says_so() {
    let token = GrantedToken {
        agent_profile: Some("profile_b".into()),
        ..good()
    };
    let check = |mismatch| {
        token.check(&Due {
            session: &SessionId::new("cs_1"),
            total: usd(1000),
            agent_profile: Some("profile_a"),
            mismatch,
            livemode: false,
            now: Timestamp(30_000),
            margin: Duration::from_secs(60),
        })
    };
    assert!(matches!(
        check(ProfileMismatch::Refuse),
        Err(PaymentTokenError::Unusable(_))
    ));
    assert_eq!(check(ProfileMismatch::Warn), Ok(()));
    assert_eq!(check(ProfileMismatch::Ignore), Ok(()));
    assert!(token.is_of_another_agent(Some("profile_a")));
    assert!(!token.is_of_another_agent(Some("profile_b")));
    assert!(!token.is_of_another_agent(None), "nothing to compare with");
}

#[test]
fn what_a_token_does_not_limit_is_not_checked() {
    let open = GrantedToken {
        expires: None,
        currency: None,
        max_amount: None,
        agent_profile: None,
        ..good()
    };
    assert_eq!(check(&open), Ok(()));
}
