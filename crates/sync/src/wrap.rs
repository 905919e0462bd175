//! A small secret under a key that never leaves a key manager: which manager, and how it is reached.

use std::sync::Arc;

use async_trait::async_trait;
use keytide_jose::Secret;
use serde::Deserialize;
use serde_json::{Map, Value};

use crate::{Error, Surroundings, TransitSpec, TransitWrap};

/// Wraps and unwraps a small secret, such as a store's master key.
#[async_trait]
pub trait Wrap: Send + Sync {
    /// The secret, wrapped, as text.
    ///
    /// # Errors
    /// Whatever keeps the manager from it.
    async fn wrap(&self, secret: &Secret) -> Result<String, Error>;

    /// What [`Wrap::wrap`] wrapped.
    ///
    /// # Errors
    /// Whatever keeps the manager from it, or that it wrapped no such thing.
    async fn unwrap(&self, wrapped: &str) -> Result<Secret, Error>;
}

/// A key manager's settings, without a credential in them: they lie beside what was wrapped.
pub struct WrapSpec {
    shown: Value,
    kind: Kind,
}

enum Kind {
    Transit(TransitSpec),
    #[cfg(feature = "aws")]
    AwsKms(KmsSpec),
}

/// `{"kind": "aws-kms", …}`.
#[cfg(feature = "aws")]
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct KmsSpec {
    /// The key's id, its ARN or an alias.
    key_id: String,
    region: Option<String>,
    profile: Option<String>,
    endpoint: Option<String>,
    access_key: Option<crate::AwsKeys>,
}

impl WrapSpec {
    /// Reads settings: `{"kind": "transit", "address": …, "auth": …, "key": …}`, or `{"kind": "aws-kms",
    /// "key_id": …}` with `region`, `profile`, `endpoint` and `access_key` where AWS's own ways don't find
    /// them.
    ///
    /// # Errors
    /// `bad_target`; also for a credential that stands in the settings themselves.
    pub fn read(text: &[u8]) -> Result<Self, Error> {
        let bad = |why: String| Error::BadTarget { why };
        let mut settings: Map<String, Value> = serde_json::from_slice(text).map_err(|error| {
            bad(format!("the settings are no JSON object (line {})", error.line()))
        })?;
        let shown = Value::Object(settings.clone());
        if holds_credential(&shown) {
            return Err(bad(
                "a credential stands in the settings, which lie beside the wrapped key: name where it \
                 is instead, as {\"env\": NAME} or {\"file\": PATH}"
                    .to_owned(),
            ));
        }
        let kind = settings.remove("kind");
        let rest = serde_json::to_vec(&settings).map_err(|error| bad(error.to_string()))?;
        let kind = match kind.as_ref().and_then(Value::as_str) {
            Some("transit") => Kind::Transit(TransitSpec::read(&rest)?),
            #[cfg(feature = "aws")]
            Some("aws-kms") => Kind::AwsKms(crate::spec::parsed(&rest, "AWS KMS")?),
            #[cfg(not(feature = "aws"))]
            Some("aws-kms") => {
                return Err(bad("this program was built without `aws-kms`".to_owned()));
            }
            _ => return Err(bad("`kind` must be transit or aws-kms".to_owned())),
        };
        Ok(Self { shown, kind })
    }

    /// The settings as they were given.
    pub fn settings(&self) -> &Value {
        &self.shown
    }

    /// Nothing is asked of the manager yet.
    ///
    /// # Errors
    /// `bad_target` for a certificate that cannot be read.
    pub fn open(self, around: &Arc<dyn Surroundings>) -> Result<Box<dyn Wrap>, Error> {
        match self.kind {
            Kind::Transit(spec) => Ok(Box::new(spec.open(around)?)),
            #[cfg(feature = "aws")]
            Kind::AwsKms(KmsSpec { key_id, region, profile, endpoint, access_key }) => {
                let around = Arc::clone(around);
                let access = crate::AwsAccess { region, profile, endpoint, access_key, around };
                Ok(Box::new(crate::KmsWrap::new(key_id, access)))
            }
        }
    }
}

fn holds_credential(value: &Value) -> bool {
    match value {
        Value::Object(members) => {
            members.contains_key("sealed") || members.values().any(holds_credential)
        }
        Value::Array(items) => items.iter().any(holds_credential),
        _ => false,
    }
}

#[async_trait]
impl Wrap for TransitWrap {
    async fn wrap(&self, secret: &Secret) -> Result<String, Error> {
        self.wrap(secret).await
    }

    async fn unwrap(&self, wrapped: &str) -> Result<Secret, Error> {
        self.unwrap(wrapped).await
    }
}

#[cfg(feature = "aws")]
#[async_trait]
impl Wrap for crate::KmsWrap {
    async fn wrap(&self, secret: &Secret) -> Result<String, Error> {
        self.wrap(secret).await
    }

    async fn unwrap(&self, wrapped: &str) -> Result<Secret, Error> {
        self.unwrap(wrapped).await
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn refused(text: &str) -> String {
        match WrapSpec::read(text.as_bytes()) {
            Ok(_) => panic!("{text} was taken"),
            Err(error) => error.to_string(),
        }
    }

    #[test]
    fn settings_with_a_credential_in_them_are_refused() {
        let settings = r#"{"kind":"transit","address":"https://vault.example","key":"keytide",
            "auth":{"method":"token","token":{"sealed":"hvs.secret"}}}"#;
        let why = refused(settings);
        assert!(why.contains("stands in the settings") && !why.contains("hvs.secret"), "{why}");
        let settings = settings.replace(r#"{"sealed":"hvs.secret"}"#, r#"{"env":"VAULT_TOKEN"}"#);
        assert!(WrapSpec::read(settings.as_bytes()).is_ok());
    }

    #[test]
    fn a_kind_that_is_none_is_refused() {
        assert!(refused("{}").contains("`kind`"));
        assert!(refused("[]").contains("no JSON object"));
        assert!(refused(r#"{"kind":"transit"}"#).contains("address"));
        #[cfg(feature = "aws")]
        assert!(refused(r#"{"kind":"aws-kms","region":"eu-central-1"}"#).contains("key_id"));
    }
}
