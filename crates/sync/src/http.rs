//! HTTP to a place that has an address: TLS with its own authority if one is named, one attempt, bounded.

use std::path::Path;
use std::time::Duration;

use keytide_jose::Secret;
use reqwest::header::{HeaderMap, HeaderName, HeaderValue, RETRY_AFTER};
use reqwest::{Certificate, Client, Method, Url};

use crate::{Error, Surroundings};

const TIMEOUT: Duration = Duration::from_secs(30);
const CONNECT_TIMEOUT: Duration = Duration::from_secs(10);
const LONGEST_ANSWER: usize = 8 << 20;

/// A place that answers under one address.
pub(crate) struct Http {
    client: Client,
    base: Url,
}

/// What it answered. The body may be secret.
pub(crate) struct Answer {
    pub(crate) status: u16,
    pub(crate) retry_after: Option<Duration>,
    pub(crate) body: Secret,
}

/// Whether `address` may be spoken to: `https`, or `http` on this machine.
///
/// # Errors
/// `bad_target`.
pub(crate) fn url(address: &str) -> Result<Url, Error> {
    // An address that holds a password is not repeated.
    let no_url = |_| Error::BadTarget {
        why: "`address` is no URL such as https://vault.example:8200".into(),
    };
    let url: Url = address.parse().map_err(no_url)?;
    if !url.username().is_empty() || url.password().is_some() {
        return Err(Error::BadTarget { why: "`address` has credentials in it".to_owned() });
    }
    let is_here = match url.host_str().map(|host| host.trim_matches(['[', ']'])) {
        Some("localhost") => true,
        Some(host) => host.parse::<std::net::IpAddr>().is_ok_and(|address| address.is_loopback()),
        None => false,
    };
    let is_fit = url.scheme() == "https" || url.scheme() == "http" && is_here;
    if url.query().is_some() || url.fragment().is_some() {
        // It is not repeated: there may be a token in it.
        let why = "`address` must be an https URL without `?` or `#`".to_owned();
        return Err(Error::BadTarget { why });
    }
    if !is_fit || url.cannot_be_a_base() {
        let (scheme, host) = (url.scheme(), url.host_str().unwrap_or("…"));
        let shown: String = format!("{scheme}://{host}").escape_debug().take(200).collect();
        let why = format!("`address` must be an https URL, or http on this machine, not `{shown}`");
        return Err(Error::BadTarget { why });
    }
    Ok(url)
}

/// Whether each part of `path` names something: none is empty, `.` or `..`.
///
/// # Errors
/// `bad_target` with the setting's name.
pub(crate) fn check_path(setting: &str, path: &str) -> Result<(), Error> {
    let is_part = |part: &str| {
        !part.is_empty() && part != "." && part != ".." && !part.chars().any(char::is_control)
    };
    if path.len() <= 500 && path.split('/').all(is_part) {
        return Ok(());
    }
    let shown: String = path.escape_debug().take(100).collect();
    let why = format!("`{setting}` must be names with one `/` between them, not `{shown}`");
    Err(Error::BadTarget { why })
}

impl Http {
    /// A client for `base`. With `authority`, a file of PEM certificates, those alone are trusted.
    pub(crate) fn open(
        base: Url,
        authority: Option<&Path>,
        around: &dyn Surroundings,
    ) -> Result<Self, Error> {
        Ok(Self { client: client(authority, around)?, base })
    }

    /// The URL of `path`, whose parts are separated by `/`, under the address.
    pub(crate) fn url(&self, path: &str) -> Url {
        let mut url = self.base.clone();
        if let Ok(mut parts) = url.path_segments_mut() {
            parts.pop_if_empty().extend(path.split('/'));
        }
        url
    }

    /// One request, one attempt.
    ///
    /// # Errors
    /// `target_unreachable` when there is no whole answer.
    pub(crate) async fn ask(
        &self,
        method: Method,
        path: &str,
        headers: HeaderMap,
        body: Option<&Secret>,
    ) -> Result<Answer, Error> {
        let place = || self.base.to_string();
        let unreachable =
            |error: reqwest::Error| Error::Unreachable { place: place(), why: cause(&error) };
        let mut request = self.client.request(method, self.url(path)).headers(headers);
        if let Some(body) = body {
            request = request.body(body.expose().to_vec());
        }
        let mut response = request.send().await.map_err(unreachable)?;
        let status = response.status().as_u16();
        let retry_after = response.headers().get(RETRY_AFTER).and_then(seconds);
        let announced = response.content_length().and_then(|length| usize::try_from(length).ok());
        // With room for all of it, a secret is not left behind when the buffer grows.
        let mut bytes = Vec::with_capacity(announced.unwrap_or(4 << 10).min(LONGEST_ANSWER));
        while let Some(chunk) = response.chunk().await.map_err(unreachable)? {
            if bytes.len() + chunk.len() > LONGEST_ANSWER {
                let why = format!("it answered with more than {LONGEST_ANSWER} bytes");
                return Err(Error::Refused { place: place(), why });
            }
            bytes.extend_from_slice(&chunk);
        }
        Ok(Answer { status, retry_after, body: Secret::new(bytes) })
    }
}

/// A client that follows no redirect and waits for a bounded time. With `authority`, a file of PEM
/// certificates, those alone are trusted.
///
/// # Errors
/// `bad_target` for certificates that cannot be read.
pub(crate) fn client(authority: Option<&Path>, around: &dyn Surroundings) -> Result<Client, Error> {
    let mut builder = Client::builder()
        .redirect(reqwest::redirect::Policy::none())
        .timeout(TIMEOUT)
        .connect_timeout(CONNECT_TIMEOUT)
        .user_agent(concat!("keytide/", env!("CARGO_PKG_VERSION")));
    if let Some(path) = authority {
        let bad = |why: String| Error::BadTarget { why: format!("`{}` {why}", path.display()) };
        let pem = around.file(path).map_err(|error| bad(format!("cannot be read: {error}")))?;
        let certificates = Certificate::from_pem_bundle(pem.expose())
            .ok()
            .filter(|certificates| !certificates.is_empty())
            .ok_or_else(|| bad("holds no certificate in PEM".to_owned()))?;
        builder = builder.tls_certs_only(certificates);
    }
    let failed = |error: reqwest::Error| Error::BadTarget {
        why: format!("no HTTP client can be made: {}", cause(&error)),
    };
    builder.build().map_err(failed)
}

/// A header whose value is secret.
///
/// # Errors
/// `no_credentials` for text that no header can carry.
pub(crate) fn secret_header(
    headers: &mut HeaderMap,
    name: HeaderName,
    value: &[u8],
    place: &str,
) -> Result<(), Error> {
    let mut value = HeaderValue::from_bytes(value).map_err(|_| Error::NoCredentials {
        place: place.to_owned(),
        why: "the token has characters that no token has".to_owned(),
    })?;
    value.set_sensitive(true);
    headers.insert(name, value);
    Ok(())
}

fn seconds(value: &HeaderValue) -> Option<Duration> {
    // The form with a date is not used by any of these places.
    value.to_str().ok()?.trim().parse().ok().map(Duration::from_secs)
}

/// The innermost reason, which is the one that helps.
fn cause(error: &reqwest::Error) -> String {
    let mut cause: &dyn std::error::Error = error;
    while let Some(inner) = cause.source() {
        cause = inner;
    }
    if error.is_timeout() { "no answer in time".to_owned() } else { cause.to_string() }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_address_is_encrypted_or_on_this_machine_and_holds_no_password() {
        for address in [
            "https://v.example:8200",
            "https://v.example/under/",
            "http://127.0.0.1:1",
            "http://[::1]:1",
        ] {
            url(address).unwrap();
        }
        for address in [
            "http://v.example",
            "http://127.0.0.1.example",
            "ftp://localhost",
            "v.example:8200",
            "",
            "https://v.example?token=hunter2",
            "http://v.example/a?token=hunter2",
            "https://v.example#hunter2",
            "https://user:hunter2@v.example",
            "ftp://user:hunter2@v.example",
            "v.example?token=hunter2",
            "data:hunter2",
        ] {
            let error = url(address).unwrap_err();
            assert_eq!(error.code(), "bad_target", "{address}");
            assert!(!error.to_string().contains("hunter2"), "{error}");
        }
    }

    #[test]
    fn a_path_cannot_climb_and_its_parts_are_encoded() {
        for path in ["", "/a", "a/", "a//b", "../sys", "a/./b", "a\nb"] {
            assert_eq!(check_path("path", path).unwrap_err().code(), "bad_target", "{path}");
        }
        let http = Http { client: Client::new(), base: url("https://v.example/under/").unwrap() };
        assert_eq!(http.url("v1/a b?c").as_str(), "https://v.example/under/v1/a%20b%3Fc");
    }
}
