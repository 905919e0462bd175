//! What is delivered to those that hold a ring's keys themselves: the set by role, with its epoch.

use jiff::Timestamp;
use keytide_jose::key::SigningKey;
use keytide_jose::{Algorithm, KeyId, Secret};

use crate::{CheckIn, Epoch, Error, Instance, Key, Ring, RingName, Stored};

/// A ring's keys by role: who signs now, who will, and who verifies for those that signed before.
///
/// Of a symmetric ring the secrets are delivered, of any other the public halves alone: a private key
/// leaves only by an explicit export.
pub struct Delivery {
    /// The ring.
    pub ring: RingName,
    /// Its version: what is acknowledged once it is loaded.
    pub epoch: Epoch,
    /// The algorithm of new keys.
    pub algorithm: Algorithm,
    /// The key that signs.
    pub active: Delivered,
    /// The key that will.
    pub next: Delivered,
    /// Those that signed before and still verify, newest first.
    pub previous: Vec<Delivered>,
    /// To whom, where an instance said so of itself.
    pub to: Option<Instance>,
}

/// A key on its way to somebody who works with it.
pub struct Delivered {
    /// Its name.
    pub kid: KeyId,
    /// The one algorithm that it serves.
    pub algorithm: Algorithm,
    /// When it was published.
    pub published_at: Timestamp,
    /// What to work with.
    pub material: Material,
}

/// What is delivered of a key.
pub enum Material {
    /// A symmetric secret.
    Secret(Secret),
    /// A public key.
    Public(Box<keytide_jose::jwk::PublicJwk>),
}

impl Delivery {
    /// The set of a ring as it was read.
    ///
    /// # Errors
    /// `ring_inconsistent` when a key of the set lacks its secret; `store_behind`, for an older set
    /// may hold what was revoked since.
    pub fn of(stored: &Stored) -> Result<Self, Error> {
        stored.gate.check()?;
        let ring = &stored.ring;
        let delivered = |key: &Key| Delivered::of(ring, key, &stored.keys);
        let previous = ring.past().iter().filter(|key| key.state.verifies());
        Ok(Self {
            ring: ring.name().clone(),
            epoch: ring.epoch(),
            algorithm: ring.policy().algorithm(),
            active: delivered(ring.active())?,
            next: delivered(ring.standby())?,
            previous: previous.map(delivered).collect::<Result<_, _>>()?,
            to: None,
        })
    }

    /// The same for an instance that checked in.
    ///
    /// # Errors
    /// As [`Delivery::of`].
    pub(crate) fn to(stored: &Stored, said: &CheckIn) -> Result<Self, Error> {
        let is_meant =
            |known: &&Instance| known.consumer == said.consumer && known.instance == said.instance;
        let to = stored.evidence.instances().iter().find(is_meant).cloned();
        Ok(Self { to, ..Self::of(stored)? })
    }
}

impl Delivered {
    fn of(ring: &Ring, key: &Key, secrets: &[SigningKey]) -> Result<Self, Error> {
        let material = match &key.public {
            Some(public) => Material::Public(Box::new(public.clone())),
            None => {
                let secret = secrets.iter().find(|known| known.key_id() == Some(&key.kid));
                let missing = || Error::RingInconsistent {
                    ring: ring.name().clone(),
                    why: format!("the secret of key `{}` is missing", key.kid),
                };
                Material::Secret(secret.ok_or_else(missing)?.export()?)
            }
        };
        Ok(Self {
            kid: key.kid.clone(),
            algorithm: key.algorithm,
            published_at: key.published_at,
            material,
        })
    }
}
