//! Google Cloud Secret Manager: a secret whose latest version is the copy.
//!
//! A version cannot be added under a condition. So the latest is read just before a write, and the
//! number of the added one tells afterwards whether another came in between: that is told, but of two
//! at the same moment the later stays. A single version is whole. Versions are billed, so those of ours
//! that are older than the one before are destroyed.

use std::cmp::Reverse;
use std::sync::Arc;
use std::time::Duration;

use async_trait::async_trait;
use google_cloud_auth::credentials::{self, Credentials};
use google_cloud_gax::error::rpc::Code;
use google_cloud_gax::paginator::ItemPaginator;
use google_cloud_gax::retry_policy::NeverRetry;
use google_cloud_secretmanager_v1::client::SecretManagerService;
use google_cloud_secretmanager_v1::model::secret_version::State;
use google_cloud_secretmanager_v1::model::{
    AccessSecretVersionResponse, Replication, Secret as NewSecret, SecretPayload, replication,
};
use keytide_jose::Secret;
use serde::{Deserialize, Serialize};
use tokio::sync::OnceCell;

use crate::{
    Content, Credential, Document, Error, Held, Reach, Surroundings, Target, Version, http, reach,
    said,
};

/// The settings of a target in Google Cloud Secret Manager.
#[derive(Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct GcpSpec {
    /// The project's id or number.
    project: String,
    /// The secret's name: letters, digits, hyphens and underscores.
    secret: String,
    /// A key of a service account, or the configuration of a workload identity federation, as JSON.
    /// Default: the application default credentials.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    credentials: Option<Credential>,
    /// Another address than Google's own, such as a region's.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    endpoint: Option<String>,
}

/// What a secret can hold.
const LARGEST: usize = 65_536;

/// How many versions of ours are kept: the latest, and the one before.
const KEPT: usize = 2;

/// How many older versions are looked at after a write.
const LOOKED_AT: usize = 10;

/// How long a call may take.
const CALL: Duration = Duration::from_secs(30);

/// One secret of a project.
pub(crate) struct GcpTarget {
    spec: GcpSpec,
    around: Arc<dyn Surroundings>,
    client: OnceCell<SecretManagerService>,
}

impl GcpSpec {
    /// # Errors
    /// `bad_target`.
    pub(crate) fn check(&self) -> Result<(), Error> {
        let is_allowed = |c: char| c.is_ascii_alphanumeric() || c == '-' || c == '_';
        for (setting, text, most) in [("project", &self.project, 63), ("secret", &self.secret, 255)]
        {
            // A project may belong to a domain, as in `example.com:project`.
            let is_fit = |c| is_allowed(c) || setting == "project" && (c == ':' || c == '.');
            if !(1..=most).contains(&text.len()) || !text.chars().all(is_fit) {
                let shown: String = text.escape_debug().take(100).collect();
                let why = format!(
                    "`{setting}` must be 1 to {most} letters, digits, - and _, not `{shown}`"
                );
                return Err(Error::BadTarget { why });
            }
        }
        self.endpoint.as_deref().map_or(Ok(()), |address| http::url(address).map(drop))
    }

    pub(crate) fn reaches(&self) -> Vec<Reach> {
        let mut found = reach::of([self.credentials.as_ref()], None);
        match &self.credentials {
            None => {
                let elsewhere = self.endpoint.is_some();
                found.push(Reach::Identity { of: "the identity that Google gives it", elsewhere });
            }
            Some(Credential::Sealed(json)) if !is_plain_key(json) => found.push(Reach::Delegates(
                "credentials of Google that are no service account's key, or get their tokens \
                 elsewhere than from Google",
            )),
            Some(_) => {}
        }
        found
    }

    pub(crate) fn open(self, around: Arc<dyn Surroundings>) -> GcpTarget {
        GcpTarget { spec: self, around, client: OnceCell::new() }
    }
}

/// A service account's key, whose tokens come from Google itself. A federation's configuration names
/// files, commands and addresses.
fn is_plain_key(json: &Secret) -> bool {
    #[derive(Deserialize)]
    struct Key<'k> {
        r#type: &'k str,
        token_uri: Option<&'k str>,
        universe_domain: Option<&'k str>,
    }
    serde_json::from_slice(json.expose()).is_ok_and(|key: Key<'_>| {
        key.r#type == "service_account"
            && key.token_uri.is_none_or(|uri| uri == "https://oauth2.googleapis.com/token")
            && key.universe_domain.is_none_or(|domain| domain == "googleapis.com")
    })
}

impl GcpTarget {
    async fn client(&self) -> Result<&SecretManagerService, Error> {
        let client = self.client.get_or_try_init(async || {
            // One attempt for a call: whoever calls decides on another.
            let mut builder = SecretManagerService::builder()
                .with_retry_policy(NeverRetry)
                .with_attempt_timeout(CALL);
            if let Some(given) = &self.spec.credentials {
                builder = builder.with_credentials(self.credentials(given)?);
            }
            if let Some(address) = &self.spec.endpoint {
                builder = builder.with_endpoint(address);
            }
            builder.build().await.map_err(|error| Error::NoCredentials {
                place: self.place(),
                why: said::words(&said::chain(&error), None),
            })
        });
        client.await
    }

    fn credentials(&self, given: &Credential) -> Result<Credentials, Error> {
        let json = given.obtain(&*self.around, &self.place())?;
        let bad = |why: &str| Error::NoCredentials { place: self.place(), why: why.to_owned() };
        let json: serde_json::Value = serde_json::from_slice(json.expose())
            .map_err(|_| bad("the credentials that were given are no JSON"))?;
        let built = match json["type"].as_str() {
            Some("service_account") => credentials::service_account::Builder::new(json).build(),
            Some("external_account") => credentials::external_account::Builder::new(json)
                .with_scopes(["https://www.googleapis.com/auth/cloud-platform"])
                .build(),
            _ => {
                return Err(bad(
                    "the credentials that were given are neither a service account's key nor a \
                     federation's configuration",
                ));
            }
        };
        // The builder's own words may repeat what was given.
        built.map_err(|_| bad("the credentials that were given lack a member, or hold a bad key"))
    }

    fn name(&self) -> String {
        format!("projects/{}/secrets/{}", self.spec.project, self.spec.secret)
    }

    /// What readers of `latest` get.
    async fn latest(&self) -> Result<Option<Held>, Error> {
        let access = self.client().await?.access_secret_version();
        match access.set_name(format!("{}/versions/latest", self.name())).send().await {
            Ok(found) => Ok(Some(Held {
                content: content(&found),
                version: Version(number(&found.name).to_owned()),
            })),
            Err(error) => match code(&error) {
                (404, _) | (_, Some(Code::NotFound)) => Ok(None),
                // Nobody can read it, so no copy is there, whatever older versions hold.
                (_, Some(Code::FailedPrecondition)) => Ok(Some(Held {
                    content: Content::Foreign {
                        texts: Default::default(),
                        why: "its latest version is disabled or destroyed".to_owned(),
                    },
                    version: Version("disabled".to_owned()),
                })),
                _ => Err(self.explain(&error, None)),
            },
        }
    }

    /// Makes the secret without a version, where there is none.
    async fn create(&self) -> Result<(), Error> {
        let automatic = replication::Automatic::new();
        let secret = NewSecret::new().set_replication(Replication::new().set_automatic(automatic));
        let create = self.client().await?.create_secret();
        let create = create
            .set_parent(format!("projects/{}", self.spec.project))
            .set_secret_id(&self.spec.secret)
            .set_secret(secret);
        match create.send().await {
            Ok(_) => Ok(()),
            Err(error) if matches!(code(&error), (409, _) | (_, Some(Code::AlreadyExists))) => {
                Ok(())
            }
            Err(error) => Err(self.explain(&error, None)),
        }
    }

    /// The number of the version that `document` became; `None` when there is no secret.
    async fn add(&self, document: &Document) -> Result<Option<u64>, Error> {
        let copy = document.to_json();
        if copy.len() > LARGEST {
            let why = format!("the copy has {} bytes, and a secret holds {LARGEST}", copy.len());
            return Err(Error::Refused { place: self.place(), why });
        }
        let payload = SecretPayload::new().set_data(copy.expose().to_vec());
        let add = self.client().await?.add_secret_version();
        match add.set_parent(self.name()).set_payload(payload).send().await {
            Ok(added) => Ok(Some(number(&added.name).parse().unwrap_or_default())),
            Err(error) if matches!(code(&error), (404, _) | (_, Some(Code::NotFound))) => Ok(None),
            Err(error) => Err(self.explain(&error, Some(document))),
        }
    }

    /// Destroys versions of this ring's copy that are older than the one before `latest`.
    ///
    /// The copy is in its place already, so what fails here is left to the next write.
    async fn tidy(&self, document: &Document) -> Option<()> {
        let client = self.client().await.ok()?;
        let list = client.list_secret_versions().set_parent(self.name());
        let mut listed = list.set_filter("state:ENABLED").by_item();
        let mut versions = Vec::new();
        while let Some(version) = listed.next().await {
            versions.push(version.ok()?);
        }
        versions.retain(|version| version.state == State::Enabled);
        versions.sort_by_key(|version| Reverse(number(&version.name).parse::<u64>().ok()));
        let mut kept = 0;
        for version in versions.into_iter().take(LOOKED_AT) {
            let access = client.access_secret_version().set_name(&version.name);
            let found = access.send().await.ok()?;
            // Whatever somebody else put there is theirs to destroy.
            if !matches!(content(&found), Content::Ours(found) if found.ring() == document.ring()) {
                continue;
            }
            kept += 1;
            if kept > KEPT {
                let destroy = client.destroy_secret_version().set_name(&version.name);
                destroy.set_etag(&version.etag).send().await.ok()?;
            }
        }
        Some(())
    }

    /// What a failed call means.
    fn explain(&self, error: &google_cloud_gax::error::Error, sent: Option<&Document>) -> Error {
        let place = self.place();
        let (http, code) = code(error);
        if let Some(status) = error.status() {
            let why = format!("{} ({})", status.message, status.code.name());
            let why = said::words(&why, sent);
            return match status.code {
                Code::ResourceExhausted => {
                    Error::Throttled { place, retry_after: retry_after(error) }
                }
                Code::PermissionDenied | Code::Unauthenticated => Error::Denied { place, why },
                Code::Unavailable | Code::Internal | Code::DeadlineExceeded | Code::Unknown => {
                    Error::Unreachable { place, why }
                }
                Code::Aborted | Code::AlreadyExists => Error::Changed { place, why },
                _ => Error::Refused { place, why },
            };
        }
        let why = said::words(&said::chain(error), sent);
        if error.is_authentication() {
            return match is_transient(error) {
                true => Error::Unreachable { place, why },
                false => Error::NoCredentials { place, why },
            };
        }
        match (http, code) {
            (429, _) => Error::Throttled { place, retry_after: retry_after(error) },
            (401 | 403, _) => Error::Denied { place, why: format!("HTTP {http}") },
            (400..=499, _) => Error::Refused { place, why: format!("HTTP {http}") },
            (500.., _) => Error::Unreachable { place, why: format!("HTTP {http}") },
            _ => Error::Unreachable { place, why },
        }
    }
}

#[async_trait]
impl Target for GcpTarget {
    fn place(&self) -> String {
        format!("Google secret {}", self.name())
    }

    async fn read(&self) -> Result<Option<Held>, Error> {
        self.latest().await
    }

    async fn write(&self, document: &Document, over: Option<&Version>) -> Result<(), Error> {
        let changed = |why: &str| Error::Changed { place: self.place(), why: why.to_owned() };
        match (self.latest().await?, over) {
            (Some(held), _) if holds(&held, document) => return Ok(()),
            (Some(held), Some(over)) if held.version == *over => {}
            (None, None) => {}
            (Some(_), _) => return Err(changed("its latest version is another by now")),
            (None, Some(_)) => return Err(changed("it was deleted")),
        }
        let added = match self.add(document).await? {
            Some(added) => added,
            None if over.is_none() => {
                self.create().await?;
                self.add(document).await?.ok_or_else(|| changed("it was deleted"))?
            }
            None => return Err(changed("it was deleted")),
        };
        let before = over.and_then(|over| over.0.parse::<u64>().ok());
        if before.is_some_and(|before| added != before + 1) {
            return Err(changed("somebody else added a version at the same time"));
        }
        let _ = self.tidy(document).await;
        Ok(())
    }

    async fn delete(&self) -> Result<(), Error> {
        let delete = self.client().await?.delete_secret();
        match delete.set_name(self.name()).send().await {
            Ok(()) => Ok(()),
            Err(error) if matches!(code(&error), (404, _) | (_, Some(Code::NotFound))) => Ok(()),
            Err(error) => Err(self.explain(&error, None)),
        }
    }
}

fn holds(held: &Held, document: &Document) -> bool {
    matches!(&held.content, Content::Ours(found) if found.digest() == document.digest())
}

fn content(found: &AccessSecretVersionResponse) -> Content {
    let data = found.payload.as_ref().map(|payload| payload.data.as_ref());
    Document::from_json(data.unwrap_or_default())
}

/// `3` of `projects/1234/secrets/billing/versions/3`.
fn number(name: &str) -> &str {
    name.rsplit('/').next().unwrap_or_default()
}

/// The HTTP status, or 0, and Google's own code.
fn code(error: &google_cloud_gax::error::Error) -> (u16, Option<Code>) {
    (error.http_status_code().unwrap_or_default(), error.status().map(|status| status.code))
}

fn retry_after(error: &google_cloud_gax::error::Error) -> Option<Duration> {
    let text = error.http_headers()?.get("retry-after")?.to_str().ok()?;
    text.trim().parse().ok().map(Duration::from_secs)
}

/// Whether credentials may be had a little later.
fn is_transient(error: &google_cloud_gax::error::Error) -> bool {
    let mut cause = std::error::Error::source(error);
    while let Some(error) = cause {
        if let Some(failed) = error.downcast_ref::<google_cloud_gax::error::CredentialsError>() {
            return failed.is_transient();
        }
        cause = error.source();
    }
    false
}
