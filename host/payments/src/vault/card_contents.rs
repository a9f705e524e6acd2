//! What is sealed of a card, as the bytes that are sealed.

use serde::{Deserialize, Serialize};
use zeroize::Zeroizing;

use tillhouse_checkout::contact::Address;
use tillhouse_checkout::credential::CardDisplay;
use tillhouse_checkout::secret::Secret;
use tillhouse_checkout::vault::{CardExpiry, CardNumberKind, DelegatedCard};

/// More than a card takes, so that no copy is left behind by a buffer that grows.
const BUFFER: usize = 8 * 1024;

#[derive(Serialize)]
struct Written<'a> {
    network_token: bool,
    number: &'a str,
    month: Option<u8>,
    year: Option<u16>,
    holder: Option<&'a str>,
    cryptogram: Option<&'a str>,
    eci: Option<&'a str>,
    billing: Option<&'a Address>,
}

#[derive(Deserialize)]
struct Read {
    network_token: bool,
    number: String,
    month: Option<u8>,
    year: Option<u16>,
    holder: Option<String>,
    cryptogram: Option<String>,
    eci: Option<String>,
    billing: Option<Address>,
}

/// Everything of a card but its security code.
pub(super) fn write(card: &DelegatedCard, billing: Option<&Address>) -> Result<Zeroizing<Vec<u8>>, serde_json::Error> {
    let mut bytes = Zeroizing::new(Vec::with_capacity(BUFFER));
    let written = Written {
        network_token: card.kind == CardNumberKind::NetworkToken,
        number: card.number.reveal(),
        month: card.expiry.map(|expiry| expiry.month),
        year: card.expiry.map(|expiry| expiry.year),
        holder: card.holder.as_ref().map(Secret::reveal),
        cryptogram: card.cryptogram.as_ref().map(Secret::reveal),
        eci: card.eci.as_ref().map(Secret::reveal),
        billing,
    };
    serde_json::to_writer(&mut *bytes, &written)?;
    Ok(bytes)
}

/// The card, without a security code, and its billing address. `None` if the bytes are not a card.
pub(super) fn read(bytes: &[u8], display: CardDisplay) -> Option<(DelegatedCard, Option<Address>)> {
    // The parser's error may quote what it read.
    let read: Read = serde_json::from_slice(bytes).ok()?;
    let card = DelegatedCard {
        kind: if read.network_token {
            CardNumberKind::NetworkToken
        } else {
            CardNumberKind::Primary
        },
        number: Secret::new(read.number),
        expiry: read
            .month
            .zip(read.year)
            .map(|(month, year)| CardExpiry { month, year }),
        holder: read.holder.map(Secret::new),
        security_code: None,
        cryptogram: read.cryptogram.map(Secret::new),
        eci: read.eci.map(Secret::new),
        display,
    };
    Some((card, read.billing))
}
