//! Bytes that must not be seen: wiped on drop, with one door.

use zeroize::Zeroizing;

/// Secret bytes. There is no `Debug`, `Display`, `Serialize`, `Clone` or `PartialEq`; the one door
/// is [`Secret::expose`].
///
/// ```compile_fail
/// let secret = keytide_jose::Secret::new(vec![7; 32]);
/// println!("{secret:?}");
/// ```
pub struct Secret(Zeroizing<Vec<u8>>);

impl Secret {
    /// Takes the bytes over; they are wiped when this is dropped.
    #[must_use]
    pub fn new(bytes: Vec<u8>) -> Self {
        Self(Zeroizing::new(bytes))
    }

    /// The bytes. Whoever calls this must keep them out of logs, errors and arguments.
    #[must_use]
    pub fn expose(&self) -> &[u8] {
        &self.0
    }

    /// How many bytes there are.
    #[must_use]
    pub fn len(&self) -> usize {
        self.0.len()
    }

    /// Whether there is no byte at all.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// A second copy in memory, asked for by name because each copy is one more place to leak from.
    #[must_use]
    pub fn duplicate(&self) -> Self {
        Self::new(self.0.to_vec())
    }
}
