//! AWS: Secrets Manager holds a copy, and KMS wraps what must not rest in the clear.

pub use access::{AwsAccess, AwsKeys};
pub use kms::KmsWrap;
pub(crate) use secrets_manager::AwsSpec;

mod access;
mod kms;
mod secrets_manager;
