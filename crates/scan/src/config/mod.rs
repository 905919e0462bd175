//! Configuration as entries: the path of keys to each value, and where the value stands.

pub(crate) mod lines;
pub(crate) mod words;
pub(crate) mod xml;
pub(crate) mod yaml;

/// One value and the keys that lead to it, the innermost first.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Entry {
    pub(crate) keys: Vec<String>,
    /// The value's bytes in the text.
    pub(crate) start: usize,
    pub(crate) end: usize,
    /// It is in a comment.
    pub(crate) comment: bool,
    /// The format says that the value is base64 of the real one.
    pub(crate) base64: bool,
}

/// The range of a value without its quotes and without a comment after it.
pub(crate) fn value_range(text: &str, start: usize, end: usize) -> (usize, usize) {
    let raw = text.get(start..end).unwrap_or("");
    let trimmed = raw.trim_start();
    let start = start + raw.len() - trimmed.len();
    for quote in ['"', '\'', '`'] {
        if let Some(rest) = trimmed.strip_prefix(quote) {
            let close =
                rest.char_indices().find(|(at, c)| *c == quote && !rest[..*at].ends_with('\\'));
            if let Some((close, _)) = close {
                return (start + 1, start + 1 + close);
            }
        }
    }
    let cut = trimmed
        .find(" #")
        .or_else(|| trimmed.find("\t#"))
        .or_else(|| trimmed.find(" //"))
        .unwrap_or(trimmed.len());
    let value = trimmed[..cut].trim_end().trim_end_matches([',', ';']).trim_end();
    (start, start + value.len())
}
