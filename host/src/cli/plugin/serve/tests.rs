//! The protocol crate lists the contract's names itself, because its clients do not depend on the host. The lists must agree.

use tillhouse_plugin_protocol as protocol;

use tillhouse_runtime::Capability;
use tillhouse_runtime::function::Function;

#[test]
fn the_protocol_names_the_functions_and_capabilities_that_a_host_calls() {
    let named = protocol::Function::ALL.iter();
    let named: Vec<_> = named
        .map(|function| (function.name(), function.capability().name(), function.egress()))
        .collect();
    let known = Function::ALL.iter();
    let known: Vec<_> = known
        .map(|function| (function.name(), function.capability().name(), function.egress()))
        .collect();
    assert_eq!(named, known);
    let named: Vec<_> = protocol::Capability::ALL
        .iter()
        .map(|capability| capability.name())
        .collect();
    let known: Vec<_> = Capability::ALL.iter().map(|capability| capability.name()).collect();
    assert_eq!(named, known);
}
