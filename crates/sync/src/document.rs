//! What is written to a target: the set of one epoch as named texts, with the epoch and a digest.
//!
//! Every kind of target holds names and texts, so the document is that and nothing else: a program
//! that knows nothing of Keytide takes the one text it wants, under the name that it is used to.

use std::collections::BTreeMap;
use std::fmt;

use keytide_jose::key::SigningKey;
use keytide_jose::{KeyId, Secret, digest};
use keytide_ring::{Delivered, Delivery, Epoch, Material, RingName};
use serde::{Deserialize, Serialize};

use crate::Error;

/// Under which names the texts of a document stand. The defaults are those that `keytide run` sets.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Names {
    /// The secret that signs. Default `JWT_SECRET`.
    pub secret: String,
    /// The secret that will, and already verifies. Default `JWT_SECRET_NEXT`.
    pub next: String,
    /// The secret that signed before, and still verifies. Default `JWT_SECRET_PREVIOUS`.
    pub previous: String,
    /// All keys as one JWK Set whose member `active` names the key that signs. Default `JWT_KEYS`.
    pub keys: String,
}

impl Default for Names {
    fn default() -> Self {
        Self {
            secret: "JWT_SECRET".into(),
            next: "JWT_SECRET_NEXT".into(),
            previous: "JWT_SECRET_PREVIOUS".into(),
            keys: "JWT_KEYS".into(),
        }
    }
}

/// The names that mark a document as one of ours.
const RING: &str = "KEYTIDE_RING";
const EPOCH: &str = "KEYTIDE_EPOCH";
const DIGEST: &str = "KEYTIDE_DIGEST";

/// The set of one epoch of a ring, as named texts.
///
/// Of a symmetric ring it holds the secrets, of any other the public keys alone.
pub struct Document {
    ring: RingName,
    epoch: Epoch,
    digest: String,
    texts: BTreeMap<String, Secret>,
}

/// What was found in a place.
pub enum Content {
    /// A document that is whole: its digest is that of its texts.
    Ours(Document),
    /// Anything else: somebody's own value, a document that was edited, or a torn one. Why it is not
    /// taken for ours holds no secret.
    Foreign {
        /// The names and texts that are there. A value without a name stands under the empty one.
        texts: BTreeMap<String, Secret>,
        /// Why it is not one of ours.
        why: String,
    },
}

impl Document {
    /// The document of what a ring delivers.
    ///
    /// # Errors
    /// `names_clash` when two texts would stand under one name; the engine's, for a key that it cannot
    /// write.
    pub fn of(delivery: &Delivery, names: &Names) -> Result<Self, Error> {
        let mut texts = BTreeMap::new();
        let mut add = |name: &str, text: Secret| {
            let clash = || Error::NamesClash { name: name.to_owned() };
            if [RING, EPOCH, DIGEST].contains(&name) {
                return Err(clash());
            }
            texts.insert(name.to_owned(), text).map_or(Ok(()), |_| Err(clash()))
        };
        let single = [
            (&names.secret, Some(&delivery.active)),
            (&names.next, Some(&delivery.next)),
            (&names.previous, delivery.previous.first()),
        ];
        for (name, key) in single {
            if let Some(Material::Secret(secret)) = key.map(|key| &key.material)
                && std::str::from_utf8(secret.expose()).is_ok()
            {
                add(name, secret.duplicate())?;
            }
        }
        add(&names.keys, key_set(delivery)?)?;
        Ok(Self::new(delivery.ring.clone(), delivery.epoch, texts))
    }

    fn new(ring: RingName, epoch: Epoch, texts: BTreeMap<String, Secret>) -> Self {
        let digest = digest_of(&ring, epoch, &texts);
        Self { ring, epoch, digest, texts }
    }

    /// A document of these texts, for tests beside the code.
    #[cfg(test)]
    pub(crate) fn for_tests(ring: &str, epoch: u64, texts: BTreeMap<String, Secret>) -> Self {
        Self::new(ring.parse().expect("a ring's name"), Epoch::new(epoch), texts)
    }

    /// Reads what a place holds: a document of ours, or something else.
    #[must_use]
    pub fn read(mut texts: BTreeMap<String, Secret>) -> Content {
        let marks = [RING, EPOCH, DIGEST].map(|name| {
            let text = texts.get(name).map(|text| text.expose().to_vec());
            text.and_then(|text| String::from_utf8(text).ok())
        });
        let foreign = |texts, why: &str| Content::Foreign { texts, why: why.to_owned() };
        let [Some(ring), Some(epoch), Some(digest)] = marks else {
            return foreign(texts, "it was not written by Keytide");
        };
        let parsed = (ring.parse::<RingName>(), epoch.parse::<u64>());
        let (Ok(ring), Ok(epoch)) = parsed else {
            return foreign(texts, "its ring or its epoch is none");
        };
        let marks: Vec<_> =
            [RING, EPOCH, DIGEST].iter().map(|name| texts.remove_entry(*name)).collect();
        let found = Self::new(ring, Epoch::new(epoch), texts);
        if found.digest == digest {
            return Content::Ours(found);
        }
        texts = found.texts;
        texts.extend(marks.into_iter().flatten());
        foreign(texts, "it was changed after Keytide wrote it, or is torn")
    }

    /// The ring.
    pub fn ring(&self) -> &RingName {
        &self.ring
    }

    /// The epoch whose set it is.
    pub fn epoch(&self) -> Epoch {
        self.epoch
    }

    /// The SHA-256 of ring, epoch and every text. It stands where the secrets stand, and is as secret:
    /// with it a weak secret could be found by trial.
    pub fn digest(&self) -> &str {
        &self.digest
    }

    /// Every name and text, with those that mark it as ours, in the order of names.
    pub fn texts(&self) -> BTreeMap<&str, Secret> {
        let mark = |text: &str| Secret::new(text.as_bytes().to_vec());
        let mut texts: BTreeMap<&str, Secret> =
            self.texts.iter().map(|(name, text)| (name.as_str(), text.duplicate())).collect();
        texts.insert(RING, mark(self.ring.as_str()));
        texts.insert(EPOCH, mark(&self.epoch.to_string()));
        texts.insert(DIGEST, mark(&self.digest));
        texts
    }

    /// The same as one JSON object of texts, for a place that holds one value. [`Document::from_json`]
    /// reads it again.
    #[must_use]
    pub fn to_json(&self) -> Secret {
        let texts = self.texts();
        // With room for all of it, a secret is not left behind when a buffer grows.
        let room =
            texts.iter().map(|(name, text)| 2 * (name.len() + text.len()) + 8).sum::<usize>();
        let mut json = Vec::with_capacity(room);
        json.push(b'{');
        for (nth, (name, text)) in texts.iter().enumerate() {
            if nth > 0 {
                json.push(b',');
            }
            let text = std::str::from_utf8(text.expose()).expect("a document holds texts");
            serde_json::to_writer(&mut json, name).expect("memory takes it");
            json.push(b':');
            serde_json::to_writer(&mut json, text).expect("memory takes it");
        }
        json.push(b'}');
        Secret::new(json)
    }

    /// Reads one value: a JSON object of texts, or anything else, which is foreign under the empty name.
    #[must_use]
    pub fn from_json(value: &[u8]) -> Content {
        match serde_json::from_slice::<BTreeMap<String, Text>>(value) {
            Ok(texts) => Self::read(texts.into_iter().map(|(name, text)| (name, text.0)).collect()),
            Err(_) => Content::Foreign {
                texts: BTreeMap::from([(String::new(), Secret::new(value.to_vec()))]),
                why: "it is no JSON object of texts".to_owned(),
            },
        }
    }
}

impl fmt::Debug for Document {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Document({} at epoch {})", self.ring, self.epoch)
    }
}

impl fmt::Debug for Content {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Ours(document) => document.fmt(f),
            Self::Foreign { why, .. } => write!(f, "Foreign({why})"),
        }
    }
}

/// A JSON text that becomes a secret without a copy.
struct Text(Secret);

impl<'de> Deserialize<'de> for Text {
    fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        Ok(Self(Secret::new(String::deserialize(deserializer)?.into_bytes())))
    }
}

/// Each part with its length before it, so that no two documents read alike.
fn digest_of(ring: &RingName, epoch: Epoch, texts: &BTreeMap<String, Secret>) -> String {
    let (ring, epoch) = (ring.as_str(), epoch.to_string());
    let named = texts.iter().flat_map(|(name, text)| [name.as_bytes(), text.expose()]);
    let parts = || [ring.as_bytes(), epoch.as_bytes()].into_iter().chain(named.clone());
    let mut whole = Vec::with_capacity(parts().map(|part| part.len() + 8).sum());
    for part in parts() {
        whole.extend_from_slice(&(part.len() as u64).to_be_bytes());
        whole.extend_from_slice(part);
    }
    let whole = Secret::new(whole);
    digest::sha256(whole.expose()).iter().map(|byte| format!("{byte:02x}")).collect()
}

/// `{"ring":…,"epoch":…,"active":KID,"keys":[…]}`, the active key first, as `keytide run` hands it on.
fn key_set(delivery: &Delivery) -> Result<Secret, Error> {
    let Delivery { ring, epoch, active, next, previous, .. } = delivery;
    let kid: &KeyId = &active.kid;
    let head = serde_json::json!({ "ring": ring, "epoch": epoch, "active": kid }).to_string();
    let keys = [active, next].into_iter().chain(previous);
    let keys = keys.map(jwk).collect::<Result<Vec<_>, _>>()?;
    let mut set =
        Vec::with_capacity(head.len() + keys.iter().map(|key| key.len() + 1).sum::<usize>() + 16);
    set.extend_from_slice(head.trim_end_matches('}').as_bytes());
    set.extend_from_slice(br#","keys":["#);
    for (nth, key) in keys.iter().enumerate() {
        set.extend_from_slice(if nth > 0 { b"," } else { b"" });
        set.extend_from_slice(key.expose());
    }
    set.extend_from_slice(b"]}");
    Ok(Secret::new(set))
}

/// A symmetric key as `oct`, any other as its public half.
fn jwk(key: &Delivered) -> Result<Secret, Error> {
    match &key.material {
        Material::Public(public) => Ok(Secret::new(
            serde_json::to_vec(public.as_ref()).expect("a public key is plain JSON"),
        )),
        Material::Secret(exported) => {
            let key = SigningKey::import(key.algorithm, exported)?.with_key_id(key.kid.clone());
            Ok(key.to_private_jwk().expose_json())
        }
    }
}
