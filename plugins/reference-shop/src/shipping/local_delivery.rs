//! Local delivery: the shop brings goods itself within an area of postal codes, in the table `local-delivery`.

use tillhouse_places::{PostalCode, PostalPattern};
use tillhouse_plugin::{config::Invalid, prelude::*};

use super::{parcel::Parcel, zone::Service};
use crate::taxes::territory;

/// Name of the table, and id of the option.
pub(super) const TABLE: &str = "local-delivery";

/// Where the shop delivers itself, and at what price.
#[derive(Debug)]
pub(crate) struct LocalDelivery {
    country: String,
    postal_codes: Vec<PostalPattern>,
    fields: Vec<(String, String)>,
}

impl LocalDelivery {
    /// The area of the configuration; `None` without one.
    pub(crate) fn read() -> Result<Option<Self>, Invalid> {
        let fields = config::table("local-delivery.");
        if fields.is_empty() {
            return Ok(None);
        }
        let key = "local-delivery.postal-codes";
        let delivery = Self {
            country: config::required("local-delivery.country")?,
            postal_codes: territory::patterns(key, &config::required(key)?)?,
            fields,
        };
        delivery.service()?;
        Ok(Some(delivery))
    }

    /// The code of its country.
    pub(crate) fn country(&self) -> (String, &str) {
        ("local-delivery.country".to_owned(), &self.country)
    }

    fn service(&self) -> Result<Service<'_>, Invalid> {
        let own = |(field, _): &&(String, String)| !matches!(field.as_str(), "country" | "postal-codes");
        let fields = self.fields.iter().filter(own);
        let fields = fields.map(|(field, text)| (field.as_str(), text.as_str()));
        Service::read(TABLE, fields, |field| format!("{TABLE}.{field}"))
    }

    fn reaches(&self, destination: &Address) -> bool {
        let code = PostalCode::read(&self.country, &destination.postal_code);
        destination.in_country(&self.country) && self.postal_codes.iter().any(|pattern| pattern.has(&code))
    }
}

/// The option to have a parcel brought; `None` outside of the area.
pub(super) fn option(now: u64, parcel: &Parcel<'_>) -> Result<Option<FulfillmentOption>, Failure> {
    let Some(delivery) = LocalDelivery::read()? else {
        return Ok(None);
    };
    if !parcel
        .destination
        .is_some_and(|destination| delivery.reaches(destination))
    {
        return Ok(None);
    }
    Ok(Some(FulfillmentOption {
        kind: "local_delivery".to_owned(),
        ..delivery.service()?.option(now, parcel)?
    }))
}

#[cfg(test)]
mod tests;
