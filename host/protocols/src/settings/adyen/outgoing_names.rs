//! Other names for members of the bodies that Adyen is sent, of which it publishes nothing.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::Value;

/// What members of a body are called, where that is not what we assume; members without a name are left out.
///
/// A member is known by its path from the body, without indexes: `fulfillments.trackingNumber`. It keeps its place.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct OutgoingNames(BTreeMap<String, String>);

impl OutgoingNames {
    /// These names, by the path of the member; an empty one leaves it out. `known` are the paths of a body.
    ///
    /// # Errors
    /// If two members of an object get the same name: the path of the second.
    pub fn new(known: &[&str], mut given: BTreeMap<String, String>) -> Result<Self, String> {
        given.retain(|path, name| path.rsplit('.').next() != Some(name));
        let names = Self(given);
        let mut taken = BTreeSet::new();
        for path in known {
            let (object, member) = path.rsplit_once('.').unwrap_or(("", path));
            let name = names.0.get(*path).map_or(member, String::as_str);
            if !name.is_empty() && !taken.insert((object, name)) {
                return Err((*path).to_owned());
            }
        }
        Ok(names)
    }

    /// The body with these names.
    pub(crate) fn applied(&self, body: Value) -> Value {
        if self.0.is_empty() {
            body
        } else {
            self.renamed(body, "")
        }
    }

    fn renamed(&self, value: Value, path: &str) -> Value {
        match value {
            Value::Object(members) => {
                let renamed = members.into_iter().filter_map(|(member, value)| {
                    let path = if path.is_empty() {
                        member.clone()
                    } else {
                        format!("{path}.{member}")
                    };
                    let name = self.0.get(&path).cloned().unwrap_or(member);
                    (!name.is_empty()).then(|| (name, self.renamed(value, &path)))
                });
                Value::Object(renamed.collect())
            }
            Value::Array(values) => values.into_iter().map(|value| self.renamed(value, path)).collect(),
            other => other,
        }
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    const KNOWN: [&str; 5] = ["id", "amount", "amount.value", "parcels", "parcels.id"];

    fn names(given: &[(&str, &str)]) -> Result<OutgoingNames, String> {
        let given = given.iter().map(|(path, name)| ((*path).into(), (*name).into()));
        OutgoingNames::new(&KNOWN, given.collect())
    }

    #[test]
    fn members_are_renamed_where_they_are_or_left_out() {
        let body = json!({"id": "o", "amount": {"value": 5}, "parcels": [{"id": "a"}, {"id": "b"}]});
        let named = names(&[("parcels.id", "parcelId"), ("amount", ""), ("id", "order")]).unwrap();
        let expected = json!({"order": "o", "parcels": [{"parcelId": "a"}, {"parcelId": "b"}]});
        assert_eq!(named.applied(body.clone()), expected);
        assert_eq!(OutgoingNames::default().applied(body.clone()), body);
        assert_eq!(
            names(&[("parcels.id", "id")]),
            Ok(OutgoingNames::default()),
            "our own name"
        );
    }

    #[test]
    fn a_name_is_of_one_member_of_an_object() {
        assert_eq!(names(&[("amount", "id")]), Err("amount".to_owned()));
        assert!(names(&[("parcels.id", "amount")]).is_ok(), "another object");
        assert!(names(&[("amount", "id"), ("id", "amount")]).is_ok());
    }
}
