//! The rules the compiler does not know, each in a file of its own.

mod bans;
mod files;
mod layers;
mod manifests;
mod rust_tokens;
mod tree;

use std::path::Path;

use crate::finding::Finding;
use crate::generate;

/// Everything that breaks a rule in the workspace at `root`, in order of rule and path.
pub(crate) fn run(root: &Path) -> Result<Vec<Finding>, String> {
    let sources = tree::rust_files(root)?;
    let mut findings = layers::check(&crate::metadata(root)?);
    findings.extend(manifests::check(root)?);
    findings.extend(files::check(root, &sources));
    findings.extend(bans::check(&sources));
    // Where the program itself fails, what the other rules found still counts.
    findings.extend(generate::check(root).unwrap_or_else(|error| {
        vec![Finding::new("docs", error, "make the program print it, then run `cargo xtask tidy`")]
    }));
    Ok(findings)
}
