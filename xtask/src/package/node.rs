//! The npm packages `keytide`, with the addon for this platform, and `keytide-jsonwebtoken`.

use std::fs;
use std::path::Path;
use std::process::Command;

use crate::node::{KEYTIDE, Profile, addon, copy_all, names_in, succeeds};
use crate::tools;

/// Builds the addon and packs both packages into the folder `packages`.
pub(crate) fn packages(root: &Path, packages: &Path, profile: Profile) -> Result<(), String> {
    let target = tools::target_folder(root)?;
    let node = tools::node(root)?.ok_or("there is no Node, which names the platform and packs")?;
    let sources = root.join("bindings/node");
    let keytide = packages.join("node/keytide");
    copy_all(&sources, &keytide, &KEYTIDE)?;
    let built = addon(root, &target, profile)?;
    let name = format!("keytide.{}.node", platform(&node, &sources)?);
    fs::copy(built, keytide.join(&name)).map_err(|error| format!("{name}: {error}"))?;
    let alias = sources.join("jsonwebtoken-alias");
    let stand_in = packages.join("node/keytide-jsonwebtoken");
    copy_all(&alias, &stand_in, &names_in(&alias)?)?;
    for package in [keytide, stand_in] {
        for licence in ["LICENSE-APACHE", "LICENSE-MIT"] {
            fs::copy(root.join(licence), package.join(licence))
                .map_err(|error| format!("{licence}: {error}"))?;
        }
        let mut npm = Command::new(node.with_file_name("npm"));
        npm.current_dir(&package).args(["pack", "--silent", "--pack-destination"]).arg(packages);
        succeeds(&mut npm)?;
    }
    Ok(())
}

/// This platform as the addon's loader names it.
fn platform(node: &Path, sources: &Path) -> Result<String, String> {
    let mut command = Command::new(node);
    command.current_dir(sources).args(["-p", "require('./lib/platform')()"]);
    let output = command.output().map_err(|error| format!("{command:?}: {error}"))?;
    if !output.status.success() {
        return Err(format!("{command:?}: {}", String::from_utf8_lossy(&output.stderr)));
    }
    Ok(String::from_utf8_lossy(&output.stdout).trim().to_owned())
}
