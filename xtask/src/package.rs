//! The packages for other languages, built for this platform into `target/packages`.

mod node;

use std::path::Path;

/// Builds all packages.
pub(crate) fn run(root: &Path) -> Result<(), String> {
    node::build(root)
}
