//! To whom and where the goods go: what an agent that shares a session must not change unseen by the one that pays.

use super::form::Form;
use crate::cart::{Cart, FulfillmentGroup};
use crate::contact::{Address, Recipient};
use crate::decision::PickupPlace;

/// Recipient and destination of the cart, and of each group that has its own. The buyer is not among them: a completion may name it.
pub(super) fn delivery(form: &mut Form, cart: &Cart) {
    form.each(&cart.recipient, recipient);
    form.each(&cart.groups, |form, group| {
        let FulfillmentGroup {
            id,
            kind,
            lines,
            destination,
            recipient: to,
            location,
            instructions,
        } = group;
        form.text(id.as_str());
        form.text(kind);
        form.each(lines, |form, line| form.text(line.as_str()));
        form.each(destination, postal_address);
        form.each(to, recipient);
        form.optional(location.as_deref());
        form.optional(instructions.as_deref());
    });
}

/// Where the goods are picked up. Name, phone and instructions are texts.
pub(super) fn place(form: &mut Form, place: &PickupPlace) {
    let PickupPlace {
        id,
        address,
        name: _,
        phone: _,
        instructions: _,
    } = place;
    form.optional(id.as_deref());
    street_address(form, address);
}

/// A download goes to the email address.
fn recipient(form: &mut Form, recipient: &Recipient) {
    let Recipient {
        name,
        phone,
        email,
        address,
    } = recipient;
    for field in [name, phone, email] {
        form.optional(field.as_deref());
    }
    form.each(address, postal_address);
}

/// With the names on the parcel.
fn postal_address(form: &mut Form, address: &Address) {
    form.text(&address.name);
    form.text(&address.company);
    street_address(form, address);
}

fn street_address(form: &mut Form, address: &Address) {
    let Address {
        line_one,
        line_two,
        city,
        region,
        country,
        postal_code,
        // In the postal address.
        name: _,
        company: _,
        // The code that was written; what it stands for is the country.
        country_alias: _,
    } = address;
    for field in [line_one, line_two, city, region, country, postal_code] {
        form.text(field);
    }
}
