//! Fields as bytes, so that no two different records read the same to a MAC or a cipher.

/// A record under construction: each field with its kind and its length before it.
pub(crate) struct Fields(Vec<u8>);

impl Fields {
    /// A record of this kind and version; records of different kinds never read the same.
    pub(crate) fn of(kind: &str) -> Self {
        Self(Vec::with_capacity(256)).bytes(kind.as_bytes())
    }

    pub(crate) fn text(self, text: &str) -> Self {
        self.bytes(text.as_bytes())
    }

    pub(crate) fn bytes(mut self, bytes: &[u8]) -> Self {
        self.0.push(b'b');
        self.0.extend((bytes.len() as u64).to_be_bytes());
        self.0.extend(bytes);
        self
    }

    pub(crate) fn number(mut self, number: i64) -> Self {
        self.0.push(b'n');
        self.0.extend(number.to_be_bytes());
        self
    }

    pub(crate) fn maybe_text(self, text: Option<&str>) -> Self {
        self.maybe_bytes(text.map(str::as_bytes))
    }

    pub(crate) fn maybe_bytes(self, bytes: Option<&[u8]>) -> Self {
        match bytes {
            Some(bytes) => self.bytes(bytes),
            None => self.nothing(),
        }
    }

    pub(crate) fn maybe_number(self, number: Option<i64>) -> Self {
        match number {
            Some(number) => self.number(number),
            None => self.nothing(),
        }
    }

    pub(crate) fn as_bytes(&self) -> &[u8] {
        &self.0
    }

    fn nothing(mut self) -> Self {
        self.0.push(b'-');
        self
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn moving_a_byte_from_one_field_to_the_next_makes_another_record() {
        let record = |a: &str, b: &str| Fields::of("t").text(a).text(b).0;
        assert_ne!(record("ab", "c"), record("a", "bc"));
        assert_ne!(record("", "abc"), record("abc", ""));
    }

    #[test]
    fn nothing_is_neither_empty_nor_zero() {
        let base = || Fields::of("t");
        let all = [
            base().maybe_text(None).0,
            base().maybe_text(Some("")).0,
            base().maybe_number(Some(0)).0,
        ];
        assert!(all[0] != all[1] && all[0] != all[2] && all[1] != all[2]);
    }
}
