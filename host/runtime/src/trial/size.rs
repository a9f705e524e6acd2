//! Size of a result, as counted against the limit on bytes from a guest.
//!
//! A host reads results into its own types and counts the bytes of strings and of list items. A trial reads them into [`Val`],
//! which is several times larger. So the size is computed here from the layout of the host's types.

use wasmtime::component::Val;

/// Size in bytes of a string or list itself: pointer, length and capacity.
const HANDLE: usize = 24;
const WORD: usize = 8;

/// Bytes that a host counts for a result: only what it points to, because the result itself is not a list item.
pub(super) fn of_result(val: &Val) -> usize {
    pointed(val)
}

/// Bytes that a value points to: contents of strings, and items of lists.
fn pointed(val: &Val) -> usize {
    match val {
        Val::String(text) => text.len(),
        Val::List(items) => items.iter().map(|item| inline(item) + pointed(item)).sum(),
        Val::Record(fields) => fields.iter().map(|(_, value)| pointed(value)).sum(),
        Val::Tuple(items) => items.iter().map(pointed).sum(),
        Val::Variant(_, Some(value)) | Val::Option(Some(value)) => pointed(value),
        Val::Result(Ok(Some(value)) | Err(Some(value))) => pointed(value),
        _ => 0,
    }
}

/// Bytes of a value itself, as a list item or a field.
fn inline(val: &Val) -> usize {
    match val {
        Val::Bool(_) | Val::U8(_) | Val::S8(_) | Val::Enum(_) => 1,
        Val::U16(_) | Val::S16(_) => 2,
        Val::U32(_) | Val::S32(_) | Val::Char(_) | Val::Float32(_) => 4,
        Val::String(_) | Val::List(_) => HANDLE,
        Val::Record(fields) => whole(fields.iter().map(|(_, value)| inline(value)).sum()),
        Val::Tuple(items) => whole(items.iter().map(inline).sum()),
        Val::Variant(_, Some(value)) => WORD + whole(inline(value)),
        Val::Option(Some(value)) => inline(value).max(WORD),
        // The type of the missing value is not known here: assume a string or a list.
        Val::Option(None) => HANDLE,
        Val::Result(Ok(Some(value)) | Err(Some(value))) => whole(inline(value)),
        _ => WORD,
    }
}

const fn whole(bytes: usize) -> usize {
    bytes.next_multiple_of(WORD)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_answer_is_counted_by_its_strings_and_the_items_of_its_lists() {
        let line = |id: &str| {
            Val::Record(vec![
                ("line".into(), Val::String(id.into())),
                ("unit-price".into(), Val::S64(1)),
                ("max-quantity".into(), Val::Option(Some(Box::new(Val::U32(1))))),
            ])
        };
        let answer = |lines: Vec<Val>| Val::Record(vec![("lines".into(), Val::List(lines))]);
        assert_eq!(of_result(&answer(vec![])), 0);
        assert_eq!(of_result(&answer(vec![line("abc")])), 3 + 24 + 8 + 8);
        assert_eq!(of_result(&answer(vec![line("abc"), line("abc")])), 2 * (3 + 24 + 8 + 8));
        assert_eq!(of_result(&Val::List(vec![Val::U8(0); 5])), 5);
    }
}
