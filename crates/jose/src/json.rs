//! A strict JSON reader in one pass: no duplicate names, bounded depth and numbers (RFC 8259, 7493).
//!
//! It checks the whole text and hands out the spans of an object's members; values are then read by
//! `serde_json`, which this module guards. Nothing is copied unless a name is written with escapes.

mod typed;
mod write;

use std::borrow::Cow;

use smallvec::SmallVec;

use crate::{Error, Limits};

pub(crate) use typed::{Noted, read};
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

/// The integer at the start of a text and its length, when it is one that surely fits. `-0` is not:
/// it is a float.
#[inline]
pub(crate) fn small_integer(text: &[u8]) -> Option<(i64, usize)> {
    const SURELY_FIT: usize = 18;
    let (negative, digits) = match text {
        [b'-', digits @ ..] => (true, digits),
        digits => (false, digits),
    };
    let (mut value, mut len) = match digits.first_chunk().and_then(eight_digits) {
        Some(value) => (i64::from(value), 8),
        None => (0, 0),
    };
    for byte in digits.iter().take(SURELY_FIT).skip(len) {
        let digit = byte.wrapping_sub(b'0');
        if digit > 9 {
            break;
        }
        // Eighteen digits stay below the largest value.
        value = value.wrapping_mul(10).wrapping_add(i64::from(digit));
        len += 1;
    }
    // No number starts with a zero and another digit.
    if len == 0 || (digits.first() == Some(&b'0') && (negative || len > 1)) {
        return None;
    }
    match digits.get(len) {
        Some(b'0'..=b'9' | b'.' | b'e' | b'E') => None,
        _ if negative => Some((-value, len + 1)),
        _ => Some((value, len)),
    }
}

/// The number that eight digits stand for, all read at once, as in every time of this century.
#[inline]
fn eight_digits(text: &[u8; 8]) -> Option<u32> {
    const ZEROS: u64 = 0x3030_3030_3030_3030;
    const HIGH: u64 = 0x8080_8080_8080_8080;
    let word = u64::from_le_bytes(*text);
    let digits = word ^ ZEROS;
    // A byte above 9 carries into its high bit, which no digit has.
    if (digits | digits.wrapping_add(0x7676_7676_7676_7676)) & HIGH != 0 {
        return None;
    }
    // Neighbours are joined: eight digits to four pairs, to two fours, to one number.
    let pairs = digits.wrapping_mul(10).wrapping_add(digits >> 8) & 0x00ff_00ff_00ff_00ff;
    let fours = pairs.wrapping_mul(100).wrapping_add(pairs >> 16) & 0x0000_ffff_0000_ffff;
    let eight = fours.wrapping_mul(10_000).wrapping_add(fours >> 32) & 0xffff_ffff;
    u32::try_from(eight).ok()
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
        let [b'"', inner @ ..] = self.text.as_bytes().get(self.at..)? else { return None };
        let len = if self.plain { quote_at(inner)? } else { plain_bytes(inner) };
        if inner.get(len) != Some(&b'"') {
            return None;
        }
        let start = self.at + 1;
        self.at = start + len + 1;
        self.text.get(start..start + len)
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

/// One of 64 bits, from the length and a few bytes; equal names have equal bits.
#[inline]
fn name_shape(name: &[u8]) -> u64 {
    /// Found by trial: with it the usual claims of access and identity tokens have different bits.
    const MIX: u32 = 0xd219_0463;
    let (first, second, last) = match name {
        [] => (0, 0, 0),
        [only] => (*only, 0, *only),
        [first, second, ..] => (*first, *second, name.last().copied().unwrap_or(0)),
    };
    let mixed = u32::from_le_bytes([first, second, last, name.len() as u8]).wrapping_mul(MIX);
    1 << (mixed >> 26)
}

/// Whether the bytes may stand in a string as they are: neither a quote nor a backslash nor a control
/// character. The ends of long texts, and the bytes of short ones, are looked at in one word too.
#[inline]
fn is_plain(bytes: &[u8]) -> bool {
    const ROOM: u8 = b' ';
    if let Some(end) = bytes.last_chunk() {
        let (chunks, _) = bytes.as_chunks();
        return chunks.iter().chain([end]).fold(0, |seen, chunk| seen | special(*chunk)) == 0;
    }
    let word = match *bytes {
        [] => [ROOM; 8],
        [a] => [a, ROOM, ROOM, ROOM, ROOM, ROOM, ROOM, ROOM],
        [a, b] => [a, b, ROOM, ROOM, ROOM, ROOM, ROOM, ROOM],
        [a, b, c] => [a, b, c, ROOM, ROOM, ROOM, ROOM, ROOM],
        [a, b, c, d, .., w, x, y, z] => [a, b, c, d, w, x, y, z],
        [a, b, c, d, ref rest @ ..] => {
            let at = |at: usize| rest.get(at).copied().unwrap_or(ROOM);
            [a, b, c, d, at(0), at(1), at(2), ROOM]
        }
    };
    special(word) == 0
}

/// The high bit of each byte that is a quote, a backslash or a control character; bits above the
/// lowest one may be wrong.
#[inline]
fn special(bytes: [u8; 8]) -> u64 {
    const ONES: u64 = 0x0101_0101_0101_0101;
    const HIGH: u64 = 0x8080_8080_8080_8080;
    let word = u64::from_le_bytes(bytes);
    let quote = word ^ (ONES * 0x22);
    let backslash = word ^ (ONES * 0x5c);
    let special = (word.wrapping_sub(ONES * 0x20) & !word)
        | (quote.wrapping_sub(ONES) & !quote)
        | (backslash.wrapping_sub(ONES) & !backslash);
    special & HIGH
}

/// Where the first quote is. Eight bytes are looked at in one word.
#[inline]
fn quote_at(bytes: &[u8]) -> Option<usize> {
    const ONES: u64 = 0x0101_0101_0101_0101;
    const HIGH: u64 = 0x8080_8080_8080_8080;
    let (chunks, rest) = bytes.as_chunks::<8>();
    for (at, chunk) in chunks.iter().enumerate() {
        let other = u64::from_le_bytes(*chunk) ^ (ONES * 0x22);
        // The high bit of each byte that is a quote; bits above the lowest one may be wrong.
        let quotes = other.wrapping_sub(ONES) & !other & HIGH;
        if quotes != 0 {
            return Some(at * 8 + quotes.trailing_zeros() as usize / 8);
        }
    }
    rest.iter().position(|byte| *byte == b'"').map(|at| chunks.len() * 8 + at)
}

/// How many bytes at the start may stand in a string as they are: neither a quote nor a backslash
/// nor a control character. Eight are looked at in one word.
#[inline]
fn plain_bytes(bytes: &[u8]) -> usize {
    let (chunks, rest) = bytes.as_chunks();
    for (at, chunk) in chunks.iter().enumerate() {
        let special = special(*chunk);
        if special != 0 {
            return at * 8 + special.trailing_zeros() as usize / 8;
        }
    }
    chunks.len() * 8 + rest.iter().take_while(|byte| is_plain(&[**byte])).count()
}

#[cfg(test)]
#[expect(clippy::indexing_slicing, reason = "a test that looks beyond an end has failed")]
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
    fn integers_are_read_to_the_last_digit_or_not_at_all() {
        for text in [
            "0",
            "7",
            "-1",
            "12345678",
            "123456789",
            "1767225600",
            "-1767225600",
            "99999999",
            "999999999999999999",
            "-999999999999999999",
        ] {
            let read = small_integer(text.as_bytes());
            assert_eq!(read, Some((text.parse().unwrap(), text.len())));
            let within = format!("{text},1");
            assert_eq!(small_integer(within.as_bytes()), read);
        }
        for text in ["", "-", "-0", "01", "1.5", "1e3", "12345678.5", "9999999999999999999", "x"] {
            assert_eq!(small_integer(text.as_bytes()), None, "{text}");
        }
    }

    #[test]
    fn eight_digits_are_digits_all() {
        assert_eq!(eight_digits(b"17672256"), Some(17_672_256));
        assert_eq!(eight_digits(b"00000009"), Some(9));
        for at in 0..8 {
            for other in (0..=u8::MAX).filter(|byte| !byte.is_ascii_digit()) {
                let mut text = *b"19999999";
                text[at] = other;
                assert_eq!(eight_digits(&text), None, "{other} at {at}");
            }
        }
    }

    #[test]
    fn plain_bytes_end_where_a_string_needs_a_look() {
        for len in 0..20 {
            for special in [b'"', b'\\', 0, 0x1f, b'\n'] {
                for rest in [&b""[..], b"\"\"\"", b"aaaaaaaaaaa"] {
                    let text = [&vec![b' '; len], &[special][..], rest].concat();
                    assert_eq!(plain_bytes(&text), len);
                    assert!(!is_plain(&text));
                    assert_eq!(quote_at(&text), text.iter().position(|byte| *byte == b'"'));
                }
            }
            let text: Vec<u8> = [0x20, 0x21, 0x23, 0x5b, 0x5d, 0x7f, 0x80, 0xff, 0xa2, 0xdc]
                .into_iter()
                .cycle()
                .take(len)
                .collect();
            assert_eq!(plain_bytes(&text), len);
            assert!(is_plain(&text));
        }
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
