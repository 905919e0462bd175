//! What a program gets of its rings, under which names: the variables, their prefixes, and `--map`.

use std::borrow::Borrow;
use std::collections::BTreeMap;
use std::str::FromStr;

use keytide_client::{DeliveredKey, Delivery, KeyRole};
use keytide_jose::Secret;
use keytide_ring::RingName;
use serde_json::json;

use crate::encoding::{base64, base64url, hex};
use crate::error::Failure;

/// The variables of all rings, with their names settled.
pub(super) struct Variables {
    rings: Vec<RingName>,
    wanted: BTreeMap<String, Wanted>,
}

/// A variable and its value.
pub(super) struct Variable {
    pub(super) name: String,
    pub(super) value: Secret,
}

/// What a variable holds.
#[derive(Clone, Debug, PartialEq, Eq)]
struct Wanted {
    ring: usize,
    field: Field,
    encoding: Encoding,
    /// Whether somebody asked for it by name.
    is_mapped: bool,
}

/// A variable that cannot be set, and why.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Unset {
    pub(super) name: String,
    pub(super) why: WhyUnset,
}

/// Why a variable cannot be set.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum WhyUnset {
    /// The secret is not text.
    NotText,
    /// The ring has key pairs, and was asked for a secret.
    NoSecret,
}

/// Something that a ring has.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Field {
    /// The secret that signs.
    Secret,
    /// The secret that will.
    Next,
    /// The nth secret of those that signed before, newest first.
    Previous(usize),
    /// All keys as one JWK Set, which names the active one.
    Keys,
    /// The `kid` of the key that signs.
    Kid,
    /// The ring's algorithm.
    Algorithm,
    /// The ring's epoch.
    Epoch,
}

/// How a secret's bytes are written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Encoding {
    /// As they stand, which is what a library takes that is given a text as its key.
    Text,
    Base64url,
    Base64,
    Hex,
}

/// What Keytide's own variables begin with.
const OWN: &str = "KEYTIDE_";

/// More than any ring has that can be made.
const MOST_PREVIOUS: usize = 8;

/// What every ring gives without being asked.
const USUAL: &[(&str, Field)] = &[
    ("JWT_SECRET", Field::Secret),
    ("JWT_SECRET_NEXT", Field::Next),
    ("JWT_SECRET_PREVIOUS", Field::Previous(0)),
    ("JWT_KEYS", Field::Keys),
];

/// Of a `--map`: `NAME=RING.FIELD`, with `:ENCODING` behind it where the secret shall not stand as it is.
#[derive(Clone, Debug)]
pub(super) struct Mapping {
    name: String,
    /// None where there is one ring and it goes without saying.
    ring: Option<String>,
    field: Field,
    encoding: Encoding,
}

impl Variables {
    /// Settles the names. With one ring they are the usual ones; with several each ring's stand behind a
    /// prefix of its service, and its purpose if it has one.
    pub(super) fn settle(rings: &[RingName], maps: &[Mapping]) -> Result<Self, Failure> {
        let mut wanted = BTreeMap::new();
        for (ring, name) in rings.iter().enumerate() {
            if rings.iter().skip(ring + 1).any(|other| other == name) {
                return Err(Failure::wrong_use(format!("--ring {name} is given twice")));
            }
            let prefix = if rings.len() > 1 { prefix(name) } else { String::new() };
            for (usual, field) in USUAL {
                let what = Wanted::usual(ring, *field);
                add(&mut wanted, format!("{prefix}{usual}"), what, rings)?;
            }
            for nth in 1..MOST_PREVIOUS {
                let variable = format!("{prefix}JWT_SECRET_PREVIOUS_{}", nth + 1);
                add(&mut wanted, variable, Wanted::usual(ring, Field::Previous(nth)), rings)?;
            }
        }
        for Mapping { name, ring, field, encoding } in maps {
            let place = match ring {
                None if rings.len() == 1 => Some(0),
                None => None,
                Some(ring) => rings.iter().position(|known| known.as_str() == ring),
            };
            let Some(ring) = place else {
                let message = format!("--map {name}: its ring is none of those named with --ring");
                return Err(Failure::wrong_use(message).hint(
                    "Write it as NAME=RING.FIELD, such as SESSION_KEY=web.production.secret.",
                ));
            };
            // A map may take a usual name over: that is what it is for.
            let what = Wanted { ring, field: *field, encoding: *encoding, is_mapped: true };
            let taken = wanted.insert(name.clone(), what);
            if taken.is_some_and(|taken| taken.is_mapped) {
                return Err(Failure::wrong_use(format!("--map {name} is given twice")));
            }
        }
        for name in wanted.keys() {
            if name.strip_suffix("_FILE").is_some_and(|value| wanted.contains_key(value)) {
                let message = format!("--map {name}: that is the variable for a file with a value");
                return Err(Failure::wrong_use(message).hint("Choose a name without `_FILE`."));
            }
        }
        Ok(Self { rings: rings.to_vec(), wanted })
    }

    /// Every name that may be set: what stands under it in the environment around is not handed on.
    pub(super) fn names(&self) -> impl Iterator<Item = &str> {
        self.wanted.keys().map(String::as_str)
    }

    /// The values as they are in these deliveries, in the order of the rings; and what cannot be set.
    pub(super) fn values(&self, sets: &[impl Borrow<Delivery>]) -> (Vec<Variable>, Vec<Unset>) {
        let (mut values, mut unset) = (Vec::new(), Vec::new());
        for (name, Wanted { ring, field, encoding, is_mapped }) in &self.wanted {
            let Some(set) = sets.get(*ring).map(Borrow::borrow) else { continue };
            let value = match field {
                Field::Keys => Some(key_set(set)),
                Field::Kid => active(set).map(|key| plain(key.kid().as_str())),
                Field::Algorithm => active(set).map(|key| plain(key.algorithm().as_str())),
                Field::Epoch => Some(plain(&set.epoch().to_string())),
                Field::Secret => secret_of(set, KeyRole::Active, 0).map(|key| encoding.of(key)),
                Field::Next => secret_of(set, KeyRole::Next, 0).map(|key| encoding.of(key)),
                Field::Previous(nth) => {
                    secret_of(set, KeyRole::Previous, *nth).map(|key| encoding.of(key))
                }
            };
            let name = name.clone();
            match value {
                Some(value) if is_text(&value) => values.push(Variable { name, value }),
                Some(_) => unset.push(Unset { name, why: WhyUnset::NotText }),
                None if *is_mapped && !has_secrets(set) => {
                    unset.push(Unset { name, why: WhyUnset::NoSecret });
                }
                None => {}
            }
        }
        (values, unset)
    }

    /// `RING=EPOCH`, for one or more rings, parted by blanks: by this a program can say what it has loaded.
    pub(super) fn epochs(&self, sets: &[impl Borrow<Delivery>]) -> String {
        let told = self.rings.iter().zip(sets.iter().map(Borrow::borrow));
        let told: Vec<_> = told.map(|(ring, set)| format!("{ring}={}", set.epoch())).collect();
        told.join(" ")
    }
}

/// Two rings whose usual names are the same cannot go by them.
fn add(
    wanted: &mut BTreeMap<String, Wanted>,
    name: String,
    what: Wanted,
    rings: &[RingName],
) -> Result<(), Failure> {
    let ring = what.ring;
    let Some(taken) = wanted.insert(name.clone(), what) else { return Ok(()) };
    let named = |ring: usize| rings.get(ring).map_or("", RingName::as_str).to_owned();
    let message = format!("{} and {} would both be {name}", named(taken.ring), named(ring));
    Err(Failure::wrong_use(message)
        .hint("Run rings of one environment together; a second program can have the other."))
}

/// `billing.production` gives `BILLING_`, `billing.production.refresh` gives `BILLING_REFRESH_`.
fn prefix(ring: &RingName) -> String {
    let mut parts = ring.as_str().split('.');
    let (service, _environment, purpose) = (parts.next(), parts.next(), parts.next());
    let parts = service.into_iter().chain(purpose);
    let named = |part: &str| format!("{}_", part.to_ascii_uppercase().replace('-', "_"));
    let prefix: String = parts.map(named).collect();
    // No variable's name begins with a digit.
    if prefix.starts_with(|first: char| first.is_ascii_digit()) {
        format!("_{prefix}")
    } else {
        prefix
    }
}

fn active(set: &Delivery) -> Option<&DeliveredKey> {
    set.keys().iter().find(|key| key.role() == KeyRole::Active)
}

fn secret_of(set: &Delivery, role: KeyRole, nth: usize) -> Option<&Secret> {
    set.keys().iter().filter(|key| key.role() == role).nth(nth)?.secret()
}

fn has_secrets(set: &Delivery) -> bool {
    set.keys().iter().any(|key| key.secret().is_some())
}

fn plain(text: &str) -> Secret {
    Secret::new(text.as_bytes().to_vec())
}

/// No variable can hold a zero byte, and nobody reads what is not UTF-8.
fn is_text(value: &Secret) -> bool {
    std::str::from_utf8(value.expose()).is_ok_and(|text| !text.chars().any(char::is_control))
}

/// A JWK Set with all keys, the active one first and named, and the epoch that it is of.
fn key_set(set: &Delivery) -> Secret {
    let kid = active(set).map(|key| key.kid().as_str());
    let head = json!({ "ring": set.ring(), "epoch": set.epoch(), "active": kid }).to_string();
    let keys: usize = set.keys().iter().map(|key| key.jwk().len() + 1).sum();
    // With room for all of it, a secret is not left behind when a buffer grows.
    let mut text = Vec::with_capacity(head.len() + keys + 16);
    text.extend_from_slice(head.trim_end_matches('}').as_bytes());
    text.extend_from_slice(br#","keys":["#);
    for (nth, key) in set.keys().iter().enumerate() {
        text.extend_from_slice(if nth > 0 { b"," } else { b"" });
        text.extend_from_slice(key.jwk().expose());
    }
    text.extend_from_slice(b"]}");
    Secret::new(text)
}

impl Wanted {
    fn usual(ring: usize, field: Field) -> Self {
        Self { ring, field, encoding: Encoding::Text, is_mapped: false }
    }
}

impl Encoding {
    fn of(self, secret: &Secret) -> Secret {
        let bytes = secret.expose();
        match self {
            Self::Text => secret.duplicate(),
            Self::Base64url => Secret::new(base64url(bytes).into_bytes()),
            Self::Base64 => Secret::new(base64(bytes).into_bytes()),
            Self::Hex => Secret::new(hex(bytes).into_bytes()),
        }
    }
}

impl FromStr for Mapping {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let (name, what) = text.split_once('=').ok_or("write it as NAME=RING.FIELD")?;
        if !is_variable(name) {
            return Err("what stands before `=` is no variable's name".to_owned());
        }
        if name.starts_with(OWN) {
            return Err(format!("names that begin with {OWN} are Keytide's own"));
        }
        let (what, encoding) = match what.split_once(':') {
            None => (what, Encoding::Text),
            Some((what, encoding)) => (what, encoding.parse()?),
        };
        let (ring, field) = match what.rsplit_once('.') {
            None => (None, what),
            Some((ring, field)) => (Some(ring.to_owned()), field),
        };
        let field = field.parse()?;
        let secret = matches!(field, Field::Secret | Field::Next | Field::Previous(_));
        if !secret && encoding != Encoding::Text {
            return Err("only a secret has an encoding".to_owned());
        }
        Ok(Self { name: name.to_owned(), ring, field, encoding })
    }
}

impl FromStr for Field {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        Ok(match text {
            "secret" => Self::Secret,
            "next" => Self::Next,
            "previous" => Self::Previous(0),
            "keys" => Self::Keys,
            "kid" => Self::Kid,
            "algorithm" => Self::Algorithm,
            "epoch" => Self::Epoch,
            _ => {
                return Err(
                    "a field is secret, next, previous, keys, kid, algorithm or epoch; write \
                            NAME=RING.FIELD"
                        .to_owned(),
                );
            }
        })
    }
}

impl FromStr for Encoding {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        Ok(match text {
            "text" => Self::Text,
            "base64url" => Self::Base64url,
            "base64" => Self::Base64,
            "hex" => Self::Hex,
            _ => return Err("an encoding is text, base64url, base64 or hex".to_owned()),
        })
    }
}

fn is_variable(name: &str) -> bool {
    !name.is_empty()
        && !name.starts_with(|first: char| first.is_ascii_digit())
        && name.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'_')
}

#[cfg(test)]
mod tests {
    use keytide_client::{ConnectOptions, Deliveries};

    use super::*;

    const ACTIVE: &str = "marker-secret-that-nobody-may-see";
    const NEXT: &str = "another-secret-that-nobody-may-see";

    fn delivery(ring: &str, active: &[u8]) -> Delivery {
        let jwk = |kid: &str, secret: &[u8]| {
            format!(r#"{{"kty":"oct","alg":"HS256","kid":"{kid}","k":"{}"}}"#, base64url(secret))
        };
        read(ring, &jwk("one", active), &jwk("two", NEXT.as_bytes()))
    }

    fn read(ring: &str, one: &str, two: &str) -> Delivery {
        let text =
            format!(r#"{{"ring":"{ring}","epoch":7,"active":{one},"next":{two},"previous":[]}}"#);
        let url = format!("https://keys.example/rings/{ring}");
        let token = Secret::new(b"token".to_vec());
        let deliveries = Deliveries::connect(&url, token, &ConnectOptions::default()).unwrap();
        deliveries.read(Secret::new(text.into_bytes())).unwrap()
    }

    fn rings(names: &[&str]) -> Vec<RingName> {
        names.iter().map(|name| name.parse().unwrap()).collect()
    }

    fn told(variables: &Variables, sets: &[&Delivery]) -> BTreeMap<String, String> {
        let text = |value: &Secret| String::from_utf8(value.expose().to_vec()).unwrap();
        let (values, _) = variables.values(sets);
        values.iter().map(|variable| (variable.name.clone(), text(&variable.value))).collect()
    }

    #[test]
    fn one_ring_has_the_usual_names_and_what_is_not_there_is_not_set() {
        let variables = Variables::settle(&rings(&["web.test"]), &[]).unwrap();
        let set = delivery("web.test", ACTIVE.as_bytes());
        let told = told(&variables, &[&set]);
        assert_eq!((told["JWT_SECRET"].as_str(), told["JWT_SECRET_NEXT"].as_str()), (ACTIVE, NEXT));
        assert_eq!(told.len(), 3, "{:?}", told.keys());
        let names = keytide_client::EnvNames::default();
        let ring = keytide_client::Ring::from_env(&|name| told.get(name).cloned(), &names).unwrap();
        let snapshot = ring.snapshot().unwrap();
        assert_eq!(snapshot.signing_key_id().unwrap().as_str(), "one");
        assert_eq!(snapshot.keys().keys().len(), 2);
        assert_eq!(variables.epochs(&[&set]), "web.test=7");
    }

    #[test]
    fn several_rings_stand_behind_their_service_and_purpose() {
        let names = ["web.production", "web.production.refresh", "2fa-app.production"];
        let variables = Variables::settle(&rings(&names), &[]).unwrap();
        let names: Vec<_> = variables.names().collect();
        for name in ["WEB_JWT_SECRET", "WEB_REFRESH_JWT_SECRET", "_2FA_APP_JWT_KEYS"] {
            assert!(names.contains(&name), "{names:?}");
        }
        let same = Variables::settle(&rings(&["web.test", "web.production"]), &[]).err().unwrap();
        assert_eq!(same.code, "wrong_use");
        assert!(same.message.contains("web.test") && same.message.contains("WEB_JWT_"));
    }

    #[test]
    fn a_map_names_a_ring_a_field_and_an_encoding() {
        let maps =
            ["A=web.test.secret", "B=secret:hex", "C=web.test.kid", "JWT_SECRET=next:base64"];
        let maps: Vec<Mapping> = maps.iter().map(|text| text.parse().unwrap()).collect();
        let variables = Variables::settle(&rings(&["web.test"]), &maps).unwrap();
        let told = told(&variables, &[&delivery("web.test", ACTIVE.as_bytes())]);
        assert_eq!((told["A"].as_str(), told["C"].as_str()), (ACTIVE, "one"));
        assert_eq!(told["B"], hex(ACTIVE.as_bytes()));
        assert_eq!(told["JWT_SECRET"], base64(NEXT.as_bytes()));
        let foreign: Mapping = "A=other.test.secret".parse().unwrap();
        assert!(Variables::settle(&rings(&["web.test"]), &[foreign]).is_err());
        for bad in ["A", "1A=secret", "A=web.test", "A=secret:rot13", "A=kid:hex", "=secret"] {
            assert!(bad.parse::<Mapping>().is_err(), "{bad}");
        }
    }

    #[test]
    fn no_name_stands_for_two_things() {
        for maps in [
            &["A=secret", "A=next"][..],
            &["A=secret", "B=kid", "A=secret"],
            &["JWT_SECRET_FILE=kid"],
            &["A=secret", "A_FILE=next"],
        ] {
            let parsed: Vec<Mapping> = maps.iter().map(|text| text.parse().unwrap()).collect();
            let refused = Variables::settle(&rings(&["web.test"]), &parsed).err();
            assert_eq!(refused.map(|why| why.code).as_deref(), Some("wrong_use"), "{maps:?}");
        }
        assert!("KEYTIDE_EPOCHS=epoch".parse::<Mapping>().is_err());
    }

    #[test]
    fn a_secret_is_missed_in_a_ring_without_secrets_where_it_was_asked_for_by_name() {
        let maps = ["KEY=secret", "JWT_SECRET_NEXT=next", "KID=kid"];
        let maps: Vec<Mapping> = maps.iter().map(|text| text.parse().unwrap()).collect();
        let variables = Variables::settle(&rings(&["web.test"]), &maps).unwrap();
        let jwk = |kid: &str| {
            let x = "11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo";
            format!(r#"{{"kty":"OKP","crv":"Ed25519","alg":"Ed25519","kid":"{kid}","x":"{x}"}}"#)
        };
        let set = read("web.test", &jwk("one"), &jwk("two"));
        let (_, unset) = variables.values(&[&set]);
        let missed = |name: &str| Unset { name: name.to_owned(), why: WhyUnset::NoSecret };
        assert_eq!(unset, [missed("JWT_SECRET_NEXT"), missed("KEY")]);
    }

    #[test]
    fn a_secret_that_is_no_text_is_named_and_left_out_but_for_an_encoding() {
        let map: Mapping = "KEY=secret:hex".parse().unwrap();
        let variables = Variables::settle(&rings(&["web.test"]), &[map]).unwrap();
        let bytes: Vec<u8> = (128..160).collect();
        let set = delivery("web.test", &bytes);
        let (_, unset) = variables.values(&[&set]);
        assert_eq!(unset, [Unset { name: "JWT_SECRET".to_owned(), why: WhyUnset::NotText }]);
        let told = told(&variables, &[&set]);
        assert_eq!(told["KEY"], hex(&bytes));
        assert!(told.contains_key("JWT_KEYS") && !told.contains_key("JWT_SECRET"));
    }
}
