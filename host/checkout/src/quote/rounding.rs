//! Rule R2: a rounding rule has a mode and a scope that the contract names.

use tillhouse_amounts::rounding::Rule;

use super::{ContractError, QuoteRule, contract_error};
use crate::decision::RoundingRule;

/// The rounding rule that a plugin names in the answer of `function`.
pub(super) fn rule(function: &'static str, names: &RoundingRule) -> Result<Rule, ContractError> {
    let broken = |member: &str, name: &str, error: &dyn std::fmt::Display| {
        contract_error(function, QuoteRule::R2, format!("rounding.{member} {name:?}: {error}"))
    };
    Ok(Rule {
        mode: names
            .mode
            .parse()
            .map_err(|error| broken("mode", &names.mode, &error))?,
        scope: names
            .scope
            .parse()
            .map_err(|error| broken("scope", &names.scope, &error))?,
    })
}
