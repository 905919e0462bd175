//! Writing a caller's type as a JSON object, looking at its members on the way.
//!
//! It vouches for success only: what it writes is what `serde_json` writes, and is strict. Any other
//! type or value is `None`, and the caller goes the longer way, which knows the reasons.

use serde::Serialize;
use serde::ser::{self, Impossible, SerializeMap, SerializeSeq, SerializeStruct, Serializer};
use smallvec::SmallVec;

use super::typed::Unsure;
use super::words::{is_plain, name_shape};

type Result<T> = core::result::Result<T, Unsure>;

/// The value as the text of an object, when `fits` holds for the name and the text of each of its
/// members.
pub(crate) fn write<T: Serialize + ?Sized>(
    value: &T,
    max_depth: usize,
    fits: fn(name: &[u8], value: &[u8]) -> bool,
) -> Option<Vec<u8>> {
    let json = Vec::with_capacity(USUAL);
    let mut writer = Writer {
        json,
        depth: 0,
        max_depth,
        names: [(0, 0); MOST_NAMES],
        open_names: 0,
        fits,
        failed: false,
    };
    value.serialize(&mut writer).ok()?;
    let Writer { json, failed, .. } = writer;
    // A `T` may go on after an error inside it.
    (!failed && json.first() == Some(&b'{')).then_some(json)
}

/// Bytes that most claims fit.
const USUAL: usize = 512;

/// Names of objects open at one time; claims with more are written the longer way.
const MOST_NAMES: usize = 32;

struct Writer {
    json: Vec<u8>,
    /// In how many arrays and objects the next value lies.
    depth: usize,
    max_depth: usize,
    /// Where the names of all open objects begin and end, without their quotes; the innermost last.
    names: [(u32, u32); MOST_NAMES],
    /// How many of them there are.
    open_names: usize,
    /// What the outermost object's members must pass.
    fits: fn(&[u8], &[u8]) -> bool,
    failed: bool,
}

impl Writer {
    fn unsure<T>(&mut self) -> Result<T> {
        self.failed = true;
        Err(Unsure)
    }

    #[inline]
    fn text(&mut self, text: &str) -> Result<()> {
        if !is_plain(text.as_bytes()) {
            let written = serde_json::to_writer(&mut self.json, text);
            return written.or_else(|_| self.unsure());
        }
        self.json.reserve(text.len() + 2);
        self.json.push(b'"');
        self.json.extend_from_slice(text.as_bytes());
        self.json.push(b'"');
        Ok(())
    }

    fn integer(&mut self, magnitude: u64, negative: bool) -> Result<()> {
        let mut digits = [b'0'; 20];
        let mut first = digits.len();
        let mut rest = magnitude;
        // Two at a time; the highest may be a zero too many.
        for (at, pair) in digits.as_chunks_mut::<2>().0.iter_mut().enumerate().rev() {
            let two = (rest % 100) as u8;
            *pair = [b'0' + two / 10, b'0' + two % 10];
            rest /= 100;
            if rest == 0 {
                first = at * 2 + usize::from(two < 10);
                break;
            }
        }
        if negative {
            self.json.push(b'-');
        }
        self.json.extend_from_slice(digits.get(first..).unwrap_or_default());
        Ok(())
    }

    fn open(&mut self, bracket: u8) -> Result<()> {
        if self.depth >= self.max_depth {
            return self.unsure();
        }
        self.depth += 1;
        self.json.push(bracket);
        Ok(())
    }

    fn close(&mut self, bracket: u8) -> Result<()> {
        self.depth -= 1;
        self.json.push(bracket);
        Ok(())
    }
}

/// Methods of a `Serializer` that are left to `serde_json`.
macro_rules! never {
    ($($method:ident($($argument:ty),*) -> $ok:ty;)*) => {$(
        fn $method(self, $(_: $argument),*) -> Result<$ok> {
            self.unsure()
        }
    )*};
}

impl<'w> Serializer for &'w mut Writer {
    type Ok = ();
    type Error = Unsure;
    type SerializeSeq = Elements<'w>;
    type SerializeTuple = Elements<'w>;
    type SerializeTupleStruct = Elements<'w>;
    type SerializeTupleVariant = Impossible<(), Unsure>;
    type SerializeMap = Members<'w>;
    type SerializeStruct = Members<'w>;
    type SerializeStructVariant = Impossible<(), Unsure>;

    fn serialize_bool(self, value: bool) -> Result<()> {
        self.json.extend_from_slice(if value { b"true" } else { b"false" });
        Ok(())
    }

    fn serialize_i8(self, value: i8) -> Result<()> {
        self.serialize_i64(value.into())
    }

    fn serialize_i16(self, value: i16) -> Result<()> {
        self.serialize_i64(value.into())
    }

    fn serialize_i32(self, value: i32) -> Result<()> {
        self.serialize_i64(value.into())
    }

    fn serialize_i64(self, value: i64) -> Result<()> {
        self.integer(value.unsigned_abs(), value < 0)
    }

    fn serialize_u8(self, value: u8) -> Result<()> {
        self.serialize_u64(value.into())
    }

    fn serialize_u16(self, value: u16) -> Result<()> {
        self.serialize_u64(value.into())
    }

    fn serialize_u32(self, value: u32) -> Result<()> {
        self.serialize_u64(value.into())
    }

    fn serialize_u64(self, value: u64) -> Result<()> {
        self.integer(value, false)
    }

    fn serialize_char(self, value: char) -> Result<()> {
        self.text(value.encode_utf8(&mut [0; 4]))
    }

    fn serialize_str(self, value: &str) -> Result<()> {
        self.text(value)
    }

    fn serialize_none(self) -> Result<()> {
        self.serialize_unit()
    }

    fn serialize_some<T: Serialize + ?Sized>(self, value: &T) -> Result<()> {
        value.serialize(self)
    }

    fn serialize_unit(self) -> Result<()> {
        self.json.extend_from_slice(b"null");
        Ok(())
    }

    fn serialize_unit_struct(self, _: &'static str) -> Result<()> {
        self.serialize_unit()
    }

    fn serialize_unit_variant(self, _: &'static str, _: u32, variant: &'static str) -> Result<()> {
        self.text(variant)
    }

    fn serialize_newtype_struct<T: Serialize + ?Sized>(
        self,
        name: &'static str,
        value: &T,
    ) -> Result<()> {
        // The types of `serde_json` that are called so are more than a JSON value.
        if name.starts_with('$') { self.unsure() } else { value.serialize(self) }
    }

    fn serialize_newtype_variant<T: Serialize + ?Sized>(
        self,
        _: &'static str,
        _: u32,
        _: &'static str,
        _: &T,
    ) -> Result<()> {
        self.unsure()
    }

    fn serialize_seq(self, _: Option<usize>) -> Result<Elements<'w>> {
        self.open(b'[')?;
        Ok(Elements { writer: self, first: true })
    }

    fn serialize_tuple(self, len: usize) -> Result<Elements<'w>> {
        self.serialize_seq(Some(len))
    }

    fn serialize_tuple_struct(self, _: &'static str, len: usize) -> Result<Elements<'w>> {
        self.serialize_seq(Some(len))
    }

    fn serialize_map(self, _: Option<usize>) -> Result<Members<'w>> {
        self.open(b'{')?;
        let first_name = self.open_names;
        Ok(Members { writer: self, first_name, shapes: 0, value: None })
    }

    fn serialize_struct(self, name: &'static str, len: usize) -> Result<Members<'w>> {
        if name.starts_with('$') { self.unsure() } else { self.serialize_map(Some(len)) }
    }

    never! {
        serialize_f32(f32) -> ();
        serialize_f64(f64) -> ();
        serialize_i128(i128) -> ();
        serialize_u128(u128) -> ();
        serialize_bytes(&[u8]) -> ();
        serialize_tuple_variant(&'static str, u32, &'static str, usize) -> Self::SerializeTupleVariant;
        serialize_struct_variant(&'static str, u32, &'static str, usize) -> Self::SerializeStructVariant;
    }
}

struct Elements<'w> {
    writer: &'w mut Writer,
    first: bool,
}

impl Elements<'_> {
    fn element<T: Serialize + ?Sized>(&mut self, value: &T) -> Result<()> {
        if !self.first {
            self.writer.json.push(b',');
        }
        self.first = false;
        value.serialize(&mut *self.writer)
    }
}

impl SerializeSeq for Elements<'_> {
    type Ok = ();
    type Error = Unsure;

    fn serialize_element<T: Serialize + ?Sized>(&mut self, value: &T) -> Result<()> {
        self.element(value)
    }

    fn end(self) -> Result<()> {
        self.writer.close(b']')
    }
}

impl ser::SerializeTuple for Elements<'_> {
    type Ok = ();
    type Error = Unsure;

    fn serialize_element<T: Serialize + ?Sized>(&mut self, value: &T) -> Result<()> {
        self.element(value)
    }

    fn end(self) -> Result<()> {
        self.writer.close(b']')
    }
}

impl ser::SerializeTupleStruct for Elements<'_> {
    type Ok = ();
    type Error = Unsure;

    fn serialize_field<T: Serialize + ?Sized>(&mut self, value: &T) -> Result<()> {
        self.element(value)
    }

    fn end(self) -> Result<()> {
        self.writer.close(b']')
    }
}

struct Members<'w> {
    writer: &'w mut Writer,
    /// Where this object's names begin.
    first_name: usize,
    /// One bit for each shape of name seen.
    shapes: u64,
    /// Where the next value begins, once its name is written.
    value: Option<usize>,
}

impl Members<'_> {
    /// Writes the name of a map's member and the colon.
    fn any_name<K: Serialize + ?Sized>(&mut self, name: &K) -> Result<()> {
        // The name is written after those before it and taken out again, as text.
        let start = self.writer.json.len();
        name.serialize(&mut *self.writer)?;
        let written: SmallVec<[u8; 64]> = self.writer.json.get(start..).unwrap_or_default().into();
        self.writer.json.truncate(start);
        match written.strip_prefix(b"\"").and_then(|text| text.strip_suffix(b"\"")) {
            Some(name) => self.name(name),
            // Numbers as names are rare enough to be left to the longer way.
            None => self.writer.unsure(),
        }
    }

    /// Writes a name and the colon.
    #[inline]
    fn name(&mut self, name: &[u8]) -> Result<()> {
        // So are names with escapes.
        if self.value.is_some() || !is_plain(name) {
            return self.writer.unsure();
        }
        let Writer { json, names, open_names, .. } = &mut *self.writer;
        let shape = name_shape(name);
        if self.shapes & shape != 0 {
            let is_it =
                |&(from, to): &(u32, u32)| json.get(from as usize..to as usize) == Some(name);
            let before = names.get(self.first_name..*open_names);
            if before.is_none_or(|before| before.iter().any(is_it)) {
                return self.writer.unsure();
            }
        }
        self.shapes |= shape;
        json.reserve(name.len() + 4);
        if *open_names != self.first_name {
            json.push(b',');
        }
        json.push(b'"');
        let from = json.len();
        json.extend_from_slice(name);
        let (Some(next), Ok(from), Ok(to)) =
            (names.get_mut(*open_names), u32::try_from(from), u32::try_from(json.len()))
        else {
            return self.writer.unsure();
        };
        *next = (from, to);
        *open_names += 1;
        json.extend_from_slice(b"\":");
        self.value = Some(json.len());
        Ok(())
    }

    #[inline]
    fn value<T: Serialize + ?Sized>(&mut self, value: &T) -> Result<()> {
        let Some(start) = self.value.take() else { return self.writer.unsure() };
        value.serialize(&mut *self.writer)?;
        let Writer { json, depth: 1, names, open_names, fits, .. } = &*self.writer else {
            return Ok(());
        };
        let name = names
            .get(open_names.wrapping_sub(1))
            .and_then(|&(from, to)| json.get(from as usize..to as usize));
        match (name, json.get(start..)) {
            (Some(name), Some(value)) if fits(name, value) => Ok(()),
            _ => self.writer.unsure(),
        }
    }

    fn end(self) -> Result<()> {
        if self.value.is_some() {
            return self.writer.unsure();
        }
        self.writer.open_names = self.first_name;
        self.writer.close(b'}')
    }
}

impl SerializeMap for Members<'_> {
    type Ok = ();
    type Error = Unsure;

    fn serialize_key<T: Serialize + ?Sized>(&mut self, key: &T) -> Result<()> {
        self.any_name(key)
    }

    fn serialize_value<T: Serialize + ?Sized>(&mut self, value: &T) -> Result<()> {
        self.value(value)
    }

    fn end(self) -> Result<()> {
        Members::end(self)
    }
}

impl SerializeStruct for Members<'_> {
    type Ok = ();
    type Error = Unsure;

    fn serialize_field<T: Serialize + ?Sized>(
        &mut self,
        name: &'static str,
        value: &T,
    ) -> Result<()> {
        self.name(name.as_bytes())?;
        self.value(value)
    }

    fn end(self) -> Result<()> {
        Members::end(self)
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use proptest::prelude::*;
    use serde_json::{Value, json};

    use super::*;
    use crate::Limits;
    use crate::json::Object;

    fn fits(name: &[u8], value: &[u8]) -> bool {
        name != b"a" || value != b"false"
    }

    /// What is written is what `serde_json` writes, and passes the strict check.
    fn agrees<T: Serialize>(value: &T) -> bool {
        let limits = Limits::default();
        let Some(json) = write(value, limits.json_depth, fits) else { return false };
        assert_eq!(json, serde_json::to_vec(value).unwrap());
        let object = Object::parse(&json, &limits).unwrap();
        assert_ne!(object.get("a"), Some("false"));
        true
    }

    #[derive(Serialize)]
    struct Typed<'a> {
        a: Option<(i8, u64)>,
        #[serde(skip_serializing_if = "Option::is_none")]
        b: Option<char>,
        c: Unit,
        #[serde(flatten)]
        rest: BTreeMap<&'a str, Value>,
    }

    #[derive(Serialize)]
    enum Unit {
        C,
    }

    #[test]
    fn ordinary_claims_are_written_in_one_pass() {
        let rest = BTreeMap::from([("x", json!({"a": [1, -1, "\n\u{1}é"], "": null}))]);
        assert!(agrees(&Typed { a: Some((i8::MIN, u64::MAX)), b: Some('"'), c: Unit::C, rest }));
        assert!(agrees(&Typed { a: None, b: None, c: Unit::C, rest: BTreeMap::new() }));
        assert!(agrees(&json!({"a": i64::MIN, "b": [], "c": {}, "d": true})));
    }

    #[test]
    fn a_name_written_twice_is_never_vouched_for() {
        let rest = BTreeMap::from([("a", Value::Null)]);
        assert!(!agrees(&Typed { a: None, b: None, c: Unit::C, rest }));
    }

    #[test]
    fn what_is_no_object_or_too_deep_is_never_vouched_for() {
        assert!(!agrees(&json!([1])));
        assert!(!agrees(&json!("{")));
        let deep = (0..32).fold(json!(1), |inner, _| json!([inner]));
        assert!(!agrees(&json!({"a": deep})));
    }

    #[test]
    fn a_member_that_does_not_fit_is_never_vouched_for() {
        assert!(!agrees(&json!({"a": false})));
        assert!(agrees(&json!({"a": true, "b": {"a": false}})));
    }

    #[test]
    fn names_that_are_numbers_are_left_to_the_longer_way() {
        assert!(!agrees(&BTreeMap::from([(1, 2)])));
    }

    fn value() -> impl Strategy<Value = Value> {
        let leaf = prop_oneof![
            Just(Value::Null),
            any::<bool>().prop_map(Value::from),
            any::<i64>().prop_map(Value::from),
            any::<u64>().prop_map(Value::from),
            any::<String>().prop_map(Value::from),
        ];
        leaf.prop_recursive(3, 24, 4, |inner| {
            prop_oneof![
                prop::collection::vec(inner.clone(), 0..4).prop_map(Value::from),
                prop::collection::btree_map("[a-c]{0,2}", inner, 0..4)
                    .prop_map(|map| Value::Object(map.into_iter().collect())),
            ]
        })
    }

    proptest! {
        #[test]
        fn one_pass_never_differs_from_serde_json(
            members in prop::collection::btree_map("[a-c\"é\n]{0,2}", value(), 0..4)
        ) {
            agrees(&members);
        }
    }
}
