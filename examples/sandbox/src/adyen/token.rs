//! Payment tokens of the vault: one card, for one payment of one session, up to an amount.

use serde::Serialize;

use crate::card::TestCard;
use crate::clock::year_and_month;
use crate::id::AgenticTokenId;
use crate::money::Amount;
use crate::table::Table;

/// A token in the vault, which shows only the last four digits of its card.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct AgenticToken {
    /// Id of the token: `acp_tok_…`.
    pub id: AgenticTokenId,
    /// The checkout session that it may pay.
    pub checkout_session_id: String,
    /// The company account or merchant account that may use it.
    pub merchant_id: String,
    /// The largest amount that it pays.
    #[serde(skip)]
    pub max_amount: Amount,
    /// Time from which it is refused, in Unix seconds.
    pub expires_at: i64,
    /// Whether it was used for a payment.
    pub used: bool,
    /// Last four digits of the card.
    pub last4: String,
    /// What happens to a payment; `None` for a number that is not a test card.
    #[serde(skip)]
    pub(super) card: Option<&'static TestCard>,
    /// Last month in which the card is valid, as (year, month); `None` if the request did not say.
    #[serde(skip)]
    pub(super) good_through: Option<(i64, i64)>,
}

impl AgenticToken {
    /// Whether the card has expired.
    pub(super) fn has_expired_card(&self, now: i64) -> bool {
        self.good_through.is_some_and(|month| month < year_and_month(now))
    }
}

/// Why a token does not pay.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum TokenProblem {
    /// Unknown, used, or of another merchant or session: a caller cannot tell which.
    Invalid,
    /// Too late to be used.
    Expired,
    /// Its limit is in another currency.
    Currency,
    /// Its limit is less than the amount.
    Amount,
}

impl TokenProblem {
    pub(super) const fn code(self) -> &'static str {
        match self {
            Self::Invalid => "INVALID_TOKEN",
            Self::Expired => "TOKEN_EXPIRED",
            Self::Currency => "TOKEN_CURRENCY_MISMATCH",
            Self::Amount => "TOKEN_AMOUNT_EXCEEDED",
        }
    }

    pub(super) const fn content(self) -> &'static str {
        match self {
            Self::Invalid => "This payment token cannot be used here.",
            Self::Expired => "The payment token has expired.",
            Self::Currency => "The payment token is for another currency.",
            Self::Amount => "The payment token is for a smaller amount.",
        }
    }
}

/// What a token is asked to pay.
pub(super) struct Due<'a> {
    /// The session to pay; `None` where the caller does not know it.
    pub(super) session: Option<&'a str>,
    /// The accounts of the merchant that is paid.
    pub(super) accounts: [&'a str; 2],
    pub(super) amount: &'a Amount,
    pub(super) now: i64,
}

/// Every token that was issued.
#[derive(Debug, Default)]
pub(super) struct Tokens {
    issued: Table<AgenticTokenId, AgenticToken>,
}

impl Tokens {
    pub(super) fn issue(&mut self, token: AgenticToken) {
        self.issued.push(token.id.clone(), token);
    }

    pub(super) fn all(&self) -> Vec<AgenticToken> {
        self.issued.rows().to_vec()
    }

    pub(super) fn get(&self, id: &AgenticTokenId) -> Option<&AgenticToken> {
        self.issued.get(id)
    }

    /// The token, if it can pay what is due; it is not used by that.
    pub(super) fn check(&self, id: &AgenticTokenId, due: &Due<'_>) -> Result<AgenticToken, TokenProblem> {
        let token = self.issued.get(id).ok_or(TokenProblem::Invalid)?;
        let is_meant = due.session.is_none_or(|session| session == token.checkout_session_id)
            && due.accounts.contains(&token.merchant_id.as_str());
        if token.used || !is_meant {
            return Err(TokenProblem::Invalid);
        }
        if token.expires_at <= due.now {
            return Err(TokenProblem::Expired);
        }
        if token.max_amount.currency != due.amount.currency {
            return Err(TokenProblem::Currency);
        }
        if token.max_amount.value < due.amount.value {
            return Err(TokenProblem::Amount);
        }
        Ok(token.clone())
    }

    /// Uses a token up. It is checked in the same step, so that only one payment gets it.
    pub(super) fn take(&mut self, id: &AgenticTokenId, due: &Due<'_>) -> Result<AgenticToken, TokenProblem> {
        let token = self.check(id, due)?;
        if let Some(row) = self.issued.get_mut(id) {
            row.used = true;
        }
        Ok(token)
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used, reason = "tests")]
mod tests {
    use super::*;

    fn tokens() -> (Tokens, AgenticTokenId) {
        let mut tokens = Tokens::default();
        let id = AgenticTokenId::generate();
        tokens.issue(AgenticToken {
            id: id.clone(),
            checkout_session_id: "cs_1".into(),
            merchant_id: "MERCHANT".into(),
            max_amount: Amount::usd(5_000),
            expires_at: 1_000,
            used: false,
            last4: "1111".into(),
            card: None,
            good_through: None,
        });
        (tokens, id)
    }

    fn due<'a>(session: &'a str, account: &'a str, amount: &'a Amount, now: i64) -> Due<'a> {
        Due {
            session: Some(session),
            accounts: ["COMPANY", account],
            amount,
            now,
        }
    }

    #[test]
    fn a_token_pays_once_for_its_own_session_and_merchant() {
        let (mut tokens, id) = tokens();
        let amount = Amount::usd(5_000);
        let problem = |due: Due<'_>| tokens.check(&id, &due).unwrap_err();
        assert_eq!(problem(due("cs_2", "MERCHANT", &amount, 0)), TokenProblem::Invalid);
        assert_eq!(problem(due("cs_1", "OTHER", &amount, 0)), TokenProblem::Invalid);
        let due = due("cs_1", "MERCHANT", &amount, 999);
        assert!(tokens.take(&id, &due).is_ok());
        assert_eq!(tokens.take(&id, &due), Err(TokenProblem::Invalid));
    }

    #[test]
    fn a_token_keeps_its_limits() {
        let (tokens, id) = tokens();
        let problem = |amount: Amount, now| tokens.check(&id, &due("cs_1", "MERCHANT", &amount, now)).unwrap_err();
        assert_eq!(problem(Amount::usd(5_001), 0), TokenProblem::Amount);
        assert_eq!(problem(Amount::usd(5_000), 1_000), TokenProblem::Expired);
        let euro = crate::money::Currency::parse("EUR").unwrap();
        assert_eq!(problem(Amount::new(1, &euro), 0), TokenProblem::Currency);
    }
}
