//! Who we are to AWS and where it is, and what its errors mean.

use std::sync::Arc;
use std::time::Duration;

use aws_config::retry::RetryConfig;
use aws_config::timeout::TimeoutConfig;
use aws_config::{BehaviorVersion, Region, SdkConfig};
use aws_credential_types::Credentials;
use aws_credential_types::provider::error::CredentialsError;
use aws_sdk_secretsmanager::config::http::HttpResponse;
use aws_sdk_secretsmanager::error::{ProvideErrorMetadata, SdkError};
use serde::{Deserialize, Serialize};

use crate::{Credential, Document, Error, Surroundings, said};

/// Where AWS is, and who we are to it.
pub struct AwsAccess {
    /// The region, such as `eu-central-1`. Default: that of the environment, the profile, the machine.
    pub region: Option<String>,
    /// The profile in `~/.aws/config`.
    pub profile: Option<String>,
    /// Another address than AWS's own: a VPC endpoint, or a stand-in for tests.
    pub endpoint: Option<String>,
    /// An access key. Without one, credentials are found the way every AWS program finds them:
    /// environment, profile, web identity, container, instance metadata.
    pub access_key: Option<AwsKeys>,
    /// Where the access key's secrets are.
    pub around: Arc<dyn Surroundings>,
}

/// An access key.
#[derive(Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct AwsKeys {
    /// The key's id, which is no secret.
    pub id: String,
    /// Its secret.
    pub secret: Credential,
    /// The token that goes with a temporary key.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub session_token: Option<Credential>,
}

/// How long a connection may take, and a call.
const CONNECT: Duration = Duration::from_secs(5);
const CALL: Duration = Duration::from_secs(30);

impl AwsAccess {
    /// What the clients are made from. A call makes one attempt: whoever calls decides on another.
    pub(super) async fn load(&self, place: &str) -> Result<SdkConfig, Error> {
        let timeouts =
            TimeoutConfig::builder().connect_timeout(CONNECT).operation_timeout(CALL).build();
        let mut loader = aws_config::defaults(BehaviorVersion::v2026_01_12())
            .retry_config(RetryConfig::disabled())
            .timeout_config(timeouts);
        if let Some(region) = &self.region {
            loader = loader.region(Region::new(region.clone()));
        }
        if let Some(profile) = &self.profile {
            loader = loader.profile_name(profile);
        }
        if let Some(url) = &self.endpoint {
            loader = loader.endpoint_url(url);
        }
        if let Some(keys) = &self.access_key {
            loader = loader.credentials_provider(keys.credentials(&*self.around, place)?);
        }
        let config = loader.load().await;
        if config.region().is_none() {
            return Err(Error::BadTarget {
                why: format!("{place}: no region is set, neither here nor as AWS_REGION"),
            });
        }
        Ok(config)
    }
}

impl AwsKeys {
    fn credentials(&self, around: &dyn Surroundings, place: &str) -> Result<Credentials, Error> {
        let text = |credential: &Credential| {
            let secret = credential.obtain(around, place)?;
            Ok::<_, Error>(String::from_utf8_lossy(secret.expose()).into_owned())
        };
        let token = self.session_token.as_ref().map(text).transpose()?;
        Ok(Credentials::new(&self.id, text(&self.secret)?, token, None, "keytide"))
    }
}

/// What a failed call means for a target.
pub(super) fn explain<E>(
    place: &str,
    error: &SdkError<E, HttpResponse>,
    sent: Option<&Document>,
) -> Error
where
    E: ProvideErrorMetadata + std::error::Error + 'static,
{
    explain_in(place, error, |words| said::words(words, sent))
}

/// The same in the words that `fit` makes of the service's.
pub(super) fn explain_in<E>(
    place: &str,
    error: &SdkError<E, HttpResponse>,
    fit: impl Fn(&str) -> String,
) -> Error
where
    E: ProvideErrorMetadata + std::error::Error + 'static,
{
    let place = place.to_owned();
    let (service, raw) = match error {
        SdkError::ServiceError(failed) => (failed.err(), failed.raw()),
        SdkError::ConstructionFailure(_) => {
            return match credentials(&place, error) {
                Some(error) => error,
                None => Error::Refused { place, why: fit(&said::chain(error)) },
            };
        }
        _ => {
            let unreachable =
                || Error::Unreachable { place: place.clone(), why: fit(&said::chain(error)) };
            return credentials(&place, error).unwrap_or_else(unreachable);
        }
    };
    let status = raw.status().as_u16();
    let code = service.code().unwrap_or_default();
    let message = fit(service.message().unwrap_or_default());
    let why = if code.is_empty() {
        format!("{message} (HTTP {status})")
    } else {
        format!("{message} ({code})")
    };
    if status == 429 || THROTTLED.contains(&code) {
        Error::Throttled { place, retry_after: retry_after(raw) }
    } else if status >= 500 || code == "InternalServiceError" {
        Error::Unreachable { place, why }
    } else if matches!(status, 401 | 403) || DENIED.contains(&code) {
        Error::Denied { place, why }
    } else {
        Error::Refused { place, why }
    }
}

/// The codes with which AWS's services ask for fewer requests.
const THROTTLED: &[&str] = &[
    "ProvisionedThroughputExceededException",
    "RequestLimitExceeded",
    "RequestThrottled",
    "RequestThrottledException",
    "SlowDown",
    "Throttling",
    "ThrottledException",
    "ThrottlingException",
    "TooManyRequestsException",
];

/// The codes with which they say that they don't know us, or know us and say no.
const DENIED: &[&str] = &[
    "AccessDenied",
    "AccessDeniedException",
    "ExpiredToken",
    "ExpiredTokenException",
    "IncompleteSignature",
    "IncompleteSignatureException",
    "InvalidClientTokenId",
    "InvalidSignatureException",
    "MissingAuthenticationToken",
    "MissingAuthenticationTokenException",
    "NotAuthorized",
    "OptInRequired",
    "RequestExpired",
    "SignatureDoesNotMatch",
    "UnrecognizedClientException",
];

/// How long to wait, where the answer says so: in milliseconds by AWS's own header, or in seconds.
fn retry_after(raw: &HttpResponse) -> Option<Duration> {
    let number = |name| raw.headers().get(name).and_then(|text| text.trim().parse::<u64>().ok());
    number("x-amz-retry-after")
        .map(Duration::from_millis)
        .or_else(|| number("retry-after").map(Duration::from_secs))
}

/// A failure to get credentials, which the client reports from deep within.
fn credentials(place: &str, error: &(dyn std::error::Error + 'static)) -> Option<Error> {
    let mut cause = Some(error);
    while let Some(error) = cause {
        if let Some(failed) = error.downcast_ref::<CredentialsError>() {
            let (place, why) = (place.to_owned(), said::words(&said::chain(failed), None));
            return Some(match failed {
                // Whoever hands them out did not answer, or could not.
                CredentialsError::ProviderTimedOut(_) | CredentialsError::ProviderError(_) => {
                    Error::Unreachable { place, why }
                }
                _ => Error::NoCredentials { place, why },
            });
        }
        cause = error.source();
    }
    None
}
