//! What a component's function takes and gives, by its own types.

use wasmtime::component::types::ComponentItem;
use wasmtime::component::{ComponentExportIndex, Type};

use super::to_val::snake;
use crate::api::function::Function;
use crate::component::package::Component;

/// A function that a component exports, and what it takes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Exported {
    /// The function.
    pub function: Function,
    /// Its parameters, in their order.
    pub parameters: Vec<Parameter>,
}

/// A parameter.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Parameter {
    /// Its name: `cart`.
    pub name: String,
    /// Whether a trial makes it up where it is not given: the context, the operation, the credential.
    pub made_up: bool,
}

impl Exported {
    /// What a component exports, in the order of the contract.
    #[must_use]
    pub fn of(component: &Component) -> Vec<Self> {
        let found = Function::ALL.iter().copied().filter_map(|function| {
            let signature = Signature::find(component, function)?;
            let parameters = signature.parameters.iter().map(|(name, ty)| Parameter {
                name: snake(name),
                made_up: matches!(ty, Type::Borrow(_)) || matches!(name.as_str(), "ctx" | "op"),
            });
            Some(Self {
                function,
                parameters: parameters.collect(),
            })
        });
        found.collect()
    }

    /// The parameters that nobody makes up.
    pub fn own(&self) -> impl Iterator<Item = &str> {
        let own = self.parameters.iter().filter(|parameter| !parameter.made_up);
        own.map(|parameter| parameter.name.as_str())
    }
}

/// A function that a component exports.
pub(super) struct Signature {
    pub(super) function: ComponentExportIndex,
    pub(super) parameters: Vec<(String, Type)>,
    /// Whether it answers with a result whose other side is the contract's failure.
    pub(super) may_fail: bool,
}

impl Signature {
    /// The function, if the component has it.
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
