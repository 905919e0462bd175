//! Row P3: the asymmetric algorithms, where nearly all of the time is the primitive's.

use std::collections::HashSet;

use aws_lc_rs::rand::SystemRandom;
use aws_lc_rs::signature::{
    ECDSA_P256_SHA256_FIXED, ECDSA_P256_SHA256_FIXED_SIGNING, ED25519, EcdsaKeyPair,
    Ed25519KeyPair, ParsedPublicKey, RSA_PKCS1_2048_8192_SHA256, RSA_PKCS1_SHA256, RsaKeyPair,
};
use keytide_jose::jwt::{HeaderParams, Verifier, issue};
use keytide_jose::key::{KeySet, SigningKey};
use keytide_jose::{Algorithm, SystemRng};

use crate::measure::{Contender, in_turns};
use crate::table::{Row, Target};
use crate::workload::{AUDIENCE, Claims, ISSUER, now, policy};

/// Measures ES256, EdDSA and RS256 with 2048 bits.
pub fn rows(rounds: usize) -> Vec<Row> {
    // Each round takes long enough here.
    let rounds = rounds.div_ceil(2);
    [
        (Algorithm::ES256, ["ES256 sign T", "ES256 verify T"]),
        (Algorithm::EdDSA, ["EdDSA sign T", "EdDSA verify T"]),
        (Algorithm::RS256, ["RS256 sign T", "RS256 verify T"]),
    ]
    .into_iter()
    .flat_map(|(alg, names)| of_one(rounds, alg, names))
    .collect()
}

/// Row P5: ES256 under a key that is known beforehand and has a table.
pub fn known_key(rounds: usize) -> Row {
    let key = SigningKey::generate(Algorithm::ES256, None, &mut SystemRng).expect("a key is made");
    let token = issue(&key, &HeaderParams::default(), &Claims::of_t()).expect("it signs");
    let (input, _) = token.rsplit_once('.').expect("three segments");
    let input = input.as_bytes();
    let known = key.verifying_key().with_table();
    let verifier = Verifier::new(KeySet::new([known.clone()]), policy());
    let signature = key.sign(input).expect("it signs");
    let parsed = parsed(Algorithm::ES256, &key);
    let unknown = key.verifying_key();
    let times = in_turns(
        rounds.div_ceil(2),
        vec![
            Contender::new("keytide", || verifier.verify::<Claims>(&token, now())),
            Contender::new("bare aws-lc-rs", || parsed.verify_sig(input, &signature)),
            Contender::new("keytide, the signature alone", || known.verify(input, &signature)),
            Contender::new("keytide, making the table", || unknown.clone().with_table()),
        ],
    );
    Row {
        name: "P5",
        what: "ES256 verify T with a known key (`with_table`)",
        times,
        targets: vec![Target::at_most("bare aws-lc-rs", 0.6)],
    }
}

/// Our verification of T with ES256 under a key with a table, on its own.
pub fn known() -> Contender<'static> {
    let key = SigningKey::generate(Algorithm::ES256, None, &mut SystemRng).expect("a key is made");
    let token = issue(&key, &HeaderParams::default(), &Claims::of_t()).expect("it signs");
    let verifier = Verifier::new(KeySet::new([key.verifying_key().with_table()]), policy());
    Contender::new("keytide", move || verifier.verify::<Claims>(&token, now()).expect("it holds"))
}

fn of_one(rounds: usize, alg: Algorithm, [sign, verify]: [&'static str; 2]) -> [Row; 2] {
    let key = SigningKey::generate(alg, None, &mut SystemRng).expect("a key is made");
    let claims = Claims::of_t();
    let params = HeaderParams::default();
    let token = issue(&key, &params, &claims).expect("it signs");
    let (input, _) = token.rsplit_once('.').expect("three segments");
    let input = input.as_bytes();
    let verifier = Verifier::new(KeySet::new([key.verifying_key()]), policy());

    let pkcs8 = key.export().expect("PKCS#8");
    let bare = Bare::new(alg, pkcs8.expose());
    let parsed = parsed(alg, &key);
    let signature = bare.sign(input);
    parsed.verify_sig(input, &signature).expect("it holds");

    let pem = key.to_pkcs8_pem().expect("PEM");
    let spki = key.verifying_key().to_spki_pem().expect("PEM");
    let (theirs, their_signing, their_verifying) = peer(alg, pem.expose(), spki.as_bytes());
    let mut header = jsonwebtoken::Header::new(theirs);
    header.kid = key.key_id().map(|kid| kid.as_str().to_owned());
    let mut validation = jsonwebtoken::Validation::new(theirs);
    validation.validate_nbf = true;
    validation.leeway = 0;
    validation.iss = Some(HashSet::from([ISSUER.to_owned()]));
    validation.aud = Some(HashSet::from([AUDIENCE.to_owned()]));

    let signing = in_turns(
        rounds,
        vec![
            Contender::new("keytide", || issue(&key, &params, &claims)),
            Contender::new("bare aws-lc-rs", || bare.sign(input)),
            Contender::new("jsonwebtoken", || {
                jsonwebtoken::encode(&header, &claims, &their_signing)
            }),
        ],
    );
    let verifying = in_turns(
        rounds,
        vec![
            Contender::new("keytide", || verifier.verify::<Claims>(&token, now())),
            Contender::new("bare aws-lc-rs", || parsed.verify_sig(input, &signature)),
            Contender::new("jsonwebtoken", || {
                jsonwebtoken::decode::<Claims>(&token, &their_verifying, &validation)
            }),
        ],
    );
    [(sign, signing), (verify, verifying)].map(|(what, times)| Row {
        name: "P3",
        what,
        times,
        targets: vec![Target::at_most("bare aws-lc-rs", 1.05)],
    })
}

enum Bare {
    Ecdsa(EcdsaKeyPair),
    Ed25519(Ed25519KeyPair),
    Rsa(RsaKeyPair),
}

impl Bare {
    fn new(alg: Algorithm, pkcs8: &[u8]) -> Self {
        const OURS: &str = "the key is the engine's own";
        match alg {
            Algorithm::ES256 => Self::Ecdsa(
                EcdsaKeyPair::from_pkcs8(&ECDSA_P256_SHA256_FIXED_SIGNING, pkcs8).expect(OURS),
            ),
            Algorithm::EdDSA => {
                Self::Ed25519(Ed25519KeyPair::from_pkcs8_maybe_unchecked(pkcs8).expect(OURS))
            }
            _ => Self::Rsa(RsaKeyPair::from_pkcs8(pkcs8).expect(OURS)),
        }
    }

    fn sign(&self, message: &[u8]) -> Vec<u8> {
        const SIGNS: &str = "the primitive signs";
        match self {
            Self::Ecdsa(key) => {
                key.sign(&SystemRandom::new(), message).expect(SIGNS).as_ref().to_vec()
            }
            Self::Ed25519(key) => key.sign(message).as_ref().to_vec(),
            Self::Rsa(key) => {
                let mut signature = vec![0; key.public_modulus_len()];
                key.sign(&RSA_PKCS1_SHA256, &SystemRandom::new(), message, &mut signature)
                    .expect(SIGNS);
                signature
            }
        }
    }
}

fn parsed(alg: Algorithm, key: &SigningKey) -> ParsedPublicKey {
    let spki = key.verifying_key().to_spki_der().expect("SPKI");
    match alg {
        Algorithm::ES256 => ParsedPublicKey::new(&ECDSA_P256_SHA256_FIXED, &spki),
        Algorithm::EdDSA => ParsedPublicKey::new(&ED25519, &spki),
        _ => ParsedPublicKey::new(&RSA_PKCS1_2048_8192_SHA256, &spki),
    }
    .expect("the key is the engine's own")
}

fn peer(
    alg: Algorithm,
    pem: &[u8],
    spki: &[u8],
) -> (jsonwebtoken::Algorithm, jsonwebtoken::EncodingKey, jsonwebtoken::DecodingKey) {
    use jsonwebtoken::{Algorithm as Theirs, DecodingKey, EncodingKey};
    const READS: &str = "the peer reads PEM";
    match alg {
        Algorithm::ES256 => (
            Theirs::ES256,
            EncodingKey::from_ec_pem(pem).expect(READS),
            DecodingKey::from_ec_pem(spki).expect(READS),
        ),
        Algorithm::EdDSA => (
            Theirs::EdDSA,
            EncodingKey::from_ed_pem(pem).expect(READS),
            DecodingKey::from_ed_pem(spki).expect(READS),
        ),
        _ => (
            Theirs::RS256,
            EncodingKey::from_rsa_pem(pem).expect(READS),
            DecodingKey::from_rsa_pem(spki).expect(READS),
        ),
    }
}
