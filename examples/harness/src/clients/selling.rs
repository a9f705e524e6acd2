//! Clients of the capabilities that decide before payment.

use tillhouse_plugin::fulfillment::Offer;
use tillhouse_plugin::inventory::{Reservation, ReserveOutcome, Stock};
use tillhouse_plugin::pricing::PricedCart;
use tillhouse_plugin::types::{Cart, Line, LineAmount};
use tillhouse_plugin::{risk, tax};
use tillhouse_plugin_protocol::Function;

use crate::env::Env;
use crate::{Call, CallFault, requests};

/// Client of the capability `pricing`.
///
/// ```no_run
/// # use tillhouse_harness::prelude::*;
/// # async fn test(env: Env) {
/// let priced = env.pricing().price(cart().line("tee", 2)).await.unwrap();
/// assert_eq!(priced.lines[0].unit_price, 25_00);
/// # }
/// ```
#[derive(Clone, Copy, Debug)]
pub struct Pricing<'e>(pub(crate) &'e Env);

impl<'e> Pricing<'e> {
    /// `pricing.price`: prices, discounts and fees of a cart.
    ///
    /// ```no_run
    /// # use tillhouse_harness::prelude::*;
    /// # async fn test(env: Env) {
    /// let priced = env.pricing().price(cart().line("tee", 1).code("SAVE10")).await.unwrap();
    /// assert!(priced.rejected.is_empty());
    /// # }
    /// ```
    pub fn price(self, cart: impl Into<Cart>) -> Call<'e, PricedCart> {
        self.price_of(cart.into())
    }

    fn price_of(self, cart: Cart) -> Call<'e, PricedCart> {
        Call::new(self.0, Function::Price).with("cart", &cart)
    }

    /// Calls `pricing.price` and expects a fault.
    ///
    /// ```no_run
    /// # use tillhouse_harness::prelude::*;
    /// # async fn test(env: Env) {
    /// let fault = env.pricing().fault(cart().line("bundle-of-itself", 1)).await;
    /// assert_eq!(fault.name, "cpu-budget");
    /// # }
    /// ```
    pub async fn fault(self, cart: impl Into<Cart>) -> CallFault {
        self.price(cart).fault().await
    }
}

/// Client of the capability `pricing-redemption`.
///
/// ```no_run
/// # use tillhouse_harness::prelude::*;
/// # async fn test(env: Env) {
/// env.pricing_redemption().redeem(&["SUMMER23"]).await.unwrap();
/// assert_eq!(env.counter("redeemed/SUMMER23"), -1);
/// # }
/// ```
#[derive(Clone, Copy, Debug)]
pub struct PricingRedemption<'e>(pub(crate) &'e Env);

impl<'e> PricingRedemption<'e> {
    /// `pricing-redemption.redeem`: takes one use of each code.
    ///
    /// ```no_run
    /// # use tillhouse_harness::prelude::*;
    /// # async fn test(env: Env) {
    /// let redeemed = env.pricing_redemption().redeem(&["USED-UP"]).await;
    /// assert!(matches!(redeemed, Err(Failure::Rejected(_))));
    /// # }
    /// ```
    pub fn redeem(self, codes: &[&str]) -> Call<'e, ()> {
        Call::new(self.0, Function::Redeem).acting().with("codes", &codes)
    }

    /// `pricing-redemption.restore`: returns the uses that the operation took.
    ///
    /// ```no_run
    /// # use tillhouse_harness::prelude::*;
    /// # async fn test(env: Env) {
    /// env.pricing_redemption().redeem(&["SUMMER23"]).operation(&operation("1")).await.unwrap();
    /// env.pricing_redemption().restore(&["SUMMER23"]).operation(&operation("1")).await.unwrap();
    /// assert_eq!(env.counter("redeemed/SUMMER23"), 0);
    /// # }
    /// ```
    pub fn restore(self, codes: &[&str]) -> Call<'e, ()> {
        Call::new(self.0, Function::Restore).acting().with("codes", &codes)
    }
}

/// Client of the capability `inventory`.
///
/// ```no_run
/// # use tillhouse_harness::prelude::*;
/// # async fn test(env: Env) {
/// let stock = env.inventory().check(cart().line("tee", 2)).await.unwrap();
/// assert_eq!(stock[0].available, Some(3));
/// # }
/// ```
#[derive(Clone, Copy, Debug)]
pub struct Inventory<'e>(pub(crate) &'e Env);

impl<'e> Inventory<'e> {
    /// `inventory.check`: availability of each line.
    ///
    /// ```no_run
    /// # use tillhouse_harness::prelude::*;
    /// # async fn test(env: Env) {
    /// let stock = env.inventory().check(cart().line("gone", 1)).await.unwrap();
    /// assert_eq!(stock[0].availability, "out_of_stock");
    /// # }
    /// ```
    pub fn check(self, lines: impl Into<Vec<Line>>) -> Call<'e, Vec<Stock>> {
        self.check_all(lines.into())
    }

    fn check_all(self, lines: Vec<Line>) -> Call<'e, Vec<Stock>> {
        Call::new(self.0, Function::CheckStock).with("lines", &lines)
    }

    /// `inventory.reserve`: reserves stock under a reservation id.
    ///
    /// ```no_run
    /// # use tillhouse_harness::prelude::*;
    /// # use tillhouse_plugin::inventory::ReserveOutcome;
    /// # async fn test(env: Env) {
    /// let reserved = env.inventory().reserve("r1", cart().line("print", 1)).await.unwrap();
    /// assert_eq!(reserved, ReserveOutcome::Reserved);
    /// # }
    /// ```
    pub fn reserve(self, id: &str, lines: impl Into<Vec<Line>>) -> Call<'e, ReserveOutcome> {
        self.reserve_all(reservation(id, lines.into()))
    }

    fn reserve_all(self, reservation: Reservation) -> Call<'e, ReserveOutcome> {
        let call = Call::new(self.0, Function::Reserve).acting();
        call.with("reservation", &reservation)
    }

    /// `inventory.release`: releases the stock of a reservation id.
    ///
    /// ```no_run
    /// # use tillhouse_harness::prelude::*;
    /// # async fn test(env: Env) {
    /// env.inventory().reserve("r1", cart().line("print", 1)).await.unwrap();
    /// env.inventory().release("r1", cart().line("print", 1)).await.unwrap();
    /// assert_eq!(env.counter("sold/print"), 0);
    /// # }
    /// ```
    pub fn release(self, id: &str, lines: impl Into<Vec<Line>>) -> Call<'e, ()> {
        self.release_all(reservation(id, lines.into()))
    }

    fn release_all(self, reservation: Reservation) -> Call<'e, ()> {
        let call = Call::new(self.0, Function::Release).acting();
        call.with("reservation", &reservation)
    }
}

fn reservation(id: &str, lines: Vec<Line>) -> Reservation {
    Reservation {
        id: id.to_owned(),
        lines,
        // A time long after every test.
        expires: 4_102_444_800_000,
    }
}

/// Client of the capability `fulfillment`.
///
/// ```no_run
/// # use tillhouse_harness::prelude::*;
/// # use tillhouse_plugin::types::Choice;
/// # async fn test(env: Env) {
/// let offer = env.fulfillment().options(cart().line("tee", 1).to(address::us("CA")), 25_00).await.unwrap();
/// assert_eq!(offer.preselected, [Choice::of("standard")]);
/// # }
/// ```
#[derive(Clone, Copy, Debug)]
pub struct Fulfillment<'e>(pub(crate) &'e Env);

impl<'e> Fulfillment<'e> {
    /// `fulfillment.options`, with one price in minor units per unit for every line, without tax.
    ///
    /// ```no_run
    /// # use tillhouse_harness::prelude::*;
    /// # async fn test(env: Env) {
    /// let offer = env.fulfillment().options(cart().line("tee", 4).to(address::of("DE")), 25_00).await.unwrap();
    /// assert_eq!(offer.options[0].price, 0);
    /// # }
    /// ```
    pub fn options(self, cart: impl Into<Cart>, unit_price: i64) -> Call<'e, Offer> {
        self.options_at(cart.into(), unit_price)
    }

    fn options_at(self, cart: Cart, unit_price: i64) -> Call<'e, Offer> {
        let amounts = requests::line_amounts(&cart, unit_price);
        self.options_for(&cart, &amounts)
    }

    fn options_for(self, cart: &Cart, amounts: &[LineAmount]) -> Call<'e, Offer> {
        let call = Call::new(self.0, Function::Options);
        call.with("cart", cart).with("amounts", &amounts)
    }

    /// `fulfillment.options`, with these amounts of the lines.
    ///
    /// ```no_run
    /// # use tillhouse_harness::prelude::*;
    /// # use tillhouse_plugin::types::LineAmount;
    /// # async fn test(env: Env) {
    /// let full = tillhouse_plugin::testing::line_amount("line_1", "tee", 2, 25_00);
    /// let amounts = [LineAmount { discount: 5_00, subtotal: 45_00, taxable: 45_00, ..full }];
    /// let offer = env.fulfillment().options_of(cart().line("tee", 2), &amounts).await.unwrap();
    /// assert!(offer.messages.is_empty());
    /// # }
    /// ```
    pub fn options_of(self, cart: impl Into<Cart>, amounts: &[LineAmount]) -> Call<'e, Offer> {
        self.options_for(&cart.into(), amounts)
    }
}

/// Client of the capability `tax`.
///
/// ```no_run
/// # use tillhouse_harness::prelude::*;
/// # async fn test(env: Env) {
/// let taxed = env.tax().assess(cart().line("tee", 2).to(address::us("CA")), 25_00).await.unwrap();
/// assert_eq!(line_tax(&taxed, "line_1"), Some(3_63));
/// # }
/// ```
#[derive(Clone, Copy, Debug)]
pub struct Tax<'e>(pub(crate) &'e Env);

impl<'e> Tax<'e> {
    /// `tax.assess`, for a cart with one unit price without tax for every line, and its destinations.
    ///
    /// ```no_run
    /// # use tillhouse_harness::prelude::*;
    /// # use tillhouse_plugin::tax::Assessment;
    /// # async fn test(env: Env) {
    /// let taxed = env.tax().assess(cart().line("tee", 2), 25_00).await.unwrap();
    /// assert_eq!(taxed, Assessment::default(), "it goes nowhere yet");
    /// # }
    /// ```
    pub fn assess(self, cart: impl Into<Cart>, unit_price: i64) -> Call<'e, tax::Assessment> {
        self.assess_at(cart.into(), unit_price)
    }

    fn assess_at(self, cart: Cart, unit_price: i64) -> Call<'e, tax::Assessment> {
        let request = requests::tax_request(&cart, unit_price);
        self.assess_request(&request)
    }

    /// `tax.assess`, with a complete request.
    ///
    /// ```no_run
    /// # use tillhouse_harness::prelude::*;
    /// # use tillhouse_plugin::tax;
    /// # async fn test(env: Env) {
    /// let request: tax::Request = env.fixture("order-with-fees.json");
    /// let taxed = env.tax().assess_request(&request).await.unwrap();
    /// assert!(taxed.messages.is_empty());
    /// # }
    /// ```
    pub fn assess_request(self, request: &tax::Request) -> Call<'e, tax::Assessment> {
        Call::new(self.0, Function::AssessTax).with("request", request)
    }
}

/// Client of the capability `risk`.
///
/// ```no_run
/// # use tillhouse_harness::prelude::*;
/// # use tillhouse_plugin::risk::Decision;
/// # async fn test(env: Env) {
/// let decision = env.risk().assess(cart().line("tee", 1).buyer("jane@example.com"), 30_99).await.unwrap();
/// assert_eq!(decision, Decision::Allow);
/// # }
/// ```
#[derive(Clone, Copy, Debug)]
pub struct Risk<'e>(pub(crate) &'e Env);

impl<'e> Risk<'e> {
    /// `risk.assess`, for a cart and its total in minor units.
    ///
    /// ```no_run
    /// # use tillhouse_harness::prelude::*;
    /// # use tillhouse_plugin::risk::Decision;
    /// # async fn test(env: Env) {
    /// let decision = env.risk().assess(cart().line("watch", 99), 980_000_00).await.unwrap();
    /// assert!(matches!(decision, Decision::Review(_)));
    /// # }
    /// ```
    pub fn assess(self, cart: impl Into<Cart>, total: i64) -> Call<'e, risk::Decision> {
        self.assess_cart(cart.into(), total)
    }

    fn assess_cart(self, cart: Cart, total: i64) -> Call<'e, risk::Decision> {
        let request = requests::risk_request(cart, total);
        self.assess_request(&request)
    }

    /// `risk.assess`, with a complete request.
    ///
    /// ```no_run
    /// # use tillhouse_harness::prelude::*;
    /// # use tillhouse_plugin::risk;
    /// # async fn test(env: Env) {
    /// let request: risk::Request = env.fixture("order-from-a-new-card.json");
    /// let decision = env.risk().assess_request(&request).await.unwrap();
    /// assert!(matches!(decision, risk::Decision::Review(_)));
    /// # }
    /// ```
    pub fn assess_request(self, request: &risk::Request) -> Call<'e, risk::Decision> {
        Call::new(self.0, Function::AssessRisk).with("request", request)
    }
}
