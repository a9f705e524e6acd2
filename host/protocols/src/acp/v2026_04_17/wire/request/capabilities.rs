//! What the agent is capable of (schema `Capabilities`). Capabilities and values that are not known here are ignored, because an
//! agent may be newer than the host (ACP RFC capability negotiation).

use std::fmt;

use serde::Deserialize;
use serde::de::value::MapAccessDeserializer;
use serde::de::{Deserializer, IgnoredAny, MapAccess, Visitor};

#[derive(Debug, Deserialize)]
#[serde(expecting = "an object")]
pub(crate) struct Capabilities {
    #[serde(rename = "payment")]
    pub(crate) _payment: Option<IgnoredAny>,
    pub(crate) interventions: Option<Interventions>,
    pub(crate) extensions: Option<Vec<Extension>>,
}

/// Interventions that the agent supports.
#[derive(Debug, Deserialize)]
#[serde(expecting = "an object")]
pub(crate) struct Interventions {
    pub(crate) supported: Option<Vec<String>>,
}

/// An extension that the agent understands, by its identifier: `discount`, or in one version `discount@2026-01-27`. The schema also
/// allows the object with which a merchant declares one.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Extension(pub(crate) String);

#[derive(Deserialize)]
#[serde(expecting = "an object")]
struct Declaration {
    name: String,
}

impl<'de> Deserialize<'de> for Extension {
    fn deserialize<D: Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
        struct Any;
        impl<'de> Visitor<'de> for Any {
            type Value = Extension;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("the identifier of an extension")
            }

            fn visit_str<E>(self, name: &str) -> Result<Extension, E> {
                Ok(Extension(name.to_owned()))
            }

            fn visit_map<A: MapAccess<'de>>(self, declaration: A) -> Result<Extension, A::Error> {
                let declaration = Declaration::deserialize(MapAccessDeserializer::new(declaration))?;
                Ok(Extension(declaration.name))
            }
        }
        from.deserialize_any(Any)
    }
}
