//! A strict JSON reader in one pass: no duplicate names, bounded depth and numbers (RFC 8259, 7493).
//!
//! It checks the whole text and hands out the spans of an object's members; values are then read by
//! `serde_json`, which this module guards. Nothing is copied unless a name is written with escapes.

mod typed;
mod words;
mod write;

use std::borrow::Cow;

use smallvec::SmallVec;

use self::words::{name_shape, plain_bytes, quote_at};
use crate::{Error, Limits};

pub(crate) use typed::{Noted, Scalar, read};
pub(crate) use words::small_integer;
pub(crate) use write::write;

/// Members of one object; so many fit without an allocation.
type Members<'a> = SmallVec<[(Cow<'a, str>, &'a str); 16]>;

/// Why a text was refused. Messages hold positions and member names, no values.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum Refused {
    /// Not JSON; what was wrong and at which byte.
    Syntax(&'static str, usize),
    /// The same name twice in one object (RFC 7515 §4, RFC 7519 §4).
    Duplicate(String),
    /// JSON, but not an object.
    NotAnObject,
    /// Deeper than the limit.
    TooDeep(usize),
}

impl Refused {
    /// The error for this refusal, where `wrap` says of what the text was a part.
    pub(crate) fn into_error(self, wrap: fn(String) -> Error) -> Error {
        match self {
            Self::Syntax(what, at) => wrap(format!("{what} at byte {at}")),
            Self::Duplicate(name) => {
                let shown: String = name.chars().take(40).collect();
                wrap(format!("the member {shown:?} is there twice"))
            }
            Self::NotAnObject => wrap("not a JSON object".into()),
            Self::TooDeep(max) => Error::TooDeep { max },
        }
    }
}

/// The members of a checked object, each with the text of its value.
#[derive(Debug)]
pub(crate) struct Object<'a> {
    text: &'a str,
    members: Members<'a>,
}

impl<'a> Object<'a> {
    /// Checks the whole text, which must be one object with nothing but white space around it.
    pub(crate) fn parse(bytes: &'a [u8], limits: &Limits) -> Result<Self, Refused> {
        let text = utf8(bytes)?;
        let mut scanner = Scanner::new(text, limits);
        scanner.skip_space();
        if scanner.peek() != Some(b'{') {
            // A scalar or an array is still checked, so that the message tells the nearer cause.
            check_value(&mut scanner)?;
            return Err(Refused::NotAnObject);
        }
        let mut members = Members::new();
        scanner.object(1, Some(&mut members))?;
        scanner.end()?;
        Ok(Self { text, members })
    }

    /// The whole checked text.
    pub(crate) fn text(&self) -> &'a str {
        self.text
    }

    /// The names of all members.
    pub(crate) fn names(&self) -> impl Iterator<Item = &str> {
        self.members.iter().map(|(name, _)| &**name)
    }

    /// The text of a member's value.
    pub(crate) fn get(&self, name: &str) -> Option<&'a str> {
        self.members.iter().find(|(member, _)| member == name).map(|&(_, value)| value)
    }

    /// All members in their order.
    #[cfg(test)]
    fn members(&self) -> impl Iterator<Item = (&str, &'a str)> {
        self.members.iter().map(|(name, value)| (&**name, *value))
    }

    /// A member that must be a string when it is there; `Err` names it otherwise.
    pub(crate) fn string(&self, name: &'static str) -> Result<Option<Cow<'a, str>>, &'static str> {
        match self.get(name) {
            None => Ok(None),
            Some(value) => string(value).map(Some).ok_or(name),
        }
    }
}

/// Checks one JSON value of any kind.
pub(crate) fn check(bytes: &[u8], limits: &Limits) -> Result<(), Refused> {
    check_value(&mut Scanner::new(utf8(bytes)?, limits))
}

fn check_value(scanner: &mut Scanner<'_>) -> Result<(), Refused> {
    scanner.value(0)?;
    scanner.end()
}

fn utf8(bytes: &[u8]) -> Result<&str, Refused> {
    core::str::from_utf8(bytes).map_err(|error| Refused::Syntax("not UTF-8", error.valid_up_to()))
}

/// The string that a checked value's text stands for, or `None` when it is of another type.
pub(crate) fn string(value: &str) -> Option<Cow<'_, str>> {
    let inner = value.strip_prefix('"')?.strip_suffix('"')?;
    match memchr::memchr(b'\\', inner.as_bytes()) {
        None => Some(Cow::Borrowed(inner)),
        Some(_) => serde_json::from_str(value).ok().map(Cow::Owned),
    }
}

/// The elements of a checked array's text, or `None` when it is of another type.
pub(crate) fn elements<'a>(value: &'a str, limits: &Limits) -> Option<Elements<'a>> {
    let mut scanner = Scanner::new(value, limits);
    let mut elements = Elements::new();
    (scanner.peek() == Some(b'[')).then_some(())?;
    scanner.array(1, Some(&mut elements)).ok()?;
    Some(elements)
}

/// The texts of an array's elements; so many fit without an allocation.
pub(crate) type Elements<'a> = SmallVec<[&'a str; 4]>;

struct Scanner<'a> {
    text: &'a str,
    /// Whether there is no backslash and no control character in all of the text, as in most tokens:
    /// then a string ends at the next quote.
    plain: bool,
    at: usize,
    max_depth: usize,
    max_number: usize,
    /// The names of all open objects, the innermost last.
    names: SmallVec<[Cow<'a, str>; 16]>,
}

impl<'a> Scanner<'a> {
    fn new(text: &'a str, limits: &Limits) -> Self {
        let is_plain = |byte: &u8| (*byte >= 0x20) & (*byte != b'\\');
        Self {
            text,
            plain: text.as_bytes().iter().fold(true, |plain, byte| plain & is_plain(byte)),
            at: 0,
            max_depth: limits.json_depth,
            max_number: limits.json_number,
            names: SmallVec::new(),
        }
    }

    #[inline]
    fn peek(&self) -> Option<u8> {
        self.text.as_bytes().get(self.at).copied()
    }

    #[inline]
    fn span(&self, from: usize, to: usize) -> &'a str {
        self.text.get(from..to).expect("both ends lie beside ASCII characters")
    }

    fn wrong<T>(&self, what: &'static str) -> Result<T, Refused> {
        Err(Refused::Syntax(what, self.at))
    }

    #[inline]
    fn skip_space(&mut self) {
        // Most tokens have no white space at all.
        while matches!(self.peek(), Some(b' ' | b'\t' | b'\n' | b'\r')) {
            self.at += 1;
        }
    }

    fn expect(&mut self, byte: u8, what: &'static str) -> Result<(), Refused> {
        if self.peek() != Some(byte) {
            return self.wrong(what);
        }
        self.at += 1;
        Ok(())
    }

    fn end(&mut self) -> Result<(), Refused> {
        self.skip_space();
        if self.at == self.text.len() { Ok(()) } else { self.wrong("text after the value") }
    }

    /// Reads one value that lies inside `depth` arrays and objects.
    fn value(&mut self, depth: usize) -> Result<(), Refused> {
        self.skip_space();
        match self.peek() {
            Some(b'{') => self.object(depth + 1, None),
            Some(b'[') => self.array(depth + 1, None),
            Some(b'"') => self.string().map(drop),
            Some(b'-' | b'0'..=b'9') => self.number(),
            Some(b't') => self.word("true"),
            Some(b'f') => self.word("false"),
            Some(b'n') => self.word("null"),
            Some(_) => self.wrong("a value was expected"),
            None => self.wrong("the text ends too early"),
        }
    }

    fn object(
        &mut self,
        depth: usize,
        mut members: Option<&mut Members<'a>>,
    ) -> Result<(), Refused> {
        self.descend(depth)?;
        self.expect(b'{', "an object was expected")?;
        let mut open = self.open_names();
        self.skip_space();
        if self.peek() == Some(b'}') {
            self.at += 1;
            return Ok(());
        }
        loop {
            self.skip_space();
            let name = self.string()?;
            self.skip_space();
            self.expect(b':', "a colon was expected")?;
            self.skip_space();
            let start = self.at;
            self.value(depth)?;
            if let Some(members) = members.as_deref_mut() {
                members.push((name.clone(), self.span(start, self.at)));
            }
            self.add_name(&mut open, name);
            self.skip_space();
            match self.peek() {
                Some(b',') => self.at += 1,
                Some(b'}') => break,
                _ => return self.wrong("a comma or a closing brace was expected"),
            }
        }
        self.at += 1;
        self.close_names(&open)
    }

    fn array(
        &mut self,
        depth: usize,
        mut elements: Option<&mut Elements<'a>>,
    ) -> Result<(), Refused> {
        self.descend(depth)?;
        self.expect(b'[', "an array was expected")?;
        self.skip_space();
        if self.peek() == Some(b']') {
            self.at += 1;
            return Ok(());
        }
        loop {
            self.skip_space();
            let start = self.at;
            self.value(depth)?;
            if let Some(elements) = elements.as_deref_mut() {
                elements.push(self.span(start, self.at));
            }
            self.skip_space();
            match self.peek() {
                Some(b',') => self.at += 1,
                Some(b']') => break,
                _ => return self.wrong("a comma or a closing bracket was expected"),
            }
        }
        self.at += 1;
        Ok(())
    }

    fn descend(&self, depth: usize) -> Result<(), Refused> {
        if depth > self.max_depth { Err(Refused::TooDeep(self.max_depth)) } else { Ok(()) }
    }

    fn open_names(&self) -> OpenNames {
        OpenNames { first: self.names.len(), seen: 0, suspect: false }
    }

    /// Keeps a name, and a note of whether it may have been there before: most objects show by the
    /// names' shapes alone that none is there twice.
    fn add_name(&mut self, open: &mut OpenNames, name: Cow<'a, str>) {
        let shape = name_shape(name.as_bytes());
        if open.seen & shape != 0 && !open.suspect {
            let before = self.names.get(open.first..).unwrap_or_default();
            open.suspect = before.len() > FEW || before.contains(&name);
        }
        open.seen |= shape;
        self.names.push(name);
    }

    /// Compares the names of the object that just ended where that is needed, and forgets them.
    fn close_names(&mut self, open: &OpenNames) -> Result<(), Refused> {
        let outcome = if open.suspect { self.refuse_duplicates(open.first) } else { Ok(()) };
        self.names.truncate(open.first);
        outcome
    }

    fn refuse_duplicates(&mut self, first: usize) -> Result<(), Refused> {
        let names = self.names.get_mut(first..).unwrap_or_default();
        let twice = if names.len() <= FEW {
            names
                .iter()
                .enumerate()
                .find(|(at, name)| names.iter().skip(at + 1).any(|other| other == *name))
                .map(|(_, name)| name)
        } else {
            // Sorted, so that many members cost n log n and not n².
            names.sort_unstable();
            names.iter().zip(names.iter().skip(1)).find(|(a, b)| a == b).map(|(name, _)| name)
        };
        match twice {
            Some(name) => Err(Refused::Duplicate(name.to_string())),
            None => Ok(()),
        }
    }

    /// A string without escapes, when that is what comes next; otherwise nothing is read.
    #[inline(always)]
    fn plain_string(&mut self) -> Option<&'a str> {
        let (string, end) = self.plain_string_at(self.at)?;
        self.at = end;
        Some(string)
    }

    /// The string without escapes that starts with a quote at a byte, and where what follows it is.
    #[inline(always)]
    fn plain_string_at(&self, at: usize) -> Option<(&'a str, usize)> {
        let [b'"', inner @ ..] = self.text.as_bytes().get(at..)? else { return None };
        let len = if self.plain { quote_at(inner)? } else { plain_bytes(inner) };
        if inner.get(len) != Some(&b'"') {
            return None;
        }
        let start = at + 1;
        Some((self.text.get(start..start + len)?, start + len + 1))
    }

    /// The first byte from `at` on that is no white space, and where it is.
    #[inline(always)]
    fn solid(&self, mut at: usize) -> (Option<u8>, usize) {
        loop {
            match self.text.as_bytes().get(at) {
                Some(b' ' | b'\t' | b'\n' | b'\r') => at += 1,
                byte => return (byte.copied(), at),
            }
        }
    }

    fn string(&mut self) -> Result<Cow<'a, str>, Refused> {
        if let Some(plain) = self.plain_string() {
            return Ok(Cow::Borrowed(plain));
        }
        self.expect(b'"', "a string was expected")?;
        let start = self.at;
        let mut escaped = false;
        loop {
            self.at += plain_bytes(self.text.as_bytes().get(self.at..).unwrap_or_default());
            match self.peek() {
                Some(b'"') => break,
                Some(b'\\') => {
                    escaped = true;
                    self.escape()?;
                }
                Some(_) => return self.wrong("a bare control character in a string"),
                None => return self.wrong("a string is not closed"),
            }
        }
        let inner = self.span(start, self.at);
        self.at += 1;
        if !escaped {
            return Ok(Cow::Borrowed(inner));
        }
        match serde_json::from_str(self.span(start - 1, self.at)) {
            Ok(text) => Ok(Cow::Owned(text)),
            Err(_) => self.wrong("a bad escape in a string"),
        }
    }

    fn escape(&mut self) -> Result<(), Refused> {
        self.at += 1;
        match self.peek() {
            Some(b'"' | b'\\' | b'/' | b'b' | b'f' | b'n' | b'r' | b't') => {
                self.at += 1;
                Ok(())
            }
            Some(b'u') => match self.unicode_escape()? {
                // RFC 7493 §2.1: no surrogate without its pair.
                0xdc00..=0xdfff => self.wrong("a lone surrogate"),
                0xd800..=0xdbff => {
                    self.expect(b'\\', "a lone surrogate")?;
                    if self.peek() != Some(b'u') {
                        return self.wrong("a lone surrogate");
                    }
                    match self.unicode_escape()? {
                        0xdc00..=0xdfff => Ok(()),
                        _ => self.wrong("a lone surrogate"),
                    }
                }
                _ => Ok(()),
            },
            _ => self.wrong("a bad escape in a string"),
        }
    }

    /// Reads `u` and four hexadecimal digits.
    fn unicode_escape(&mut self) -> Result<u32, Refused> {
        self.at += 1;
        let mut unit = 0;
        for _ in 0..4 {
            let Some(digit) = self.peek().and_then(|byte| char::from(byte).to_digit(16)) else {
                return self.wrong("a bad escape in a string");
            };
            unit = unit * 16 + digit;
            self.at += 1;
        }
        Ok(unit)
    }

    fn number(&mut self) -> Result<(), Refused> {
        let start = self.at;
        if self.peek() == Some(b'-') {
            self.at += 1;
        }
        if self.peek() == Some(b'0') {
            self.at += 1;
        } else {
            self.digits()?;
        }
        let mut integer = true;
        if self.peek() == Some(b'.') {
            integer = false;
            self.at += 1;
            self.digits()?;
        }
        if matches!(self.peek(), Some(b'e' | b'E')) {
            integer = false;
            self.at += 1;
            if matches!(self.peek(), Some(b'+' | b'-')) {
                self.at += 1;
            }
            self.digits()?;
        }
        let text = self.span(start, self.at);
        if text.len() > self.max_number {
            return self.wrong("a number is longer than the limit json_number");
        }
        // Short integers are always finite; the rest must fit a double (RFC 7493 §2.2), or it would
        // become infinity in many a reader.
        if (integer && text.len() < 19) || text.parse::<f64>().is_ok_and(f64::is_finite) {
            Ok(())
        } else {
            self.wrong("a number is too large")
        }
    }

    fn digits(&mut self) -> Result<(), Refused> {
        if !matches!(self.peek(), Some(b'0'..=b'9')) {
            return self.wrong("a digit was expected");
        }
        while matches!(self.peek(), Some(b'0'..=b'9')) {
            self.at += 1;
        }
        Ok(())
    }

    fn word(&mut self, word: &'static str) -> Result<(), Refused> {
        let end = self.at + word.len();
        if self.text.as_bytes().get(self.at..end) != Some(word.as_bytes()) {
            return self.wrong("a value was expected");
        }
        self.at = end;
        Ok(())
    }
}

/// Up to so many names are compared each with each.
const FEW: usize = 16;

/// The names of one open object.
struct OpenNames {
    /// Where they begin among the names of all open objects.
    first: usize,
    /// One bit for each shape of name seen.
    seen: u64,
    /// Whether two names may be equal.
    suspect: bool,
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use serde_json::Value;

    use super::*;

    fn limits() -> Limits {
        Limits::default()
    }

    #[test]
    fn members_are_found_by_their_unescaped_names() {
        let text = br#" {"\u0061lg" : "HS256", "n":[1, {"x":2}] } "#;
        let object = Object::parse(text, &limits()).unwrap();
        assert_eq!(object.string("alg").unwrap().unwrap(), "HS256");
        assert_eq!(elements(object.get("n").unwrap(), &limits()).unwrap()[..], ["1", r#"{"x":2}"#]);
        assert_eq!(object.string("n"), Err("n"));
    }

    #[test]
    fn a_name_twice_is_refused_at_any_depth_and_however_it_is_written() {
        for text in [r#"{"a":1,"a":1}"#, r#"{"a":1,"\u0061":2}"#, r#"{"x":[{"a":1,"b":2,"a":3}]}"#]
        {
            assert_eq!(
                Object::parse(text.as_bytes(), &limits()).unwrap_err(),
                Refused::Duplicate("a".into())
            );
        }
        let many: Vec<String> = (0..40).map(|n| format!("\"k{n}\":0")).collect();
        let many = format!("{{{},\"k7\":1}}", many.join(","));
        assert_eq!(
            Object::parse(many.as_bytes(), &limits()).unwrap_err(),
            Refused::Duplicate("k7".into())
        );
    }

    #[test]
    fn depth_counts_up_to_the_limit_and_no_further() {
        let nested = |depth: usize| "[".repeat(depth) + &"]".repeat(depth);
        assert_eq!(check(nested(32).as_bytes(), &limits()), Ok(()));
        assert_eq!(check(nested(33).as_bytes(), &limits()), Err(Refused::TooDeep(32)));
        assert_eq!(check(nested(100_000).as_bytes(), &limits()), Err(Refused::TooDeep(32)));
    }

    #[test]
    fn numbers_beyond_a_double_or_the_limit_are_refused() {
        for good in ["0", "-0", "1e308", "18446744073709551616", "1.5e-400", "-9223372036854775808"]
        {
            assert_eq!(check(good.as_bytes(), &limits()), Ok(()), "{good}");
        }
        let long = "9".repeat(5000);
        for bad in ["1e400", "-1e400", "01", "+1", ".5", "1.", "0x1", "1e", "-", &long] {
            assert!(check(bad.as_bytes(), &limits()).is_err(), "{bad}");
        }
    }

    fn has_no_duplicates_or_depth(text: &str) -> bool {
        !matches!(
            check(text.as_bytes(), &limits()),
            Err(Refused::Duplicate(_) | Refused::TooDeep(_))
        )
    }

    proptest! {
        #[test]
        fn any_bytes_are_answered_without_a_panic(bytes in prop::collection::vec(any::<u8>(), 0..200)) {
            let _ = check(&bytes, &limits());
            let _ = Object::parse(&bytes, &limits());
        }

        #[test]
        fn json_like_text_is_accepted_just_when_serde_json_accepts_it(
            text in r#"[\[\]{}",:0-9eE+. a-c\\u"tfn-]{0,24}"#
        ) {
            let ours = check(text.as_bytes(), &limits()).is_ok();
            let theirs = serde_json::from_str::<Value>(&text).is_ok();
            if has_no_duplicates_or_depth(&text) {
                prop_assert_eq!(ours, theirs, "{}", text);
            }
        }
    }
}
