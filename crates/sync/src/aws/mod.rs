//! AWS: Secrets Manager holds a copy, and KMS wraps what must not rest in the clear.

pub use access::{AwsAccess, AwsKeys};
pub use kms::KmsWrap;
pub use secrets_manager::{Aws, AwsSettings};

mod access;
mod kms;
mod secrets_manager;
