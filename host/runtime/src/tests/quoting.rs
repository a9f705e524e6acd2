//! A component in the WebAssembly text format that serves everything that a quote is made of, and `quoting`.

use super::components::{REALLOC, TYPES};

/// Code of its functions. Each gets a pointer to the arguments and returns a pointer to the result.
pub(crate) struct Shop<'a> {
    /// Code of `quoting.quote`, which gets the context and a cart.
    pub(crate) quote: &'a str,
    /// Code of every other function.
    pub(crate) others: &'a str,
}

/// An answer of `quoting.quote` without lines, but with a page. The tag of the page is behind those of the other answers.
pub(crate) const EMPTY_WITH_A_PAGE: &str = "(i32.store8 (i32.const 152) (i32.const 1)) (i32.const 0)";
/// The failure `unsupported`, where the other functions have no answer.
pub(crate) const UNSUPPORTED: &str =
    "(i32.store8 (i32.const 512) (i32.const 1)) (i32.store8 (i32.const 516) (i32.const 3)) (i32.const 512)";

/// A function: name, parameters after the context, and result.
type Function = (&'static str, &'static str, &'static str);

/// Interfaces with their functions.
const INTERFACES: [(&str, &[Function]); 6] = [
    ("quoting", &[("quote", r#"(param "cart" $cart)"#, "$decisions")]),
    ("pricing", &[("price", r#"(param "cart" $cart)"#, "$priced-cart")]),
    (
        "inventory",
        &[
            ("check", r#"(param "lines" (list $line))"#, "(list $stock)"),
            ("reserve", RESERVATION, "$reserve-outcome"),
            ("release", RESERVATION, ""),
        ],
    ),
    (
        "fulfillment",
        &[(
            "options",
            r#"(param "cart" $cart) (param "amounts" (list $line-amount))"#,
            "$offer",
        )],
    ),
    ("tax", &[("assess", r#"(param "request" $request)"#, "$assessment")]),
    (
        "presentation",
        &[
            ("describe", r#"(param "items" (list string))"#, "(list $description)"),
            ("page", r#"(param "cart" $cart)"#, "$page-content"),
        ],
    ),
];

const RESERVATION: &str = r#"(param "op" $operation) (param "reservation" $reservation)"#;

/// The component, without the interfaces named in `without`.
pub(crate) fn shop(of: &Shop<'_>, without: &[&str]) -> Vec<u8> {
    let interfaces = INTERFACES.iter().filter(|(name, _)| !without.contains(name));
    let lifted: String = interfaces.map(|(name, functions)| interface(name, functions)).collect();
    let Shop { quote, others } = of;
    wat::parse_str(format!(
        r#"(component
            (core module $m
                (memory (export "memory") 2)
                {REALLOC}
                (func (export "quote") (param i32) (result i32) {quote})
                (func (export "others") (param i32) (result i32) {others}))
            (core instance $i (instantiate $m))
            {TYPES}
            {QUOTING_TYPES}
            {lifted})"#
    ))
    .unwrap()
}

fn interface(name: &str, functions: &[Function]) -> String {
    let lift = |(function, parameters, result): &Function| {
        let core = if name == "quoting" { "quote" } else { "others" };
        format!(
            r#"(func ${name}-{function} (param "ctx" $context) {parameters} (result (result {result} (error $failure)))
                (canon lift (core func $i "{core}") (memory (core memory $i "memory"))
                    (realloc (core func $i "realloc"))))
            "#
        )
    };
    let lifted: String = functions.iter().map(lift).collect();
    let exports = functions.iter();
    let exports: String = exports
        .map(|(function, ..)| format!("(export \"{function}\" (func ${name}-{function})) "))
        .collect();
    format!("{lifted} (instance ${name} {exports}) (export \"tillhouse:merchant/{name}@0.2.0\" (instance ${name}))\n")
}

/// The types of these interfaces that `pricing` does not have.
const QUOTING_TYPES: &str = r#"
    (type $t29 (record (field "id" string) (field "attempt" u32) (field "idempotency-key" string)
        (field "reference" string) (field "now" u64)))
    (export $operation "operation" (type $t29))
    (type $t30 (record (field "line" string) (field "availability" string) (field "available" (option u64))
        (field "available-from" (option u64)) (field "extensions" $extensions)))
    (export $stock "stock" (type $t30))
    (type $t31 (record (field "id" string) (field "lines" (list $line)) (field "expires" u64)))
    (export $reservation "reservation" (type $t31))
    (type $t32 (variant (case "reserved") (case "insufficient" (list $stock))))
    (export $reserve-outcome "reserve-outcome" (type $t32))
    (type $t33 (record (field "line" string) (field "item" string) (field "group" (option string))
        (field "quantity" u32) (field "unit-price" s64) (field "tax-included" bool) (field "base" s64)
        (field "discount" s64) (field "subtotal" s64) (field "order-discount" s64) (field "taxable" s64)))
    (export $line-amount "line-amount" (type $t33))
    (type $t34 (record (field "id" (option string)) (field "name" string) (field "address" $address)
        (field "phone" (option string)) (field "instructions" (option string))))
    (export $place "place" (type $t34))
    (type $t35 (record (field "id" string) (field "kind" string) (field "title" string)
        (field "description" (option string)) (field "carrier" (option string)) (field "earliest" (option u64))
        (field "latest" (option u64)) (field "price" s64) (field "tax-included" bool) (field "lines" (list string))
        (field "group" (option string)) (field "place" (option $place)) (field "pickup-type" (option string))
        (field "ready-by" (option u64)) (field "pickup-by" (option u64)) (field "extensions" $extensions)))
    (export $fulfillment-option "fulfillment-option" (type $t35))
    (type $t36 (record (field "options" (list $fulfillment-option)) (field "preselected" (list $choice))
        (field "messages" (list $message))))
    (export $offer "offer" (type $t36))
    (type $t37 (record (field "id" string) (field "price" s64) (field "tax-included" bool)
        (field "group" (option string))))
    (export $taxable-option "taxable-option" (type $t37))
    (type $t38 (record (field "id" string) (field "kind" string) (field "amount" s64) (field "tax-included" bool)))
    (export $taxable-fee "taxable-fee" (type $t38))
    (type $t39 (record (field "group" (option string)) (field "address" $address)))
    (export $destination "destination" (type $t39))
    (type $t40 (record (field "lines" (list $line-amount)) (field "options" (list $taxable-option))
        (field "fees" (list $taxable-fee)) (field "destinations" (list $destination))
        (field "billing" (option $address)) (field "buyer" (option $buyer)) (field "extensions" $extensions)))
    (export $request "request" (type $t40))
    (type $t41 (record (field "jurisdiction" string) (field "rate" u32) (field "amount" s64)))
    (export $tax-part "tax-part" (type $t41))
    (type $t42 (record (field "id" string) (field "amount" s64) (field "parts" (list $tax-part))
        (field "exempt" (option string))))
    (export $assessed "assessed" (type $t42))
    (type $t43 (record (field "lines" (list $assessed)) (field "options" (list $assessed))
        (field "fees" (list $assessed))))
    (export $assessed-taxes "assessed-taxes" (type $t43))
    (type $t44 (record (field "jurisdiction" string) (field "rate" u32)))
    (export $tax-rate "tax-rate" (type $t44))
    (type $t45 (record (field "id" string) (field "rates" (list $tax-rate)) (field "exempt" (option string))))
    (export $rated "rated" (type $t45))
    (type $t46 (record (field "lines" (list $rated)) (field "options" (list $rated)) (field "fees" (list $rated))
        (field "rounding" $rounding)))
    (export $rated-taxes "rated-taxes" (type $t46))
    (type $t47 (variant (case "amounts" $assessed-taxes) (case "rates" $rated-taxes)))
    (export $taxes "taxes" (type $t47))
    (type $t48 (record (field "taxes" $taxes) (field "messages" (list $message)) (field "extensions" $extensions)))
    (export $assessment "assessment" (type $t48))
    (type $t49 (record (field "item" string) (field "title" string) (field "description" (option string))
        (field "images" (list string)) (field "url" (option string)) (field "extensions" $extensions)))
    (export $description "description" (type $t49))
    (type $t50 (record (field "kind" string) (field "url" string) (field "title" (option string))))
    (export $link "link" (type $t50))
    (type $t51 (record (field "channel" string) (field "text" string) (field "privacy-policy" string)
        (field "subscribed" bool)))
    (export $consent-option "consent-option" (type $t51))
    (type $t52 (record (field "email" (option string)) (field "phone" (option string)) (field "hours" (option string))
        (field "help-center" (option string))))
    (export $support "support" (type $t52))
    (type $t53 (record (field "links" (list $link)) (field "messages" (list $message))
        (field "consents" (list $consent-option)) (field "continue-url" (option string))
        (field "support" (option $support)) (field "extensions" $extensions)))
    (export $page-content "page-content" (type $t53))
    (type $t54 (record (field "stock" (list $stock)) (field "prices" $priced-cart) (field "offer" $offer)
        (field "taxes" $assessment) (field "page" (option $page-content))))
    (export $decisions "decisions" (type $t54))
"#;
