//! A report in the form that its reader wants; no form holds a secret.

mod github;
mod sarif;
mod text;

pub use github::github;
pub use sarif::sarif;
pub use text::{Paint, text};
