//! Reads a JSON body field by field, so that an error can name the field.

use serde_json::{Map, Value};

use super::error::AcquirerError;
use crate::money::MAX_AMOUNT;

/// An object of a request body, with the dotted path to it.
#[derive(Clone, Debug)]
pub(crate) struct Fields<'a> {
    path: String,
    object: &'a Map<String, Value>,
}

impl<'a> Fields<'a> {
    pub(crate) fn of(body: &'a Value) -> Result<Self, AcquirerError> {
        let object = body
            .as_object()
            .ok_or_else(|| AcquirerError::malformed("The body must be a JSON object.".into()))?;
        Ok(Self {
            path: String::new(),
            object,
        })
    }

    pub(crate) fn object(&self, name: &str) -> Result<Fields<'a>, AcquirerError> {
        let object = self
            .get(name)
            .and_then(Value::as_object)
            .ok_or_else(|| self.invalid(name, "must be an object."))?;
        Ok(Fields {
            path: format!("{}{name}.", self.path),
            object,
        })
    }

    pub(crate) fn optional_object(&self, name: &str) -> Result<Option<Fields<'a>>, AcquirerError> {
        self.get(name).map(|_| self.object(name)).transpose()
    }

    pub(crate) fn string(&self, name: &str) -> Result<&'a str, AcquirerError> {
        self.optional_string(name)?
            .ok_or_else(|| self.invalid(name, "is required."))
    }

    pub(crate) fn optional_string(&self, name: &str) -> Result<Option<&'a str>, AcquirerError> {
        match self.get(name) {
            None => Ok(None),
            Some(Value::String(text)) if !text.is_empty() => Ok(Some(text)),
            Some(_) => Err(self.invalid(name, "must be a non-empty string.")),
        }
    }

    pub(crate) fn boolean(&self, name: &str, default: bool) -> Result<bool, AcquirerError> {
        match self.get(name) {
            None => Ok(default),
            Some(Value::Bool(value)) => Ok(*value),
            Some(_) => Err(self.invalid(name, "must be true or false.")),
        }
    }

    /// An amount of 1 to [`MAX_AMOUNT`] minor units.
    pub(crate) fn optional_amount(&self, name: &str) -> Result<Option<i64>, AcquirerError> {
        let Some(value) = self.get(name) else { return Ok(None) };
        let amount = value.as_i64().filter(|amount| (1..=MAX_AMOUNT).contains(amount));
        let rule = || format!("must be an integer from 1 to {MAX_AMOUNT}, in minor units.");
        amount.map(Some).ok_or_else(|| self.invalid(name, rule()))
    }

    pub(crate) fn amount(&self, name: &str) -> Result<i64, AcquirerError> {
        self.optional_amount(name)?
            .ok_or_else(|| self.invalid(name, "is required."))
    }

    pub(crate) fn invalid(&self, name: &str, rule: impl Into<String>) -> AcquirerError {
        AcquirerError::invalid(&format!("{}{name}", self.path), rule)
    }

    /// Value of a field; null counts as absent.
    fn get(&self, name: &str) -> Option<&'a Value> {
        self.object.get(name).filter(|value| !value.is_null())
    }
}
