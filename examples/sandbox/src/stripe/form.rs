//! Stripe's form encoding: flat pairs whose names contain brackets, e.g. `usage_limits[currency]=usd`.

use std::collections::BTreeMap;

use serde_json::{Map, Value};
use url::form_urlencoded;

use super::error::StripeError;
use super::units;
use crate::money::Currency;

/// The parameters of one request, by their bracketed names.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Form {
    pairs: BTreeMap<String, String>,
}

impl Form {
    /// Decodes a body or query string.
    ///
    /// # Errors
    /// When a name occurs twice, or its brackets are not balanced.
    pub(crate) fn decode(encoded: &[u8]) -> Result<Self, StripeError> {
        let mut pairs = BTreeMap::new();
        for (name, value) in form_urlencoded::parse(encoded).into_owned() {
            if !is_well_formed(&name) {
                let message = format!("Invalid parameter name '{name}'; nested names have the form parent[child].");
                return Err(StripeError::parameter("parameter_invalid", &name, message));
            }
            if pairs.contains_key(&name) {
                let message = format!("Parameter '{name}' was sent twice.");
                return Err(StripeError::parameter("parameter_invalid", &name, message));
            }
            pairs.insert(name, value);
        }
        Ok(Self { pairs })
    }

    /// Fingerprint for the idempotency key, independent of the order of the parameters.
    pub(crate) fn fingerprint(&self) -> String {
        form_urlencoded::Serializer::new(String::new())
            .extend_pairs(&self.pairs)
            .finish()
    }

    /// Rejects every parameter that is neither listed in `known` nor nested in one of `open`.
    pub(crate) fn only(&self, known: &[&str], open: &[&str]) -> Result<(), StripeError> {
        let inside = |name: &str, parent: &str| {
            name.strip_prefix(parent)
                .is_some_and(|rest| rest.is_empty() || rest.starts_with('['))
        };
        match self
            .pairs
            .keys()
            .find(|name| !known.contains(&name.as_str()) && !open.iter().any(|o| inside(name, o)))
        {
            None => Ok(()),
            Some(name) => Err(StripeError::unknown_parameter(name)),
        }
    }

    /// Value of a parameter; an empty value counts as absent.
    pub(crate) fn get(&self, name: &str) -> Option<&str> {
        self.pairs
            .get(name)
            .map(String::as_str)
            .filter(|value| !value.is_empty())
    }

    pub(crate) fn required(&self, name: &str) -> Result<&str, StripeError> {
        self.get(name).ok_or_else(|| {
            StripeError::parameter("parameter_missing", name, format!("Missing required param: {name}."))
        })
    }

    /// A required value from a list.
    pub(crate) fn one_of(&self, name: &str, values: &[&'static str]) -> Result<&'static str, StripeError> {
        let text = self.required(name)?;
        values.iter().find(|value| **value == text).copied().ok_or_else(|| {
            let message = format!("Invalid {name}: {text}. Use {}.", values.join(", "));
            StripeError::parameter("parameter_invalid", name, message)
        })
    }

    /// The parameters as nested objects: `a[b]=c` is `{"a": {"b": "c"}}`. One that contradicts another is left out.
    pub(crate) fn nested(&self) -> Value {
        let mut root = Map::new();
        for (name, value) in &self.pairs {
            let mut place = &mut root;
            let mut parts = name.split(['[', ']']).filter(|part| !part.is_empty()).peekable();
            while let Some(part) = parts.next() {
                if parts.peek().is_none() {
                    place.insert(part.to_owned(), value.as_str().into());
                    break;
                }
                let inner = place.entry(part).or_insert_with(|| Value::Object(Map::new()));
                let Some(inner) = inner.as_object_mut() else { break };
                place = inner;
            }
        }
        Value::Object(root)
    }

    pub(crate) fn integer(&self, name: &str) -> Result<Option<i64>, StripeError> {
        let parse = |text: &str| {
            text.parse().map_err(|_| {
                StripeError::parameter("parameter_invalid_integer", name, format!("Invalid integer: {text}"))
            })
        };
        self.get(name).map(parse).transpose()
    }

    pub(crate) fn required_integer(&self, name: &str) -> Result<i64, StripeError> {
        self.required(name)?;
        self.integer(name).map(Option::unwrap_or_default)
    }

    /// A required amount that Stripe takes in this currency, in its units.
    pub(crate) fn required_amount(&self, name: &str, currency: &Currency) -> Result<i64, StripeError> {
        let amount = self.required_integer(name)?;
        units::check(name, amount, currency)?;
        Ok(amount)
    }

    pub(crate) fn required_currency(&self, name: &str) -> Result<Currency, StripeError> {
        let text = self.required(name)?;
        Currency::parse(text).ok_or_else(|| {
            let message = format!("Invalid currency: {text}. Use a three-letter ISO 4217 code in lower case.");
            StripeError::parameter("parameter_invalid", name, message)
        })
    }

    pub(crate) fn boolean(&self, name: &str) -> Result<Option<bool>, StripeError> {
        match self.get(name) {
            None => Ok(None),
            Some("true") => Ok(Some(true)),
            Some("false") => Ok(Some(false)),
            Some(text) => {
                let message = format!("Invalid boolean: {text}. Use true or false.");
                Err(StripeError::parameter("parameter_invalid", name, message))
            }
        }
    }

    /// The pairs `parent[key]=value` as an object: a metadata hash.
    pub(crate) fn hash(&self, parent: &str) -> Value {
        let inner = |name: &str| {
            Some(
                name.strip_prefix(parent)?
                    .strip_prefix('[')?
                    .strip_suffix(']')?
                    .to_owned(),
            )
        };
        let pairs = self
            .pairs
            .iter()
            .filter_map(|(name, value)| Some((inner(name)?, Value::from(value.as_str()))));
        Value::Object(pairs.collect::<Map<_, _>>())
    }
}

/// `a`, `a[b]`, `a[b][c]`, `a[]`.
fn is_well_formed(name: &str) -> bool {
    let (head, mut rest) = name.split_at(name.find('[').unwrap_or(name.len()));
    if head.is_empty() || head.contains(']') {
        return false;
    }
    while !rest.is_empty() {
        let Some((inner, after)) = rest.strip_prefix('[').and_then(|inner| inner.split_once(']')) else {
            return false;
        };
        if inner.contains('[') {
            return false;
        }
        rest = after;
    }
    true
}

#[cfg(test)]
#[allow(clippy::unwrap_used, clippy::indexing_slicing, reason = "tests")]
mod tests {
    use super::*;

    #[test]
    fn decodes_percent_encoded_brackets_and_plus() {
        let form = Form::decode(b"usage_limits%5Bcurrency%5D=usd&description=two+words&x=").unwrap();
        assert_eq!(form.get("usage_limits[currency]"), Some("usd"));
        assert_eq!(form.get("description"), Some("two words"));
        assert_eq!(form.get("x"), None);
    }

    #[test]
    fn refuses_names_whose_brackets_do_not_pair_up() {
        for body in ["a[b=1", "a]b=1", "[a]=1", "a[b]c=1", "a[[b]]=1", "=1"] {
            assert!(Form::decode(body.as_bytes()).is_err(), "{body}");
        }
        assert!(Form::decode(b"a[b][c]=1&expand[]=x").is_ok());
    }

    #[test]
    fn order_does_not_matter_to_the_fingerprint_but_names_and_values_do() {
        let fingerprint = |body: &str| Form::decode(body.as_bytes()).unwrap().fingerprint();
        assert_eq!(fingerprint("a=1&b=2"), fingerprint("b=2&a=1"));
        assert_ne!(fingerprint("a=1&b=2"), fingerprint("a=1&b=3"));
        assert_ne!(fingerprint("a=1"), fingerprint("a=1&b="));
        assert_ne!(fingerprint("a=1%26b%3D2"), fingerprint("a=1&b=2"));
    }

    #[test]
    fn unknown_parameters_are_named() {
        let form = Form::decode(b"metadata[order]=1&metadatax=2").unwrap();
        let error = form.only(&[], &["metadata"]).unwrap_err().into_answer();
        assert_eq!(error.body["error"]["param"], "metadatax");
        assert_eq!(form.hash("metadata"), serde_json::json!({"order": "1"}));
        let nested = serde_json::json!({"metadata": {"order": "1"}, "metadatax": "2"});
        assert_eq!(form.nested(), nested);
    }
}
