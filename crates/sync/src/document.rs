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

impl Names {
    /// Every name that a document may have in a place: these, and those that mark it as ours. What has
    /// another name in the same place is somebody else's.
    pub fn all(&self) -> [&str; 7] {
        [RING, EPOCH, DIGEST, &self.secret, &self.next, &self.previous, &self.keys]
    }

    /// Whether these can stand beside each other.
    ///
    /// # Errors
    /// `names_clash` for two of the same name; `bad_target` for one that is empty, longer than 128 bytes
    /// or holds anything but ASCII letters, digits, `_`, `-` and `.`, for `.` and `..`, which name folders,
    /// and for one that begins with `KEYTIDE_`, as what marks a copy and what sets Keytide up does.
    pub fn check(&self) -> Result<(), Error> {
        let all = self.all();
        for (nth, name) in all.iter().enumerate() {
            let is_plain = |c: char| c.is_ascii_alphanumeric() || "_-.".contains(c);
            let is_dots = matches!(*name, "." | "..");
            if name.is_empty() || name.len() > 128 || !name.chars().all(is_plain) || is_dots {
                let why = format!(
                    "`{}` is no name for a text: it takes 1 to 128 letters, digits, `_`, `-` and `.`, and \
                     is neither `.` nor `..`",
                    name.escape_debug().take(140).collect::<String>()
                );
                return Err(Error::BadTarget { why });
            }
            if all[..nth].contains(name) {
                return Err(Error::NamesClash { name: (*name).to_owned() });
            }
            if name.starts_with(RESERVED) && ![RING, EPOCH, DIGEST].contains(name) {
                let why = format!(
                    "`{name}` is no name for a text: those that begin with {RESERVED} are taken"
                );
                return Err(Error::BadTarget { why });
            }
        }
        Ok(())
    }
}

/// What the names begin with that have a meaning to Keytide itself.
const RESERVED: &str = "KEYTIDE_";

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
        let [Some(ring), Some(epoch_text), Some(digest)] = marks else {
            return foreign(texts, "it was not written by Keytide");
        };
        let parsed = (ring.parse::<RingName>(), epoch_text.parse::<u64>());
        let (Ok(ring), Ok(epoch)) = parsed else {
            return foreign(texts, "its ring or its epoch is none");
        };
        // `+7` and `007` are read as 7, and would be written back otherwise than they stand.
        if epoch_text != epoch.to_string() {
            return foreign(texts, "its epoch is not written as Keytide writes it");
        }
        if texts.values().any(|text| std::str::from_utf8(text.expose()).is_err()) {
            return foreign(texts, "it holds what is no text");
        }
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

#[cfg(test)]
mod tests {
    use keytide_jose::jwk::PublicJwk;
    use keytide_jose::{Algorithm, SystemRng};
    use proptest::prelude::*;

    use super::*;

    fn secret(text: &str) -> Secret {
        Secret::new(text.as_bytes().to_vec())
    }

    fn delivered(kid: &str, material: Material, algorithm: Algorithm) -> Delivered {
        let published_at = "2026-01-01T00:00:00Z".parse().unwrap();
        Delivered { kid: kid.parse().unwrap(), algorithm, published_at, material }
    }

    fn symmetric(epoch: u64) -> Delivery {
        let key = |kid: &str| {
            let text = format!("the secret of {kid}, which is long enough to sign");
            delivered(kid, Material::Secret(secret(&text)), Algorithm::HS256)
        };
        Delivery {
            ring: "billing.production".parse().unwrap(),
            epoch: Epoch::new(epoch),
            algorithm: Algorithm::HS256,
            active: key("a"),
            next: key("n"),
            previous: vec![key("p"), key("q")],
            to: None,
        }
    }

    fn texts(document: &Document) -> BTreeMap<String, Secret> {
        document.texts().into_iter().map(|(name, text)| (name.to_owned(), text)).collect()
    }

    fn ours(content: Content) -> Document {
        match content {
            Content::Ours(document) => document,
            Content::Foreign { why, .. } => panic!("{why}"),
        }
    }

    fn why(content: Content) -> String {
        match content {
            Content::Ours(document) => panic!("{document:?}"),
            Content::Foreign { why, .. } => why,
        }
    }

    #[test]
    fn a_document_is_read_back_from_its_texts_and_from_its_json() {
        let document = Document::of(&symmetric(7), &Names::default()).unwrap();
        let names: Vec<&str> = document.texts().into_keys().collect();
        let all = [
            "JWT_KEYS",
            "JWT_SECRET",
            "JWT_SECRET_NEXT",
            "JWT_SECRET_PREVIOUS",
            "KEYTIDE_DIGEST",
            "KEYTIDE_EPOCH",
            "KEYTIDE_RING",
        ];
        assert_eq!(names, all);
        for found in
            [Document::read(texts(&document)), Document::from_json(document.to_json().expose())]
        {
            let found = ours(found);
            assert_eq!(found.epoch(), Epoch::new(7));
            assert_eq!(found.ring().as_str(), "billing.production");
            assert_eq!(found.digest(), document.digest());
        }
    }

    #[test]
    fn the_key_set_names_the_key_that_signs_and_holds_every_key() {
        let document = Document::of(&symmetric(7), &Names::default()).unwrap();
        let set = &document.texts()["JWT_KEYS"];
        let set: serde_json::Value = serde_json::from_slice(set.expose()).unwrap();
        assert_eq!(set["active"], "a");
        assert_eq!(set["epoch"], 7);
        let kids: Vec<_> = set["keys"].as_array().unwrap().iter().map(|key| &key["kid"]).collect();
        assert_eq!(kids, ["a", "n", "p", "q"]);
        assert!(set["keys"][0]["k"].is_string());
    }

    #[test]
    fn a_document_that_was_edited_or_torn_is_foreign() {
        let (old, new) = (symmetric(7), symmetric(8));
        let old = Document::of(&old, &Names::default()).unwrap();
        let new = Document::of(&new, &Names::default()).unwrap();
        for name in old.texts().into_keys() {
            let mut edited = texts(&old);
            edited.insert(name.to_owned(), secret("edited"));
            why(Document::read(edited));
            let mut torn = texts(&old);
            torn.remove(name);
            why(Document::read(torn));
        }
        for name in ["JWT_KEYS", "KEYTIDE_EPOCH", "KEYTIDE_DIGEST"] {
            let mut mixed = texts(&old);
            mixed.insert(name.to_owned(), new.texts()[name].duplicate());
            why(Document::read(mixed));
        }
        let mut more = texts(&old);
        more.insert("OTHER".into(), secret("somebody's"));
        assert!(why(Document::read(more)).contains("changed"));
    }

    #[test]
    fn texts_that_are_the_same_in_a_row_have_digests_of_their_own() {
        let of = |pairs: &[(&str, &str)]| {
            let texts = pairs.iter().map(|(name, text)| ((*name).to_owned(), secret(text)));
            digest_of(&"a.b".parse().unwrap(), Epoch::new(1), &texts.collect())
        };
        let all = [of(&[("A", "BC")]), of(&[("AB", "C")]), of(&[("A", "B"), ("C", "")]), of(&[])];
        for (nth, digest) in all.iter().enumerate() {
            assert!(!all[..nth].contains(digest));
        }
    }

    #[test]
    fn an_epoch_written_in_another_way_and_bytes_that_are_no_text_are_foreign() {
        let ring: RingName = "a.b".parse().unwrap();
        let binary = BTreeMap::from([("X".to_owned(), Secret::new(vec![0xff, 0xfe]))]);
        let document = Document::new(ring, Epoch::new(7), binary);
        assert!(why(Document::read(texts(&document))).contains("no text"));
        let document = Document::of(&symmetric(7), &Names::default()).unwrap();
        for epoch in ["+7", "007", " 7"] {
            let mut other = texts(&document);
            other.insert(EPOCH.to_owned(), secret(epoch));
            assert!(why(Document::read(other)).contains("epoch"), "{epoch}");
        }
    }

    #[test]
    fn two_texts_of_one_name_and_a_name_that_marks_are_refused() {
        for name in ["JWT_SECRET_NEXT", "JWT_KEYS", "KEYTIDE_RING", "KEYTIDE_DIGEST"] {
            let names = Names { secret: name.into(), ..Names::default() };
            for error in
                [Document::of(&symmetric(7), &names).unwrap_err(), names.check().unwrap_err()]
            {
                assert_eq!(error.code(), "names_clash");
                assert!(error.to_string().contains(name), "{error}");
            }
        }
        for name in
            ["", ".", "..", "A=B", "a b", "a/b", "../x", "ä", "KEYTIDE_TOKEN", &"x".repeat(129)]
        {
            let names = Names { keys: name.into(), ..Names::default() };
            assert_eq!(names.check().unwrap_err().code(), "bad_target", "{name}");
        }
    }

    #[test]
    fn of_an_asymmetric_ring_it_holds_the_public_keys_alone() {
        let key = |kid: &str| {
            let key = SigningKey::generate(Algorithm::ES256, None, &mut SystemRng).unwrap();
            let public: PublicJwk = key.with_key_id(kid.parse().unwrap()).public_jwk().unwrap();
            delivered(kid, Material::Public(Box::new(public)), Algorithm::ES256)
        };
        let delivery = Delivery {
            algorithm: Algorithm::ES256,
            active: key("a"),
            next: key("n"),
            previous: vec![],
            ..symmetric(3)
        };
        let document = Document::of(&delivery, &Names::default()).unwrap();
        let names: Vec<&str> = document.texts().into_keys().collect();
        assert_eq!(names, ["JWT_KEYS", "KEYTIDE_DIGEST", "KEYTIDE_EPOCH", "KEYTIDE_RING"]);
        let set = &document.texts()["JWT_KEYS"];
        let set: serde_json::Value = serde_json::from_slice(set.expose()).unwrap();
        assert_eq!(set["keys"].as_array().unwrap().len(), 2);
        assert!(set["keys"].as_array().unwrap().iter().all(|key| key.get("d").is_none()));
        ours(Document::from_json(document.to_json().expose()));
    }

    #[test]
    fn nothing_that_is_shown_holds_a_secret() {
        let document = Document::of(&symmetric(7), &Names::default()).unwrap();
        let shown = format!("{document:?} {:?}", Document::read(texts(&document)));
        let shown = shown + &format!("{:?}", Document::from_json(b"the secret of a"));
        assert!(!shown.contains("the secret") && !shown.contains(document.digest()), "{shown}");
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(256))]

        #[test]
        fn whatever_is_read_is_read_without_a_panic(value in proptest::collection::vec(any::<u8>(), 0..200)) {
            drop(Document::from_json(&value));
        }

        #[test]
        fn any_json_object_of_texts_is_read_without_a_panic(
            texts in proptest::collection::btree_map("(KEYTIDE_(RING|EPOCH|DIGEST)|[A-Z]{1,3})", "(a\\.b|[0-9+]{1,22}|\\PC{0,12})", 0..8)
        ) {
            let json = serde_json::to_vec(&texts).unwrap();
            let from_json = Document::from_json(&json);
            let texts = texts.into_iter().map(|(name, text)| (name, Secret::new(text.into_bytes())));
            let read = Document::read(texts.collect());
            prop_assert_eq!(format!("{from_json:?}"), format!("{read:?}"));
        }

        #[test]
        fn any_texts_survive_json(
            texts in proptest::collection::btree_map("[A-Z]{1,5}", "\\PC{0,20}|[\\x00-\\x1f\"\\\\]{0,9}", 0..6),
            epoch in any::<u64>(),
        ) {
            let texts = texts.into_iter().map(|(name, text)| (name, Secret::new(text.into_bytes())));
            let document = Document::new("a.b".parse().unwrap(), Epoch::new(epoch), texts.collect());
            let again = ours(Document::from_json(document.to_json().expose()));
            prop_assert_eq!(again.digest(), document.digest());
            prop_assert_eq!(again.epoch(), document.epoch());
        }
    }
}
