//! Signatures of the functions that a component exports, from its own types.

use wasmtime::component::types::ComponentItem;
use wasmtime::component::{ComponentExportIndex, Type};

use super::to_val::snake;
use crate::api::function::Function;
use crate::component::package::Component;

/// A function that a component exports, and its parameters.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Exported {
    /// Function of the contract.
    pub function: Function,
    /// Parameters in the order of the signature.
    pub parameters: Vec<Parameter>,
}

/// A parameter of an exported function.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Parameter {
    /// Name in snake case, e.g. `cart`.
    pub name: String,
    /// Whether a trial generates it if it is not given: `ctx`, `op` and the credential.
    pub generated: bool,
}

impl Exported {
    /// The functions that a component exports, in the order of the contract.
    #[must_use]
    pub fn of(component: &Component) -> Vec<Self> {
        let found = Function::ALL.iter().copied().filter_map(|function| {
            let signature = Signature::find(component, function)?;
            let parameters = signature.parameters.iter().map(|(name, ty)| Parameter {
                name: snake(name),
                generated: matches!(ty, Type::Borrow(_)) || matches!(name.as_str(), "ctx" | "op"),
            });
            Some(Self {
                function,
                parameters: parameters.collect(),
            })
        });
        found.collect()
    }

    /// Names of the parameters that a caller must give, because a trial does not generate them.
    pub fn required(&self) -> impl Iterator<Item = &str> {
        let own = self.parameters.iter().filter(|parameter| !parameter.generated);
        own.map(|parameter| parameter.name.as_str())
    }
}

/// A function that a component exports, with the types to convert its arguments.
pub(super) struct Signature {
    pub(super) function: ComponentExportIndex,
    pub(super) parameters: Vec<(String, Type)>,
    /// Whether it returns a `result` with the contract's `failure` as its error.
    pub(super) may_fail: bool,
}

impl Signature {
    /// Look up a function; `None` if the component does not export it.
    pub(super) fn find(component: &Component, function: Function) -> Option<Self> {
        let compiled = component.pre.component();
        let engine = component.pre.engine();
        let interface = format!("tillhouse:merchant/{}@", function.capability().name());
        let ty = compiled.component_type();
        let (name, _) = ty.exports(engine).find(|(name, _)| name.starts_with(&interface))?;
        let interface = compiled.get_export_index(None, name)?;
        let (_, short) = function.name().rsplit_once('.')?;
        let (item, index) = compiled.get_export(Some(&interface), short)?;
        let ComponentItem::ComponentFunc(ty) = item else {
            return None;
        };
        Some(Self {
            function: index,
            parameters: ty.params().map(|(name, ty)| (name.to_owned(), ty)).collect(),
            may_fail: ty.results().any(|ty| matches!(ty, Type::Result(_))),
        })
    }
}
