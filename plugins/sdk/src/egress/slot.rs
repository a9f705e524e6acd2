//! Slots: fields of a payment credential that the host fills into requests.

/// Field of a credential, with its format in the request.
///
/// ```
/// # use tillhouse_plugin::prelude::*;
/// let places = [("/card/number", Slot::Number), ("/card/expiry/month", Slot::ExpMonth)];
/// # let _ = places;
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Slot {
    /// Card number (PAN) or device account number (DPAN).
    Number,
    /// Expiry month, two digits.
    ExpMonth,
    /// Expiry month without a leading zero.
    ExpMonthShort,
    /// Expiry year, four digits.
    ExpYear,
    /// Expiry year, two digits.
    ExpYearShort,
    /// Payment cryptogram of a network token.
    Cryptogram,
    /// Type of the payment cryptogram.
    CryptogramType,
    /// Electronic commerce indicator (ECI) of the authentication.
    Eci,
    /// Encrypted card data as a whole.
    EncryptedBlock,
    /// Names of the fields inside the encrypted block.
    EncryptedBlockFields,
    /// Encryption scheme of the block.
    EncryptionType,
    /// Id of the key that the block is encrypted with.
    EncryptionKeyId,
    /// Token of a payment service provider (PSP).
    PspToken,
    /// Slot that this SDK version does not know, by its name in the contract.
    Named(&'static str),
}

impl Slot {
    /// Returns the contract's name of the field.
    ///
    /// ```
    /// # use tillhouse_plugin::prelude::*;
    /// assert_eq!(Slot::ExpYearShort.field(), "exp-year");
    /// ```
    #[must_use]
    pub const fn field(self) -> &'static str {
        match self {
            Self::Number => "number",
            Self::ExpMonth | Self::ExpMonthShort => "exp-month",
            Self::ExpYear | Self::ExpYearShort => "exp-year",
            Self::Cryptogram => "cryptogram",
            Self::CryptogramType => "cryptogram-type",
            Self::Eci => "eci",
            Self::EncryptedBlock => "encrypted-block",
            Self::EncryptedBlockFields => "encrypted-block-fields",
            Self::EncryptionType => "encryption-type",
            Self::EncryptionKeyId => "encryption-key-id",
            Self::PspToken => "psp-token",
            Self::Named(name) => name,
        }
    }

    /// Returns the contract's name of the format.
    ///
    /// ```
    /// # use tillhouse_plugin::prelude::*;
    /// assert_eq!(Slot::ExpYearShort.format(), "yy");
    /// ```
    #[must_use]
    pub const fn format(self) -> &'static str {
        match self {
            Self::ExpMonth => "mm",
            Self::ExpMonthShort => "m",
            Self::ExpYear => "yyyy",
            Self::ExpYearShort => "yy",
            _ => "plain",
        }
    }
}
