//! Memory and table usage of one store: all memories and tables together, because a component may have several.

use super::call_abort_error::CallAbortError;

/// Current usage: bytes of linear memory and elements of tables.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Footprint {
    memory_bytes: usize,
    table_elements: usize,
}

impl Footprint {
    /// Account for the growth of one memory, and return the bytes of all memories. A new memory grows from 0.
    ///
    /// # Errors
    /// When all memories together would exceed the limit.
    pub(crate) fn grow_memory(&mut self, growth: Growth, limit: usize) -> Result<usize, CallAbortError> {
        let wanted = growth.total_after(self.memory_bytes);
        if wanted > limit {
            return Err(CallAbortError::Memory { wanted, limit });
        }
        if growth.within_maximum() {
            self.memory_bytes = wanted;
        }
        Ok(self.memory_bytes)
    }

    /// Account for the growth of one table, in elements.
    ///
    /// # Errors
    /// When all tables together would exceed the limit.
    pub(crate) fn grow_table(&mut self, growth: Growth, limit: usize) -> Result<(), CallAbortError> {
        let wanted = growth.total_after(self.table_elements);
        if wanted > limit {
            return Err(CallAbortError::Table { wanted, limit });
        }
        if growth.within_maximum() {
            self.table_elements = wanted;
        }
        Ok(())
    }
}

/// Request of one memory (in bytes) or table (in elements) to grow.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Growth {
    pub(crate) current: usize,
    pub(crate) desired: usize,
    /// Maximum that the module declares for this memory or table, if any.
    pub(crate) maximum: Option<usize>,
}

impl Growth {
    const fn total_after(self, held: usize) -> usize {
        held.saturating_add(self.desired.saturating_sub(self.current))
    }

    /// Whether the growth stays within the declared maximum. Wasmtime calls the limiter before it checks the maximum itself, and
    /// a growth that it then refuses must not count.
    fn within_maximum(self) -> bool {
        self.maximum.is_none_or(|maximum| self.desired <= maximum)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const fn growth(current: usize, desired: usize) -> Growth {
        Growth {
            current,
            desired,
            maximum: None,
        }
    }

    #[test]
    fn the_limit_applies_to_all_memories_together() {
        let mut held = Footprint::default();
        assert_eq!(held.grow_memory(growth(0, 60), 100).unwrap(), 60);
        assert_eq!(held.grow_memory(growth(0, 30), 100).unwrap(), 90);
        assert_eq!(held.grow_memory(growth(30, 40), 100).unwrap(), 100);
        let error = held.grow_memory(growth(60, 61), 100).unwrap_err();
        assert!(
            matches!(
                error,
                CallAbortError::Memory {
                    wanted: 101,
                    limit: 100
                }
            ),
            "{error}"
        );
        assert_eq!(held.grow_memory(growth(60, 60), 100).unwrap(), 100);
    }

    #[test]
    fn the_limit_applies_to_all_tables_together() {
        let mut held = Footprint::default();
        held.grow_table(growth(0, 5), 10).unwrap();
        held.grow_table(growth(0, 5), 10).unwrap();
        let error = held.grow_table(growth(5, 6), 10).unwrap_err();
        assert!(
            matches!(error, CallAbortError::Table { wanted: 11, limit: 10 }),
            "{error}"
        );
    }

    #[test]
    fn growing_beyond_a_memorys_own_maximum_counts_nothing() {
        let mut held = Footprint::default();
        let beyond = Growth {
            maximum: Some(50),
            ..growth(0, 51)
        };
        assert_eq!(held.grow_memory(beyond, 100).unwrap(), 0);
        held.grow_table(beyond, 100).unwrap();
        held.grow_table(growth(0, 100), 100).unwrap();
        assert_eq!(held.grow_memory(growth(0, 100), 100).unwrap(), 100);
    }

    #[test]
    fn no_growth_is_too_large_to_be_added() {
        let mut held = Footprint::default();
        held.grow_memory(growth(0, 1), 100).unwrap();
        held.grow_memory(growth(0, usize::MAX), 100).unwrap_err();
        held.grow_table(growth(0, usize::MAX), 100).unwrap_err();
    }
}
