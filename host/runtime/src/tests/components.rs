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
            (export "tillhouse:merchant/pricing@0.1.0" (instance $pricing)))"#
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
    (type $t0 (record (field "merchant" string) (field "session" string) (field "now" u64) (field "currency" string)
        (field "locale" (option string)) (field "extensions" $extensions)))
    (export $context "context" (type $t0))
    (type $t1 (record (field "name" string) (field "company" string) (field "line-one" string) (field "line-two" string)
        (field "city" string) (field "region" string) (field "country" string) (field "postal-code" string)))
    (export $address "address" (type $t1))
    (type $t2 (record (field "email" (option string)) (field "name" (option string)) (field "phone" (option string))
        (field "customer-id" (option string)) (field "account" (option string)) (field "signed-in" bool)
        (field "extensions" $extensions)))
    (export $buyer "buyer" (type $t2))
    (type $t3 (record (field "id" string) (field "item" string) (field "quantity" u32) (field "extensions" $extensions)))
    (export $line "line" (type $t3))
    (type $t4 (record (field "lines" (list $line)) (field "codes" (list string)) (field "buyer" (option $buyer))
        (field "destination" (option $address)) (field "chosen-option" (option string)) (field "extensions" $extensions)))
    (export $cart "cart" (type $t4))
    (type $t5 (record (field "kind" string) (field "id" (option string))))
    (export $subject "subject" (type $t5))
    (type $t6 (enum "info" "warning" "error"))
    (export $severity "severity" (type $t6))
    (type $t7 (record (field "severity" $severity) (field "code" (option string)) (field "about" $subject)
        (field "text" string) (field "markdown" bool)))
    (export $message "message" (type $t7))
    (type $t8 (record (field "code" string) (field "message" string) (field "about" $subject)
        (field "extensions" $extensions)))
    (export $rejection "rejection" (type $t8))
    (type $t9 (variant (case "rejected" $rejection) (case "unavailable" (option u32)) (case "misconfigured" string)
        (case "unsupported")))
    (export $failure "failure" (type $t9))
    (type $t10 (record (field "line" string) (field "unit-price" s64) (field "max-quantity" (option u32))
        (field "extensions" $extensions)))
    (export $priced-line "priced-line" (type $t10))
    (type $t11 (variant (case "line" string) (case "order")))
    (export $target "target" (type $t11))
    (type $t12 (record (field "target" $target) (field "amount" s64)))
    (export $allocation "allocation" (type $t12))
    (type $t13 (variant (case "rate" u32) (case "amount" s64)))
    (export $terms "terms" (type $t13))
    (type $t14 (record (field "id" string) (field "code" (option string)) (field "title" string) (field "terms" $terms)
        (field "method" string) (field "priority" u32) (field "allocations" (list $allocation))))
    (export $discount "discount" (type $t14))
    (type $t15 (record (field "code" string) (field "reason" string) (field "message" string)))
    (export $rejected-code "rejected-code" (type $t15))
    (type $t16 (record (field "id" string) (field "kind" string) (field "title" string) (field "amount" s64)))
    (export $fee "fee" (type $t16))
    (type $t17 (record (field "lines" (list $priced-line)) (field "unknown" (list string))
        (field "discounts" (list $discount)) (field "rejected" (list $rejected-code)) (field "fees" (list $fee))
        (field "messages" (list $message)) (field "extensions" $extensions)))
    (export $priced-cart "priced-cart" (type $t17))
"#;

/// Names of the types in [`TYPES`].
pub(crate) const NAMES: [&str; 18] = [
    "context",
    "address",
    "buyer",
    "line",
    "cart",
    "subject",
    "severity",
    "message",
    "rejection",
    "failure",
    "priced-line",
    "target",
    "allocation",
    "terms",
    "discount",
    "rejected-code",
    "fee",
    "priced-cart",
];
