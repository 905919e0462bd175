//! What a server is told before it opens a port, and what it refuses to be told.

use std::net::SocketAddr;
use std::path::PathBuf;
use std::time::Duration;

use keytide_jose::Code;

use crate::codes;

/// How to serve.
#[derive(Clone, Debug)]
pub struct Config {
    /// The address to listen on; port 0 takes a free one.
    pub listen: SocketAddr,
    /// The URL under which others reach this server, without a slash at its end.
    /// None: `http://` or `https://` and the listening address.
    pub public_url: Option<String>,
    /// A certificate chain and its private key, both PEM.
    pub tls: Option<TlsFiles>,
    /// Permits plain HTTP beyond loopback, such as behind a proxy that ends TLS.
    pub insecure_listen: bool,
    /// The longest request body, in bytes.
    pub body_limit: usize,
    /// How long a TLS handshake, and again each request's head, may take to arrive. A connection
    /// that asked for nothing by then is closed.
    pub head_timeout: Duration,
    /// How long a connection may go on asking for nothing after that.
    pub idle_timeout: Duration,
    /// How long a request's body may take to arrive.
    pub body_timeout: Duration,
    /// The most connections at once; more wait in the system's queue. Keep it below the limit of
    /// open files.
    pub connections: usize,
    /// The most items in one batch.
    pub batch_limit: usize,
    /// How often rings are refreshed and turned.
    pub tick: Duration,
    /// How long a stopping server still accepts connections while it says that it is not ready, and
    /// again how long it lets connections end by themselves after that.
    pub lame_duck: Duration,
    /// How long requests in flight may take to end after that.
    pub drain: Duration,
}

/// Where the certificate is.
#[derive(Clone, Debug)]
pub struct TlsFiles {
    /// The chain, leaf first.
    pub certificate: PathBuf,
    /// The leaf's private key.
    pub key: PathBuf,
}

impl Config {
    /// The defaults, on this address.
    pub fn new(listen: SocketAddr) -> Self {
        Self {
            listen,
            public_url: None,
            tls: None,
            insecure_listen: false,
            body_limit: 1 << 20,
            connections: 10_000,
            head_timeout: Duration::from_secs(10),
            idle_timeout: Duration::from_secs(60),
            body_timeout: Duration::from_secs(20),
            batch_limit: 10_000,
            tick: Duration::from_secs(1),
            lame_duck: Duration::from_millis(500),
            drain: Duration::from_secs(20),
        }
    }

    /// Checks what can be checked before a port is opened.
    pub(crate) fn check(&self) -> Result<(), ConfigError> {
        if !self.listen.ip().is_loopback() && self.tls.is_none() && !self.insecure_listen {
            return Err(ConfigError::PlainHttp { listen: self.listen });
        }
        match &self.public_url {
            Some(url) if !is_origin(url) => Err(ConfigError::PublicUrl { given: url.clone() }),
            _ => Ok(()),
        }
    }

    /// The URL prefix of everything public, as seen from outside.
    pub(crate) fn origin(&self, bound: SocketAddr) -> String {
        self.public_url.clone().unwrap_or_else(|| {
            let scheme = if self.tls.is_some() { "https" } else { "http" };
            format!("{scheme}://{bound}")
        })
    }

    /// Whether the origin is a name under which others can reach this server. An address that was
    /// bound beyond loopback, such as 0.0.0.0, is none, and must not get into tokens as an issuer.
    pub(crate) fn has_usable_origin(&self) -> bool {
        self.public_url.is_some() || self.listen.ip().is_loopback()
    }
}

fn is_origin(url: &str) -> bool {
    let rest = url.strip_prefix("https://").or_else(|| url.strip_prefix("http://"));
    rest.is_some_and(|rest| {
        !rest.is_empty()
            && !rest.ends_with('/')
            && rest
                .bytes()
                .all(|b| b.is_ascii_graphic() && !matches!(b, b'?' | b'#' | b'"' | b'\\'))
    })
}

/// A server that cannot be started as told.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum ConfigError {
    /// Plain HTTP beyond loopback.
    #[error("{listen} is not a loopback address, and plain HTTP would carry tokens in the clear")]
    PlainHttp {
        /// The address.
        listen: SocketAddr,
    },
    /// A public URL that is none.
    #[error("`{given}` is not a usable public URL")]
    PublicUrl {
        /// What was given.
        given: String,
    },
    /// The port is taken or forbidden.
    #[error("cannot listen on {listen}: {why}")]
    Listen {
        /// The address.
        listen: SocketAddr,
        /// What the system said.
        why: String,
    },
    /// The certificate or its key cannot be used.
    #[error("cannot use the certificate: {why}")]
    Tls {
        /// What is wrong.
        why: String,
    },
}

impl ConfigError {
    /// The stable code, one of [`crate::CODES`].
    pub fn code(&self) -> &'static str {
        self.entry().code
    }

    /// What to do next.
    pub fn hint(&self) -> &'static str {
        self.entry().hint
    }

    fn entry(&self) -> Code {
        match self {
            Self::PlainHttp { .. } => codes::PLAIN_HTTP,
            Self::PublicUrl { .. } => codes::BAD_PUBLIC_URL,
            Self::Listen { .. } => codes::CANNOT_LISTEN,
            Self::Tls { .. } => codes::BAD_CERTIFICATE,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn plain_http_beyond_loopback_must_be_asked_for() {
        let mut config = Config::new("0.0.0.0:7430".parse().unwrap());
        assert_eq!(config.check().unwrap_err().code(), "plain_http");
        config.insecure_listen = true;
        config.check().unwrap();
    }

    #[test]
    fn a_public_url_has_a_scheme_a_host_and_no_query_or_final_slash() {
        for good in ["https://id.example", "http://127.0.0.1:7430", "https://a.example/keys"] {
            assert!(is_origin(good), "{good}");
        }
        for bad in
            ["", "id.example", "https://", "https://a/", "ftp://a", "https://a?b", "https://a b"]
        {
            assert!(!is_origin(bad), "{bad}");
        }
    }
}
