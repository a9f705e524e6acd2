//! What the agent is capable of (schemas `Capabilities` and `InterventionCapabilities`). Capabilities and values that are not known here
//! are ignored, because an agent may be newer than the host (ACP RFC capability negotiation). `payment`, and `required` and `enforcement`
//! of the interventions, are what a seller says of itself: from an agent they have no meaning.

use std::fmt;
use std::num::NonZeroU32;

use serde::Deserialize;
use serde::de::value::MapAccessDeserializer;
use serde::de::{Deserializer, Error, MapAccess, Visitor};

use crate::fields::{Count, Id};
use tillhouse_checkout::interaction::Interaction;
use tillhouse_checkout::session::Agent;

#[derive(Debug, Deserialize)]
#[serde(expecting = "an object")]
pub(crate) struct Capabilities {
    interventions: Option<Interventions>,
    extensions: Option<Vec<Extension>>,
}

/// Interventions that the agent supports, and how it shows them to the buyer.
#[derive(Debug, Default, Deserialize)]
#[serde(expecting = "an object")]
struct Interventions {
    supported: Option<Vec<Id>>,
    display_context: Option<Id>,
    redirect_context: Option<Id>,
    max_redirects: Option<Count>,
    max_interaction_depth: Option<Depth>,
}

/// A depth of interactions: 1 or more.
#[derive(Clone, Copy, Debug)]
struct Depth(NonZeroU32);

impl<'de> Deserialize<'de> for Depth {
    fn deserialize<D: Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
        let depth = NonZeroU32::new(saturated(Count::deserialize(from)?));
        depth
            .map(Self)
            .ok_or_else(|| D::Error::custom("must be a whole number, 1 or greater"))
    }
}

impl From<Capabilities> for Agent {
    fn from(capabilities: Capabilities) -> Self {
        let interventions = capabilities.interventions.unwrap_or_default();
        let extensions = capabilities.extensions.unwrap_or_default();
        let supported = interventions.supported.unwrap_or_default();
        Self {
            interventions: supported.into_iter().map(|kind| kind.0).collect(),
            extensions: extensions.into_iter().map(|extension| extension.0).collect(),
            interaction: Interaction {
                display: interventions.display_context.map(|context| context.0),
                redirect: interventions.redirect_context.map(|context| context.0),
                max_redirects: interventions.max_redirects.map(saturated),
                max_depth: interventions.max_interaction_depth.map(|Depth(depth)| depth.get()),
            },
            ..Self::default()
        }
    }
}

fn saturated(Count(count): Count) -> u32 {
    u32::try_from(count).unwrap_or(u32::MAX)
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
