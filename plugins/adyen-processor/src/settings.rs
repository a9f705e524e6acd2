//! Configuration of the plugin: whatever depends on the merchant's account, and whatever Adyen's public pages do not say.

use tillhouse_plugin::{config::Invalid, payments::ProcessorProfile, prelude::*};

pub(crate) use check::problems;

mod check;

/// Name of the header that carries the idempotency key, of at most 64 characters.
pub(crate) const IDEMPOTENCY_KEY: &str = "Idempotency-Key";

/// The upstream of the manifest: the Checkout API, with its version.
pub(crate) const UPSTREAM: &str = "checkout";

/// Adyen keeps keys for a week at least.
const KEY_LIFE_S: u32 = 604_800;

/// The value of a setting that leaves a member out of the request.
const NONE: &str = "none";

/// When an authorised payment is captured.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Capture {
    /// At once: each request asks for it.
    Immediate,
    /// By the settings of the account, which the operator promises to capture every payment.
    Account,
    /// Only when something else asks for it: the host makes no order of such a payment.
    Manual,
}

impl Capture {
    const NAMES: [(&str, Self); 3] = [
        ("immediate", Self::Immediate),
        ("account", Self::Account),
        ("manual", Self::Manual),
    ];

    /// What the operator has chosen.
    pub(crate) fn configured() -> Result<Self, Invalid> {
        one_of("capture", &Self::NAMES)
    }

    /// Whether an authorised payment is certain to be captured.
    pub(crate) const fn is_promised(self) -> bool {
        matches!(self, Self::Immediate | Self::Account)
    }

    /// The delay that the request asks for.
    pub(crate) const fn delay_hours(self) -> Option<u32> {
        match self {
            Self::Immediate => Some(0),
            Self::Account | Self::Manual => None,
        }
    }
}

/// Returns the processor's profile.
pub(crate) fn profile() -> Result<ProcessorProfile, Invalid> {
    Ok(ProcessorProfile {
        processor: "adyen".into(),
        idempotency: Some(Idempotency {
            header: IDEMPOTENCY_KEY.into(),
            key_life_s: config::parse_or("idempotency-key-life-s", KEY_LIFE_S)?,
            // Errors that Adyen calls transient are not kept under the key.
            replays_errors: false,
        }),
        // Adyen looks nothing up: how long its webhook may take until the same request is sent again.
        visibility_delay_s: config::parse_or("visibility-delay-s", 300)?,
        currencies: currencies()?,
        extensions: Vec::new(),
    })
}

/// Returns the account that payments are made with.
pub(crate) fn merchant_account() -> Result<String, Invalid> {
    config::required("merchant-account")
}

/// Whether card numbers may be sent.
pub(crate) fn takes_raw_cards() -> Result<bool, Invalid> {
    config::flag("raw-cards", false)
}

/// Returns the path of the member that takes the agent's token, with dots between names.
pub(crate) fn token_field() -> Result<String, Invalid> {
    let field = text("token-field", "paymentMethod.storedPaymentMethodId");
    let is_name =
        |name: &str| !name.is_empty() && name.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'_');
    if field.split('.').all(is_name) {
        Ok(field)
    } else {
        let why = format!("`{field}` is not a path of names with dots between them");
        Err(Invalid::new("token-field", why))
    }
}

/// Returns the type of the payment method of a token.
pub(crate) fn token_type() -> String {
    text("token-type", "scheme")
}

/// Returns the type of the payment method of a network token.
pub(crate) fn network_token_type() -> String {
    text("network-token-type", "networkToken")
}

/// Returns who takes part in a payment with a token.
pub(crate) fn token_shopper_interaction() -> String {
    text("token-shopper-interaction", "ContAuth")
}

/// Returns the model by which a token is used again.
pub(crate) fn token_processing_model() -> Option<String> {
    Some(text("token-processing-model", "CardOnFile")).filter(|model| model != NONE)
}

/// What a shopper is known by at Adyen.
#[derive(Clone, Copy, Debug)]
enum ShopperReference {
    /// The merchant's own id of the customer, or else the session.
    Customer,
    /// The id of the checkout session.
    Session,
    /// The request has none.
    Absent,
}

fn shopper_reference_source() -> Result<ShopperReference, Invalid> {
    let names = [
        ("customer", ShopperReference::Customer),
        ("session", ShopperReference::Session),
        (NONE, ShopperReference::Absent),
    ];
    one_of("shopper-reference", &names)
}

/// Returns what the shopper of an order is known by at Adyen.
pub(crate) fn shopper_reference(order: &ChargeOrder) -> Result<Option<String>, Invalid> {
    let customer = order.buyer.as_ref().and_then(|buyer| buyer.customer_id.clone());
    Ok(match shopper_reference_source()? {
        ShopperReference::Customer => Some(customer.unwrap_or_else(|| order.session.clone())),
        ShopperReference::Session => Some(order.session.clone()),
        ShopperReference::Absent => None,
    })
}

/// Returns when Adyen itself is to authenticate the shopper; `None` for the rules of the account.
pub(crate) fn attempt_authentication() -> Result<Option<String>, Invalid> {
    let names = [("account", None), ("never", Some("never")), ("always", Some("always"))];
    Ok(one_of("attempt-authentication", &names)?.map(str::to_owned))
}

/// Whether agents authenticate every buyer before the charge.
pub(crate) fn always_authenticates() -> Result<bool, Invalid> {
    one_of("authenticate", &[("on-demand", false), ("always", true)])
}

/// Returns the change by which a payment without an order is undone.
pub(crate) fn void_change() -> Result<&'static str, Invalid> {
    one_of("void", &[("reversals", "reversals"), ("cancels", "cancels")])
}

/// Returns the keys that webhooks are signed with: one, or two while they are rotated.
pub(crate) fn hmac_keys() -> Result<Vec<Vec<u8>>, Invalid> {
    let keys = config::list("hmac-keys");
    let wrong = || Invalid::new("hmac-keys", "is not one key or two, each in hexadecimal");
    if keys.len() > 2 {
        return Err(wrong());
    }
    keys.iter()
        .map(|key| hex::decode(key).ok().filter(|key| !key.is_empty()).ok_or_else(wrong))
        .collect()
}

/// Keys of what the directory servers know the merchant by.
const ACQUIRER: [&str; 4] = [
    "acquirer-bin",
    "acquirer-country",
    "acquirer-merchant-id",
    "merchant-name",
];

/// What the directory servers know the merchant by.
pub(crate) struct Acquirer {
    pub(crate) bin: String,
    pub(crate) country: String,
    pub(crate) merchant_id: String,
    pub(crate) merchant_name: String,
}

/// Returns the merchant's account at the acquirer; `None` unless all of it is configured.
pub(crate) fn acquirer() -> Option<Acquirer> {
    let [bin, country, merchant_id, merchant_name] = ACQUIRER.map(config::get);
    Some(Acquirer {
        bin: bin?,
        country: country?,
        merchant_id: merchant_id?,
        merchant_name: merchant_name?,
    })
}

/// Adds the merchant's API key and the configured timeout to a request.
pub(crate) fn authorized(request: egress::Request) -> Result<egress::Request, Invalid> {
    let request = request.header("x-api-key", Fill::secret("api_key"));
    Ok(match config::parse("timeout-ms")? {
        Some(milliseconds) => request.timeout_ms(milliseconds),
        None => request,
    })
}

fn currencies() -> Result<Vec<String>, Invalid> {
    let currencies = config::list("currencies");
    let code = |text: &String| text.len() == 3 && text.bytes().all(|byte| byte.is_ascii_uppercase());
    match currencies.iter().find(|text| !code(text)) {
        Some(wrong) => Err(Invalid::new(
            "currencies",
            format!("`{wrong}` is not an ISO 4217 code in upper case"),
        )),
        None => Ok(currencies),
    }
}

fn text(key: &str, default: &str) -> String {
    config::get(key).unwrap_or_else(|| default.to_owned())
}

/// The meaning of a name; the first is the default.
fn one_of<T: Copy>(key: &str, names: &[(&str, T)]) -> Result<T, Invalid> {
    let configured = config::get(key);
    let found = match &configured {
        Some(text) => names.iter().find(|(name, _)| name == text),
        None => names.first(),
    };
    found.map(|(_, meaning)| *meaning).ok_or_else(|| {
        let known: Vec<&str> = names.iter().map(|(name, _)| *name).collect();
        let text = configured.unwrap_or_default();
        Invalid::new(key, format!("`{text}` is not one of: {}", known.join(", ")))
    })
}
