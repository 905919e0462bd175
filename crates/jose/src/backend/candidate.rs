//! A content key that may not be the right one, exchanged for a substitute without a branch.

use subtle::{Choice, ConditionallySelectable};
use zeroize::Zeroizing;

use crate::Secret;

/// What came out of an encrypted key, and whether it is whole. That is not looked at before the
/// content's own tag is, so that the time does not tell one failure from the other
/// (RFC 7516 §11.5).
pub(crate) struct Candidate {
    key: Zeroizing<Vec<u8>>,
    whole: Choice,
}

impl Candidate {
    pub(crate) fn new(key: Zeroizing<Vec<u8>>, whole: Choice) -> Self {
        Self { key, whole }
    }

    /// Nothing came out.
    pub(crate) fn none() -> Self {
        Self::new(Zeroizing::default(), Choice::from(0))
    }

    /// A key that has nothing to be checked by.
    pub(crate) fn certain(key: &Secret) -> Self {
        Self::new(Zeroizing::new(key.expose().to_vec()), Choice::from(1))
    }

    /// The key where it is whole and as long as the substitute, else the substitute. Only lengths
    /// show in the time.
    pub(crate) fn or(self, substitute: &Secret) -> Secret {
        let fits = Choice::from(u8::from(self.key.len() == substitute.len()));
        let take = self.whole & fits;
        let own = self.key.iter().copied().chain(core::iter::repeat(0));
        let chosen = substitute.expose().iter().zip(own);
        Secret::new(chosen.map(|(other, own)| u8::conditional_select(other, &own, take)).collect())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_key_that_is_whole_and_long_enough_is_taken_and_no_other() {
        let substitute = Secret::new(vec![9; 4]);
        let chosen = |key: &[u8], whole| {
            let key = Zeroizing::new(key.to_vec());
            Candidate::new(key, Choice::from(whole)).or(&substitute).expose().to_vec()
        };
        assert_eq!(chosen(&[1, 2, 3, 4], 1), [1, 2, 3, 4]);
        assert_eq!(chosen(&[1, 2, 3, 4], 0), [9; 4]);
        assert_eq!(chosen(&[1, 2, 3], 1), [9; 4]);
        assert_eq!(chosen(&[1, 2, 3, 4, 5], 1), [9; 4]);
        assert_eq!(Candidate::none().or(&substitute).expose(), [9; 4]);
        assert_eq!(Candidate::certain(&Secret::new(vec![7; 4])).or(&substitute).expose(), [7; 4]);
    }
}
