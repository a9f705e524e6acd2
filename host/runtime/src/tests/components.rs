//! Components in the WebAssembly text format.

/// Body of a `price` that returns an empty priced cart: memory is zero, and so is the tag of `ok`.
pub(crate) const EMPTY_ANSWER: &str = "(i32.const 0)";

/// Build a component that exports only `pricing`, with this body of `price`.
///
/// The body gets a pointer to the arguments and returns a pointer to the result. In the result the tag is at offset 0, and the
/// seven lists of a priced cart begin at offset 4.
pub(crate) fn pricing(body: &str) -> Vec<u8> {
    wat::parse_str(format!(
        r#"(component
            (core module $m
                (memory (export "memory") 2)
                {REALLOC}
                (func $price (export "price") (param i32) (result i32) {body}))
            (core instance $i (instantiate $m))
            {TYPES}
            (func $price (param "ctx" $context) (param "cart" $cart) (result (result $priced-cart (error $failure)))
                (canon lift (core func $i "price") (memory (core memory $i "memory")) (realloc (core func $i "realloc"))))
            (instance $pricing (export "price" (func $price)))
            (export "tillhouse:merchant/pricing@0.2.0" (instance $pricing)))"#
    ))
    .unwrap()
}

/// An allocator that never frees memory.
pub(crate) const REALLOC: &str = r#"
    (global $next (mut i32) (i32.const 65536))
    (func (export "realloc") (param i32 i32 i32 i32) (result i32)
        (local $at i32)
        (local.set $at (i32.and (i32.add (global.get $next) (i32.const 7)) (i32.const -8)))
        (global.set $next (i32.add (local.get $at) (local.get 3)))
        (local.get $at))
"#;

/// The types of `pricing.price`. Each is exported, because an exported function may only use named types.
pub(crate) const TYPES: &str = r#"
    (type $extensions (list (tuple string string)))
    (type $t0 (record (field "name" (option string)) (field "profile" (option string)) (field "proven" bool)
        (field "principal" (option string))))
    (export $agent "agent" (type $t0))
    (type $t1 (record (field "merchant" string) (field "session" string) (field "now" u64) (field "currency" string)
        (field "locale" (option string)) (field "time-zone" (option string)) (field "agent" $agent)
        (field "extensions" $extensions)))
    (export $context "context" (type $t1))
    (type $t2 (record (field "name" string) (field "company" string) (field "line-one" string)
        (field "line-two" string) (field "city" string) (field "region" string) (field "country" string)
        (field "postal-code" string)))
    (export $address "address" (type $t2))
    (type $t3 (record (field "name" string) (field "tax-id" (option string)) (field "department" (option string))
        (field "cost-center" (option string))))
    (export $company "company" (type $t3))
    (type $t4 (record (field "certificate" string) (field "kind" string) (field "regions" (list string))
        (field "expires" (option u64))))
    (export $tax-exemption "tax-exemption" (type $t4))
    (type $t5 (record (field "tier" (option string)) (field "points" (option u64))
        (field "member-since" (option string))))
    (export $loyalty "loyalty" (type $t5))
    (type $t6 (record (field "email" (option string)) (field "name" (option string))
        (field "first-name" (option string)) (field "last-name" (option string)) (field "phone" (option string))
        (field "customer-id" (option string)) (field "account" (option string)) (field "signed-in" bool)
        (field "company" (option $company)) (field "tax-exemption" (option $tax-exemption))
        (field "loyalty" (option $loyalty)) (field "extensions" $extensions)))
    (export $buyer "buyer" (type $t6))
    (type $t7 (record (field "name" (option string)) (field "phone" (option string)) (field "email" (option string))))
    (export $recipient "recipient" (type $t7))
    (type $t8 (record (field "id" string) (field "item" string) (field "quantity" u32)
        (field "extensions" $extensions)))
    (export $line "line" (type $t8))
    (type $t9 (record (field "option" string) (field "lines" (list string))))
    (export $choice "choice" (type $t9))
    (type $t10 (record (field "id" string) (field "kind" string) (field "lines" (list string))
        (field "destination" (option $address)) (field "recipient" (option $recipient))
        (field "location" (option string)) (field "instructions" (option string)) (field "extensions" $extensions)))
    (export $group "group" (type $t10))
    (type $t11 (record (field "lines" (list $line)) (field "codes" (list string)) (field "buyer" (option $buyer))
        (field "recipient" (option $recipient)) (field "destination" (option $address))
        (field "billing" (option $address)) (field "groups" (list $group)) (field "choices" (list $choice))
        (field "quote-id" (option string)) (field "extensions" $extensions)))
    (export $cart "cart" (type $t11))
    (type $t12 (record (field "kind" string) (field "id" (option string))))
    (export $subject "subject" (type $t12))
    (type $t13 (enum "info" "warning" "error"))
    (export $severity "severity" (type $t13))
    (type $t14 (record (field "severity" $severity) (field "code" (option string)) (field "about" $subject)
        (field "text" string) (field "markdown" bool) (field "resolution" (option string))))
    (export $message "message" (type $t14))
    (type $t15 (record (field "code" string) (field "message" string) (field "about" $subject)
        (field "extensions" $extensions)))
    (export $rejection "rejection" (type $t15))
    (type $t16 (variant (case "rejected" $rejection) (case "unavailable" (option u32)) (case "misconfigured" string)
        (case "unsupported")))
    (export $failure "failure" (type $t16))
    (type $t17 (record (field "mode" string) (field "scope" string)))
    (export $rounding "rounding" (type $t17))
    (type $t18 (record (field "line" string) (field "unit-price" s64) (field "tax-included" bool)
        (field "max-quantity" (option u32)) (field "extensions" $extensions)))
    (export $priced-line "priced-line" (type $t18))
    (type $t19 (variant (case "line" string) (case "order") (case "option" string) (case "fulfillment")))
    (export $target "target" (type $t19))
    (type $t20 (record (field "target" $target) (field "amount" s64) (field "extensions" $extensions)))
    (export $allocation "allocation" (type $t20))
    (type $t21 (record (field "rate" u32) (field "targets" (list $target)) (field "rounding" $rounding)))
    (export $rate-off "rate-off" (type $t21))
    (type $t22 (variant (case "amounts" (list $allocation)) (case "rate" $rate-off)))
    (export $reduction "reduction" (type $t22))
    (type $t23 (variant (case "rate" u32) (case "amount" s64)))
    (export $terms "terms" (type $t23))
    (type $t24 (record (field "id" string) (field "name" string) (field "terms" $terms)
        (field "duration" (option string)) (field "duration-in-months" (option u32))
        (field "max-redemptions" (option u64)) (field "times-redeemed" (option u64)) (field "extensions" $extensions)))
    (export $coupon "coupon" (type $t24))
    (type $t25 (record (field "id" string) (field "code" (option string)) (field "coupon" $coupon)
        (field "method" string) (field "priority" u32) (field "starts" (option u64)) (field "ends" (option u64))
        (field "reduction" $reduction) (field "extensions" $extensions)))
    (export $discount "discount" (type $t25))
    (type $t26 (record (field "code" string) (field "reason" string) (field "message" string)
        (field "extensions" $extensions)))
    (export $rejected-code "rejected-code" (type $t26))
    (type $t27 (record (field "id" string) (field "kind" string) (field "title" string) (field "amount" s64)
        (field "tax-included" bool) (field "extensions" $extensions)))
    (export $fee "fee" (type $t27))
    (type $t28 (record (field "lines" (list $priced-line)) (field "unknown" (list string))
        (field "discounts" (list $discount)) (field "rejected" (list $rejected-code)) (field "fees" (list $fee))
        (field "messages" (list $message)) (field "extensions" $extensions)))
    (export $priced-cart "priced-cart" (type $t28))
"#;

/// Names of the types in [`TYPES`].
pub(crate) fn names() -> impl Iterator<Item = &'static str> {
    TYPES
        .lines()
        .filter_map(|line| line.trim_start().strip_prefix("(export $"))
        .filter_map(|rest| rest.split(' ').next())
}
