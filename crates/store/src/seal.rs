//! Secrets sealed: AES-256-GCM under a data key of their own, that key under the environment's KEK.

use aws_lc_rs::aead::{AES_256_GCM, Aad, LessSafeKey, Nonce, UnboundKey};
use keytide_jose::{Error, Rng, Secret};
use zeroize::Zeroizing;

use crate::fields::Fields;

/// What a sealed secret is bound to: it opens as this key of this ring, and as nothing else.
#[derive(Clone, Copy)]
pub(crate) struct Label<'a> {
    /// The ring.
    pub(crate) ring: &'a str,
    /// The key.
    pub(crate) kid: &'a str,
    /// The epoch in which the key was made.
    pub(crate) born: i64,
}

impl Label<'_> {
    fn for_purpose(self, purpose: &str) -> Fields {
        let Self { ring, kid, born } = self;
        Fields::of("keytide sealed")
            .number(i64::from(FORMAT))
            .text(ring)
            .text(kid)
            .number(born)
            .text(purpose)
    }
}

/// Seals a secret: format ‖ the data key under `kek` ‖ the secret under the data key.
///
/// # Errors
/// The random source failed.
pub(crate) fn seal(
    kek: &SealKey,
    label: Label<'_>,
    secret: &Secret,
    rng: &mut dyn Rng,
) -> Result<Vec<u8>, Error> {
    let mut data_key = Zeroizing::new([0; 32]);
    rng.fill(&mut data_key[..])?;
    let wrapped = kek.seal(&label.for_purpose("data key"), &data_key[..], rng)?;
    let sealed =
        SealKey::new(&data_key).seal(&label.for_purpose("signing key"), secret.expose(), rng)?;
    Ok([&[FORMAT][..], &wrapped, &sealed].concat())
}

/// Opens what was sealed under this label; nothing when it was sealed under another, by another
/// key, or was changed since.
pub(crate) fn open(kek: &SealKey, label: Label<'_>, sealed: &[u8]) -> Option<Secret> {
    let sealed = sealed.strip_prefix(&[FORMAT])?;
    let (wrapped, sealed) = sealed.split_at_checked(32 + OVERHEAD)?;
    let unwrapped = kek.open(&label.for_purpose("data key"), wrapped)?;
    let mut data_key = Zeroizing::new([0; 32]);
    data_key.copy_from_slice(&unwrapped);
    let mut secret = SealKey::new(&data_key).open(&label.for_purpose("signing key"), sealed)?;
    Some(Secret::new(std::mem::take(&mut *secret)))
}

/// A key for AES-256-GCM with random nonces: nonce ‖ ciphertext ‖ tag.
pub(crate) struct SealKey(LessSafeKey);

impl SealKey {
    pub(crate) fn new(key: &[u8; 32]) -> Self {
        let key = UnboundKey::new(&AES_256_GCM, key).expect("AES-256 takes 32 bytes");
        Self(LessSafeKey::new(key))
    }

    pub(crate) fn seal(
        &self,
        bound_to: &Fields,
        plain: &[u8],
        rng: &mut dyn Rng,
    ) -> Result<Vec<u8>, Error> {
        let mut nonce = [0; NONCE];
        rng.fill(&mut nonce)?;
        // Room for everything from the start: a buffer that grows leaves its plaintext behind.
        let mut out = Vec::with_capacity(plain.len() + OVERHEAD);
        out.extend(nonce);
        out.extend(plain);
        let tag = self
            .0
            .seal_in_place_separate_tag(
                Nonce::assume_unique_for_key(nonce),
                Aad::from(bound_to.as_bytes()),
                &mut out[NONCE..],
            )
            .map_err(|_| Error::Backend("sealing"))?;
        out.extend(tag.as_ref());
        Ok(out)
    }

    pub(crate) fn open(&self, bound_to: &Fields, sealed: &[u8]) -> Option<Zeroizing<Vec<u8>>> {
        let (nonce, sealed) = sealed.split_first_chunk::<NONCE>()?;
        let mut plain = Zeroizing::new(sealed.to_vec());
        let length = self
            .0
            .open_in_place(
                Nonce::assume_unique_for_key(*nonce),
                Aad::from(bound_to.as_bytes()),
                &mut plain,
            )
            .ok()?
            .len();
        plain.truncate(length);
        Some(plain)
    }
}

/// The first byte of everything sealed.
const FORMAT: u8 = 1;
/// Bytes of a nonce (NIST SP 800-38D §5.2.1.1).
const NONCE: usize = 12;
/// What sealing adds: the nonce and a tag of 16 bytes.
const OVERHEAD: usize = NONCE + 16;

#[cfg(test)]
mod tests {
    use keytide_jose::SystemRng;

    use super::*;

    const LABEL: Label<'_> = Label { ring: "a.b", kid: "k", born: 7 };

    fn sealed() -> (SealKey, Vec<u8>) {
        let kek = SealKey::new(&[9; 32]);
        let secret = Secret::new(b"secret of a ring".to_vec());
        let sealed = seal(&kek, LABEL, &secret, &mut SystemRng).unwrap();
        (kek, sealed)
    }

    #[test]
    fn a_secret_opens_under_its_own_label_and_under_no_other() {
        let (kek, sealed) = sealed();
        assert_eq!(open(&kek, LABEL, &sealed).unwrap().expose(), b"secret of a ring");
        for label in [
            Label { ring: "a.c", ..LABEL },
            Label { kid: "l", ..LABEL },
            Label { born: 8, ..LABEL },
        ] {
            assert!(open(&kek, label, &sealed).is_none());
        }
        assert!(open(&SealKey::new(&[8; 32]), LABEL, &sealed).is_none());
    }

    #[test]
    fn no_bit_can_be_flipped_and_no_byte_cut_off_or_added() {
        let (kek, sealed) = sealed();
        for bit in 0..sealed.len() * 8 {
            let mut flipped = sealed.clone();
            flipped[bit / 8] ^= 1 << (bit % 8);
            assert!(open(&kek, LABEL, &flipped).is_none(), "bit {bit}");
        }
        for length in 0..sealed.len() {
            assert!(open(&kek, LABEL, &sealed[..length]).is_none(), "cut to {length}");
        }
        assert!(open(&kek, LABEL, &[&sealed[..], &[0]].concat()).is_none());
    }

    #[test]
    fn the_same_secret_is_sealed_differently_each_time() {
        assert_ne!(sealed().1, sealed().1);
    }
}
