//! Claims that passed a policy.

use core::ops::Deref;
use std::sync::Arc;

use super::NumericDate;
use super::registered::Times;
use crate::KeyId;
use crate::jws::{Header, Origin};

/// The claims of a token whose signature holds and that passed a policy. There is no other way to
/// get one than [`crate::jws::Verified::check`].
#[derive(Clone, Debug)]
pub struct Claims<T> {
    pub(super) value: T,
    pub(super) origin: Arc<Origin>,
    pub(super) times: Times,
}

impl<T> Claims<T> {
    /// The claims.
    #[must_use]
    pub fn get(&self) -> &T {
        &self.value
    }

    /// The claims alone.
    #[must_use]
    pub fn into_inner(self) -> T {
        self.value
    }

    /// The token's header.
    #[must_use]
    pub fn header(&self) -> &Header {
        &self.origin.header
    }

    /// The `kid` of the key that verified the token.
    #[must_use]
    pub fn key_id(&self) -> Option<&KeyId> {
        self.origin.key_id.as_ref()
    }

    /// The claim `exp`: from this moment on the token is over.
    #[must_use]
    pub fn expires_at(&self) -> Option<NumericDate> {
        self.times.exp
    }
}

impl<T> Deref for Claims<T> {
    type Target = T;

    fn deref(&self) -> &T {
        &self.value
    }
}
