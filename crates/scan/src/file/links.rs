//! What a file gives to a sink, and which values of other files it can mean by that.

use std::collections::HashSet;

use crate::code::tree::Tree;
use crate::finding::Finding;
use crate::rules::evidence::Evidence;
use crate::rules::names;

/// What a file gives to a sink, and which other files it can mean by that.
pub(crate) struct Use {
    names: HashSet<String>,
    /// Those that are a member of something, with its name: `config.secret`.
    of: HashSet<String>,
    /// Its names, and the pieces of paths in its strings: modules and classes are among them.
    mentions: HashSet<String>,
    /// The last pieces of the paths in its strings: modules that it imports by them.
    imports: HashSet<String>,
    folder: String,
    kind: &'static str,
}

impl Use {
    /// Of the file at `path`, which gives something to a sink.
    pub(super) fn of(tree: &Tree<'_>, evidence: &Evidence, path: &str, kind: &'static str) -> Self {
        Self {
            names: evidence.used_as_key.clone(),
            of: evidence.used_of.clone(),
            mentions: mentions(tree),
            imports: imports(tree),
            folder: folder(path).to_owned(),
            kind,
        }
    }

    /// Whether a value of that name in the file of a finding can be meant.
    pub(crate) fn means(&self, finding: &Finding, name: &str) -> bool {
        let stem =
            finding.path.rsplit('/').next().and_then(|file| file.split('.').next()).unwrap_or("");
        let module = if stem == "index" {
            folder(&finding.path).rsplit('/').next().unwrap_or("")
        } else {
            stem
        };
        // A package's files see each other without a word.
        let package = matches!(self.kind, "go" | "swift" | "kotlin");
        let same_kind = self.kind == finding.kind
            || matches!((self.kind, finding.kind), ("javascript", "json"));
        // `secret` alone says too little, unless it is that of this module.
        let of_import = || {
            self.imports.contains(module)
                && self.of.iter().any(|of| of.rsplit('.').next() == Some(name))
        };
        let says =
            is_distinctive(name) || self.of.contains(&format!("{module}.{name}")) || of_import();
        self.names.contains(name)
            && same_kind
            && says
            && (module.len() >= 3 && self.mentions.contains(module)
                || package && self.folder == folder(&finding.path))
    }
}

/// A name that two files share by more than chance.
fn is_distinctive(name: &str) -> bool {
    let words = names::words(name);
    let constant = name.chars().all(|c| c.is_uppercase() || c == '_' || c.is_ascii_digit());
    let has = |set: &[&str]| words.iter().any(|word| set.contains(&word.as_str()));
    has(&["secret", "signing", "hmac"]) && (words.len() >= 2 || constant)
        || has(&["key"]) && constant
}

fn imports(tree: &Tree<'_>) -> HashSet<String> {
    let texts = (0..tree.tokens.len()).filter(|at| tree.is_text(*at));
    let paths = texts.filter_map(|at| tree.word(at)).filter(|text| text.len() < 200);
    let paths = paths.filter(|text| text.starts_with(['.', '@', '~']) && text.contains('/'));
    let modules = paths.filter_map(|path| path.rsplit('/').next()?.split('.').next());
    modules.map(str::to_owned).collect()
}

fn mentions(tree: &Tree<'_>) -> HashSet<String> {
    let words =
        (0..tree.tokens.len()).filter_map(|at| tree.word(at)).filter(|word| word.len() < 200);
    words.flat_map(|word| word.split(['/', '.', '\\'])).map(str::to_owned).collect()
}

fn folder(path: &str) -> &str {
    path.rsplit_once('/').map_or("", |(folder, _)| folder)
}
