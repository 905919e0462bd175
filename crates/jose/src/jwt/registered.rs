//! The registered claims and their JSON types, required of every token (RFC 7519 §4.1).

use std::borrow::Cow;

use smallvec::{SmallVec, smallvec};

use super::NumericDate;
use crate::json::{self, Object};
use crate::{Error, Limits, Result};

/// The registered claims of a checked payload; those that are absent are `None`.
#[derive(Debug)]
pub(crate) struct Registered<'a> {
    pub(crate) iss: Option<Cow<'a, str>>,
    pub(crate) sub: Option<Cow<'a, str>>,
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

impl<'a> Registered<'a> {
    /// Reads them; a claim of the wrong type is refused whether or not anyone asks for it.
    pub(crate) fn read(object: &Object<'a>, limits: &Limits) -> Result<Self> {
        text(object, "jti")?;
        Ok(Self {
            iss: text(object, "iss")?,
            sub: text(object, "sub")?,
            aud: audience(object, limits)?,
            times: Times {
                exp: time(object, "exp")?,
                nbf: time(object, "nbf")?,
                iat: time(object, "iat")?,
            },
        })
    }
}

fn text<'a>(object: &Object<'a>, name: &'static str) -> Result<Option<Cow<'a, str>>> {
    object.string(name).map_err(|name| Error::InvalidClaimType { name, expected: "a string" })
}

fn time(object: &Object<'_>, name: &'static str) -> Result<Option<NumericDate>> {
    object
        .get(name)
        .map(|value| {
            NumericDate::from_json(value).ok_or(Error::InvalidClaimType {
                name,
                expected: "a number of seconds since 1970 that fits 64 bits",
            })
        })
        .transpose()
}

fn audience<'a>(object: &Object<'a>, limits: &Limits) -> Result<Option<Audiences<'a>>> {
    const WRONG: Error =
        Error::InvalidClaimType { name: "aud", expected: "a string or an array of strings" };
    let Some(value) = object.get("aud") else { return Ok(None) };
    if let Some(one) = json::string(value) {
        return Ok(Some(smallvec![one]));
    }
    let elements = json::elements(value, limits).ok_or(WRONG)?;
    elements.into_iter().map(json::string).collect::<Option<Audiences<'_>>>().map(Some).ok_or(WRONG)
}
