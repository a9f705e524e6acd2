//! Cards that agents delegate to the vault: what is searched for beside their numbers.

use serde_json::json;
use tillhouse_tests::process::HostProcess;
use tillhouse_tests::{Client, HttpResponse, Request, fixtures};

use super::needle::Needle;
use super::{CARD, ITEM};
use tillhouse_sandbox::card::TestCard;

/// A key, a name and a security code that nothing else contains. The code is searched for as it would be stored in JSON: four digits alone
/// are in every number.
const KEY: &str = "9f1c3a5e7b2d4f60819a3c5e7f0b2d4c6e8fa1b3c5d7e9f00112233445566778";
const HOLDER: &str = "Canary Holder Q7x2";
const CODE: &str = "7316";

/// Adyen's edge of the merchant: an agent, and the side of that agent which delegates its cards.
pub(crate) const ADYEN: &str = r#"
[adyen]
company_account = "CanaryCompany"
merchant_account = "CanaryShop"
agent.keys = [{ name = "agent", secret = "adyen_agent_key_Q7x2" }]
delegate.keys = [{ name = "agent", secret = "adyen_vault_key_Q7x2" }]
"#;
const ADYEN_KEYS: [&str; 2] = ["adyen_agent_key_Q7x2", "adyen_vault_key_Q7x2"];
const ADYEN_VAULT: &str = "/paltokenization/servlet/Recurring/Agentic/acp/v1/agentic_commerce/delegate_payment";

/// The tokens that agents were told.
#[derive(Debug, Default)]
pub(crate) struct Delegated {
    tokens: Vec<String>,
}

/// The keys of the vault.
pub(crate) fn settings() -> String {
    format!("vault.keys = [{{ id = \"canary\", secret = \"{KEY}\" }}]")
}

impl Delegated {
    /// Delegates a card for a session, and returns the token.
    pub(crate) async fn token(&mut self, host: &HostProcess, session: &HttpResponse) -> String {
        let number = TestCard::by_payment_method(CARD).expect("a test card").number;
        let mut body = fixtures::delegation(session, super::SHOP, number, "2049-01-01T00:00:00Z");
        body["payment_method"]["name"] = json!(HOLDER);
        body["payment_method"]["cvc"] = json!(CODE);
        let agent = host.acp();
        let delegation = agent.post(fixtures::DELEGATE_PAYMENT).json(&body);
        let answer = delegation.send().await.expect(201);
        let token = answer["id"].as_str().expect("a token").to_owned();
        self.tokens.push(token.clone());
        token
    }

    /// A purchase with a delegated card.
    pub(crate) async fn succeeds(&mut self, host: &HostProcess) {
        let session = host.acp().ready(ITEM).await;
        let token = self.token(host, &session).await;
        let paid = completion(host, &session, &token).send().await;
        let _ = paid.expect(200).is("completed");
    }

    /// A card that is delegated and not used.
    pub(crate) async fn waits(&mut self, host: &HostProcess) {
        let session = host.acp().ready(ITEM).await;
        let _ = self.token(host, &session).await;
    }

    /// The same in Adyen's shape; and a request with the number in every other place, which is refused.
    pub(crate) async fn waits_in_the_shape_of_adyen(&mut self, host: &HostProcess) {
        let [agent_key, vault_key] = ADYEN_KEYS;
        let client = host.client();
        let items: Vec<_> = ITEM
            .iter()
            .map(|(id, quantity)| json!({"id": id, "quantity": quantity}))
            .collect();
        let sessions = client
            .post("/commerce-suite/acp/v1/CanaryCompany/checkout_sessions")
            .bearer(agent_key);
        let session = sessions
            .json(&json!({"currency": "USD", "items": items}))
            .send()
            .await
            .expect(201);
        let number = TestCard::by_payment_method(CARD).expect("a test card").number;
        let body = json!({
            "payment_method": {
                "type": "card", "card_number_type": "fpan", "number": number, "exp_month": "12", "exp_year": "2049",
                "name": HOLDER, "cvc": CODE, "metadata": {},
            },
            "allowance": {
                "reason": "one_time", "max_amount": 5000, "currency": "USD", "checkout_session_id": session.id(),
                "merchant_id": "CanaryShop", "expires_at": "2049-01-01T00:00:00Z",
            },
            "billing_address": {
                "name": HOLDER, "line_one": "1 Card St", "city": "San Francisco", "country": "US", "postal_code": "94107",
            },
            "risk_signals": {"type": "platform_score", "score": 10, "action": "authorized"}, "metadata": {},
        });
        let vault = || {
            client
                .post(ADYEN_VAULT)
                .bearer(vault_key)
                .header("api-version", "2025-09-29")
        };
        let answer = vault().json(&body).send().await.expect(200);
        self.tokens.push(answer["id"].as_str().expect("a token").to_owned());
        numbers_in_the_place_of_others(&client, &session, number).await;
        for member in ["type", "card_number_type", "iin", "display_brand", number] {
            let mut wrong = body.clone();
            wrong["payment_method"][member] = json!(number);
            let _ = vault().json(&wrong).send().await.expect(422);
        }
    }

    /// Texts that must not be found.
    pub(crate) fn needles(&self) -> impl Iterator<Item = Needle> {
        let tokens = self
            .tokens
            .iter()
            .map(|token| Needle::text("token of the vault", token));
        let adyen = ADYEN_KEYS.map(|key| Needle::text("key of Adyen's edge", key));
        let texts = [
            Needle::text("vault key", KEY),
            Needle::text("name on the card", HOLDER),
            Needle::text("security code", &format!("\"{CODE}\"")),
        ];
        tokens.chain(texts).chain(adyen)
    }
}

/// A completion with a token of the vault, which is not sent yet.
pub(crate) fn completion(host: &HostProcess, session: &HttpResponse, token: &str) -> Request {
    let body = json!({"payment_data": {
        "handler_id": "card_vault",
        "instrument": {"type": "card", "credential": {"type": "vault_token", "token": token}},
    }});
    let path = format!("/checkout_sessions/{}/complete", session.id());
    host.acp().post(&path).json(&body)
}

/// Requests of an agent of Adyen's dialect with the number as a token, as a key and as what an affiliate says, and with its own key in the
/// query.
async fn numbers_in_the_place_of_others(client: &Client, session: &HttpResponse, number: &str) {
    let [agent_key, _] = ADYEN_KEYS;
    let path = format!(
        "/commerce-suite/acp/v1/CanaryCompany/checkout_sessions/{}",
        session.id()
    );
    let complete = client.post(&format!("{path}/complete")).bearer(agent_key).key("number");
    let groups: Vec<&str> = (0..4).map(|group| &number[4 * group..4 * group + 4]).collect();
    for token in [
        number.to_owned(),
        groups.join(" "),
        groups.join("-"),
        groups.join("."),
        format!("tok_{number}"),
    ] {
        let body = json!({"payment_data": {"provider": "adyen", "token": token}});
        let _ = complete.clone().json(&body).send().await.expect(422);
    }
    let other = json!({"payment_data": {"provider": "adyen", "token": "t", "number": number}});
    let _ = complete.json(&other).send().await.expect(400);
    let affiliate =
        json!({"provider": "x", "token": number, "sub_id": number, "metadata": {"a": number, "b": groups.join(" ")}});
    let created = client
        .post("/commerce-suite/acp/v1/CanaryCompany/checkout_sessions")
        .bearer(agent_key)
        .key("affiliate");
    let body =
        json!({"currency": "USD", "items": [{"id": ITEM[0].0, "quantity": 1}], "affiliate_attribution": affiliate});
    let _ = created.json(&body).send().await.expect(201);
    let _ = client
        .get(&format!("{path}?api_key={agent_key}"))
        .send()
        .await
        .expect(401);
}
