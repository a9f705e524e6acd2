//! Keeping a card: check it, seal it, and tell its token once.

use async_trait::async_trait;
use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use tracing::{info, warn};

use super::sealing::{self, SealError};
use super::{Vault, VaultAccount, card_contents, hash};
use tillhouse_checkout::error::CheckoutError;
use tillhouse_checkout::idempotency::{IdempotencyKey, IdempotencyRecord, Reply};
use tillhouse_checkout::ids::{MerchantId, TokenId};
use tillhouse_checkout::payment_token::IssuerName;
use tillhouse_checkout::ports::CommitError;
use tillhouse_checkout::secret::Secret;
use tillhouse_checkout::session::{Session, SessionState};
use tillhouse_checkout::time::Timestamp;
use tillhouse_checkout::unit_of_work::UnitOfWork;
use tillhouse_checkout::vault::{
    CardDetails, CardVault, DelegatedPayment, DelegationError, DelegationRecorder, DelegationRequest, SealedCard,
    SealedPart,
};

/// Random bytes of a token: too many to find one by trial.
const TOKEN_BYTES: usize = 32;

impl From<SealError> for DelegationError {
    fn from(error: SealError) -> Self {
        Self::Unavailable(error.to_string())
    }
}

#[async_trait]
impl CardVault for Vault {
    async fn delegate(
        &self,
        request: DelegationRequest,
        recorder: DelegationRecorder,
    ) -> Result<Reply, DelegationError> {
        let merchant = &request.caller.merchant;
        let account = self.accounts.get(merchant);
        let account =
            account.ok_or_else(|| DelegationError::Unavailable(format!("merchant {merchant} has no vault")))?;
        let now = self.checkout.clock.now();
        self.limits
            .count(&request.caller, account.per_minute, now)
            .map_err(|retry_after| DelegationError::TooMany { retry_after })?;
        request.card.check(now)?;
        let session = self.session(&request).await?;
        check_allowance(&request, &session, now)?;
        let token = self.new_token()?;
        let card = self.seal_card(&request, account, &token, now)?;
        let delegated = DelegatedPayment {
            token,
            created: now,
            expires: card.expires,
        };
        let reply = (recorder.render)(&delegated);
        let idempotency = match &recorder.key {
            Some(key) => Some(key.record(self.seal_answer(key, &reply)?)),
            None => None,
        };
        let unit = UnitOfWork {
            card: Some(card),
            idempotency,
            ..UnitOfWork::default()
        };
        match self.checkout.store.commit(unit).await {
            Ok(()) => {}
            Err(CommitError::Idempotency) => return Err(DelegationError::KeyUsed),
            Err(error) => return Err(DelegationError::Unavailable(error.to_string())),
        }
        info!(session.id = %session.id, "a card was delegated");
        Ok(reply)
    }

    fn fingerprint(&self, merchant: &MerchantId, plain: [u8; 32]) -> [u8; 32] {
        self.keys.current().fingerprint(merchant.as_str(), &plain)
    }

    fn open_answer(&self, record: &IdempotencyRecord) -> Result<Reply, DelegationError> {
        let sealed: SealedAnswer<'_> = SealedAnswer::read(&record.reply.body).ok_or_else(unreadable)?;
        let key = IdempotencyKey {
            scope: record.scope.clone(),
            fingerprint: record.fingerprint,
            expires: record.expires,
        };
        let body = sealing::open(&self.keys, sealed.key, sealed.body, &answer_of(&key))
            .inspect_err(|error| warn!(%error, "a recorded answer of delegate_payment cannot be opened"))?;
        Ok(Reply {
            status: record.reply.status,
            body: body.to_vec(),
        })
    }
}

impl Vault {
    /// The session that the card is to pay. To a caller that may not use it there is none.
    async fn session(&self, request: &DelegationRequest) -> Result<Session, DelegationError> {
        let found = self
            .checkout
            .retrieve(&request.caller, &request.allowance.session)
            .await;
        found.map_err(|error| match error {
            CheckoutError::Store(error) => DelegationError::Unavailable(error.to_string()),
            _ => no_open_session(),
        })
    }

    fn new_token(&self) -> Result<TokenId, DelegationError> {
        let mut bytes = [0; TOKEN_BYTES];
        self.randomness
            .fill(&mut bytes)
            .map_err(|error| DelegationError::Unavailable(error.to_string()))?;
        let prefix = IssuerName::Vault.token_prefix().unwrap_or_default();
        Ok(TokenId::new(format!("{prefix}{}", URL_SAFE_NO_PAD.encode(bytes))))
    }

    fn seal_card(
        &self,
        request: &DelegationRequest,
        account: &VaultAccount,
        token: &TokenId,
        now: Timestamp,
    ) -> Result<SealedCard, DelegationError> {
        let (key, card, allowance) = (self.keys.current(), &request.card, &request.allowance);
        let merchant = &request.caller.merchant;
        let mut display = card.shown();
        display.fingerprint = Some(key.card_fingerprint(merchant.as_str(), card.number.reveal()));
        let details = CardDetails {
            display,
            checks: request.checks.clone(),
            signals: request.signals.clone(),
        };
        let mut sealed = SealedCard {
            token: hash(token),
            merchant: merchant.clone(),
            session: allowance.session.clone(),
            principal: request.caller.principal.clone(),
            limit: allowance.limit,
            created: now,
            expires: allowance.expires.min(now.after(account.longest_life)),
            key: key.id().to_owned(),
            details: serde_json::to_string(&details).map_err(|_| unreadable())?,
            card: Vec::new(),
            security_code: None,
            had_security_code: card.security_code.is_some(),
            taken: None,
        };
        let contents = card_contents::write(card, request.billing.as_ref()).map_err(|_| unreadable())?;
        let seal = |part, data: &[u8]| sealing::seal(key, &*self.randomness, data, &sealed.associated_data(part));
        let whole = seal(SealedPart::Card, &contents)?;
        let code = card.security_code.as_ref().map(Secret::reveal);
        let code = code
            .map(|code| seal(SealedPart::SecurityCode, code.as_bytes()))
            .transpose()?;
        sealed.card = whole;
        sealed.security_code = code;
        Ok(sealed)
    }

    /// The answer as it is recorded: the token in it is for the agent only.
    fn seal_answer(&self, key: &IdempotencyKey, reply: &Reply) -> Result<Reply, DelegationError> {
        let current = self.keys.current();
        let body = sealing::seal(current, &*self.randomness, &reply.body, &answer_of(key))?;
        Ok(Reply {
            status: reply.status,
            body: SealedAnswer {
                key: current.id(),
                body: &body,
            }
            .write(),
        })
    }
}

fn check_allowance(request: &DelegationRequest, session: &Session, now: Timestamp) -> Result<(), DelegationError> {
    let allowance = &request.allowance;
    if !matches!(
        session.state,
        SessionState::Open | SessionState::AuthenticationRequired { .. }
    ) {
        return Err(no_open_session());
    }
    if allowance.limit.currency != session.currency {
        let message = format!(
            "must be {}, the currency of the checkout session",
            session.currency.lower()
        );
        return Err(refused("currency", message));
    }
    if allowance.limit.amount.is_zero() {
        return Err(refused("max_amount", "must be more than 0"));
    }
    if allowance.expires <= now {
        return Err(refused("expires_at", "must be in the future"));
    }
    Ok(())
}

/// One answer for all: which sessions there are, and what became of them, is told to their own callers only.
fn no_open_session() -> DelegationError {
    refused("checkout_session_id", "is not an open checkout session of this caller")
}

fn refused(field: &'static str, message: impl Into<String>) -> DelegationError {
    DelegationError::Allowance {
        field,
        message: message.into(),
    }
}

fn unreadable() -> DelegationError {
    DelegationError::Unavailable("a card or an answer cannot be written or read".to_owned())
}

/// What a recorded answer belongs to.
fn answer_of(key: &IdempotencyKey) -> Vec<u8> {
    let scope = &key.scope;
    let parts = [
        "tillhouse vault answer 1",
        scope.merchant.as_str(),
        &scope.principal,
        &scope.endpoint,
        &scope.key,
    ];
    let mut bound = Vec::new();
    for part in parts {
        bound.extend_from_slice(&(part.len() as u64).to_le_bytes());
        bound.extend_from_slice(part.as_bytes());
    }
    bound.extend_from_slice(&key.fingerprint);
    bound
}

/// The body of a recorded answer: the id of a key, and what is sealed with it.
struct SealedAnswer<'a> {
    key: &'a str,
    body: &'a [u8],
}

impl<'a> SealedAnswer<'a> {
    fn write(&self) -> Vec<u8> {
        [self.key.as_bytes(), b"\0", self.body].concat()
    }

    fn read(recorded: &'a [u8]) -> Option<Self> {
        let end = recorded.iter().position(|byte| *byte == 0)?;
        Some(Self {
            key: std::str::from_utf8(recorded.get(..end)?).ok()?,
            body: recorded.get(end + 1..)?,
        })
    }
}
