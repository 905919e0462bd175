//! Every case of the attack corpus that concerns compact JWS and keys, with the outcome demanded.

use std::collections::BTreeMap;
use std::time::Duration;

use keytide_jose::jwe::{
    ContentAlgorithm, DecryptOptions, DecryptionKey, KeyAlgorithm, UnverifiedJwe,
};
use keytide_jose::jwk::{JwkSet, PrivateJwk, PublicJwk};
use keytide_jose::jwt::{NumericDate, Policy};
use keytide_jose::key::{self, KeySet, VerifyingKey};
use keytide_jose::{Algorithm, Error, Limits, jws};
use serde_json::{Map, Value};

use crate::vectors;

/// Our codes under the names of the corpus, where they differ.
const NAMES: [(&str, &str); 1] = [("claims_shape", "invalid_claim_type")];

pub(crate) struct Outcome {
    id: String,
    tier: String,
    expected: String,
    kinds: Vec<String>,
    result: Result<Map<String, Value>, &'static str>,
    payload: Option<Value>,
}

#[test]
fn no_attack_passes_no_valid_token_is_refused_and_the_reasons_are_right() {
    let mut outcomes = Vec::new();
    let mut left_out = BTreeMap::<&str, usize>::new();
    for line in vectors::own("attacks.jsonl").lines() {
        let case: Value = serde_json::from_str(line).unwrap();
        match run(&case) {
            Ok(outcome) => outcomes.push(outcome),
            Err(why) => *left_out.entry(why).or_default() += 1,
        }
    }
    println!("ran {} cases; without the feature for it: {left_out:?}", outcomes.len());
    assert!(outcomes.len() > 300, "the corpus has shrunk");

    let (valid, attacks): (Vec<_>, Vec<_>) =
        outcomes.iter().partition(|outcome| outcome.expected == "accept");
    for outcome in &valid {
        assert!(outcome.tier.starts_with("control"), "{}", outcome.id);
        match (&outcome.result, &outcome.payload) {
            (Ok(claims), Some(Value::Object(payload))) => {
                assert_eq!(claims, payload, "{}", outcome.id);
            }
            (Ok(_), _) => {}
            (Err(code), _) => panic!("{} was refused: {code}", outcome.id),
        }
    }
    let mut other_reason = 0;
    for outcome in &attacks {
        let code = *outcome
            .result
            .as_ref()
            .err()
            .unwrap_or_else(|| panic!("{} ({}) was accepted", outcome.id, outcome.tier));
        let name = NAMES.iter().find(|(ours, _)| *ours == code).map_or(code, |(_, theirs)| theirs);
        if !outcome.kinds.iter().any(|kind| kind == name) {
            other_reason += 1;
            println!("{}: {name}, expected {:?}", outcome.id, outcome.kinds);
        }
    }
    println!("{} attacks refused, {other_reason} with another reason", attacks.len());
    assert!(other_reason * 20 <= attacks.len(), "less than 95 % of the reasons match");
}

/// What comes of a case; an error names what is not compiled in.
pub(crate) fn run(case: &Value) -> Result<Outcome, &'static str> {
    let text = |name: &str| case[name].as_str().unwrap_or_default().to_owned();
    let result = match case["op"].as_str().unwrap() {
        "jwt_verify" => {
            let allowed = algorithms(&case["options"]["algorithms"])?;
            verify(case, &allowed)
        }
        "jwk_import" => {
            let jwk = case["key"]["value"].to_string();
            import_jwk(jwk.as_bytes()).map(|()| Map::new())
        }
        "jwks_import" => {
            let jwks = case["key"]["value"].to_string();
            JwkSet::parse(jwks.as_bytes(), &Limits::default()).map(|_| Map::new())
        }
        "jwe_decrypt" => decrypt(case),
        "jws_json_verify" => verify_json(case, &algorithms(&case["options"]["algorithms"])?),
        other => panic!("unknown op {other}"),
    };
    Ok(Outcome {
        id: text("id"),
        tier: text("tier"),
        expected: text("expect"),
        kinds: text("error_kind").split('|').map(str::to_owned).collect(),
        result: result.map_err(|error| {
            assert!(!error.to_string().is_empty());
            error.code()
        }),
        payload: case.get("payload").cloned(),
    })
}

/// No list allows nothing, as an empty one does.
fn algorithms(list: &Value) -> Result<Vec<Algorithm>, &'static str> {
    let names = list.as_array().map(Vec::as_slice).unwrap_or_default();
    names.iter().map(|name| name.as_str().unwrap().parse().map_err(|_| "Ed448")).collect()
}

fn verify(case: &Value, allowed: &[Algorithm]) -> Result<Map<String, Value>, Error> {
    let options = &case["options"];
    // What is not a string reaches a Rust caller as its JSON text.
    let token = match &case["token"] {
        Value::String(token) => token.clone(),
        other => other.to_string(),
    };
    let token = jws::Unverified::parse(&token, &Limits::default())?;
    let keys = keys(&case["key"], allowed)?;
    let now = NumericDate::from_secs(options["now"].as_i64().unwrap());
    let claims = token.verify_any(&keys)?.check::<Map<_, _>>(&policy(options), now)?;
    Ok(claims.into_inner())
}

fn verify_json(case: &Value, allowed: &[Algorithm]) -> Result<Map<String, Value>, Error> {
    // The text as it came, or the object that it stands for.
    let text = match &case["token"] {
        Value::String(text) => text.clone(),
        object => object.to_string(),
    };
    let content = jws::UnverifiedContent::parse_json(text.as_bytes(), &Limits::default())?;
    let content = content.verify_any(&keys(&case["key"], allowed)?)?;
    Ok(serde_json::from_slice(content.payload()).unwrap())
}

/// Passwords and compression are allowed, so that what is behind them is reached.
fn decrypt(case: &Value) -> Result<Map<String, Value>, Error> {
    let options = &case["options"];
    let token = UnverifiedJwe::parse(case["token"].as_str().unwrap(), &Limits::default())?;
    let mut keys = Vec::<Result<DecryptionKey, Error>>::new();
    for alg in options["algorithms"].as_array().unwrap() {
        let alg = alg.as_str().unwrap().parse()?;
        let mut prepared: Option<DecryptionKey> = None;
        for enc in options["enc"].as_array().unwrap() {
            let enc = enc.as_str().unwrap().parse()?;
            // A secret may fit one content algorithm and not another; what is read once is kept.
            let key = match prepared.as_ref().map(|key| key.for_content_algorithm(enc)) {
                Some(Ok(key)) => Ok(key),
                _ => decryption_key(&case["key"], alg, enc),
            };
            if let Ok(key) = &key {
                prepared = key.for_content_algorithm(enc).ok();
            }
            keys.push(key);
        }
    }
    if keys.iter().all(Result::is_err) {
        return Err(keys.remove(0).unwrap_err());
    }
    let mut allow = DecryptOptions::default();
    allow.pbes2 = true;
    allow.zip = true;
    let decrypted = token.decrypt_any(keys.iter().flatten(), &allow)?;
    let nested = options["require_nested_signature"] == true || decrypted.header().cty().is_some();
    if nested {
        return decrypted.nested(&Limits::default()).map(|_| Map::new());
    }
    Ok(serde_json::from_slice(decrypted.plaintext()).unwrap())
}

fn decryption_key(
    key: &Value,
    alg: KeyAlgorithm,
    enc: ContentAlgorithm,
) -> Result<DecryptionKey, Error> {
    let value = &key["value"];
    if key["fmt"] == "secret_b64u" {
        let secret = vectors::unbase64url(value.as_str().unwrap());
        return DecryptionKey::from_password(alg, enc, &secret);
    }
    let jwk = PrivateJwk::parse_for_encryption(value.to_string().as_bytes())?;
    DecryptionKey::from_jwk(&jwk, Some(alg), enc)
}

fn keys(key: &Value, allowed: &[Algorithm]) -> Result<KeySet, Error> {
    let value = &key["value"];
    match key["fmt"].as_str().unwrap() {
        "secret_b64u" => {
            let secret = vectors::unbase64url(value.as_str().unwrap());
            let keys: Result<Vec<_>, _> = allowed
                .iter()
                .filter(|alg| alg.is_symmetric())
                .map(|alg| VerifyingKey::from_secret(*alg, &secret))
                .collect();
            Ok(KeySet::new(keys?).allowing(allowed))
        }
        "der_b64u" => key::parse_any(&vectors::unbase64url(value.as_str().unwrap()), allowed),
        "text" => key::parse_any(value.as_str().unwrap().as_bytes(), allowed),
        "jwk" | "jwks" => key::parse_any(value.to_string().as_bytes(), allowed),
        "null" => key::parse_any(b"", allowed),
        other => panic!("unknown key format {other}"),
    }
}

fn policy(options: &Value) -> Policy {
    let texts = |name: &str| -> Option<Vec<String>> {
        match &options[name] {
            Value::Null => None,
            Value::String(one) => Some(vec![one.clone()]),
            Value::Array(many) => {
                Some(many.iter().map(|one| one.as_str().unwrap().to_owned()).collect())
            }
            other => panic!("{name}: {other}"),
        }
    };
    let builder = Policy::builder().danger().allow_no_expiry();
    let builder = match texts("issuer") {
        Some(issuers) => builder.issuers(issuers),
        None => builder.danger().any_issuer(),
    };
    let builder = match texts("audience") {
        Some(audiences) => builder.audiences(audiences),
        None => builder.no_audience(),
    };
    let mut builder = match options["typ"].as_str() {
        Some(typ) => builder.typ(typ),
        None => builder.danger().any_typ(),
    };
    if let Some(subject) = options["subject"].as_str() {
        builder = builder.subject(subject);
    }
    for name in texts("require").unwrap_or_default() {
        builder = builder.require(name);
    }
    let leeway = Duration::from_secs(options["leeway"].as_u64().unwrap_or(0));
    builder.leeway(leeway).unwrap().build()
}

fn import_jwk(json: &[u8]) -> Result<(), Error> {
    match PublicJwk::parse(json) {
        Ok(_) => Ok(()),
        Err(error) => PrivateJwk::parse(json).map(drop).map_err(|private| {
            // A key that is private but broken is told so; the rest is a public key's error.
            if json.windows(3).any(|window| window == b"\"d\"") { private } else { error }
        }),
    }
}
