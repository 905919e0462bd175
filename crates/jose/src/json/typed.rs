//! The strict reader and the caller's type in one pass over the text.
//!
//! It vouches for success only: whatever it yields, the strict check followed by `serde_json` yields
//! too. Anything else, a fault as well as a type it does not know, is `None`, and the caller goes the
//! longer way, which knows the reasons.

use std::borrow::Cow;
use std::fmt;

use serde::de::value::BorrowedStrDeserializer;
use serde::de::{
    self, DeserializeOwned, DeserializeSeed, Deserializer, MapAccess, SeqAccess, Visitor,
};
use serde::{forward_to_deserialize_any, ser};
use smallvec::SmallVec;

use super::Scanner;
use super::words::name_shape;
use crate::Limits;

/// The texts of some members of the outermost object.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Noted<'a, const N: usize> {
    /// Those that have a place of their own.
    pub(crate) placed: [Option<&'a str>; N],
    /// What these say, where it was read on the way.
    pub(crate) read: [Scalar<'a>; N],
    /// The others, where they were asked for.
    pub(crate) others: SmallVec<[(&'a str, &'a str); 4]>,
}

impl<const N: usize> Default for Noted<'_, N> {
    fn default() -> Self {
        Self { placed: [None; N], read: [Scalar::Unread; N], others: SmallVec::new() }
    }
}

/// What a value says, for the values that most claims have.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Scalar<'a> {
    /// A string without escapes.
    Text(&'a str),
    /// An integer.
    Integer(i64),
    /// Any value: its text has to be read.
    Unread,
}

/// Checks the whole text, which must be one object, and reads it into `T` on the way. `place` gives
/// some of its members places among `noted`.
pub(crate) fn read<'a, T: DeserializeOwned, const N: usize>(
    bytes: &'a [u8],
    limits: &Limits,
    place: impl Place,
    note_others: bool,
    noted: &mut Noted<'a, N>,
) -> Option<T> {
    /// Deeper than this `serde_json` reads nothing, whatever our own limit is.
    const DEEPEST: usize = 127;
    let text = super::utf8(bytes).ok()?;
    let mut reader = Reader {
        scanner: Scanner::new(text, limits),
        depth: 0,
        names: SmallVec::new(),
        place,
        note_others,
        noted,
        last: Scalar::Unread,
        failed: false,
    };
    reader.scanner.max_depth = reader.scanner.max_depth.min(DEEPEST);
    reader.scanner.skip_space();
    if reader.scanner.peek() != Some(b'{') {
        return None;
    }
    let value = T::deserialize(&mut reader);
    // A `T` may go on after an error inside it; what was read then is not vouched for.
    if reader.failed || reader.depth != 0 || reader.scanner.end().is_err() {
        return None;
    }
    value.ok()
}

/// That this reader cannot say; why is for the longer way to tell.
#[derive(Debug)]
pub(super) struct Unsure;

impl fmt::Display for Unsure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("not done in one pass")
    }
}

impl std::error::Error for Unsure {}

impl de::Error for Unsure {
    fn custom<T: fmt::Display>(_: T) -> Self {
        Self
    }
}

impl ser::Error for Unsure {
    fn custom<T: fmt::Display>(_: T) -> Self {
        Self
    }
}

type Result<T> = core::result::Result<T, Unsure>;

/// Which place a member has among those noted.
pub(crate) trait Place: Fn(&[u8]) -> Option<usize> {}

impl<F: Fn(&[u8]) -> Option<usize>> Place for F {}

/// An object with more names than this and two of one shape is read the longer way, which does not
/// compare each with each.
const MANY_NAMES: usize = 32;

struct Reader<'r, 'a, P, const N: usize> {
    scanner: Scanner<'a>,
    /// In how many arrays and objects the next value lies.
    depth: usize,
    /// The names of all open objects, the innermost last.
    names: SmallVec<[&'a str; 16]>,
    place: P,
    note_others: bool,
    /// Gets members of the outermost object.
    noted: &'r mut Noted<'a, N>,
    /// The value that was read last, or the last within it.
    last: Scalar<'a>,
    failed: bool,
}

impl<'a, P: Place, const N: usize> Reader<'_, 'a, P, N> {
    /// Passes a result on and remembers a failure.
    #[inline]
    fn sure<T, E>(&mut self, result: core::result::Result<T, E>) -> Result<T> {
        result.map_err(|_| {
            self.failed = true;
            Unsure
        })
    }

    fn unsure<T>(&mut self) -> Result<T> {
        self.sure(Err(Unsure))
    }

    #[inline]
    fn string<V: Visitor<'a>>(&mut self, visitor: V) -> Result<V::Value> {
        if let Some(text) = self.scanner.plain_string() {
            self.last = Scalar::Text(text);
            let result = visitor.visit_borrowed_str::<Unsure>(text);
            return self.sure(result);
        }
        let text = self.scanner.string();
        let result = match self.sure(text)? {
            Cow::Borrowed(text) => visitor.visit_borrowed_str::<Unsure>(text),
            Cow::Owned(text) => visitor.visit_str(&text),
        };
        self.sure(result)
    }

    fn number<V: Visitor<'a>>(&mut self, asked_for: bool, visitor: V) -> Result<V::Value> {
        if let Some(value) = self.small_integer() {
            self.last = Scalar::Integer(value);
            let result = match u64::try_from(value) {
                Ok(value) => visitor.visit_u64::<Unsure>(value),
                Err(_) => visitor.visit_i64(value),
            };
            return self.sure(result);
        }
        let start = self.scanner.at;
        let number = self.scanner.number();
        self.sure(number)?;
        let mut number =
            serde_json::Deserializer::from_str(self.scanner.span(start, self.scanner.at));
        let result = if asked_for {
            number.deserialize_u64(visitor)
        } else {
            number.deserialize_any(visitor)
        };
        self.sure(result)
    }

    /// An integer that surely fits, when that is what comes next; otherwise nothing is read.
    #[inline]
    fn small_integer(&mut self) -> Option<i64> {
        let rest = self.scanner.text.as_bytes().get(self.scanner.at..)?;
        let (value, len) = super::small_integer(rest)?;
        if len > self.scanner.max_number {
            return None;
        }
        self.scanner.at += len;
        Some(value)
    }

    /// Reads a value that lies in an array or object.
    #[inline]
    fn element<S: DeserializeSeed<'a>>(&mut self, seed: S) -> Result<S::Value> {
        let start = self.scanner.at;
        let result = seed.deserialize(&mut *self);
        let value = self.sure(result)?;
        // A type that asks for nothing would be content with nothing.
        if self.scanner.at == start { self.unsure() } else { Ok(value) }
    }

    fn word<V: Visitor<'a>>(&mut self, visitor: V) -> Result<V::Value> {
        let (word, value) = match self.scanner.peek() {
            Some(b't') => ("true", Some(true)),
            Some(b'f') => ("false", Some(false)),
            _ => ("null", None),
        };
        let word = self.scanner.word(word);
        self.sure(word)?;
        let result = match value {
            Some(value) => visitor.visit_bool::<Unsure>(value),
            None => visitor.visit_unit(),
        };
        self.sure(result)
    }

    fn map<V: Visitor<'a>>(&mut self, visitor: V) -> Result<V::Value> {
        self.enter()?;
        let first_name = self.names.len();
        let mut map =
            MapReader { reader: self, first_name, shapes: 0, state: State::Start, name: None };
        let result = visitor.visit_map(&mut map);
        let state = map.state;
        let value = self.sure(result)?;
        self.names.truncate(first_name);
        self.leave(state, value)
    }

    fn seq<V: Visitor<'a>>(&mut self, visitor: V) -> Result<V::Value> {
        self.enter()?;
        let mut seq = SeqReader { reader: self, state: State::Start };
        let result = visitor.visit_seq(&mut seq);
        let SeqReader { mut state, .. } = seq;
        let value = self.sure(result)?;
        if matches!(state, State::Between) {
            // A tuple's visitor does not ask for what comes after its last element.
            self.scanner.skip_space();
            if self.scanner.peek() == Some(b']') {
                self.scanner.at += 1;
                state = State::Over;
            }
        }
        self.leave(state, value)
    }

    /// Steps over an opening bracket or brace.
    fn enter(&mut self) -> Result<()> {
        self.depth += 1;
        self.scanner.at += 1;
        let depth = self.scanner.descend(self.depth);
        self.sure(depth)
    }

    fn leave<T>(&mut self, state: State, value: T) -> Result<T> {
        if !matches!(state, State::Over) {
            return self.unsure();
        }
        self.depth -= 1;
        self.last = Scalar::Unread;
        Ok(value)
    }
}

/// Methods of a `Deserializer` that take one kind of value, known by its first byte.
macro_rules! only {
    ($($method:ident if $first:pat => $read:ident($($argument:expr)?);)*) => {$(
        fn $method<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value> {
            match self.scanner.peek() {
                Some($first) => self.$read($($argument,)? visitor),
                _ => self.unsure(),
            }
        }
    )*};
}

/// Methods of a `Deserializer` that are left to `serde_json`.
macro_rules! never {
    ($($method:ident)*) => {$(
        fn $method<V: Visitor<'de>>(self, _: V) -> Result<V::Value> {
            self.unsure()
        }
    )*};
}

impl<'de, P: Place, const N: usize> Deserializer<'de> for &mut Reader<'_, 'de, P, N> {
    type Error = Unsure;

    fn deserialize_any<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value> {
        match self.scanner.peek() {
            Some(b'{') => self.map(visitor),
            Some(b'[') => self.seq(visitor),
            Some(b'"') => self.string(visitor),
            Some(b'-' | b'0'..=b'9') => self.number(false, visitor),
            Some(b't' | b'f' | b'n') => self.word(visitor),
            _ => self.unsure(),
        }
    }

    fn deserialize_ignored_any<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value> {
        if self.depth == 0 {
            // Skipped as a whole, the outermost object would have no member noted.
            return self.unsure();
        }
        let value = self.scanner.value(self.depth);
        self.sure(value)?;
        visitor.visit_unit()
    }

    fn deserialize_option<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value> {
        if self.scanner.peek() != Some(b'n') {
            let result = visitor.visit_some(&mut *self);
            return self.sure(result);
        }
        let word = self.scanner.word("null");
        self.sure(word)?;
        let result = visitor.visit_none::<Unsure>();
        self.sure(result)
    }

    only! {
        deserialize_bool if b't' | b'f' => word();
        deserialize_i8 if b'-' | b'0'..=b'9' => number(true);
        deserialize_i16 if b'-' | b'0'..=b'9' => number(true);
        deserialize_i32 if b'-' | b'0'..=b'9' => number(true);
        deserialize_i64 if b'-' | b'0'..=b'9' => number(true);
        deserialize_u8 if b'-' | b'0'..=b'9' => number(true);
        deserialize_u16 if b'-' | b'0'..=b'9' => number(true);
        deserialize_u32 if b'-' | b'0'..=b'9' => number(true);
        deserialize_u64 if b'-' | b'0'..=b'9' => number(true);
        deserialize_f64 if b'-' | b'0'..=b'9' => number(true);
        deserialize_char if b'"' => string();
        deserialize_str if b'"' => string();
        deserialize_string if b'"' => string();
        deserialize_identifier if b'"' => string();
        deserialize_unit if b'n' => word();
        deserialize_seq if b'[' => seq();
        deserialize_map if b'{' => map();
    }

    never! { deserialize_i128 deserialize_u128 deserialize_f32 deserialize_bytes deserialize_byte_buf }

    fn deserialize_unit_struct<V: Visitor<'de>>(
        self,
        _: &'static str,
        visitor: V,
    ) -> Result<V::Value> {
        self.deserialize_unit(visitor)
    }

    fn deserialize_newtype_struct<V: Visitor<'de>>(
        self,
        name: &'static str,
        visitor: V,
    ) -> Result<V::Value> {
        // The types of `serde_json` that are called so ask for more than a JSON value.
        if name.starts_with('$') {
            return self.unsure();
        }
        let result = visitor.visit_newtype_struct(&mut *self);
        self.sure(result)
    }

    fn deserialize_tuple<V: Visitor<'de>>(self, _: usize, visitor: V) -> Result<V::Value> {
        self.deserialize_seq(visitor)
    }

    fn deserialize_tuple_struct<V: Visitor<'de>>(
        self,
        _: &'static str,
        _: usize,
        visitor: V,
    ) -> Result<V::Value> {
        self.deserialize_seq(visitor)
    }

    fn deserialize_struct<V: Visitor<'de>>(
        self,
        name: &'static str,
        _: &'static [&'static str],
        visitor: V,
    ) -> Result<V::Value> {
        if name.starts_with('$') { self.unsure() } else { self.deserialize_map(visitor) }
    }

    fn deserialize_enum<V: Visitor<'de>>(
        self,
        _: &'static str,
        _: &'static [&'static str],
        visitor: V,
    ) -> Result<V::Value> {
        if self.scanner.peek() != Some(b'"') {
            return self.unsure();
        }
        let text = self.scanner.string();
        match self.sure(text)? {
            Cow::Borrowed(text) => {
                let result = visitor.visit_enum(BorrowedStrDeserializer::<Unsure>::new(text));
                self.sure(result)
            }
            Cow::Owned(_) => self.unsure(),
        }
    }
}

/// How far an array or object was read.
#[derive(Clone, Copy)]
enum State {
    Start,
    Between,
    Over,
}

struct MapReader<'m, 'r, 'a, P, const N: usize> {
    reader: &'m mut Reader<'r, 'a, P, N>,
    /// Where this object's names begin.
    first_name: usize,
    /// One bit for each shape of name seen.
    shapes: u64,
    state: State,
    /// The name whose value comes next.
    name: Option<&'a str>,
}

impl<'a, P: Place, const N: usize> MapReader<'_, '_, 'a, P, N> {
    /// Whether the name surely was not there before.
    #[inline(always)]
    fn is_new(&mut self, name: &'a str) -> bool {
        let shape = name_shape(name.as_bytes());
        if self.shapes & shape != 0 && self.is_known(name) {
            return false;
        }
        self.shapes |= shape;
        self.reader.names.push(name);
        true
    }

    /// Whether the name may have been there before.
    #[cold]
    fn is_known(&self, name: &str) -> bool {
        let before = self.reader.names.get(self.first_name..);
        before.is_none_or(|before| before.len() > MANY_NAMES || before.contains(&name))
    }
}

impl<'de, P: Place, const N: usize> MapAccess<'de> for &mut MapReader<'_, '_, 'de, P, N> {
    type Error = Unsure;

    fn next_key_seed<K: DeserializeSeed<'de>>(&mut self, seed: K) -> Result<Option<K::Value>> {
        let MapReader { reader, state, name: pending, .. } = &mut **self;
        if pending.is_some() {
            return reader.unsure();
        }
        if matches!(state, State::Over) {
            return Ok(None);
        }
        // Where it stands is kept here until the value, because each step waits for the one before.
        let scanner = &mut reader.scanner;
        let mut at = scanner.at;
        match (*state, scanner.solid(at)) {
            (_, (Some(b'}'), end)) => {
                scanner.at = end + 1;
                *state = State::Over;
                return Ok(None);
            }
            (State::Between, (Some(b','), comma)) => (_, at) = scanner.solid(comma + 1),
            (State::Start, (_, start)) => at = start,
            _ => return reader.unsure(),
        }
        // A name with escapes is rare enough to be left to the longer way.
        let Some((name, end)) = scanner.plain_string_at(at) else { return reader.unsure() };
        let (Some(b':'), colon) = scanner.solid(end) else { return reader.unsure() };
        (_, scanner.at) = scanner.solid(colon + 1);
        *pending = Some(name);
        if !self.is_new(name) {
            return self.reader.unsure();
        }
        let result = seed.deserialize(Name(name));
        self.reader.sure(result).map(Some)
    }

    fn next_value_seed<S: DeserializeSeed<'de>>(&mut self, seed: S) -> Result<S::Value> {
        let MapReader { reader, state, name, .. } = &mut **self;
        let Some(name) = name.take() else { return reader.unsure() };
        let start = reader.scanner.at;
        reader.last = Scalar::Unread;
        let value = reader.element(seed)?;
        if reader.depth == 1 {
            let span = reader.scanner.span(start, reader.scanner.at);
            let at = (reader.place)(name.as_bytes());
            let Noted { placed, read, others } = &mut *reader.noted;
            match at.and_then(|at| Some((placed.get_mut(at)?, read.get_mut(at)?))) {
                Some((place, read)) => (*place, *read) = (Some(span), reader.last),
                None if reader.note_others => others.push((name, span)),
                None => {}
            }
        }
        *state = State::Between;
        Ok(value)
    }
}

struct SeqReader<'m, 'r, 'a, P, const N: usize> {
    reader: &'m mut Reader<'r, 'a, P, N>,
    state: State,
}

impl<'de, P: Place, const N: usize> SeqAccess<'de> for &mut SeqReader<'_, '_, 'de, P, N> {
    type Error = Unsure;

    fn next_element_seed<S: DeserializeSeed<'de>>(&mut self, seed: S) -> Result<Option<S::Value>> {
        let SeqReader { reader, state } = &mut **self;
        if matches!(state, State::Over) {
            return Ok(None);
        }
        reader.scanner.skip_space();
        match (*state, reader.scanner.peek()) {
            (_, Some(b']')) => {
                reader.scanner.at += 1;
                *state = State::Over;
                return Ok(None);
            }
            (State::Between, Some(b',')) => {
                reader.scanner.at += 1;
                reader.scanner.skip_space();
                // A comma promises another element.
                if reader.scanner.peek() == Some(b']') {
                    return reader.unsure();
                }
            }
            (State::Start, _) => {}
            _ => return reader.unsure(),
        }
        let value = reader.element(seed)?;
        *state = State::Between;
        Ok(Some(value))
    }
}

/// A member's name.
struct Name<'de>(&'de str);

impl Name<'_> {
    fn unsure<T>(self) -> Result<T> {
        Err(Unsure)
    }
}

impl<'de> Deserializer<'de> for Name<'de> {
    type Error = Unsure;

    fn deserialize_any<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value> {
        visitor.visit_borrowed_str(self.0)
    }

    fn deserialize_newtype_struct<V: Visitor<'de>>(
        self,
        _: &'static str,
        visitor: V,
    ) -> Result<V::Value> {
        visitor.visit_newtype_struct(self)
    }

    fn deserialize_enum<V: Visitor<'de>>(
        self,
        _: &'static str,
        _: &'static [&'static str],
        _: V,
    ) -> Result<V::Value> {
        self.unsure()
    }

    // A name that stands for a number, a truth value or the like is left to `serde_json`.
    never! {
        deserialize_bool deserialize_i8 deserialize_i16 deserialize_i32 deserialize_i64
        deserialize_i128 deserialize_u8 deserialize_u16 deserialize_u32 deserialize_u64
        deserialize_u128 deserialize_f32 deserialize_f64 deserialize_bytes deserialize_byte_buf
        deserialize_option
    }

    forward_to_deserialize_any! {
        char str string identifier ignored_any unit unit_struct seq tuple tuple_struct map struct
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;
    use std::fmt::Debug;

    use proptest::prelude::*;
    use serde::Deserialize as Read;
    use serde_json::Value;

    use super::*;
    use crate::json::Object;

    #[derive(Debug, PartialEq, Read)]
    struct Typed {
        a: Option<u32>,
        #[serde(default)]
        b: Vec<(i64, f64)>,
        #[serde(default)]
        c: BTreeMap<String, Inner>,
        d: Option<Choice>,
        #[serde(flatten)]
        rest: BTreeMap<String, Value>,
    }

    #[derive(Debug, PartialEq, Read)]
    #[serde(rename_all = "lowercase")]
    enum Choice {
        A,
        B(u8),
        C { a: u8 },
    }

    #[derive(Debug, PartialEq, Read)]
    struct Inner {
        a: Box<str>,
        b: bool,
    }

    /// A field that goes on where its value does not fit.
    #[derive(Debug, PartialEq, Read)]
    struct Forgiving {
        #[serde(default, deserialize_with = "or_zero")]
        a: u8,
        b: Option<()>,
    }

    fn or_zero<'de, D: Deserializer<'de>>(deserializer: D) -> core::result::Result<u8, D::Error> {
        Ok(u8::deserialize(deserializer).unwrap_or_default())
    }

    /// What is yielded in one pass is what two passes yield.
    fn agrees<T: DeserializeOwned + PartialEq + Debug>(text: &str) -> bool {
        let limits = Limits::default();
        let place = |name: &[u8]| (name == b"a").then_some(0);
        let mut noted = Noted::<1>::default();
        let read = read::<T, 1>(text.as_bytes(), &limits, place, true, &mut noted);
        let Some(value) = read else { return false };
        let object = Object::parse(text.as_bytes(), &limits).unwrap();
        assert_eq!(noted.placed, [object.get("a")], "{text}");
        let others: Vec<_> = object.members().filter(|(name, _)| *name != "a").collect();
        assert_eq!(noted.others[..], others[..], "{text}");
        assert_eq!(value, serde_json::from_str::<T>(text).unwrap(), "{text}");
        true
    }

    fn agrees_in_every_type(text: &str) -> bool {
        agrees::<Typed>(text);
        agrees::<Forgiving>(text);
        agrees::<BTreeMap<u16, Value>>(text);
        agrees::<BTreeMap<String, String>>(text);
        agrees::<Value>(text)
    }

    #[test]
    fn a_type_that_skips_the_whole_object_is_read_the_longer_way() {
        assert!(!agrees::<de::IgnoredAny>(r#"{"a":1}"#));
        assert!(agrees::<BTreeMap<String, de::IgnoredAny>>(r#"{"a":1,"b":[2]}"#));
    }

    #[test]
    fn ordinary_claims_are_read_in_one_pass() {
        assert!(agrees::<Typed>(
            r#" {"a" : 1, "b":[[-2, 3.5],[0,-0.0]],"c":{"x":{"b":true,"a":"é\n"}},"d":"a","e":null} "#
        ));
        assert!(agrees::<Value>(r#"{"a":[],"b":{},"n":[1e3,123456789012345678901]}"#));
    }

    #[test]
    fn what_is_not_strict_is_never_read_in_one_pass() {
        let deep = format!("{{\"a\":{}{}}}", "[".repeat(32), "]".repeat(32));
        for text in [
            r#"{"a":1,"\u0061":1}"#,
            r#"{"x":{"a":1,"a":1}}"#,
            r#"{"a":1,}"#,
            r#"{"a":[1,]}"#,
            r#"{"a":[,1]}"#,
            r#"{"a":1}{"#,
            r#"{"a":01}"#,
            r#"{"a":1e999}"#,
            r#"{"a":"\ud800"}"#,
            "[]",
            "",
            &deep,
        ] {
            assert!(!agrees_in_every_type(text), "{text}");
        }
    }

    #[test]
    fn a_type_that_goes_on_after_an_error_is_left_to_the_longer_way() {
        assert!(agrees::<Forgiving>(r#"{"a":7,"b":null}"#));
        assert!(!agrees::<Forgiving>(r#"{"a":"7"}"#));
        assert!(!agrees::<Forgiving>(r#"{"a":[{"x":1,"x":2}]}"#));
    }

    /// A type that is content with whatever it is given, and looks at none of it.
    #[derive(Debug, PartialEq)]
    struct Blind;

    impl<'de> Read<'de> for Blind {
        fn deserialize<D: Deserializer<'de>>(_: D) -> core::result::Result<Self, D::Error> {
            Ok(Self)
        }
    }

    #[test]
    fn a_value_that_is_not_there_is_not_read_by_a_type_that_does_not_look() {
        assert!(!agrees::<BTreeMap<String, Blind>>(r#"{"a":}"#));
        assert!(!agrees::<BTreeMap<String, Vec<Blind>>>(r#"{"a":[,]}"#));
        assert!(!agrees::<BTreeMap<String, (Blind, Blind)>>(r#"{"a":[,]}"#));
    }

    #[test]
    fn what_is_noted_of_a_value_is_what_it_says() {
        let noted = |value: &str| {
            let text = format!(r#"{{"b":"before","a" : {value} ,"c":[1]}}"#);
            let place = |name: &[u8]| (name == b"a").then_some(0);
            let mut noted = Noted::<1>::default();
            let read =
                read::<Value, 1>(text.as_bytes(), &Limits::default(), place, false, &mut noted);
            assert!(read.is_some(), "{text}");
            let [read] = noted.read;
            match read {
                Scalar::Text(text) => format!("text {text}"),
                Scalar::Integer(value) => format!("integer {value}"),
                Scalar::Unread => "unread".to_owned(),
            }
        };
        assert_eq!(noted(r#""é""#), "text é");
        assert_eq!(noted("1767225600"), "integer 1767225600");
        assert_eq!(noted("-7"), "integer -7");
        for value in [
            r#""a\n""#,
            "1.0",
            "1e3",
            "-0",
            "9223372036854775808",
            "null",
            "true",
            r#"["x"]"#,
            "[7]",
            "[]",
            r#"{"x":"y"}"#,
            r#"{"x":{"y":7}}"#,
        ] {
            assert_eq!(noted(value), "unread", "{value}");
        }
    }

    proptest! {
        #[test]
        fn one_pass_never_differs_from_two(
            members in prop::collection::vec(
                ("[ab-d]|x", r#"1|-1|0|2\.5|true|null|"a"|"\\n"|\[\]|\[\[1,2\]\]|\{"x":\{"a":"","b":true\}\}|\{"a":1,"a":2\}|\{"b":1\}|-|\[|1 2"#),
                0..6,
            )
        ) {
            let members: Vec<String> =
                members.iter().map(|(name, value)| format!("\"{name}\" :{value} ")).collect();
            agrees_in_every_type(&format!("{{{}}}", members.join(",")));
        }

        #[test]
        fn one_pass_never_differs_from_two_on_json_like_text(
            inner in r#"["a-d:,0-9\[\]{}e.\\nu tr-]{0,20}"#
        ) {
            agrees_in_every_type(&format!("{{\"a\":{inner}}}"));
        }
    }
}
