//! The registered claims and their JSON types, required of every token (RFC 7519 §4.1).

use std::borrow::Cow;

use smallvec::{SmallVec, smallvec};

use super::NumericDate;
use crate::json::{self, Object, Scalar};
use crate::{Error, Limits, Result};

/// The registered claims of a checked payload; those that are absent are `None`.
#[derive(Debug)]
pub(crate) struct Registered<'a> {
    pub(crate) iss: Option<Cow<'a, str>>,
    /// As JSON: few policies ask for it.
    sub: Option<&'a str>,
    /// One string counts as an array of one (RFC 7519 §4.1.3).
    pub(crate) aud: Option<Audiences<'a>>,
    pub(crate) times: Times,
}

/// The claims that decide from when and until when a token is good.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Times {
    pub(crate) exp: Option<NumericDate>,
    pub(crate) nbf: Option<NumericDate>,
    pub(crate) iat: Option<NumericDate>,
}

/// Without an allocation for the one audience that most tokens have.
pub(crate) type Audiences<'a> = SmallVec<[Cow<'a, str>; 1]>;

/// The texts of the registered claims, in the order of [`NAMES`].
pub(crate) type Values<'a> = [Option<&'a str>; NAMES.len()];

/// What was read of each of these already.
pub(crate) type Scalars<'a> = [Scalar<'a>; NAMES.len()];

const NAMES: [&str; 7] = ["iss", "sub", "aud", "exp", "nbf", "iat", "jti"];

/// Where a claim stands among [`NAMES`].
#[inline]
pub(crate) fn place(name: &[u8]) -> Option<usize> {
    Some(match name {
        b"iss" => 0,
        b"sub" => 1,
        b"aud" => 2,
        b"exp" => 3,
        b"nbf" => 4,
        b"iat" => 5,
        b"jti" => 6,
        _ => return None,
    })
}

/// Whether a claim's value, in JSON, surely has the type that [`Registered::read`] asks for; it may
/// have it all the same.
pub(crate) fn surely_fits(name: &[u8], value: &[u8]) -> bool {
    /// Integers of so many characters fit 64 bits.
    const SURELY_FIT: usize = 18;
    match (name, value) {
        (b"iss" | b"sub" | b"aud" | b"jti", [first, ..]) => *first == b'"',
        (b"exp" | b"nbf" | b"iat", [first, ..]) => {
            matches!(first, b'0'..=b'9' | b'-') && value.len() <= SURELY_FIT
        }
        _ => true,
    }
}

/// The registered claims of a checked payload.
pub(crate) fn values<'a>(object: &Object<'a>) -> Values<'a> {
    NAMES.map(|name| object.get(name))
}

impl<'a> Registered<'a> {
    /// Reads them; a claim of the wrong type is refused whether or not anyone asks for it.
    pub(crate) fn read(values: &Values<'a>, limits: &Limits) -> Result<Self> {
        Self::read_further(values, &[Scalar::Unread; NAMES.len()], limits)
    }

    /// As [`Registered::read`], where `known` is what was read of the same values already.
    #[inline]
    pub(crate) fn read_further(
        values: &Values<'a>,
        known: &Scalars<'a>,
        limits: &Limits,
    ) -> Result<Self> {
        let [iss, sub, aud, exp, nbf, iat, jti] = *values;
        let [known_iss, _, known_aud, known_exp, known_nbf, known_iat, _] = *known;
        any_text("jti", jti)?;
        any_text("sub", sub)?;
        Ok(Self {
            iss: text("iss", iss, known_iss)?,
            sub,
            aud: audience(aud, known_aud, limits)?,
            times: Times {
                exp: time("exp", exp, known_exp)?,
                nbf: time("nbf", nbf, known_nbf)?,
                iat: time("iat", iat, known_iat)?,
            },
        })
    }

    /// The claim `sub`.
    pub(crate) fn sub(&self) -> Option<Cow<'a, str>> {
        self.sub.and_then(json::string)
    }
}

fn any_text(name: &'static str, value: Option<&str>) -> Result<()> {
    if value.is_none_or(|value| value.starts_with('"')) {
        return Ok(());
    }
    Err(Error::InvalidClaimType { name, expected: "a string" })
}

fn text<'a>(
    name: &'static str,
    value: Option<&'a str>,
    known: Scalar<'a>,
) -> Result<Option<Cow<'a, str>>> {
    if let Scalar::Text(text) = known {
        return Ok(Some(Cow::Borrowed(text)));
    }
    let Some(value) = value else { return Ok(None) };
    match json::string(value) {
        Some(text) => Ok(Some(text)),
        None => Err(Error::InvalidClaimType { name, expected: "a string" }),
    }
}

fn time(name: &'static str, value: Option<&str>, known: Scalar<'_>) -> Result<Option<NumericDate>> {
    if let Scalar::Integer(secs) = known {
        return Ok(Some(NumericDate::from_secs(secs)));
    }
    let Some(value) = value else { return Ok(None) };
    match NumericDate::from_json(value) {
        Some(time) => Ok(Some(time)),
        None => Err(Error::InvalidClaimType {
            name,
            expected: "a number of seconds since 1970 that fits 64 bits",
        }),
    }
}

fn audience<'a>(
    value: Option<&'a str>,
    known: Scalar<'a>,
    limits: &Limits,
) -> Result<Option<Audiences<'a>>> {
    const WRONG: Error =
        Error::InvalidClaimType { name: "aud", expected: "a string or an array of strings" };
    if let Scalar::Text(one) = known {
        return Ok(Some(smallvec![Cow::Borrowed(one)]));
    }
    let Some(value) = value else { return Ok(None) };
    if let Some(one) = json::string(value) {
        return Ok(Some(smallvec![one]));
    }
    let elements = json::elements(value, limits).ok_or(WRONG)?;
    elements.into_iter().map(json::string).collect::<Option<Audiences<'_>>>().map(Some).ok_or(WRONG)
}

#[cfg(test)]
#[expect(clippy::indexing_slicing, reason = "a test that looks beyond an end has failed")]
mod tests {
    use super::*;

    #[test]
    fn each_registered_name_has_its_own_place() {
        for (at, name) in NAMES.iter().enumerate() {
            assert_eq!(place(name.as_bytes()), Some(at));
        }
        assert_eq!(place(b"scope"), None);
    }

    #[test]
    fn what_surely_fits_is_read() {
        let limits = Limits::default();
        let values =
            ["\"a\"", "1", "-1", "1234567890123456789", "null", "true", "[]", "[\"a\"]", "{}"];
        for (at, name) in NAMES.iter().enumerate() {
            for value in values {
                let mut claims = Values::default();
                claims[at] = Some(value);
                if surely_fits(name.as_bytes(), value.as_bytes()) {
                    assert!(Registered::read(&claims, &limits).is_ok(), "{name}: {value}");
                }
            }
            assert!(!surely_fits(name.as_bytes(), b"null"));
        }
        assert!(surely_fits(b"exp", b"2000000000") && surely_fits(b"aud", b"\"api\""));
    }
}
