//! What the bytes of a component are for.

use wasmparser::{KnownCustom, Payload};

/// Over this a plugin is larger than any of ours has a reason to be.
const LARGE: usize = 1 << 20;

/// Bytes by what they are for.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Parts {
    /// All of them.
    pub total: usize,
    /// Code.
    pub code: usize,
    /// Data: texts, tables, whatever was included.
    pub data: usize,
    /// Names of functions, and what debuggers read. Nobody needs them at run time.
    pub names: usize,
}

impl Parts {
    pub(super) fn of(total: usize) -> Self {
        Self {
            total,
            ..Self::default()
        }
    }

    pub(super) fn count(&mut self, payload: &Payload<'_>) {
        match payload {
            Payload::CodeSectionStart { range, .. } => self.code += range.len(),
            Payload::DataSection(section) => self.data += section.range().len(),
            Payload::CustomSection(section) => {
                let of_debugger = section.name().starts_with(".debug");
                let of_names = matches!(section.as_known(), KnownCustom::Name(_) | KnownCustom::ComponentName(_));
                if of_debugger || of_names {
                    self.names += section.range().len();
                }
            }
            _ => {}
        }
    }

    /// What is neither code nor data nor names: types, imports, and the glue between the component and its module.
    #[must_use]
    pub const fn other(&self) -> usize {
        self.total
            .saturating_sub(self.code)
            .saturating_sub(self.data)
            .saturating_sub(self.names)
    }

    /// Every part with its name.
    #[must_use]
    pub const fn each(&self) -> [(&'static str, usize); 4] {
        [
            ("code", self.code),
            ("data", self.data),
            ("names", self.names),
            ("other", self.other()),
        ]
    }

    /// What makes a large one large, and what to do about it; `None` up to 1 MiB.
    #[must_use]
    pub fn advice(&self) -> Option<&'static str> {
        if self.total <= LARGE {
            return None;
        }
        let largest = self.each().into_iter().max_by_key(|(_, bytes)| *bytes);
        Some(match largest {
            Some(("names", _)) => "most of it is names and debug information: set strip = true in [profile.guest]",
            Some(("data", _)) => {
                "most of it is data: look for include_str!, include_bytes! and large tables (Unicode, time zones); keep them in \
                 the catalog, the configuration or kv"
            }
            _ => {
                "most of it is code: look for large dependencies with `cargo tree --edges normal` (regex, chrono, serde derive \
                 on many types), and set opt-level = \"s\" in [profile.guest]"
            }
        })
    }
}
