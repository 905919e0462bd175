//! Authenticated encryption of content: AES-GCM and AES-CBC with HMAC (RFC 7518 §5).

use aws_lc_rs::aead::{AES_128_GCM, AES_192_GCM, AES_256_GCM, Aad, LessSafeKey, Nonce, UnboundKey};
use aws_lc_rs::cipher::{
    AES_128, AES_192, AES_256, DecryptionContext, EncryptionContext, PaddedBlockDecryptingKey,
    PaddedBlockEncryptingKey, UnboundCipherKey,
};
use aws_lc_rs::iv::FixedLength;
use subtle::ConstantTimeEq;
use zeroize::Zeroizing;

use super::candidate::Candidate;
use super::hmac;
use crate::alg::Hash;
use crate::jwe::ContentAlgorithm;
use crate::{Error, Result};

/// Ciphertext and tag.
pub(crate) struct Sealed {
    pub(crate) ciphertext: Vec<u8>,
    pub(crate) tag: Vec<u8>,
}

/// Encrypts; `key` and `iv` have the lengths that `enc` demands.
pub(crate) fn seal(
    enc: ContentAlgorithm,
    key: &[u8],
    iv: &[u8],
    aad: &[u8],
    plaintext: &[u8],
) -> Result<Sealed> {
    let sealed = match hash(enc) {
        None => seal_gcm(key, iv, aad, plaintext),
        Some(hash) => seal_cbc(hash, key, iv, aad, plaintext),
    };
    sealed.ok_or(Error::Backend("encrypting"))
}

/// Decrypts, or says no more than that it could not.
pub(crate) fn open(
    enc: ContentAlgorithm,
    key: &[u8],
    iv: &[u8],
    aad: &[u8],
    ciphertext: &[u8],
    tag: &[u8],
) -> Option<Zeroizing<Vec<u8>>> {
    match hash(enc) {
        None => open_gcm(key, iv, aad, ciphertext, tag),
        Some(hash) => open_cbc(hash, key, iv, aad, ciphertext, tag),
    }
}

fn hash(enc: ContentAlgorithm) -> Option<Hash> {
    match enc {
        ContentAlgorithm::A128GCM | ContentAlgorithm::A192GCM | ContentAlgorithm::A256GCM => None,
        ContentAlgorithm::A128CbcHs256 => Some(Hash::Sha256),
        ContentAlgorithm::A192CbcHs384 => Some(Hash::Sha384),
        ContentAlgorithm::A256CbcHs512 => Some(Hash::Sha512),
    }
}

/// AES-GCM with a 96-bit nonce and a 128-bit tag (RFC 7518 §5.3).
pub(crate) fn seal_gcm(key: &[u8], iv: &[u8], aad: &[u8], plaintext: &[u8]) -> Option<Sealed> {
    let nonce = Nonce::try_assume_unique_for_key(iv).ok()?;
    let mut ciphertext = plaintext.to_vec();
    let tag = gcm(key)?.seal_in_place_separate_tag(nonce, Aad::from(aad), &mut ciphertext).ok()?;
    Some(Sealed { ciphertext, tag: tag.as_ref().to_vec() })
}

fn open_gcm(
    key: &[u8],
    iv: &[u8],
    aad: &[u8],
    ciphertext: &[u8],
    tag: &[u8],
) -> Option<Zeroizing<Vec<u8>>> {
    const TAG_LEN: usize = 16;
    if tag.len() != TAG_LEN {
        return None;
    }
    let nonce = Nonce::try_assume_unique_for_key(iv).ok()?;
    let mut plaintext = Zeroizing::new(vec![0; ciphertext.len()]);
    gcm(key)?.open_separate_gather(nonce, Aad::from(aad), ciphertext, tag, &mut plaintext).ok()?;
    Some(plaintext)
}

/// What a key was before [`seal_gcm`], and whether its tag holds. Other than [`open_gcm`] it does the
/// same in both cases: as GCM adds a stream, encrypting what was encrypted gives what was before, and
/// encrypting that once more gives the tag that there should be.
pub(crate) fn unwrap_gcm(key: &[u8], iv: &[u8], wrapped: &[u8], tag: &[u8]) -> Candidate {
    let opened = || {
        let key_before = Zeroizing::new(seal_gcm(key, iv, &[], wrapped)?.ciphertext);
        let expected = seal_gcm(key, iv, &[], &key_before)?.tag;
        Some(Candidate::new(key_before, expected.as_slice().ct_eq(tag)))
    };
    opened().unwrap_or_else(Candidate::none)
}

fn gcm(key: &[u8]) -> Option<LessSafeKey> {
    let algorithm = match key.len() {
        16 => &AES_128_GCM,
        24 => &AES_192_GCM,
        32 => &AES_256_GCM,
        _ => return None,
    };
    UnboundKey::new(algorithm, key).ok().map(LessSafeKey::new)
}

/// RFC 7518 §5.2.2.1.
fn seal_cbc(hash: Hash, key: &[u8], iv: &[u8], aad: &[u8], plaintext: &[u8]) -> Option<Sealed> {
    let (mac_key, cipher_key) = key.split_at_checked(key.len() / 2)?;
    let iv_block: [u8; 16] = iv.try_into().ok()?;
    let mut ciphertext = plaintext.to_vec();
    PaddedBlockEncryptingKey::cbc_pkcs7(cbc(cipher_key)?)
        .ok()?
        .less_safe_encrypt(&mut ciphertext, EncryptionContext::Iv128(FixedLength::from(iv_block)))
        .ok()?;
    let tag = cbc_tag(hash, mac_key, aad, iv, &ciphertext)?;
    Some(Sealed { ciphertext, tag })
}

/// RFC 7518 §5.2.2.2: the tag is checked before the padding is looked at.
fn open_cbc(
    hash: Hash,
    key: &[u8],
    iv: &[u8],
    aad: &[u8],
    ciphertext: &[u8],
    tag: &[u8],
) -> Option<Zeroizing<Vec<u8>>> {
    let (mac_key, cipher_key) = key.split_at_checked(key.len() / 2)?;
    let iv_block: [u8; 16] = iv.try_into().ok()?;
    if !super::equal_in_constant_time(&cbc_tag(hash, mac_key, aad, iv, ciphertext)?, tag) {
        return None;
    }
    let mut plaintext = Zeroizing::new(ciphertext.to_vec());
    let len = PaddedBlockDecryptingKey::cbc_pkcs7(cbc(cipher_key)?)
        .ok()?
        .decrypt(&mut plaintext, DecryptionContext::Iv128(FixedLength::from(iv_block)))
        .ok()?
        .len();
    plaintext.truncate(len);
    Some(plaintext)
}

fn cbc(key: &[u8]) -> Option<UnboundCipherKey> {
    let algorithm = match key.len() {
        16 => &AES_128,
        24 => &AES_192,
        32 => &AES_256,
        _ => return None,
    };
    UnboundCipherKey::new(algorithm, key).ok()
}

/// The first half of the HMAC over the data, the IV, the ciphertext and the data's length in bits.
fn cbc_tag(hash: Hash, key: &[u8], aad: &[u8], iv: &[u8], ciphertext: &[u8]) -> Option<Vec<u8>> {
    let bits = u64::try_from(aad.len()).ok()?.checked_mul(8)?;
    let message = [aad, iv, ciphertext, &bits.to_be_bytes()].concat();
    let tag = hmac::Key::new(hash, key).tag(&message);
    Some(tag.as_slice().get(..hash.output_len() / 2)?.to_vec())
}
