//! Where lines begin, so that an offset becomes a line and a column.

/// The starts of a text's lines.
pub(crate) struct Lines(Vec<usize>);

impl Lines {
    /// Of this text.
    pub(crate) fn of(text: &str) -> Self {
        let newlines = text.bytes().enumerate().filter(|(_, b)| *b == b'\n').map(|(at, _)| at + 1);
        Self(core::iter::once(0).chain(newlines).collect())
    }

    /// The line that `offset` is in, counted from 0.
    pub(crate) fn number(&self, offset: usize) -> usize {
        self.0.partition_point(|start| *start <= offset).saturating_sub(1)
    }

    /// Where a line begins.
    pub(crate) fn start(&self, number: usize) -> usize {
        self.0.get(number).copied().unwrap_or(0)
    }

    /// A line without its end; nothing beyond the last.
    pub(crate) fn get<'t>(&self, text: &'t str, number: usize) -> &'t str {
        let Some(start) = self.0.get(number) else { return "" };
        let end = self.0.get(number + 1).map_or(text.len(), |next| next - 1);
        text.get(*start..end).unwrap_or("").trim_end_matches('\r')
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_offset_has_a_line() {
        let text = "a\r\nbc\n";
        let lines = Lines::of(text);
        assert_eq!([0, 1, 3, 4, 6].map(|at| lines.number(at)), [0, 0, 1, 1, 2]);
        assert_eq!([0, 1, 2, 9].map(|at| lines.get(text, at)), ["a", "bc", "", ""]);
    }
}
