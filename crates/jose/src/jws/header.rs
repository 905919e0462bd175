//! The JOSE header: registered types obeyed, `crit` enforced, keys in it ignored (RFC 7515 §4).

use std::borrow::Cow;

use serde_json::{Map, Value};

use crate::json::{self, Object};
use crate::jwk::PRIVATE_MEMBERS;
use crate::{Algorithm, Error, KeyId, Limits, Result, Untrusted};

/// The header parameters of a token. Nothing in it is to be trusted before the token is verified.
///
/// Keys and addresses of keys in it (`jwk`, `jku`, `x5c`, `x5u`) are never used.
#[derive(Clone, Debug, PartialEq)]
pub struct Header {
    alg: Algorithm,
    key_id: Option<Untrusted<KeyId>>,
    typ: Option<String>,
    cty: Option<String>,
    params: Map<String, Value>,
}

impl Header {
    /// The parameter `alg`.
    #[must_use]
    pub fn algorithm(&self) -> Algorithm {
        self.alg
    }

    /// The parameter `kid`, which may hold anything.
    #[must_use]
    pub fn key_id(&self) -> Option<&Untrusted<KeyId>> {
        self.key_id.as_ref()
    }

    /// The parameter `typ`, as written.
    #[must_use]
    pub fn typ(&self) -> Option<&str> {
        self.typ.as_deref()
    }

    /// The parameter `cty`, as written.
    #[must_use]
    pub fn cty(&self) -> Option<&str> {
        self.cty.as_deref()
    }

    /// All parameters, those above included.
    #[must_use]
    pub fn params(&self) -> &Map<String, Value> {
        &self.params
    }

    /// Reads and checks a header; `understood` are the names that `crit` may hold besides `b64`.
    pub(super) fn parse(json: &[u8], limits: &Limits, understood: &[&str]) -> Result<Self> {
        if json.len() > limits.header {
            return Err(Error::TooLarge { limit: "header", max: limits.header });
        }
        let object = Object::parse(json, limits)
            .map_err(|refused| refused.into_error(Error::MalformedHeader))?;
        let alg = text(&object, "alg")?
            .ok_or_else(|| Error::MalformedHeader("alg is missing".into()))?
            .parse()?;
        let key_id = match text(&object, "kid")? {
            Some(kid) if kid.len() > limits.key_id => {
                return Err(Error::TooLarge { limit: "key_id", max: limits.key_id });
            }
            kid => kid.map(|kid| Untrusted::new(&kid)),
        };
        let typ = text(&object, "typ")?.map(Cow::into_owned);
        let cty = text(&object, "cty")?.map(Cow::into_owned);
        for name in ["jku", "x5u", "x5t", "x5t#S256"] {
            text(&object, name)?;
        }
        refuse_private_jwk(&object, limits)?;
        check_crit(&object, limits, understood)?;
        check_b64(&object)?;
        let params = serde_json::from_str(object.text())
            .map_err(|_| Error::MalformedHeader("a value cannot be read".into()))?;
        Ok(Self { alg, key_id, typ, cty, params })
    }
}

/// A header of the JSON serialisation or of unencoded content, whose parts have different worth.
pub(super) struct Joint {
    /// `alg` and `kid` from either part, all else from the protected one alone.
    pub(super) header: Header,
    pub(super) unprotected: Map<String, Value>,
    /// Whether the payload was encoded before it was signed (RFC 7797 §3).
    pub(super) encoded: bool,
}

impl Joint {
    /// Reads both parts, either of which may be absent. `protected` is the decoded text, empty where
    /// there is none.
    pub(super) fn parse(
        protected: &[u8],
        unprotected: Option<&str>,
        limits: &Limits,
        understood: &[&str],
    ) -> Result<Self> {
        if protected.len() > limits.header {
            return Err(Error::TooLarge { limit: "header", max: limits.header });
        }
        let read = |json| {
            Object::parse(json, limits)
                .map_err(|refused| refused.into_error(Error::MalformedHeader))
        };
        let object = read(if protected.is_empty() { b"{}" } else { protected })?;
        let beside = read(unprotected.unwrap_or("{}").as_bytes())?;
        // RFC 7515 §7.2.1: the names in both parts must be disjoint.
        if beside.names().any(|name| object.get(name).is_some()) {
            return Err(Error::MalformedHeader("a parameter is in both headers".into()));
        }
        // RFC 7515 §4.1.11, RFC 7797 §3: both must be integrity protected.
        if beside.get("crit").is_some() || beside.get("b64").is_some() {
            return Err(Error::CritMalformed("crit and b64 must be in the protected header"));
        }
        let either = |name| match text(&object, name)? {
            Some(value) => Ok(Some(value)),
            None => text(&beside, name),
        };
        let alg = either("alg")?
            .ok_or_else(|| Error::MalformedHeader("alg is missing".into()))?
            .parse()?;
        let key_id = match either("kid")? {
            Some(kid) if kid.len() > limits.key_id => {
                return Err(Error::TooLarge { limit: "key_id", max: limits.key_id });
            }
            kid => kid.map(|kid| Untrusted::new(&kid)),
        };
        let typ = text(&object, "typ")?.map(Cow::into_owned);
        let cty = text(&object, "cty")?.map(Cow::into_owned);
        for name in ["jku", "x5u", "x5t", "x5t#S256"] {
            either(name)?;
        }
        refuse_private_jwk(&object, limits)?;
        refuse_private_jwk(&beside, limits)?;
        check_crit(&object, limits, understood)?;
        let encoded = match object.get("b64") {
            None | Some("true") => true,
            // RFC 7797 §6: whoever does not know b64 must refuse the token, and so crit names it.
            Some("false") if crit_names_b64(&object, limits) => false,
            Some("false") => {
                return Err(Error::CritMalformed("b64 is false, but crit does not name it"));
            }
            Some(_) => return Err(Error::MalformedHeader("b64 is not a boolean".into())),
        };
        let map = |object: &Object<'_>| {
            serde_json::from_str(object.text())
                .map_err(|_| Error::MalformedHeader("a value cannot be read".into()))
        };
        let header = Header { alg, key_id, typ, cty, params: map(&object)? };
        Ok(Self { header, unprotected: map(&beside)?, encoded })
    }
}

pub(crate) fn crit_names_b64(object: &Object<'_>, limits: &Limits) -> bool {
    object.get("crit").and_then(|crit| json::elements(crit, limits)).is_some_and(|names| {
        names.into_iter().any(|name| json::string(name).as_deref() == Some("b64"))
    })
}

fn text<'a>(object: &Object<'a>, name: &'static str) -> Result<Option<Cow<'a, str>>> {
    object.string(name).map_err(|name| Error::MalformedHeader(format!("{name} is not a string")))
}

/// RFC 7515 §4.1.3: the header's `jwk` is a public key. It is not used, but a token that carries a
/// private one gives a secret away and is refused.
pub(crate) fn refuse_private_jwk(object: &Object<'_>, limits: &Limits) -> Result<()> {
    let Some(jwk) = object.get("jwk") else { return Ok(()) };
    let jwk = Object::parse(jwk.as_bytes(), limits)
        .map_err(|_| Error::MalformedHeader("jwk is not an object".into()))?;
    if PRIVATE_MEMBERS.iter().any(|name| jwk.get(name).is_some()) {
        return Err(Error::MalformedHeader("jwk holds a private key".into()));
    }
    Ok(())
}

/// RFC 7515 §4.1.11.
pub(crate) fn check_crit(object: &Object<'_>, limits: &Limits, understood: &[&str]) -> Result<()> {
    /// The names of RFC 7515 §4.1 and RFC 7516 §4.1, which crit must not hold.
    const REGISTERED: [&str; 13] = [
        "alg", "jku", "jwk", "kid", "x5u", "x5c", "x5t", "x5t#S256", "typ", "cty", "crit", "enc",
        "zip",
    ];
    let Some(crit) = object.get("crit") else { return Ok(()) };
    let names = json::elements(crit, limits).ok_or(Error::CritMalformed("it is not an array"))?;
    if names.is_empty() {
        return Err(Error::CritMalformed("it is empty"));
    }
    let mut seen: Vec<Cow<'_, str>> = Vec::new();
    for name in names {
        let name = json::string(name)
            .ok_or(Error::CritMalformed("it holds something that is not a string"))?;
        if REGISTERED.contains(&&*name) {
            return Err(Error::CritMalformed("it names a registered header parameter"));
        }
        if seen.contains(&name) {
            return Err(Error::CritMalformed("it names an extension twice"));
        }
        if object.get(&name).is_none() {
            return Err(Error::CritMalformed("it names a parameter that is not in the header"));
        }
        if name != "b64" && !understood.contains(&&*name) {
            return Err(Error::CritUnsupported { name: name.into_owned() });
        }
        seen.push(name);
    }
    Ok(())
}

/// RFC 7797 §3 and §7: a JWT has an encoded payload; `true` is the default and changes nothing.
fn check_b64(object: &Object<'_>) -> Result<()> {
    match object.get("b64") {
        None | Some("true") => Ok(()),
        Some("false") => Err(Error::B64Forbidden),
        Some(_) => Err(Error::MalformedHeader("b64 is not a boolean".into())),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parse(json: &str, understood: &[&str]) -> Result<Header> {
        Header::parse(json.as_bytes(), &Limits::default(), understood)
    }

    fn code(json: &str) -> &'static str {
        parse(json, &[]).unwrap_err().code()
    }

    #[test]
    fn an_extension_in_crit_needs_to_be_understood_and_present() {
        let header = r#"{"alg":"HS256","crit":["exp2"],"exp2":1}"#;
        assert_eq!(code(header), "crit_unsupported");
        assert!(parse(header, &["exp2"]).is_ok());
        assert_eq!(
            parse(r#"{"alg":"HS256","crit":["exp2"]}"#, &["exp2"]).unwrap_err().code(),
            "crit_malformed"
        );
    }

    #[test]
    fn an_unencoded_payload_is_refused_with_or_without_crit() {
        assert_eq!(code(r#"{"alg":"HS256","b64":false}"#), "b64_forbidden");
        assert_eq!(code(r#"{"alg":"HS256","b64":false,"crit":["b64"]}"#), "b64_forbidden");
        assert!(parse(r#"{"alg":"HS256","b64":true,"crit":["b64"]}"#, &[]).is_ok());
    }

    #[test]
    fn registered_parameters_of_the_wrong_type_are_refused() {
        for header in [
            r#"{"alg":1}"#,
            r#"{"alg":"HS256","kid":1}"#,
            r#"{"alg":"HS256","typ":[]}"#,
            r#"{"alg":"HS256","cty":null}"#,
            r#"{"alg":"HS256","jku":{}}"#,
            r#"{"alg":"HS256","jwk":"x"}"#,
            r#"{"alg":"HS256","jwk":{"kty":"oct","k":"AA"}}"#,
            r#"{"typ":"JWT"}"#,
        ] {
            assert_eq!(code(header), "malformed_header", "{header}");
        }
    }

    #[test]
    fn a_header_beyond_its_limit_is_too_large_before_it_is_read() {
        let header = format!(r#"{{"alg":"HS256","x":"{}"}}"#, "x".repeat(16 * 1024));
        let too_large = Error::TooLarge { limit: "header", max: 16 * 1024 };
        assert_eq!(parse(&header, &[]).unwrap_err(), too_large);
        let token = format!("{}..", "A".repeat(22_000));
        let error = crate::jws::Unverified::parse(&token, &Limits::default()).unwrap_err();
        assert_eq!(error, too_large);
    }

    #[test]
    fn a_kid_beyond_its_limit_is_too_large() {
        let header = format!(r#"{{"alg":"HS256","kid":"{}"}}"#, "k".repeat(1025));
        assert_eq!(
            parse(&header, &[]).unwrap_err(),
            Error::TooLarge { limit: "key_id", max: 1024 }
        );
    }
}
