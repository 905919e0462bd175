//! Azure Key Vault: a secret whose newest version is the copy.
//!
//! Key Vault cannot compare before it writes. So the newest version is read just before a write, and
//! again after it: a write over what is no longer there is refused, and one that came in between is
//! told, but of two at the same moment the later stays. A single version is whole.

use std::collections::HashMap;
use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use async_trait::async_trait;
use azure_core::cloud::CustomConfiguration;
use azure_core::credentials::{Secret as AzureSecret, TokenCredential};
use azure_core::error::ErrorKind;
use azure_core::http::headers::HeaderName;
use azure_core::http::{ClientOptions, RetryOptions, Transport};
use azure_identity::{
    ClientAssertionCredentialOptions, ClientSecretCredential, ClientSecretCredentialOptions,
    ManagedIdentityCredential, ManagedIdentityCredentialOptions, UserAssignedId,
    WorkloadIdentityCredential, WorkloadIdentityCredentialOptions,
};
use azure_security_keyvault_secrets::models::{Secret as Found, SetSecretParameters};
use azure_security_keyvault_secrets::{ResourceExt, SecretClient, SecretClientOptions};
use keytide_jose::Secret;
use serde::{Deserialize, Serialize};

use crate::{
    Content, Credential, Document, Error, Held, Reach, Surroundings, Target, Version, http, reach,
    said,
};

/// The settings of a target in Azure Key Vault.
#[derive(Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct AzureSpec {
    /// `https://NAME.vault.azure.net`.
    vault: String,
    /// The secret's name: letters, digits and hyphens.
    secret: String,
    /// As whom. Default: the managed identity of the machine.
    #[serde(default)]
    auth: AuthForm,
    /// Where tokens come from. Default: `https://login.microsoftonline.com`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    authority: Option<String>,
    /// A file of PEM certificates that are trusted instead of the system's.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    ca: Option<PathBuf>,
    /// Whether the vault must belong to the domain for which it asks a token. Without this, a vault
    /// of a stranger could ask for a token for another one; off only behind a proxy of one's own.
    #[serde(default = "yes")]
    verify_domain: bool,
}

fn yes() -> bool {
    true
}

/// As whom Azure is spoken to: `{"method": …}` with the members of that method.
#[derive(Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct AuthForm {
    method: Method,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    tenant_id: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    client_id: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    client_secret: Option<Credential>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    token_file: Option<PathBuf>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
enum Method {
    /// The identity that Azure gives the machine, or one of several by its client id.
    ManagedIdentity,
    /// A Kubernetes service account's token; what is not set comes from the pod's environment.
    WorkloadIdentity,
    /// An application with a secret.
    ClientSecret,
}

impl Default for AuthForm {
    fn default() -> Self {
        let method = Method::ManagedIdentity;
        Self { method, tenant_id: None, client_id: None, client_secret: None, token_file: None }
    }
}

impl AuthForm {
    fn check(&self) -> Result<(), Error> {
        let given = [
            ("tenant_id", self.tenant_id.is_some()),
            ("client_id", self.client_id.is_some()),
            ("client_secret", self.client_secret.is_some()),
            ("token_file", self.token_file.is_some()),
        ];
        let (method, needed, allowed): (_, &[&str], &[&str]) = match self.method {
            Method::ManagedIdentity => ("managed_identity", &[], &["client_id"]),
            Method::WorkloadIdentity => {
                ("workload_identity", &[], &["tenant_id", "client_id", "token_file"])
            }
            Method::ClientSecret => {
                ("client_secret", &["tenant_id", "client_id", "client_secret"], &[])
            }
        };
        for (name, is_given) in given {
            let is_needed = needed.contains(&name);
            let why = match is_given {
                false if is_needed => "needs",
                true if !is_needed && !allowed.contains(&name) => "takes no",
                _ => continue,
            };
            let why = format!("`auth` with the method `{method}` {why} `{name}`");
            return Err(Error::BadTarget { why });
        }
        Ok(())
    }
}

/// What a secret can hold.
const LARGEST: usize = 25_600;

/// One secret of a key vault.
pub(crate) struct AzureTarget {
    spec: AzureSpec,
    around: Arc<dyn Surroundings>,
    transport: Transport,
    client: tokio::sync::OnceCell<SecretClient>,
}

impl AzureSpec {
    /// # Errors
    /// `bad_target`.
    pub(crate) fn check(&self) -> Result<(), Error> {
        http::url(&self.vault)?;
        self.auth.check()?;
        self.authority.as_deref().map_or(Ok(()), |address| http::url(address).map(drop))?;
        let is_allowed = |c: char| c.is_ascii_alphanumeric() || c == '-';
        if (1..=127).contains(&self.secret.len()) && self.secret.chars().all(is_allowed) {
            return Ok(());
        }
        let shown: String = self.secret.escape_debug().take(100).collect();
        let why = format!("`secret` must be 1 to 127 letters, digits and hyphens, not `{shown}`");
        Err(Error::BadTarget { why })
    }

    pub(crate) fn reaches(&self) -> Vec<Reach> {
        let mut found = reach::of([self.auth.client_secret.as_ref()], self.ca.as_ref());
        found.extend(self.auth.token_file.clone().map(Reach::Reads));
        if self.auth.method != Method::ClientSecret {
            let elsewhere = self.authority.is_some() || !self.verify_domain;
            found.push(Reach::Identity { of: "the identity that Azure gives it", elsewhere });
        }
        found
    }

    pub(crate) fn open(self, around: Arc<dyn Surroundings>) -> Result<AzureTarget, Error> {
        let client = http::client(self.ca.as_deref(), &*around)?;
        let transport = Transport::new(Arc::new(client));
        Ok(AzureTarget { spec: self, around, transport, client: tokio::sync::OnceCell::new() })
    }
}

impl AzureTarget {
    /// One attempt for a call: whoever calls decides on another.
    fn options(&self) -> ClientOptions {
        let cloud = self.spec.authority.as_ref().map(|authority| {
            let mut custom = CustomConfiguration::default();
            custom.authority_host.clone_from(authority);
            Arc::new(custom.into())
        });
        let transport = Some(self.transport.clone());
        ClientOptions { retry: RetryOptions::none(), transport, cloud, ..ClientOptions::default() }
    }

    fn credential(&self) -> Result<Arc<dyn TokenCredential>, Error> {
        let client_options = self.options();
        let AuthForm { method, tenant_id, client_id, client_secret, token_file } = &self.spec.auth;
        let made: azure_core::Result<Arc<dyn TokenCredential>> = match method {
            Method::ManagedIdentity => {
                let user_assigned_id = client_id.clone().map(UserAssignedId::ClientId);
                let options = ManagedIdentityCredentialOptions { client_options, user_assigned_id };
                ManagedIdentityCredential::new(Some(options)).map(|made| made as _)
            }
            Method::WorkloadIdentity => {
                let options = WorkloadIdentityCredentialOptions {
                    credential_options: ClientAssertionCredentialOptions { client_options },
                    client_id: client_id.clone(),
                    tenant_id: tenant_id.clone(),
                    token_file_path: token_file.clone(),
                };
                WorkloadIdentityCredential::new(Some(options)).map(|made| made as _)
            }
            Method::ClientSecret => {
                let secret = client_secret.as_ref();
                let secret = secret.map(|secret| secret.obtain(&*self.around, &self.place()));
                let secret = secret.transpose()?.unwrap_or(Secret::new(Vec::new()));
                let secret = String::from_utf8_lossy(secret.expose()).into_owned();
                let options = ClientSecretCredentialOptions { client_options };
                ClientSecretCredential::new(
                    tenant_id.as_deref().unwrap_or_default(),
                    client_id.clone().unwrap_or_default(),
                    AzureSecret::new(secret),
                    Some(options),
                )
                .map(|made| made as _)
            }
        };
        made.map_err(|error| Error::NoCredentials {
            place: self.place(),
            why: said::words(&said::chain(&error), None),
        })
    }

    async fn client(&self) -> Result<&SecretClient, Error> {
        let client = self.client.get_or_try_init(async || {
            let options = SecretClientOptions {
                client_options: self.options(),
                verify_challenge_resource: Some(self.spec.verify_domain),
                ..SecretClientOptions::default()
            };
            SecretClient::new(&self.spec.vault, self.credential()?, Some(options))
                .map_err(|error| Error::BadTarget { why: said::chain(&error) })
        });
        client.await
    }

    /// What readers get, in the version that they get it from.
    async fn newest(&self) -> Result<Option<Held>, Error> {
        let answer = self.client().await?.get_secret(&self.spec.secret, None).await;
        let found = answer.and_then(|answer| answer.into_model());
        match found {
            Ok(found) => Ok(Some(self.held(found)?)),
            Err(error) => match Refusal::of(&error) {
                Some(Refusal { status: 404, .. }) => Ok(None),
                // Nobody can read it, so no copy is there, whatever older versions hold.
                Some(refusal) if refusal.says("SecretDisabled") => Ok(Some(Held {
                    content: Content::Foreign {
                        texts: Default::default(),
                        why: "its newest version is disabled".to_owned(),
                    },
                    version: Version("disabled".to_owned()),
                })),
                _ => Err(self.explain(&error, None)),
            },
        }
    }

    fn held(&self, found: Found) -> Result<Held, Error> {
        let version = found.resource_id().ok().and_then(|id| id.version);
        let Some(version) = version else {
            let why = "it answered with a secret that has no version".to_owned();
            return Err(Error::Unreachable { place: self.place(), why });
        };
        let value = found.value.map(String::into_bytes).unwrap_or_default();
        let value = Secret::new(value);
        Ok(Held { content: Document::from_json(value.expose()), version: Version(version) })
    }

    /// Adds a version.
    async fn set(&self, client: &SecretClient, document: &Document) -> azure_core::Result<Found> {
        let parameters = SetSecretParameters {
            content_type: Some("application/json".to_owned()),
            tags: Some(HashMap::from([
                ("keytide-ring".to_owned(), document.ring().to_string()),
                ("keytide-epoch".to_owned(), document.epoch().to_string()),
            ])),
            value: Some(String::from_utf8_lossy(document.to_json().expose()).into_owned()),
            ..SetSecretParameters::default()
        };
        client.set_secret(&self.spec.secret, parameters.try_into()?, None).await?.into_model()
    }

    /// Takes a deletion back, which may take the vault some seconds.
    async fn recover(&self) -> Result<(), Error> {
        let client = self.client().await?;
        let recovered = client.recover_deleted_secret(&self.spec.secret, None).await;
        recovered.map_err(|error| self.explain(&error, None))?;
        match self.newest().await? {
            Some(_) => Ok(()),
            None => Err(Error::Unreachable {
                place: self.place(),
                why: "it was deleted, and its recovery goes on".to_owned(),
            }),
        }
    }

    /// What a failed call means.
    fn explain(&self, error: &azure_core::Error, sent: Option<&Document>) -> Error {
        let place = self.place();
        let Some(refusal) = Refusal::of(error) else {
            let why = said::words(&said::chain(error), sent);
            return match error.kind() {
                ErrorKind::Credential => Error::NoCredentials { place, why },
                _ => Error::Unreachable { place, why },
            };
        };
        let Refusal { status, code, inner, message, retry_after } = refusal;
        let code = if inner.is_empty() { code } else { inner };
        let why = match (message.is_empty(), code.is_empty()) {
            (false, false) => format!("{message} ({code})"),
            (false, true) => format!("{message} (HTTP {status})"),
            _ => format!("HTTP {status} {code}"),
        };
        let why = said::words(&why, sent);
        let by_identity = matches!(error.kind(), ErrorKind::Credential);
        match status {
            429 => Error::Throttled { place, retry_after },
            408 | 500.. => Error::Unreachable { place, why },
            401 | 403 => Error::Denied { place, why },
            // Whoever gives out tokens refuses with 400 too.
            400 if by_identity => Error::Denied { place, why },
            // Something is on its way: a deletion, a recovery, another write.
            409 => Error::Changed { place, why },
            _ => Error::Refused { place, why },
        }
    }
}

#[async_trait]
impl Target for AzureTarget {
    fn place(&self) -> String {
        format!("{}/secrets/{}", self.spec.vault.trim_end_matches('/'), self.spec.secret)
    }

    async fn read(&self) -> Result<Option<Held>, Error> {
        self.newest().await
    }

    async fn write(&self, document: &Document, over: Option<&Version>) -> Result<(), Error> {
        let changed = |why: &str| Error::Changed { place: self.place(), why: why.to_owned() };
        let size = document.to_json().len();
        if size > LARGEST {
            let why = format!("the copy has {size} bytes, and a secret holds {LARGEST}");
            return Err(Error::Refused { place: self.place(), why });
        }
        match (self.newest().await?, over) {
            (Some(held), _) if holds(&held, document) => return Ok(()),
            (Some(held), Some(over)) if held.version == *over => {}
            (None, None) => {}
            (Some(_), _) => return Err(changed("its newest version is another by now")),
            (None, Some(_)) => return Err(changed("it was deleted")),
        }
        let client = self.client().await?;
        let mut set = self.set(client, document).await;
        let is_deleted = |error| {
            Refusal::of(error).is_some_and(|refusal| refusal.says("ObjectIsDeletedButRecoverable"))
        };
        if over.is_none() && set.as_ref().err().is_some_and(is_deleted) {
            self.recover().await?;
            set = self.set(client, document).await;
        }
        let set = self.held(set.map_err(|error| self.explain(&error, Some(document)))?)?;
        match self.newest().await? {
            Some(held) if held.version == set.version => Ok(()),
            _ => Err(changed("somebody else wrote at the same time")),
        }
    }

    async fn delete(&self) -> Result<(), Error> {
        match self.client().await?.delete_secret(&self.spec.secret, None).await {
            Ok(_) => Ok(()),
            Err(error) => match Refusal::of(&error) {
                Some(Refusal { status: 404, .. }) => Ok(()),
                Some(refusal) if refusal.says("ObjectIsBeingDeleted") => Ok(()),
                _ => Err(self.explain(&error, None)),
            },
        }
    }
}

fn holds(held: &Held, document: &Document) -> bool {
    matches!(&held.content, Content::Ours(found) if found.digest() == document.digest())
}

/// An answer that says no.
struct Refusal {
    status: u16,
    code: String,
    /// The code that says more.
    inner: String,
    message: String,
    retry_after: Option<Duration>,
}

/// `{"error": {"code", "message", "innererror": {"code"}}}`, where it is that.
#[derive(Default, Deserialize)]
struct Body {
    #[serde(default)]
    error: BodyError,
}

#[derive(Default, Deserialize)]
#[serde(default)]
struct BodyError {
    code: String,
    message: String,
    innererror: Option<Inner>,
}

#[derive(Default, Deserialize)]
#[serde(default)]
struct Inner {
    code: String,
}

impl Refusal {
    /// The answer behind an error, also behind one of the credentials; `None` when there was none.
    fn of(error: &azure_core::Error) -> Option<Self> {
        let mut cause = Some(error as &(dyn std::error::Error + 'static));
        while let Some(error) = cause {
            if let Some(failed) = error.downcast_ref::<azure_core::Error>()
                && let ErrorKind::HttpResponse { status, error_code, raw_response } = failed.kind()
            {
                let raw = raw_response.as_deref();
                let body = raw.and_then(|raw| serde_json::from_slice::<Body>(raw.body()).ok());
                let BodyError { code, message, innererror } = body.unwrap_or_default().error;
                let code = if code.is_empty() { error_code.clone() } else { Some(code) };
                let after = HeaderName::from_static("retry-after");
                let after = raw.and_then(|raw| raw.headers().get_optional_str(&after));
                return Some(Self {
                    status: u16::from(*status),
                    code: code.unwrap_or_default(),
                    inner: innererror.unwrap_or_default().code,
                    message: if message.is_empty() { failed.to_string() } else { message },
                    retry_after: after
                        .and_then(|text| text.trim().parse().ok())
                        .map(Duration::from_secs),
                });
            }
            cause = error.source();
        }
        None
    }

    fn says(&self, code: &str) -> bool {
        self.code == code || self.inner == code
    }
}
