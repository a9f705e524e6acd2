//! Who does not pay.

use tillhouse_plugin::{config::Invalid, prelude::*};

/// The kinds of account that the contract knows.
const ACCOUNTS: [&str; 3] = ["guest", "registered", "business"];

/// Buyers that are exempt: from every tax (the table `exempt`), or from one.
#[derive(Debug, Default)]
pub(crate) struct Exempt {
    accounts: Vec<String>,
    customers: Vec<String>,
}

impl Exempt {
    /// Those who are exempt from every tax.
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

    /// Takes the kinds of account from the text of a key.
    pub(crate) fn accounts(&mut self, key: &str, text: &str) -> Result<(), Invalid> {
        self.accounts = config::split(text).map(str::to_owned).collect();
        match self
            .accounts
            .iter()
            .find(|account| !ACCOUNTS.contains(&account.as_str()))
        {
            Some(wrong) => Err(Invalid::new(
                key,
                format!("`{wrong}` is no kind of account; known: {}", ACCOUNTS.join(", ")),
            )),
            None => Ok(()),
        }
    }

    /// Takes the customers' ids from the text of a key.
    pub(crate) fn customers(&mut self, text: &str) {
        self.customers = config::split(text).map(str::to_owned).collect();
    }

    /// Whether it has this buyer.
    pub(crate) fn has(&self, buyer: Option<&Buyer>) -> bool {
        let listed = |list: &[String], value: Option<&String>| value.is_some_and(|value| list.contains(value));
        buyer.is_some_and(|buyer| {
            listed(&self.accounts, buyer.account.as_ref()) || listed(&self.customers, buyer.customer_id.as_ref())
        })
    }
}
