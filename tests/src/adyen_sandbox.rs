//! Adyen between an agent and a host: the sandbox's, connected to a merchant of the host.

use std::net::SocketAddr;

use serde_json::Value;
use tillhouse_sandbox::Sandbox;
use tillhouse_sandbox::adyen::{
    Entry, Flow, MerchantAnswer, MerchantAuth, MerchantCall, MerchantConnection, MerchantFault, Modification, NoAnswer,
    Payment, PspReference,
};
use tillhouse_sandbox::agent::{AdyenAgent, Basket, Purchase};

use crate::eventually::wait_until;
use crate::merchant::Merchant;

/// The sandbox's Adyen, which sells for one merchant of a host. Calls are signed with [`Merchant::adyen_hmac_key`].
#[derive(Clone, Debug)]
pub struct AdyenSandbox<'a> {
    /// The agent at Adyen, with a card in Adyen's vault.
    pub agent: AdyenAgent,
    /// Company account of the merchant.
    pub account: String,
    connection: MerchantConnection,
    sandbox: &'a Sandbox,
}

impl<'a> AdyenSandbox<'a> {
    /// Connects the sandbox's Adyen to a merchant of the host at this address.
    pub(crate) fn new(sandbox: &'a Sandbox, address: SocketAddr, merchant: &str) -> Self {
        let account = sandbox.adyen.config().company_account.clone();
        let agent = AdyenAgent::at(&sandbox.adyen, &account, sandbox.clock()).expect("a running simulator");
        let key = Merchant::adyen_hmac_key(merchant);
        let url = format!("http://{address}/m/{merchant}");
        let connection = MerchantConnection {
            webhook_url: None,
            ..MerchantConnection::new(url.as_str(), MerchantAuth::Hmac(key.into()))
        };
        sandbox.adyen.connect(connection.clone());
        Self {
            agent,
            account,
            connection,
            sandbox,
        }
    }

    /// The same, in which the merchant charges the token (advanced flow).
    #[must_use]
    pub fn advanced(self) -> Self {
        self.connected(|connection| MerchantConnection {
            flow: Flow::Advanced,
            ..connection
        })
    }

    /// The same with another connection to the merchant.
    #[must_use]
    pub fn connected(self, change: impl FnOnce(MerchantConnection) -> MerchantConnection) -> Self {
        let connection = change(self.connection);
        self.sandbox.adyen.connect(connection.clone());
        Self { connection, ..self }
    }

    /// Where the merchant takes Standard webhooks.
    #[must_use]
    pub fn webhook_url(&self) -> String {
        format!("{}/webhooks/processor", self.connection.base_url)
    }

    /// Calls the merchant as Adyen does, once. A null body is sent as an empty one.
    ///
    /// # Errors
    /// When there is no answer in time.
    pub async fn call(&self, call: MerchantCall, session: &str, body: &Value) -> Result<MerchantAnswer, NoAnswer> {
        self.sandbox
            .adyen
            .call_merchant(&self.account, call, session, body)
            .await
    }

    /// Injects a fault into the next call of this kind.
    pub fn fail_next(&self, call: MerchantCall, fault: MerchantFault) {
        self.sandbox.adyen.fail_next_call(call, fault);
    }

    /// A whole purchase through Adyen.
    ///
    /// # Panics
    /// When a step is refused.
    pub async fn buy(&self, basket: &Basket) -> Purchase {
        match self.agent.purchase(basket).await {
            Ok(purchase) => purchase,
            Err(refused) => panic!("{refused}\n{:#?}", refused.exchanges),
        }
    }

    /// Tells the merchant by webhook what became of a payment, or of a change of one: again until it was taken, as Adyen does.
    ///
    /// # Panics
    /// If it is not decided yet, or never taken.
    pub async fn tell(&self, reference: &PspReference) {
        let adyen = &self.sandbox.adyen;
        let webhook = adyen.webhook(&[reference]).expect("it is decided");
        let url = self.webhook_url();
        wait_until("the merchant takes the webhook", async || {
            let answer = adyen.send_webhook(&webhook, &url).await;
            answer.is_ok_and(|answer| answer.status == 200)
        })
        .await;
    }

    /// The changes of payments that Adyen was asked for.
    #[must_use]
    pub fn changes(&self) -> Vec<Modification> {
        self.sandbox.adyen.ledger().modifications
    }

    /// The payments of a session in Adyen's ledger.
    #[must_use]
    pub fn payments_of(&self, session: &str) -> Vec<Payment> {
        self.sandbox.adyen.ledger().payments_of(session)
    }

    /// What each side has sent to the other, in the order of the requests.
    #[must_use]
    pub fn transcript(&self) -> Vec<Entry> {
        self.sandbox.adyen.transcript()
    }
}
