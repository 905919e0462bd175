//! Where keys are fetched from: a URL that was checked, and how it may be shown.

use core::fmt;
use std::net::IpAddr;

use ureq::http::Uri;

use crate::Error;

/// An http or https URL without credentials, over TLS unless that was waived.
#[derive(Clone, Debug)]
pub(crate) struct Address {
    uri: Uri,
    shown: String,
}

impl Address {
    /// # Errors
    /// `bad_url`, `insecure_url`.
    pub(crate) fn parse(text: &str, allow_plain_http: bool) -> Result<Self, Error> {
        let bad = |why| Error::BadUrl { url: without_secrets(text), why };
        let uri: Uri = text.parse().map_err(|_| bad("this is no URL"))?;
        let (Some(scheme), Some(authority)) = (uri.scheme_str(), uri.authority()) else {
            return Err(bad("this is no whole URL with a scheme and a host"));
        };
        if !matches!(scheme, "http" | "https") || uri.host().is_none_or(str::is_empty) {
            return Err(bad("this is not an http or https URL"));
        }
        if authority.as_str().contains('@') {
            return Err(bad("the URL has credentials in it"));
        }
        if scheme == "http" && !allow_plain_http && !is_loopback(&uri) {
            return Err(Error::InsecureUrl { url: without_secrets(text) });
        }
        let shown = format!("{scheme}://{authority}{}", uri.path());
        Ok(Self { uri, shown })
    }

    pub(crate) fn uri(&self) -> &Uri {
        &self.uri
    }
}

impl fmt::Display for Address {
    /// Writes the URL without its query, where people put keys.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.shown)
    }
}

/// A ring on a Keytide server.
#[derive(Clone, Debug)]
pub(crate) struct RingAddress {
    base: String,
    name: String,
}

impl RingAddress {
    /// Reads `SERVER/rings/NAME` or `SERVER/v1/rings/NAME`.
    ///
    /// # Errors
    /// `bad_url`, `insecure_url`.
    pub(crate) fn parse(text: &str, allow_plain_http: bool) -> Result<Self, Error> {
        let address = Address::parse(text, allow_plain_http)?;
        let bad = |why| Error::BadUrl { url: address.shown.clone(), why };
        if address.uri.query().is_some() {
            return Err(bad("the URL of a ring has no query"));
        }
        let shown = address.shown.trim_end_matches('/');
        let ring = shown.rsplit_once("/rings/").filter(|(_, name)| is_name(name));
        let Some((base, name)) = ring else {
            return Err(bad("this is not the URL of a ring, which ends in /rings/NAME"));
        };
        let base = base.strip_suffix("/v1").unwrap_or(base);
        Ok(Self { base: base.to_owned(), name: name.to_owned() })
    }

    /// The name of the ring.
    pub(crate) fn name(&self) -> &str {
        &self.name
    }

    /// The address of something that the server offers for the ring.
    pub(crate) fn at(&self, what: &str) -> String {
        format!("{}/v1/rings/{}/{what}", self.base, self.name)
    }
}

impl fmt::Display for RingAddress {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}/rings/{}", self.base, self.name)
    }
}

fn is_name(name: &str) -> bool {
    let plain = |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'.' | b'-' | b'_');
    !name.is_empty() && !name.bytes().all(|byte| byte == b'.') && name.bytes().all(plain)
}

/// Whether the URL leads to this machine, so that nobody is on the way.
fn is_loopback(uri: &Uri) -> bool {
    let host = uri.host().unwrap_or_default();
    let address = host.trim_start_matches('[').trim_end_matches(']');
    host.eq_ignore_ascii_case("localhost")
        || address.parse::<IpAddr>().is_ok_and(|address| address.is_loopback())
}

/// What may be shown of a text that is meant to be a URL: no query, and nothing before an `@`.
fn without_secrets(text: &str) -> String {
    let text = text.split(['?', '#']).next().unwrap_or_default();
    let text = match (text.rsplit_once('@'), text.split_once("://")) {
        (Some((_, rest)), Some((scheme, _))) => format!("{scheme}://…@{rest}"),
        (Some((_, rest)), None) => format!("…@{rest}"),
        (None, _) => text.to_owned(),
    };
    text.chars().take(200).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn code(text: &str) -> String {
        Address::parse(text, false).unwrap_err().code().to_owned()
    }

    #[test]
    fn only_whole_http_urls_without_credentials_are_taken() {
        for text in [
            "",
            "keys.example",
            "/jwks.json",
            "ftp://a/b",
            "file:///etc/passwd",
            "https://",
            "https://u:hunter2@a/b",
            "https://a b/",
            "data:text/plain,x",
        ] {
            assert_eq!(code(text), "bad_url", "{text}");
        }
        assert!(Address::parse("https://id.example/jwks.json?v=1", false).is_ok());
    }

    #[test]
    fn plain_http_is_for_this_machine_unless_it_is_allowed() {
        for local in ["http://127.0.0.1:1/", "http://[::1]/", "http://LOCALHOST:7430/x"] {
            assert!(Address::parse(local, false).is_ok(), "{local}");
        }
        for far in ["http://10.0.0.1/", "http://127.0.0.1.example/", "http://2130706433/"] {
            assert_eq!(code(far), "insecure_url", "{far}");
            assert!(Address::parse(far, true).is_ok());
        }
    }

    #[test]
    fn secrets_in_a_url_are_never_shown() {
        for text in [
            "https://u:hunter2@a/b",
            "http://a.example/?key=hunter2",
            "u:hunter2@a",
            "ftp://a?hunter2",
        ] {
            let error = Address::parse(text, false).unwrap_err();
            assert!(!format!("{error} {error:?}").contains("hunter2"), "{error:?}");
        }
        let address = Address::parse("https://a/b?key=hunter2", false).unwrap();
        assert_eq!(address.to_string(), "https://a/b");
    }

    #[test]
    fn a_ring_is_named_by_either_of_its_paths() {
        for text in
            ["https://k.example/rings/billing.test", "https://k.example/v1/rings/billing.test/"]
        {
            let ring = RingAddress::parse(text, false).unwrap();
            assert_eq!(ring.at("keys"), "https://k.example/v1/rings/billing.test/keys");
            assert_eq!(ring.to_string(), "https://k.example/rings/billing.test");
        }
        let below = RingAddress::parse("https://k.example/keys/rings/a.b", false).unwrap();
        assert_eq!(below.at("sign"), "https://k.example/keys/v1/rings/a.b/sign");
        for text in [
            "https://k.example/",
            "https://k/rings/",
            "https://k/rings/a/b",
            "https://k/rings/..",
            "https://k/rings/a?b",
        ] {
            assert_eq!(RingAddress::parse(text, false).unwrap_err().code(), "bad_url", "{text}");
        }
    }
}
