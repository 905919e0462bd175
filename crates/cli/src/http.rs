//! The HTTP client: key sets, and a Keytide server. No redirects, no proxies, bounded time and size.

use std::io::Read;
use std::time::Duration;

use keytide_jose::Secret;
use reqwest::blocking::{Client, Response};
use reqwest::header::{AUTHORIZATION, CONTENT_TYPE, HeaderValue};
use reqwest::{Method, Url};
use serde_json::Value;

use crate::error::{self, Failure};
use crate::output::Output;

/// From the first byte sent to the last one read.
const TIMEOUT: Duration = Duration::from_secs(20);
const CONNECT_TIMEOUT: Duration = Duration::from_secs(5);
/// A page of rings or audit records is far smaller.
const LONGEST_ANSWER: usize = 16 << 20;

/// A client for all of the command's requests.
pub(crate) struct Http {
    client: Client,
}

/// Fetches a key set.
///
/// # Errors
/// As [`keytide_client::fetch_key_set`].
pub(crate) fn key_set(url: &str, output: &Output) -> Result<Vec<u8>, Failure> {
    let parsed = http_url(url)?;
    if parsed.scheme() == "http" && !is_loopback(&parsed) {
        output.warn("the key set comes over plain HTTP: whoever is on the way can forge tokens");
    }
    let mut options = keytide_client::Options::default();
    options.timeout = TIMEOUT;
    options.connect_timeout = CONNECT_TIMEOUT;
    // It was warned of.
    options.allow_plain_http = true;
    Ok(keytide_client::fetch_key_set(url, &options)?)
}

/// What a server answered.
pub(crate) struct Answer {
    pub(crate) status: u16,
    pub(crate) body: Vec<u8>,
}

impl Http {
    /// A client with its limits set.
    pub(crate) fn new() -> Result<Self, Failure> {
        let client = Client::builder()
            .redirect(reqwest::redirect::Policy::none())
            .no_proxy()
            .timeout(TIMEOUT)
            .connect_timeout(CONNECT_TIMEOUT)
            .user_agent(concat!("keytide/", env!("CARGO_PKG_VERSION")))
            .build()
            .map_err(|error| {
                Failure::new(
                    error::UNEXPECTED,
                    format!("no HTTP client can be made: {}", cause(&error)),
                )
            })?;
        Ok(Self { client })
    }

    /// One request to a Keytide server.
    ///
    /// # Errors
    /// `server_unreachable`, `server_answer` for an answer beyond all sizes.
    pub(crate) fn ask(
        &self,
        method: Method,
        url: Url,
        token: &Secret,
        body: Option<&Value>,
    ) -> Result<Answer, Failure> {
        let at = url.origin().ascii_serialization();
        let unreachable =
            |why: String| Failure::new(error::SERVER_UNREACHABLE, format!("{at}: {why}"));
        let bearer = [b"Bearer ".as_slice(), token.expose()].concat();
        let mut bearer = HeaderValue::from_bytes(&bearer)
            .map_err(|_| Failure::wrong_use("the access token has characters that no token has"))?;
        bearer.set_sensitive(true);
        let mut request = self.client.request(method, url).header(AUTHORIZATION, bearer);
        if let Some(body) = body {
            request = request.header(CONTENT_TYPE, "application/json").body(body.to_string());
        }
        let response = request.send().map_err(|error| unreachable(cause(&error)))?;
        let status = response.status().as_u16();
        let body = read_capped(response, LONGEST_ANSWER)
            .map_err(|error| unreachable(error.to_string()))?;
        if body.len() > LONGEST_ANSWER {
            let message = format!("{at} answered with more than {LONGEST_ANSWER} bytes");
            return Err(Failure::new(error::SERVER_ANSWER, message));
        }
        Ok(Answer { status, body })
    }
}

/// A URL with `http` or `https` and no credentials in it.
pub(crate) fn http_url(text: &str) -> Result<Url, Failure> {
    let url: Url = text.parse().map_err(|error| {
        Failure::wrong_use(format!("{} is no URL: {error}", without_secrets(text)))
            .hint("Write it whole, such as https://keys.example:7430.")
    })?;
    if !matches!(url.scheme(), "http" | "https") || url.host().is_none() {
        let message = format!("{} is not an http or https URL", without_secrets(text));
        return Err(
            Failure::wrong_use(message).hint("Write it whole, such as https://keys.example:7430.")
        );
    }
    if !url.username().is_empty() || url.password().is_some() {
        return Err(Failure::new(error::SECRET_IN_ARGV, "the URL has credentials in it"));
    }
    Ok(url)
}

/// What was given for a URL, without the parts that hold a password or a token.
fn without_secrets(text: &str) -> String {
    match text.split(['?', '#']).next() {
        Some(shown) if !text.contains('@') => format!("`{shown}`"),
        _ => "what was given".to_owned(),
    }
}

/// Whether the URL leads to this machine, so that nobody is on the way.
pub(crate) fn is_loopback(url: &Url) -> bool {
    match url.host_str() {
        Some("localhost") => true,
        Some(host) => {
            let host = host.trim_start_matches('[').trim_end_matches(']');
            host.parse::<std::net::IpAddr>().is_ok_and(|address| address.is_loopback())
        }
        None => false,
    }
}

fn read_capped(response: Response, limit: usize) -> std::io::Result<Vec<u8>> {
    let mut bytes = Vec::new();
    let most = u64::try_from(limit).unwrap_or(u64::MAX).saturating_add(1);
    response.take(most).read_to_end(&mut bytes)?;
    Ok(bytes)
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
    fn only_this_machine_is_loopback() {
        for (url, loopback) in [
            ("http://127.0.0.1:7430", true),
            ("http://[::1]:7430", true),
            ("http://localhost", true),
            ("http://127.0.0.1.example", false),
            ("http://10.0.0.1", false),
        ] {
            assert_eq!(is_loopback(&http_url(url).unwrap()), loopback, "{url}");
        }
    }

    #[test]
    fn files_credentials_and_half_urls_are_refused() {
        for bad in ["file:///etc/passwd", "keys.example:7430", "https://", "ftp://a"] {
            assert_eq!(http_url(bad).unwrap_err().code, "wrong_use", "{bad}");
        }
        for bad in
            ["keys.example?token=hunter2", "ftp://u:hunter2@a", "u:hunter2@", "https:///#hunter2@"]
        {
            let failure = http_url(bad).unwrap_err();
            assert!(!failure.message.contains("hunter2"), "{bad}: {}", failure.message);
        }
        let failure = http_url("https://u:hunter2@a").unwrap_err();
        assert_eq!(failure.code, "secret_in_argv");
        assert!(!failure.message.contains("hunter2"));
    }
}
