//! Exemptions of buyers, by account type or customer id.

use tillhouse_plugin::{config::Invalid, prelude::*};

/// Account types that the contract defines.
const ACCOUNTS: [&str; 3] = ["guest", "registered", "business"];

/// Buyers that are exempt from all taxes (table `exempt`) or from one tax.
#[derive(Debug, Default)]
pub(crate) struct Exempt {
    accounts: Vec<String>,
    customers: Vec<String>,
}

impl Exempt {
    /// Reads the exemptions from all taxes.
    pub(crate) fn everywhere() -> Result<Self, Invalid> {
        let mut exempt = Self {
            customers: config::list("exempt.customers"),
            ..Self::default()
        };
        if let Some(text) = config::get("exempt.accounts") {
            exempt.accounts("exempt.accounts", &text)?;
        }
        Ok(exempt)
    }

    /// Parses a list of account types.
    pub(crate) fn accounts(&mut self, key: &str, text: &str) -> Result<(), Invalid> {
        self.accounts = config::split(text).map(str::to_owned).collect();
        match self
            .accounts
            .iter()
            .find(|account| !ACCOUNTS.contains(&account.as_str()))
        {
            Some(wrong) => Err(Invalid::new(
                key,
                format!(
                    "unknown account type `{wrong}`; expected one of: {}",
                    ACCOUNTS.join(", ")
                ),
            )),
            None => Ok(()),
        }
    }

    /// Parses a list of customer ids.
    pub(crate) fn customers(&mut self, text: &str) {
        self.customers = config::split(text).map(str::to_owned).collect();
    }

    /// Whether this buyer is exempt.
    pub(crate) fn has(&self, buyer: Option<&Buyer>) -> bool {
        let listed = |list: &[String], value: Option<&String>| value.is_some_and(|value| list.contains(value));
        buyer.is_some_and(|buyer| {
            listed(&self.accounts, buyer.account.as_ref()) || listed(&self.customers, buyer.customer_id.as_ref())
        })
    }
}
