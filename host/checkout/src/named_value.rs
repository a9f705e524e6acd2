//! Enums whose values are stored and shown under fixed names.

/// An enum of names that may be read from a store which another release has written.
///
/// Reading never fails: a name that this release does not know is kept as `Other`, so that a newer release's row is shown as it
/// is and never blocks a queue. It is serialized as its name.
macro_rules! named_value {
    ($(#[$meta:meta])* pub enum $name:ident { $($(#[$doc:meta])* $variant:ident = $text:literal,)+ }) => {
        $(#[$meta])*
        #[derive(Clone, Debug, PartialEq, Eq, Hash, serde::Serialize, serde::Deserialize)]
        #[serde(from = "String", into = "String")]
        pub enum $name {
            $($(#[$doc])* $variant,)+
            /// A name that this release does not know.
            Other(Box<str>),
        }

        impl $name {
            /// Every name that this release knows.
            pub const KNOWN: &'static [Self] = &[$(Self::$variant,)+];

            /// The name in the store and in JSON.
            #[must_use]
            pub fn as_str(&self) -> &str {
                match self {
                    $(Self::$variant => $text,)+
                    Self::Other(name) => name,
                }
            }
        }

        impl From<&str> for $name {
            fn from(name: &str) -> Self {
                match name {
                    $($text => Self::$variant,)+
                    other => Self::Other(other.into()),
                }
            }
        }

        impl From<String> for $name {
            fn from(name: String) -> Self {
                Self::from(name.as_str())
            }
        }

        impl From<$name> for String {
            fn from(value: $name) -> Self {
                value.as_str().to_owned()
            }
        }

        impl std::fmt::Display for $name {
            fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                f.pad(self.as_str())
            }
        }
    };
}

pub(crate) use named_value;

#[cfg(test)]
mod tests {
    named_value! {
        /// A fruit, for the tests of the macro.
        pub enum Fruit {
            /// A fruit that keeps well.
            Apple = "fruit.apple",
            /// A fruit that spoils early.
            Pear = "fruit.pear",
        }
    }

    #[test]
    fn a_name_is_read_as_it_is_written() {
        for fruit in Fruit::KNOWN {
            assert_eq!(Fruit::from(fruit.as_str()), *fruit);
        }
        assert_eq!(Fruit::Pear.to_string(), "fruit.pear");
        assert_eq!(Fruit::KNOWN, [Fruit::Apple, Fruit::Pear]);
    }

    #[test]
    fn a_name_of_another_release_is_kept() {
        let quince = Fruit::from("fruit.quince");
        assert_eq!(quince, Fruit::Other("fruit.quince".into()));
        assert_eq!(String::from(quince), "fruit.quince");
    }
}
