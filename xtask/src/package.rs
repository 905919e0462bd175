//! The packages for other languages, as they are published: built into `target/packages`.

pub(crate) mod node;
pub(crate) mod python;

use std::path::Path;

/// Builds every package for this platform.
pub(crate) fn run(root: &Path) -> Result<(), String> {
    let metadata = crate::metadata(root)?;
    let target = metadata["target_directory"].as_str().ok_or("cargo names no target folder")?;
    let packages = Path::new(target).join("packages");
    python::wheels(root, &crate::python::builder(root)?, &packages, true)?;
    node::packages(root, &packages, crate::node::Profile::Release)
}
