//! AWS KMS: wraps a small secret, such as a master key, under a key that never leaves AWS.

use aws_sdk_kms::Client;
use aws_sdk_kms::primitives::Blob;
use data_encoding::BASE64;
use keytide_jose::Secret;
use tokio::sync::OnceCell;

use super::access::{AwsAccess, explain_in};
use crate::{Error, withheld};

/// A symmetric key of AWS KMS that wraps and unwraps.
pub struct KmsWrap {
    key_id: String,
    access: AwsAccess,
    client: OnceCell<Client>,
}

/// What every wrapped text begins with.
const PREFIX: &str = "aws-kms:v1:";

/// Bound to what is wrapped: what was encrypted for another purpose is not unwrapped here.
const CONTEXT: (&str, &str) = ("purpose", "keytide");

/// What KMS encrypts in one call.
const LARGEST: usize = 4096;

impl KmsWrap {
    /// `key_id` is a key's id, its ARN or an alias; nothing is asked of AWS yet.
    #[must_use]
    pub fn new(key_id: String, access: AwsAccess) -> Self {
        Self { key_id, access, client: OnceCell::new() }
    }

    /// The secret under the key, as a text.
    ///
    /// # Errors
    /// `target_refused` for more than 4096 bytes or for a key that cannot encrypt; whatever else keeps
    /// KMS from answering.
    pub async fn wrap(&self, secret: &Secret) -> Result<String, Error> {
        if secret.len() > LARGEST {
            let why = format!("KMS wraps up to {LARGEST} bytes, not {}", secret.len());
            return Err(Error::Refused { place: self.place(), why });
        }
        let encrypt = self.client().await?.encrypt().key_id(&self.key_id);
        let encrypt =
            encrypt.plaintext(Blob::new(secret.expose())).encryption_context(CONTEXT.0, CONTEXT.1);
        let wrapped = encrypt.send().await.map_err(|error| {
            explain_in(&self.place(), &error, |words| withheld::guarded(words, &[secret]))
        })?;
        let Some(wrapped) = wrapped.ciphertext_blob() else {
            let why = "it answered without a ciphertext".to_owned();
            return Err(Error::Unreachable { place: self.place(), why });
        };
        Ok(format!("{PREFIX}{}", BASE64.encode(wrapped.as_ref())))
    }

    /// The secret that [`KmsWrap::wrap`] made `wrapped` of.
    ///
    /// # Errors
    /// `target_refused` when it was not wrapped by this key, or was changed.
    pub async fn unwrap(&self, wrapped: &str) -> Result<Secret, Error> {
        let blob = wrapped.trim().strip_prefix(PREFIX);
        let blob = blob.and_then(|text| BASE64.decode(text.as_bytes()).ok());
        let Some(blob) = blob else {
            let why = format!("what is to be unwrapped does not begin with {PREFIX} and base64");
            return Err(Error::Refused { place: self.place(), why });
        };
        let decrypt = self.client().await?.decrypt().key_id(&self.key_id);
        let decrypt =
            decrypt.ciphertext_blob(Blob::new(blob)).encryption_context(CONTEXT.0, CONTEXT.1);
        let found = decrypt.send().await.map_err(|error| {
            // What it found is unknown here, and withheld by its form.
            explain_in(&self.place(), &error, |words| withheld::guarded(words, &[]))
        })?;
        let Some(plaintext) = found.plaintext else {
            let why = "it answered without a plaintext".to_owned();
            return Err(Error::Unreachable { place: self.place(), why });
        };
        Ok(Secret::new(plaintext.into_inner()))
    }

    fn place(&self) -> String {
        format!("AWS KMS key {}", self.key_id)
    }

    async fn client(&self) -> Result<&Client, Error> {
        let client = self.client.get_or_try_init(async || {
            let config = self.access.load(&self.place()).await?;
            Ok(Client::new(&config))
        });
        client.await
    }
}
