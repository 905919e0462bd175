//! Every key below the root key: one for each purpose, one for each environment (HKDF, RFC 5869).

use aws_lc_rs::hkdf::{HKDF_SHA256, Prk, Salt};
use aws_lc_rs::hmac;
use keytide_jose::Rng;
use zeroize::Zeroizing;

use crate::MasterKey;
use crate::fields::Fields;
use crate::seal::SealKey;

/// A keyed hash over a record.
pub(crate) type Tag = [u8; 32];

/// The key from which a store derives all others; made with the store, never changed, and kept
/// under the master key alone (see [`crate::wrap`]).
#[derive(Clone)]
pub(crate) struct Root(pub(crate) Zeroizing<[u8; 32]>);

impl Root {
    /// # Errors
    /// The random source failed.
    pub(crate) fn generate(rng: &mut dyn Rng) -> Result<Self, keytide_jose::Error> {
        let mut key = Zeroizing::new([0; 32]);
        rng.fill(&mut key[..])?;
        Ok(Self(key))
    }
}

/// The keys of one store.
pub(crate) struct Keys {
    /// For another master key to be put above it.
    pub(crate) root: Root,
    store_id: Vec<u8>,
    derived: Prk,
    /// Over the store's own name.
    pub(crate) identity: MacKey,
    /// Over rings.
    pub(crate) ring: MacKey,
    /// Over what is known of keys without their secrets.
    pub(crate) key: MacKey,
    /// Seals what is known of instances.
    pub(crate) instance: MacKey,
    /// Over access tokens.
    pub(crate) access: MacKey,
    /// Over audit records.
    pub(crate) audit: MacKey,
    /// Makes the terms of the census.
    pub(crate) census: MacKey,
    /// Makes the blind index, by which equal secrets are found.
    pub(crate) blind: MacKey,
    /// Seals the head.
    pub(crate) head: SealKey,
    /// Seals what is kept of the store outside its database.
    pub(crate) anchor: SealKey,
}

impl Keys {
    /// The keys that `root` gives the store of this name: no row of another store fits here.
    pub(crate) fn derive(root: Root, store_id: &[u8]) -> Self {
        let derived = Salt::new(HKDF_SHA256, store_id).extract(&root.0[..]);
        let mac = |purpose: &str| MacKey::new(&expand(&derived, purpose, ""));
        let seal = |purpose: &str| SealKey::new(&expand(&derived, purpose, ""));
        Self {
            identity: mac("identity"),
            ring: mac("ring"),
            key: mac("key"),
            instance: mac("instance"),
            access: mac("access"),
            audit: mac("audit"),
            census: mac("census"),
            blind: mac("blind"),
            head: seal("head"),
            anchor: seal("anchor"),
            store_id: store_id.to_vec(),
            root,
            derived,
        }
    }

    /// The random name of the store.
    pub(crate) fn store_id(&self) -> &[u8] {
        &self.store_id
    }

    /// The key-encryption key of an environment.
    pub(crate) fn kek(&self, environment: &str) -> SealKey {
        SealKey::new(&expand(&self.derived, "kek", environment))
    }

    /// The seed of the key that signs the audit log (RFC 8032 §5.1.5).
    pub(crate) fn log_seed(&self) -> Zeroizing<[u8; 32]> {
        expand(&self.derived, "audit signature", "")
    }

    /// The key of one backup, by its salt.
    pub(crate) fn backup(&self, salt: &str) -> SealKey {
        SealKey::new(&expand(&self.derived, "backup", salt))
    }
}

/// The keys that a master key gives: to be recognised by, and to seal the root key of a store.
pub(crate) struct MasterKeys {
    /// By this it is recognised, whatever else became of the store.
    pub(crate) check: Tag,
    /// Seals the store's root key.
    pub(crate) wrap: SealKey,
}

impl MasterKeys {
    pub(crate) fn derive(master: &MasterKey, store_id: &[u8]) -> Self {
        let prk = |salt| Salt::new(HKDF_SHA256, salt).extract(master.expose());
        let check = MacKey::new(&expand(&prk(&[]), "check", ""));
        Self {
            check: check.tag(&Fields::of("keytide key check 1")),
            wrap: SealKey::new(&expand(&prk(store_id), "wrap", "")),
        }
    }
}

/// A key for HMAC-SHA-256.
pub(crate) struct MacKey(hmac::Key);

impl MacKey {
    fn new(key: &[u8; 32]) -> Self {
        Self(hmac::Key::new(hmac::HMAC_SHA256, key))
    }

    pub(crate) fn tag(&self, record: &Fields) -> Tag {
        let mut tag = Tag::default();
        tag.copy_from_slice(hmac::sign(&self.0, record.as_bytes()).as_ref());
        tag
    }

    /// Compares in constant time.
    pub(crate) fn fits(&self, record: &Fields, tag: &[u8]) -> bool {
        hmac::verify(&self.0, record.as_bytes(), tag).is_ok()
    }
}

fn expand(from: &Prk, purpose: &str, environment: &str) -> Zeroizing<[u8; 32]> {
    let info = Fields::of("keytide 1").text(purpose).text(environment);
    let info = [info.as_bytes()];
    let mut key = Zeroizing::new([0; 32]);
    from.expand(&info, HKDF_SHA256)
        .and_then(|okm| okm.fill(&mut key[..]))
        .expect("HKDF gives as many bytes as its hash has");
    key
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_purpose_store_root_and_master_key_has_keys_of_its_own() {
        let record = Fields::of("t");
        let root = |byte| Root(Zeroizing::new([byte; 32]));
        let keys = Keys::derive(root(1), b"a");
        let mut tags = vec![keys.ring.tag(&record), keys.key.tag(&record), keys.blind.tag(&record)];
        tags.push(Keys::derive(root(1), b"b").ring.tag(&record));
        tags.push(Keys::derive(root(2), b"a").ring.tag(&record));
        for byte in [1, 2] {
            tags.push(MasterKeys::derive(&MasterKey::from_bytes([byte; 32]), b"a").check);
        }
        let all = tags.len();
        tags.sort_unstable();
        tags.dedup();
        assert_eq!(tags.len(), all);
    }
}
