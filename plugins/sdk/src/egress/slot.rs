//! Fields of a credential.

/// A field of a credential and how it is written.
///
/// ```
/// # use tillhouse_plugin::prelude::*;
/// let places = [("/card/number", Slot::Number), ("/card/expiry/month", Slot::ExpMonth)];
/// # let _ = places;
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Slot {
    /// Card or device number.
    Number,
    /// Month of expiry, two digits.
    ExpMonth,
    /// Month of expiry without a leading zero.
    ExpMonthShort,
    /// Year of expiry, four digits.
    ExpYear,
    /// Year of expiry, two digits.
    ExpYearShort,
    /// Cryptogram.
    Cryptogram,
    /// Kind of cryptogram.
    CryptogramType,
    /// Electronic commerce indicator.
    Eci,
    /// Encrypted card data as a whole.
    EncryptedBlock,
    /// Names of the fields inside the encrypted block.
    EncryptedBlockFields,
    /// How the block is encrypted.
    EncryptionType,
    /// The key it is encrypted with.
    EncryptionKeyId,
    /// Token of a payment service provider.
    PspToken,
    /// A slot that this SDK does not know yet, as it is.
    Named(&'static str),
}

impl Slot {
    /// The contract's name of the field.
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

    /// The contract's name of the format.
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
