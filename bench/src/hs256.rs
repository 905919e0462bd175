//! Rows P1 and P2: HS256, where nearly all of the time is the library's own.

use std::collections::HashSet;

use aws_lc_rs::hmac as aws_hmac;
use hmac::{Hmac, KeyInit, Mac};
use jwt_simple::prelude::{HS256Key, MACLike};
use keytide_jose::jwt::{HeaderParams, Verifier, issue};
use keytide_jose::key::{KeySet, SigningKey};
use keytide_jose::{Algorithm, Limits, jws};
use serde_json::Value;
use sha2::Sha256;

use crate::measure::{Contender, in_turns};
use crate::table::{Row, Target};
use crate::workload::{AUDIENCE, Claims, ISSUER, KID, SECRET, TOKEN_LEN, now, policy};

fn key() -> SigningKey {
    let kid = KID.parse().expect("a kid of few letters");
    SigningKey::from_secret(Algorithm::HS256, SECRET).expect("32 random bytes").with_key_id(kid)
}

fn verifier() -> Verifier {
    Verifier::new(KeySet::new([key().verifying_key()]), policy())
}

/// The token as the peer writes it, so that no header of our own is measured.
pub fn token() -> String {
    let mut header = jsonwebtoken::Header::new(jsonwebtoken::Algorithm::HS256);
    header.kid = Some(KID.into());
    let key = jsonwebtoken::EncodingKey::from_secret(SECRET);
    let token = jsonwebtoken::encode(&header, &Claims::of_t(), &key).expect("the peer signs");
    assert_eq!(token.len(), TOKEN_LEN);
    token
}

/// Our verification of T, on its own.
pub fn verifying() -> Contender<'static> {
    let (verifier, token) = (verifier(), token());
    Contender::new("keytide", move || verifier.verify::<Claims>(&token, now()).expect("it holds"))
}

/// Our signing of T, on its own.
pub fn signing() -> Contender<'static> {
    let (key, claims, params) = (key(), Claims::of_t(), HeaderParams::default());
    Contender::new("keytide", move || issue(&key, &params, &claims).expect("it signs"))
}

/// Measures both.
pub fn rows(rounds: usize) -> Vec<Row> {
    let token = token();
    let (input, _) = token.rsplit_once('.').expect("three segments");
    let claims = Claims::of_t();
    let key = key();
    let verifier = verifier();

    let their_signing = jsonwebtoken::EncodingKey::from_secret(SECRET);
    let their_verifying = jsonwebtoken::DecodingKey::from_secret(SECRET);
    let mut their_header = jsonwebtoken::Header::new(jsonwebtoken::Algorithm::HS256);
    their_header.kid = Some(KID.into());
    let mut validation = jsonwebtoken::Validation::new(jsonwebtoken::Algorithm::HS256);
    validation.validate_nbf = true;
    validation.leeway = 0;
    validation.iss = Some(HashSet::from([ISSUER.to_owned()]));
    validation.aud = Some(HashSet::from([AUDIENCE.to_owned()]));

    let simple = HS256Key::from_bytes(SECRET).with_key_id(KID);
    let options = jwt_simple::prelude::VerificationOptions {
        allowed_issuers: Some(HashSet::from([ISSUER.to_owned()])),
        allowed_audiences: Some(HashSet::from([AUDIENCE.to_owned()])),
        time_tolerance: Some(jwt_simple::prelude::Duration::from_secs(0)),
        ..Default::default()
    };
    let simple_claims = || jwt_simple::prelude::JWTClaims {
        issued_at: Some(jwt_simple::prelude::UnixTimeStamp::from_secs(claims.iat as u64)),
        expires_at: Some(jwt_simple::prelude::UnixTimeStamp::from_secs(claims.exp as u64)),
        invalid_before: Some(jwt_simple::prelude::UnixTimeStamp::from_secs(claims.nbf as u64)),
        issuer: Some(claims.iss.clone()),
        subject: Some(claims.sub.clone()),
        audiences: Some(jwt_simple::claims::Audiences::AsString(claims.aud.clone())),
        jwt_id: Some(claims.jti.clone()),
        nonce: None,
        custom: Rest { scope: claims.scope.clone(), admin: claims.admin },
    };

    let aws = aws_hmac::Key::new(aws_hmac::HMAC_SHA256, SECRET);
    let keyed = Hmac::<Sha256>::new_from_slice(SECRET).expect("a key of any length");
    let bare_verify = || aws_hmac::sign(&aws, input.as_bytes());
    let kept_state = || {
        let mut state = keyed.clone();
        state.update(input.as_bytes());
        state.finalize()
    };
    let verify = in_turns(
        rounds,
        vec![
            Contender::new("keytide", || verifier.verify::<Claims>(&token, now())),
            Contender::new("jsonwebtoken", || {
                jsonwebtoken::decode::<Claims>(&token, &their_verifying, &validation)
            }),
            Contender::new("jwt-simple", || {
                simple.verify_token::<Rest>(&token, Some(options.clone()))
            }),
            Contender::new("bare HMAC, aws-lc-rs", bare_verify),
            Contender::new("bare HMAC, state kept", kept_state),
            Contender::new("keytide, claims as values", || verifier.verify::<Value>(&token, now())),
            Contender::new("keytide, step by step", || {
                let read = jws::Unverified::parse(&token, &Limits::default())?;
                read.verify_any(verifier.keys())?.check::<Claims>(verifier.policy(), now())
            }),
        ],
    );
    let params = HeaderParams::default();
    let map = serde_json::to_value(&claims).expect("claims are JSON");
    let sign = in_turns(
        rounds,
        vec![
            Contender::new("keytide", || issue(&key, &params, &claims)),
            Contender::new("jsonwebtoken", || {
                jsonwebtoken::encode(&their_header, &claims, &their_signing)
            }),
            Contender::new("jwt-simple", || simple.authenticate(simple_claims())),
            Contender::new("bare HMAC, aws-lc-rs", bare_verify),
            Contender::new("bare HMAC, state kept", kept_state),
            Contender::new("keytide, claims as values", || issue(&key, &params, &map)),
        ],
    );
    vec![
        Row {
            name: "P1",
            what: "HS256 verify T into typed claims",
            times: verify,
            targets: vec![
                Target::faster_than("jsonwebtoken", 3.5),
                Target::at_most("bare HMAC, aws-lc-rs", 2.5),
                Target::at_most("bare HMAC, state kept", 2.5),
            ],
        },
        Row {
            name: "P2",
            what: "HS256 sign T from typed claims",
            times: sign,
            targets: vec![Target::faster_than("jsonwebtoken", 2.0)],
        },
    ]
}

/// The claims that `jwt-simple` has no member for.
#[derive(serde::Deserialize, serde::Serialize)]
struct Rest {
    scope: String,
    admin: bool,
}
