//! The fulfillment options that the agent chooses.

pub(crate) mod request_v2025_12_12;
pub(crate) mod request_v2026_01_30;
pub(crate) mod response_v2025_12_12;
pub(crate) mod response_v2026_01_30;

use std::collections::BTreeSet;

use crate::fields::Id;
use crate::json::BodyError;
use tillhouse_checkout::cart::{CartEdit, Choice, ExpectedKind};
use tillhouse_checkout::ids::{LineId, OptionId};

/// A chosen option, with the kind that the agent takes it for.
#[derive(Debug)]
pub(crate) struct ChosenOption {
    kind: ExpectedKind,
    choice: Choice,
}

impl ChosenOption {
    /// An option for these items, whose lines have their ids. The list may repeat an item, as a list of items may.
    fn new(kind: ExpectedKind, option: Id, items: Vec<Id>) -> Self {
        let mut seen = BTreeSet::new();
        let lines = items.into_iter().map(|id| LineId::new(id.0));
        Self {
            kind,
            choice: Choice {
                option: OptionId::new(option.0),
                lines: lines.filter(|line| seen.insert(line.clone())).collect(),
            },
        }
    }
}

/// The change of the cart by these options, which replace all chosen before; `None` for none in the request.
///
/// # Errors
/// Of an entry, with its path.
pub(crate) fn choose<Selected>(options: Option<Vec<Selected>>, edit: CartEdit) -> Result<CartEdit, BodyError>
where
    Selected: TryInto<ChosenOption, Error = BodyError>,
{
    let Some(options) = options else {
        return Ok(edit);
    };
    let entries = options.into_iter().enumerate().map(|(index, selected)| {
        let chosen = selected.try_into();
        chosen.map_err(|error| error.at_index(index).in_field("selected_fulfillment_options"))
    });
    let chosen = entries.collect::<Result<Vec<_>, _>>()?;
    let kinds = chosen.iter().map(|chosen| (chosen.choice.option.clone(), chosen.kind));
    Ok(CartEdit {
        chosen_kinds: kinds.collect(),
        choices: Some(chosen.into_iter().map(|chosen| chosen.choice).collect()),
        ..edit
    })
}
