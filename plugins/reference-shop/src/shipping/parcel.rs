//! Parcels: the lines of a cart that go to one destination.

use tillhouse_plugin::prelude::*;

/// Largest id of an option, in bytes, that the contract allows.
const MAX_ID: usize = 256;

/// Lines that go to one destination, and what is shipped of them.
#[derive(Debug)]
pub(super) struct Parcel<'a> {
    /// Group of the lines; `None` for the lines that are in no group.
    group: Option<&'a Group>,
    /// Whether the cart is divided into groups.
    divided: bool,
    lines: Vec<&'a str>,
    pub(super) destination: Option<&'a Address>,
    /// Whether anything must be shipped.
    pub(super) physical: bool,
    pub(super) grams: u64,
    /// Sum of the lines after every discount.
    pub(super) subtotal: Amount,
}

/// Divides a cart into parcels: one for each group with lines, and one for the lines that are in no group.
pub(super) fn of_cart<'a>(cart: &'a Cart, amounts: &[LineAmount]) -> Result<Vec<Parcel<'a>>, Failure> {
    let groups = cart.groups.iter().map(Some).chain([None]);
    let mut parcels: Vec<Parcel<'a>> = groups.map(|group| Parcel::empty(cart, group)).collect();
    let ids: Vec<String> = cart.lines.iter().map(|line| line.item.clone()).collect();
    for (line, item) in cart.lines.iter().zip(catalog::get(&ids)) {
        let group = cart.group_of(&line.id).map(|group| group.id.as_str());
        let Some(parcel) = parcels.iter_mut().find(|parcel| parcel.group_id() == group) else {
            continue;
        };
        parcel.lines.push(&line.id);
        if let Some(item) = item.filter(|item| item.physical) {
            parcel.physical = true;
            let weight = item.weight_grams.unwrap_or(0).saturating_mul(u64::from(line.quantity));
            parcel.grams = parcel.grams.saturating_add(weight);
        }
    }
    for amount in amounts {
        let of_group = |parcel: &&mut Parcel<'_>| parcel.group_id() == amount.group.as_deref();
        if let Some(parcel) = parcels.iter_mut().find(of_group) {
            parcel.subtotal = parcel.subtotal.plus(Amount::new(amount.taxable)?)?;
        }
    }
    parcels.retain(|parcel| !parcel.lines.is_empty());
    Ok(parcels)
}

impl<'a> Parcel<'a> {
    fn empty(cart: &'a Cart, group: Option<&'a Group>) -> Self {
        let of_group = group.and_then(|group| group.destination.as_ref());
        Self {
            group,
            divided: !cart.groups.is_empty(),
            lines: Vec::new(),
            destination: of_group.or(cart.destination.as_ref()),
            physical: false,
            grams: 0,
            subtotal: Amount::ZERO,
        }
    }

    fn group_id(&self) -> Option<&'a str> {
        self.group.map(|group| group.id.as_str())
    }

    pub(super) const fn group(&self) -> Option<&'a Group> {
        self.group
    }

    /// Whether options of this kind may be offered: those that the group asks for, or any without a group.
    pub(super) fn allows(&self, kind: &str) -> bool {
        self.group.is_none_or(|group| group.kind == kind)
    }

    /// Makes a service an option of this parcel. Its id is that of the service, and in a group `GROUP/SERVICE`.
    pub(super) fn label(&self, option: FulfillmentOption) -> Result<FulfillmentOption, Failure> {
        let Some(group) = self.group_id() else {
            // Without groups, an option without lines is for all of them.
            let lines = self.lines.iter().filter(|_| self.divided);
            return Ok(FulfillmentOption {
                lines: lines.map(|line| (*line).to_owned()).collect(),
                ..option
            });
        };
        let id = format!("{group}/{}", option.id);
        if id.len() > MAX_ID {
            let text = "The id of a fulfillment group is too long.";
            return Err(Failure::rejected("invalid", Subject::session(), text));
        }
        Ok(FulfillmentOption {
            id,
            group: Some(group.to_owned()),
            ..option
        })
    }
}
