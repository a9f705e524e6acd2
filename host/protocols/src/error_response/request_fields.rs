//! The paths of the fields of a request that an error may be about.

use tillhouse_checkout::cart::{CartEdit, CartError, Choice, FulfillmentKind, RequestedItem};
use tillhouse_checkout::ids::{GroupId, ItemId, LineId, OptionId};
use tillhouse_checkout::message::Subject;

/// Field names of a protocol's requests, as `JSONPath`s except for `item_id` and `choice_members`.
#[derive(Clone, Copy, Debug)]
pub(crate) struct RequestFields {
    /// List of items: `$.line_items`, or `$.items` in ACP 2025-09-29.
    pub(crate) items: &'static str,
    /// Name of the id field within an item: `id` or `sku_id`.
    pub(crate) item_id: &'static str,
    /// List of discount codes in the request.
    pub(crate) codes: &'static str,
    /// Field with the chosen fulfillment option, or with the list of them.
    pub(crate) choice: &'static str,
    /// Names of the members of a chosen option; `None` if a protocol has one option for the whole order, by its id.
    pub(crate) choice_members: Option<ChoiceMembers>,
    /// Fulfillment address of the buyer.
    pub(crate) address: &'static str,
    /// List of fulfillment groups; `None` in protocols without them, where the only address stands for them.
    pub(crate) groups: Option<&'static str>,
    /// Object with the payment, `$.payment_data`.
    pub(crate) payment: &'static str,
    /// Payment token, within the payment.
    pub(crate) token: &'static str,
    /// Field that names the issuer of the token: `provider`, or `handler_id` in ACP 2026-04-17.
    pub(crate) provider: &'static str,
    /// Result of the buyer's authentication; the payment, in protocols without such a field.
    pub(crate) authentication: &'static str,
    /// List of marketing consents; `None` in protocols without them.
    pub(crate) consents: Option<&'static str>,
}

/// Field names of a chosen option where a request has a list of them.
#[derive(Clone, Copy, Debug)]
pub(crate) struct ChoiceMembers {
    /// Id of the option.
    pub(crate) option: &'static str,
    /// Type of the option.
    pub(crate) kind: &'static str,
    /// Items that the option is for.
    pub(crate) items: &'static str,
    /// Whether option and items are inside an object that is named as the type, as in ACP 2025-12-12.
    pub(crate) is_inside_its_kind: bool,
}

/// The lists of a request that errors point into.
#[derive(Clone, Debug, Default)]
pub(crate) struct RequestedLines {
    items: Vec<RequestedItem>,
    codes: Vec<String>,
    choices: Vec<Choice>,
    groups: Vec<GroupId>,
    /// Kinds of the chosen options, in the same order; empty if the protocol does not say.
    kinds: Vec<FulfillmentKind>,
}

impl RequestedLines {
    /// The items, the discount codes and the chosen options of a change of the cart.
    pub(crate) fn of(edit: &CartEdit) -> Self {
        Self {
            items: edit.items.clone().unwrap_or_default(),
            codes: edit.codes.clone().unwrap_or_default(),
            choices: edit.choices.clone().unwrap_or_default(),
            groups: edit.groups.iter().flatten().map(|group| group.id.clone()).collect(),
            kinds: edit.chosen_kinds.iter().map(|(_, kind)| kind.named()).collect(),
        }
    }

    /// The index of the first requested item with this id.
    pub(crate) fn item_index(&self, item: &str) -> Option<usize> {
        self.items.iter().position(|requested| requested.item.as_str() == item)
    }
}

impl RequestFields {
    /// The request field that a message is about.
    pub(crate) fn path(&self, about: &Subject, requested: &RequestedLines) -> Option<String> {
        Some(match about {
            Subject::Session => return None,
            Subject::Currency => "$.currency".to_owned(),
            Subject::Lines => self.items.to_owned(),
            Subject::Line(id) => self.item_path(id.as_str(), requested),
            Subject::Quantity(id) => format!("{}.quantity", self.item_path(id.as_str(), requested)),
            Subject::Code(code) => self.code_path(code, requested),
            Subject::Discount(_) => self.codes.to_owned(),
            Subject::Buyer(field) => inside("$.buyer", field.as_deref()),
            Subject::Address(field) => inside(self.address, field.as_deref()),
            Subject::GroupAddress(group, field) => self.group_address_path(group, field.as_deref(), requested),
            Subject::Choice => self.choice.to_owned(),
            Subject::Option(option) => self.option_path(option, requested),
            Subject::Consent(_) => self.consents?.to_owned(),
            Subject::Payment => self.payment.to_owned(),
        })
    }

    /// The request field that breaks a limit of the cart.
    pub(super) fn cart_path(&self, error: &CartError, requested: &RequestedLines) -> String {
        match error {
            CartError::Quantity(index) => format!("{}[{index}].quantity", self.items),
            CartError::Empty | CartError::TooManyLines => self.items.to_owned(),
            CartError::ItemTooLong(index) => format!("{}[{index}].{}", self.items, self.item_id),
            CartError::TooManyCodes => self.codes.to_owned(),
            CartError::MetadataTooLarge => "$.metadata".to_owned(),
            CartError::CodeTooLong(index) => format!("{}[{index}]", self.codes),
            CartError::TooManyGroups => self.groups.unwrap_or(self.address).to_owned(),
            CartError::TooManyChoices => self.choice.to_owned(),
            CartError::GroupTwice(index) => self.group_member(*index, "id"),
            CartError::UnknownGroupLine(index, _) | CartError::GroupLineTwice(index, _) => {
                self.group_member(*index, "item_ids")
            }
            CartError::UnknownLine(line) => self.choice_path(line, 0, requested),
            CartError::LineTwice(line) => self.choice_path(line, 1, requested),
        }
    }

    /// A member of a fulfillment group, by the group's index.
    fn group_member(&self, index: usize, member: &str) -> String {
        match self.groups {
            Some(groups) => format!("{groups}[{index}].{member}"),
            None => self.address.to_owned(),
        }
    }

    /// A field of the address of a fulfillment group, or the address itself.
    fn group_address_path(&self, group: &GroupId, field: Option<&str>, requested: &RequestedLines) -> String {
        let Some(groups) = self.groups else {
            return inside(self.address, field);
        };
        match requested.groups.iter().position(|id| id == group) {
            Some(index) => inside(&self.group_member(index, "fulfillment_details.address"), field),
            None => groups.to_owned(),
        }
    }

    /// The id of an item in the request.
    pub(super) fn item_id_path(&self, item: &ItemId, requested: &RequestedLines) -> String {
        match requested.items.iter().position(|requested| requested.item == *item) {
            Some(index) => format!("{}[{index}].{}", self.items, self.item_id),
            None => self.items.to_owned(),
        }
    }

    /// The item that a line of the cart came from.
    fn item_path(&self, line: &str, requested: &RequestedLines) -> String {
        match requested
            .items
            .iter()
            .position(|requested| requested.item.as_str() == line)
        {
            Some(index) => format!("{}[{index}]", self.items),
            None => self.items.to_owned(),
        }
    }

    /// A discount code in the request.
    fn code_path(&self, code: &str, requested: &RequestedLines) -> String {
        match requested.codes.iter().position(|requested| requested == code) {
            Some(index) => format!("{}[{index}]", self.codes),
            None => self.codes.to_owned(),
        }
    }

    /// The id of a chosen option.
    pub(super) fn option_path(&self, option: &OptionId, requested: &RequestedLines) -> String {
        self.choice_member(
            |members| members.option,
            |choice| choice.option == *option,
            0,
            requested,
        )
    }

    /// The type of a chosen option, by its index among them.
    pub(super) fn option_kind_path(&self, index: usize, requested: &RequestedLines) -> String {
        self.choice_member(|members| members.kind, |_| true, index, requested)
    }

    /// The items of the chosen option that names this line, after `skipped` others that name it.
    pub(super) fn choice_path(&self, line: &LineId, skipped: usize, requested: &RequestedLines) -> String {
        self.choice_member(
            |members| members.items,
            |choice| choice.lines.contains(line),
            skipped,
            requested,
        )
    }

    /// A member of one of the chosen options, after `skipped` others like it.
    fn choice_member(
        &self,
        member: fn(&ChoiceMembers) -> &'static str,
        is_it: impl Fn(&Choice) -> bool,
        skipped: usize,
        requested: &RequestedLines,
    ) -> String {
        let choices = requested.choices.iter().enumerate();
        let found = choices.filter(|(_, choice)| is_it(choice)).nth(skipped);
        let (Some((index, _)), Some(members)) = (found, &self.choice_members) else {
            return self.choice.to_owned();
        };
        let (entry, member) = (format!("{}[{index}]", self.choice), member(members));
        match requested.kinds.get(index) {
            Some(kind) if members.is_inside_its_kind && member != members.kind => {
                format!("{entry}.{}.{member}", kind.name())
            }
            _ => format!("{entry}.{member}"),
        }
    }
}

fn inside(object: &str, field: Option<&str>) -> String {
    field.map_or_else(|| object.to_owned(), |field| format!("{object}.{field}"))
}
