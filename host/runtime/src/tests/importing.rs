//! Components in the WebAssembly text format that call the host.

use super::components::TYPES;

/// A host function that a component imports.
pub(crate) struct Import {
    /// The imported interfaces, and `$lowered`, the core function.
    component: &'static str,
    /// Parameters of the core function.
    parameters: &'static str,
}

/// Size of the memory of the components, in bytes.
pub(crate) const MEMORY: usize = 64 << 16;

/// `catalog.get`: address and number of the ids, and where the result goes.
pub(crate) const CATALOG_GET: Import = Import {
    component: r#"
        (import "tillhouse:host/types@0.2.0" (instance $types
            (type $record (record (field "minor" s64) (field "currency" string)))
            (export "money" (type (eq $record)))))
        (alias export $types "money" (type $host-money))
        (import "tillhouse:host/catalog@0.2.0" (instance $catalog
            (alias outer 1 $host-money (type $of-types))
            (export "money" (type $money (eq $of-types)))
            (type $record (record (field "id" string) (field "price" $money) (field "sale-price" (option $money))
                (field "availability" string) (field "inventory" (option u64)) (field "weight-grams" (option u64))
                (field "category" (option string)) (field "tax-code" (option string)) (field "tax-included" bool)
                (field "physical" bool)))
            (export "item" (type $item (eq $record)))
            (export "get" (func (param "ids" (list string)) (result (list (option $item)))))))
        (core func $lowered (canon lower (func $catalog "get")
            (memory (core memory $libc "memory")) (realloc (core func $libc "realloc"))))
    "#,
    parameters: "i32 i32 i32",
};

/// `log.write`: severity, address and length of the message, address and number of the fields.
pub(crate) const LOG_WRITE: Import = Import {
    component: r#"
        (import "tillhouse:host/log@0.2.0" (instance $log
            (type $severity (enum "debug" "info" "warn" "error"))
            (export "level" (type $level (eq $severity)))
            (export "write" (func (param "level" $level) (param "message" string)
                (param "fields" (list (tuple string string)))))))
        (core func $lowered (canon lower (func $log "write")
            (memory (core memory $libc "memory")) (realloc (core func $libc "realloc"))))
    "#,
    parameters: "i32 i32 i32 i32 i32",
};

/// `output-stream.write` of stdout: address and length of the bytes, and where the result goes. The stream is taken each time.
pub(crate) const STDOUT_WRITE: Import = Import {
    component: r#"
        (import "wasi:io/error@0.2.0" (instance $errors (export "error" (type (sub resource)))))
        (alias export $errors "error" (type $io-error))
        (import "wasi:io/streams@0.2.0" (instance $streams
            (export "output-stream" (type $stream (sub resource)))
            (alias outer 1 $io-error (type $of-errors))
            (export "error" (type $error (eq $of-errors)))
            (type $failure (variant (case "last-operation-failed" (own $error)) (case "closed")))
            (export "stream-error" (type $stream-error (eq $failure)))
            (export "[method]output-stream.write" (func (param "self" (borrow $stream)) (param "contents" (list u8))
                (result (result (error $stream-error)))))))
        (alias export $streams "output-stream" (type $stream))
        (import "wasi:cli/stdout@0.2.0" (instance $stdout
            (alias outer 1 $stream (type $of-streams))
            (export "output-stream" (type $stream (eq $of-streams)))
            (export "get-stdout" (func (result (own $stream))))))
        (core func $get (canon lower (func $stdout "get-stdout")))
        (core func $drop (canon resource.drop $stream))
        (core func $write (canon lower (func $streams "[method]output-stream.write")
            (memory (core memory $libc "memory")) (realloc (core func $libc "realloc"))))
        (core module $adapter
            (import "wasi" "get" (func $get (result i32)))
            (import "wasi" "drop" (func $drop (param i32)))
            (import "wasi" "write" (func $write (param i32 i32 i32 i32)))
            (func (export "write") (param i32 i32 i32)
                (local $stream i32)
                (local.set $stream (call $get))
                (call $write (local.get $stream) (local.get 0) (local.get 1) (local.get 2))
                (call $drop (local.get $stream))))
        (core instance $adapter (instantiate $adapter (with "wasi" (instance
            (export "get" (func $get)) (export "drop" (func $drop)) (export "write" (func $write))))))
        (alias core export $adapter "write" (core func $lowered))
    "#,
    parameters: "i32 i32 i32",
};

/// Build a component that exports only `pricing`, with this body of `price`, which may call `$host`.
///
/// Its allocator returns the same address each time: what the host writes is overwritten by what it writes next.
pub(crate) fn pricing_with(import: &Import, body: &str) -> Vec<u8> {
    let Import { component, parameters } = import;
    let pages = MEMORY >> 16;
    wat::parse_str(format!(
        r#"(component
            (core module $libc
                (memory (export "memory") {pages})
                (func (export "realloc") (param i32 i32 i32 i32) (result i32) (i32.const 2097152)))
            (core instance $libc (instantiate $libc))
            {component}
            (core module $m
                (import "libc" "memory" (memory {pages}))
                (import "host" "call" (func $host (param {parameters})))
                (func $price (export "price") (param i32) (result i32) {body}))
            (core instance $i (instantiate $m
                (with "libc" (instance $libc)) (with "host" (instance (export "call" (func $lowered))))))
            {TYPES}
            (func $price (param "ctx" $context) (param "cart" $cart) (result (result $priced-cart (error $failure)))
                (canon lift (core func $i "price") (memory (core memory $libc "memory"))
                    (realloc (core func $libc "realloc"))))
            (instance $pricing (export "price" (func $price)))
            (export "tillhouse:merchant/pricing@0.2.0" (instance $pricing)))"#
    ))
    .unwrap()
}
