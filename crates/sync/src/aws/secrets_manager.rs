//! AWS Secrets Manager: a secret whose `AWSCURRENT` is the copy.
//!
//! A new version is staged under a label of our own, read back, and only then made `AWSCURRENT`, from
//! the one version that was read before: that move is the compare-and-swap, and readers see one whole
//! document or the other. `AWSPREVIOUS` follows by itself. `AWSPENDING` belongs to rotation by Lambda
//! and is never set.

use std::sync::Arc;

use aws_sdk_secretsmanager::Client;
use aws_sdk_secretsmanager::error::ProvideErrorMetadata;
use aws_sdk_secretsmanager::operation::describe_secret::DescribeSecretOutput;
use aws_sdk_secretsmanager::operation::get_secret_value::GetSecretValueOutput;
use serde::{Deserialize, Serialize};
use tokio::sync::OnceCell;
use uuid::Uuid;

use super::access::{AwsAccess, AwsKeys, explain};
use crate::{
    Content, Document, Error, Held, Pace, Reach, Span, Surroundings, Target, Version, http, reach,
};

/// The settings of a target in AWS Secrets Manager. What is not set of the first three is taken from
/// where every AWS program takes it: the environment, the profile, the machine's own metadata.
#[derive(Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct AwsSpec {
    /// The region, such as `eu-central-1`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    region: Option<String>,
    /// The profile in `~/.aws/config`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    profile: Option<String>,
    /// Another address than AWS's own, such as a VPC endpoint's.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    endpoint: Option<String>,
    /// An access key instead of the credentials that are found.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    access_key: Option<AwsKeys>,
    /// The secret's name, or its ARN.
    secret: String,
    /// The KMS key that a secret we create is encrypted under. Default: the account's own.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    kms_key: Option<String>,
    /// For how many days a deleted secret can be restored: 7 to 30. Default 30.
    #[serde(default = "thirty")]
    recovery_days: u8,
}

fn thirty() -> u8 {
    30
}

/// One secret of AWS Secrets Manager.
pub(crate) struct AwsTarget {
    secret: String,
    kms_key: Option<String>,
    recovery_days: u8,
    access: AwsAccess,
    client: OnceCell<Client>,
}

/// The stage of a version that is written and not yet current.
const STAGED: &str = "KEYTIDENEXT";
const CURRENT: &str = "AWSCURRENT";

/// What a secret can hold.
const LARGEST: usize = 65_536;

/// Names the tokens of our writes among all UUIDs.
const TOKENS: Uuid = Uuid::from_u128(0x6f0f_6d1e_64c1_5b6c_9d0c_5a27_6d0b_9d42);

/// How many sets of one epoch a secret can hold beside each other before we give up.
const SETS_OF_AN_EPOCH: u32 = 16;

impl AwsSpec {
    pub(crate) fn reaches(&self) -> Vec<Reach> {
        let keys = self.access_key.as_ref();
        let credentials =
            [keys.map(|keys| &keys.secret), keys.and_then(|keys| keys.session_token.as_ref())];
        let mut found = reach::of(credentials, None);
        if keys.is_none() || self.profile.is_some() {
            let elsewhere = self.endpoint.is_some();
            found.push(Reach::Identity { of: "the identity that AWS gives it", elsewhere });
        }
        found
    }

    /// # Errors
    /// `bad_target`.
    pub(crate) fn check(&self) -> Result<(), Error> {
        let bad = |why: String| Err(Error::BadTarget { why });
        let Self { secret, region, recovery_days, endpoint, .. } = self;
        if secret.starts_with("arn:") {
            let Some(of_arn) = region_of(secret) else {
                return bad(format!("`{secret}` is no ARN of a secret of Secrets Manager"));
            };
            if region.as_deref().is_some_and(|set| set != of_arn) {
                return bad(format!("`{secret}` is not in the region that is set"));
            }
        } else if !is_name(secret) {
            let shown: String = secret.escape_debug().take(100).collect();
            return bad(format!(
                "`secret` must be a name of 1 to 512 letters, digits and /_+=.@-, not `{shown}`"
            ));
        }
        if !(7..=30).contains(recovery_days) {
            return bad(format!("`recovery_days` must be 7 to 30, not {recovery_days}"));
        }
        endpoint.as_deref().map_or(Ok(()), |address| http::url(address).map(drop))
    }

    pub(crate) fn open(self, around: Arc<dyn Surroundings>) -> AwsTarget {
        let region = self.region.or_else(|| region_of(&self.secret).map(str::to_owned));
        let Self { profile, endpoint, access_key, secret, kms_key, recovery_days, .. } = self;
        let access = AwsAccess { region, profile, endpoint, access_key, around };
        AwsTarget { secret, kms_key, recovery_days, access, client: OnceCell::new() }
    }
}

fn region_of(arn: &str) -> Option<&str> {
    let parts: Vec<&str> = arn.split(':').collect();
    match parts.as_slice() {
        ["arn", _, "secretsmanager", region, _, "secret", _] => Some(region),
        _ => None,
    }
}

impl AwsTarget {
    async fn client(&self) -> Result<&Client, Error> {
        let client = self.client.get_or_try_init(async || {
            let config = self.access.load(&self.place()).await?;
            Ok(Client::new(&config))
        });
        client.await
    }

    /// What is there, without a guess at why nothing is.
    async fn current(&self) -> Result<Option<GetSecretValueOutput>, Error> {
        let get = self.client().await?.get_secret_value().secret_id(&self.secret);
        match get.version_stage(CURRENT).send().await {
            Ok(found) => Ok(Some(found)),
            Err(error) => match error.code() {
                Some("ResourceNotFoundException") => Ok(None),
                // So it answers for a secret that waits for its deletion, among others.
                Some("InvalidRequestException") if self.is_deleted().await? => Ok(None),
                _ => Err(explain(&self.place(), &error, None)),
            },
        }
    }

    async fn there(&self) -> Result<There, Error> {
        if let Some(found) = self.current().await? {
            return Ok(There::Copy(Box::new(found)));
        }
        Ok(match self.describe().await? {
            None => There::Nothing,
            Some(secret) if secret.deleted_date().is_some() => There::Deleted,
            Some(_) => There::Empty,
        })
    }

    /// `None` when there is no such secret.
    async fn describe(&self) -> Result<Option<DescribeSecretOutput>, Error> {
        let describe = self.client().await?.describe_secret().secret_id(&self.secret);
        match describe.send().await {
            Ok(secret) => Ok(Some(secret)),
            Err(error) if error.code() == Some("ResourceNotFoundException") => Ok(None),
            Err(error) => Err(explain(&self.place(), &error, None)),
        }
    }

    async fn is_deleted(&self) -> Result<bool, Error> {
        Ok(self.describe().await?.is_some_and(|secret| secret.deleted_date().is_some()))
    }

    /// Makes the secret with `document` in it.
    async fn create(&self, document: &Document) -> Result<(), Error> {
        let place = self.place();
        if self.secret.starts_with("arn:") {
            // An ARN ends in six letters that AWS chooses.
            let why = "there is no such secret, and one is created by its name only".to_owned();
            return Err(Error::Refused { place, why });
        }
        let create = self.client().await?.create_secret();
        let create = create
            .name(&self.secret)
            .client_request_token(token(document, 0))
            .secret_string(self.text(document)?)
            .set_kms_key_id(self.kms_key.clone())
            .description(format!("Keys of the ring {}, kept by Keytide", document.ring()));
        match create.send().await {
            Ok(_) => Ok(()),
            Err(error) if error.code() == Some("ResourceExistsException") => {
                Err(Error::Changed { place, why: "it was created by somebody else".to_owned() })
            }
            Err(error) => Err(explain(&place, &error, Some(document))),
        }
    }

    /// Takes back a deletion that has not come to pass, and tells which version is current again.
    async fn restore(&self) -> Result<Option<String>, Error> {
        let restore = self.client().await?.restore_secret().secret_id(&self.secret);
        restore.send().await.map_err(|error| explain(&self.place(), &error, None))?;
        let restored = self.current().await?;
        Ok(restored.and_then(|found| found.version_id().map(str::to_owned)))
    }

    /// Adds `document` as a version that nobody reads yet, and gives its id.
    ///
    /// A token names one value for ever. Where it names another one, such as a set of the same epoch
    /// under other names, the next token is taken.
    async fn stage(&self, document: &Document) -> Result<String, Error> {
        for nth in 0..SETS_OF_AN_EPOCH {
            let token = token(document, nth);
            let put = self.client().await?.put_secret_value().secret_id(&self.secret);
            let put = put
                .client_request_token(&token)
                .secret_string(self.text(document)?)
                // Said always: without it AWSCURRENT would move at once, over whatever is there.
                .version_stages(STAGED);
            match put.send().await {
                Ok(_) => return Ok(token),
                Err(error) if error.code() == Some("ResourceExistsException") => {}
                Err(error) => return Err(explain(&self.place(), &error, Some(document))),
            }
        }
        let why = format!("it holds {SETS_OF_AN_EPOCH} other sets of this ring and epoch");
        Err(Error::Refused { place: self.place(), why })
    }

    /// Reads a version that was written, and fails unless it holds `document`.
    async fn written(
        &self,
        version: &str,
        document: &Document,
    ) -> Result<GetSecretValueOutput, Error> {
        let get = self.client().await?.get_secret_value().secret_id(&self.secret);
        let found = get.version_id(version).send().await;
        match found {
            Ok(found) if holds(&found, document) => return Ok(found),
            Err(error) if error.code() != Some("ResourceNotFoundException") => {
                return Err(explain(&self.place(), &error, Some(document)));
            }
            _ => {}
        }
        let why = format!("version {version} does not hold what was written as such");
        Err(Error::NotConverged { place: self.place(), why })
    }

    /// Takes our own stage away from a version, where it is on it.
    async fn clear(&self, found: &GetSecretValueOutput) -> Result<(), Error> {
        if has(found, STAGED) {
            self.move_stage(STAGED, found.version_id(), None).await?;
        }
        Ok(())
    }

    async fn move_stage(
        &self,
        stage: &str,
        from: Option<&str>,
        to: Option<&str>,
    ) -> Result<(), Error> {
        let move_it = self.client().await?.update_secret_version_stage();
        let move_it = move_it
            .secret_id(&self.secret)
            .version_stage(stage)
            .set_remove_from_version_id(from.map(str::to_owned))
            .set_move_to_version_id(to.map(str::to_owned));
        match move_it.send().await {
            Ok(_) => Ok(()),
            Err(error) => match explain(&self.place(), &error, None) {
                Error::Refused { place, why }
                    if error.code() == Some("InvalidParameterException") =>
                {
                    Err(Error::Changed { place, why })
                }
                error => Err(error),
            },
        }
    }
}

#[async_trait::async_trait]
impl Target for AwsTarget {
    fn place(&self) -> String {
        match &self.access.region {
            Some(region) if !self.secret.starts_with("arn:") => {
                format!("AWS secret {} in {region}", self.secret)
            }
            _ => format!("AWS secret {}", self.secret),
        }
    }

    async fn read(&self) -> Result<Option<Held>, Error> {
        let found = self.current().await?;
        Ok(found.map(|found| Held {
            content: content(&found),
            version: Version(found.version_id().unwrap_or_default().to_owned()),
        }))
    }

    async fn write(&self, document: &Document, over: Option<&Version>) -> Result<(), Error> {
        let nothing = over.is_none();
        let changed = |why: &str| Error::Changed { place: self.place(), why: why.to_owned() };
        let from = match self.there().await? {
            There::Copy(found) if holds(&found, document) => return self.clear(&found).await,
            There::Copy(found) => {
                let current = found.version_id().unwrap_or_default();
                if over.is_none_or(|over| over.0 != current) {
                    return Err(changed(&format!("its current version is {current}")));
                }
                Some(current.to_owned())
            }
            There::Nothing if nothing => return self.create(document).await,
            There::Deleted if nothing => self.restore().await?,
            There::Empty if nothing => None,
            There::Nothing | There::Deleted => return Err(changed("it was deleted")),
            There::Empty => return Err(changed("no version is current any more")),
        };
        let version = self.stage(document).await?;
        let staged = self.written(&version, document).await?;
        let moved = if has(&staged, CURRENT) {
            Ok(())
        } else {
            self.move_stage(CURRENT, from.as_deref(), Some(&version)).await
        };
        // A version without a stage is one that AWS may forget.
        moved.and(self.clear(&staged).await)
    }

    fn pace(&self) -> Pace {
        // What AWS asks for on average, one version in ten minutes, with room for a few at once.
        Pace { writes: 6, within: Span::from_secs(3_600) }
    }

    async fn delete(&self) -> Result<(), Error> {
        let delete = self.client().await?.delete_secret().secret_id(&self.secret);
        match delete.recovery_window_in_days(self.recovery_days.into()).send().await {
            Ok(_) => Ok(()),
            Err(error) => match error.code() {
                Some("ResourceNotFoundException") => Ok(()),
                Some("InvalidRequestException") if self.is_deleted().await? => Ok(()),
                _ => Err(explain(&self.place(), &error, None)),
            },
        }
    }
}

impl AwsTarget {
    fn text(&self, document: &Document) -> Result<String, Error> {
        let json = document.to_json();
        let size = json.len();
        match std::str::from_utf8(json.expose()) {
            Ok(text) if size <= LARGEST => Ok(text.to_owned()),
            _ => {
                let why = format!("the copy has {size} bytes, and a secret holds {LARGEST}");
                Err(Error::Refused { place: self.place(), why })
            }
        }
    }
}

/// What is found under a secret's name.
enum There {
    /// No secret.
    Nothing,
    /// A secret that waits for its deletion.
    Deleted,
    /// A secret without a current version.
    Empty,
    /// A current version.
    Copy(Box<GetSecretValueOutput>),
}

/// The `nth` token for a document: the same at each attempt, so that a repeated one writes nothing
/// anew. It becomes the version's id, which more people see than its value: nothing of that is in it.
fn token(document: &Document, nth: u32) -> String {
    let name = format!("{}\n{}\n{nth}", document.ring(), document.epoch());
    Uuid::new_v5(&TOKENS, name.as_bytes()).to_string()
}

fn holds(found: &GetSecretValueOutput, document: &Document) -> bool {
    matches!(content(found), Content::Ours(held) if held.digest() == document.digest())
}

fn has(found: &GetSecretValueOutput, stage: &str) -> bool {
    found.version_stages().iter().any(|held| held == stage)
}

fn content(found: &GetSecretValueOutput) -> Content {
    let binary = found.secret_binary().map(|blob| blob.as_ref());
    let text = found.secret_string().map(str::as_bytes);
    Document::from_json(text.or(binary).unwrap_or_default())
}

fn is_name(text: &str) -> bool {
    let is_allowed = |c: char| c.is_ascii_alphanumeric() || "/_+=.@-".contains(c);
    (1..=512).contains(&text.len()) && text.chars().all(is_allowed)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(settings: &str) -> Result<(), Error> {
        serde_json::from_str::<AwsSpec>(settings).expect("they are settings").check()
    }

    #[test]
    fn an_arn_names_its_region() {
        let arn = "arn:aws:secretsmanager:eu-central-1:123456789012:secret:keytide/billing-AbCdEf";
        assert_eq!(region_of(arn), Some("eu-central-1"));
        check(&format!(r#"{{"secret":"{arn}"}}"#)).expect("it is one");
        let elsewhere = check(&format!(r#"{{"secret":"{arn}","region":"us-east-1"}}"#));
        assert_eq!(elsewhere.map_err(|error| error.code()), Err("bad_target"));
    }

    #[test]
    fn what_is_no_name_of_a_secret_is_refused() {
        for name in ["", "a b", "arn:aws:s3:::bucket", "ä", &"a".repeat(513)] {
            let error = check(&format!(r#"{{"secret":"{name}"}}"#)).expect_err(name);
            assert_eq!(error.code(), "bad_target", "{name}");
        }
        assert!(check(r#"{"secret":"keytide/billing","recovery_days":6}"#).is_err());
        assert!(check(r#"{"secret":"a","endpoint":"http://elsewhere.example"}"#).is_err());
    }
}
