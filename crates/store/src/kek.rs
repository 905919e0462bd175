//! Every key below the master key: one for each purpose, one for each environment (HKDF, RFC 5869).

use aws_lc_rs::hkdf::{HKDF_SHA256, Prk, Salt};
use aws_lc_rs::hmac;
use zeroize::Zeroizing;

use crate::MasterKey;
use crate::fields::Fields;
use crate::seal::SealKey;

/// A keyed hash over a record.
pub(crate) type Tag = [u8; 32];

/// The keys of one store.
pub(crate) struct Keys {
    root: Prk,
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
}

impl Keys {
    /// The keys that `master` gives the store of this name: no row of another store fits here.
    pub(crate) fn derive(master: &MasterKey, store_id: &[u8]) -> Self {
        let root = Salt::new(HKDF_SHA256, store_id).extract(master.expose());
        let mac = |purpose: &str| MacKey::new(&expand(&root, purpose, ""));
        Self {
            identity: mac("identity"),
            ring: mac("ring"),
            key: mac("key"),
            instance: mac("instance"),
            access: mac("access"),
            audit: mac("audit"),
            census: mac("census"),
            blind: mac("blind"),
            head: SealKey::new(&expand(&root, "head", "")),
            root,
        }
    }

    /// The key-encryption key of an environment.
    pub(crate) fn kek(&self, environment: &str) -> SealKey {
        SealKey::new(&expand(&self.root, "kek", environment))
    }
}

/// By this a master key is recognised as the one of a store, whatever else became of the store.
pub(crate) fn check_value(master: &MasterKey) -> Tag {
    let root = Salt::new(HKDF_SHA256, &[]).extract(master.expose());
    MacKey::new(&expand(&root, "check", "")).tag(&Fields::of("keytide key check 1"))
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

fn expand(root: &Prk, purpose: &str, environment: &str) -> Zeroizing<[u8; 32]> {
    let info = Fields::of("keytide 1").text(purpose).text(environment);
    let info = [info.as_bytes()];
    let mut key = Zeroizing::new([0; 32]);
    root.expand(&info, HKDF_SHA256)
        .and_then(|okm| okm.fill(&mut key[..]))
        .expect("HKDF gives as many bytes as its hash has");
    key
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_purpose_store_and_master_key_has_keys_of_its_own() {
        let record = Fields::of("t");
        let (one, two) = (MasterKey::from_bytes([1; 32]), MasterKey::from_bytes([2; 32]));
        let keys = Keys::derive(&one, b"a");
        let mut tags = vec![keys.ring.tag(&record), keys.key.tag(&record), keys.blind.tag(&record)];
        tags.push(Keys::derive(&one, b"b").ring.tag(&record));
        tags.push(Keys::derive(&two, b"a").ring.tag(&record));
        tags.push(check_value(&one));
        tags.push(check_value(&two));
        let all = tags.len();
        tags.sort_unstable();
        tags.dedup();
        assert_eq!(tags.len(), all);
    }
}
