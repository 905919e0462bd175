//! Languages and config kinds: by which names their files go, and how they write comments and strings.

use std::path::Path;

/// How a file is read.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(crate) enum Kind {
    /// A programming language, or a config format whose files nest in braces.
    Code(&'static Syntax),
    /// Lines of `key: value`, nested by indentation.
    Yaml,
    /// Lines of `key = value` with or without sections: environment files, properties, ini, toml.
    Pairs(Pairs),
    /// Instructions of an image.
    Dockerfile,
    /// Elements and attributes.
    Xml,
    /// Prose, in which nothing is live.
    Prose,
}

/// What a file of pairs allows.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(crate) enum Pairs {
    /// `NAME=value`, `export NAME=value`.
    Env,
    /// `a.b.c=value` or `a.b.c: value`.
    Properties,
    /// `[section]` and `key = value`.
    Sections,
}

/// How a language writes what is no code.
#[derive(Debug, PartialEq, Eq, Hash)]
pub(crate) struct Syntax {
    pub(crate) name: &'static str,
    pub(crate) line_comments: &'static [&'static str],
    pub(crate) block_comments: &'static [(&'static str, &'static str)],
    /// `'` opens a string rather than a character.
    pub(crate) single_quotes: bool,
    pub(crate) backticks: bool,
    pub(crate) triple_quotes: bool,
}

const C_COMMENTS: &[(&str, &str)] = &[("/*", "*/")];

macro_rules! syntaxes {
    ($($id:ident = $name:literal, $line:expr, $block:expr, $single:literal, $back:literal, $triple:literal;)*) => {
        $(static $id: Syntax = Syntax {
            name: $name, line_comments: $line, block_comments: $block,
            single_quotes: $single, backticks: $back, triple_quotes: $triple,
        };)*
    };
}

syntaxes! {
    JAVASCRIPT = "javascript", &["//"], C_COMMENTS, true, true, false;
    PYTHON = "python", &["#"], &[], true, false, true;
    GO = "go", &["//"], C_COMMENTS, false, true, false;
    JAVA = "java", &["//"], C_COMMENTS, false, false, true;
    KOTLIN = "kotlin", &["//"], C_COMMENTS, false, false, true;
    SCALA = "scala", &["//"], C_COMMENTS, false, false, true;
    GROOVY = "groovy", &["//"], C_COMMENTS, true, false, true;
    RUBY = "ruby", &["#"], &[("=begin", "=end")], true, false, false;
    PHP = "php", &["//", "#"], C_COMMENTS, true, false, false;
    CSHARP = "csharp", &["//"], C_COMMENTS, false, false, true;
    FSHARP = "fsharp", &["//"], &[("(*", "*)")], false, false, true;
    RUST = "rust", &["//"], C_COMMENTS, false, false, false;
    CPP = "cpp", &["//"], C_COMMENTS, false, false, false;
    SWIFT = "swift", &["//"], C_COMMENTS, false, false, true;
    ELIXIR = "elixir", &["#"], &[], true, false, true;
    DART = "dart", &["//"], C_COMMENTS, true, false, true;
    LUA = "lua", &["--"], &[], true, false, false;
    PERL = "perl", &["#"], &[], true, false, false;
    CLOJURE = "clojure", &[";"], &[], false, false, false;
    ERLANG = "erlang", &["%"], &[], false, false, false;
    SHELL = "shell", &["#"], &[], true, false, false;
    POWERSHELL = "powershell", &["#"], &[("<#", "#>")], true, false, false;
    SQL = "sql", &["--"], C_COMMENTS, true, false, false;
    JSON = "json", &["//"], C_COMMENTS, true, false, false;
    HCL = "hcl", &["#", "//"], C_COMMENTS, false, false, false;
    // What nobody knows is read as the languages that most look like.
    UNKNOWN = "unknown", &["//", "#"], C_COMMENTS, true, false, false;
}

/// How the file at this path is read.
pub(crate) fn of(path: &Path) -> Kind {
    let name =
        path.file_name().map(|name| name.to_string_lossy().to_lowercase()).unwrap_or_default();
    let name = without_template_ending(&name);
    let without_dot = matches!(
        name,
        "env"
            | "env.local"
            | "env.prod"
            | "env.production"
            | "env.dev"
            | "env.development"
            | "env.staging"
    );
    if name.starts_with(".env") || name.ends_with(".env") || without_dot {
        return Kind::Pairs(Pairs::Env);
    }
    if name == "makefile" || name == "gnumakefile" || name.ends_with(".mk") {
        return Kind::Pairs(Pairs::Env);
    }
    // A Python package's long description.
    if matches!(name, "metadata" | "pkg-info") {
        return Kind::Prose;
    }
    if name.starts_with("dockerfile")
        || name.ends_with(".dockerfile")
        || name.starts_with("containerfile")
    {
        return Kind::Dockerfile;
    }
    if matches!(name, "jenkinsfile") {
        return Kind::Code(&GROOVY);
    }
    if matches!(name, "gemfile" | "rakefile" | "vagrantfile" | "podfile") {
        return Kind::Code(&RUBY);
    }
    if matches!(name, "makefile" | "justfile" | "procfile") {
        return Kind::Code(&SHELL);
    }
    by_extension(name.rsplit_once('.').map_or("", |(_, extension)| extension))
}

fn by_extension(extension: &str) -> Kind {
    Kind::Code(match extension {
        "js" | "jsx" | "mjs" | "cjs" | "ts" | "tsx" | "mts" | "cts" | "vue" | "svelte"
        | "astro" => &JAVASCRIPT,
        "py" | "pyi" | "pyw" | "ipynb" => &PYTHON,
        "go" | "tmpl" => &GO,
        "java" => &JAVA,
        "kt" | "kts" => &KOTLIN,
        "scala" | "sc" | "sbt" => &SCALA,
        "groovy" | "gradle" => &GROOVY,
        "rb" | "erb" | "rake" | "cr" => &RUBY,
        "php" | "phtml" | "inc" => &PHP,
        "cs" | "cshtml" | "razor" | "vb" => &CSHARP,
        "fs" | "fsx" => &FSHARP,
        "rs" => &RUST,
        "c" | "cc" | "cpp" | "cxx" | "h" | "hh" | "hpp" | "hxx" | "m" | "mm" | "ino" | "zig" => {
            &CPP
        }
        "swift" => &SWIFT,
        "ex" | "exs" => &ELIXIR,
        "dart" => &DART,
        "lua" => &LUA,
        "pl" | "pm" | "t" => &PERL,
        "clj" | "cljs" | "cljc" | "edn" => &CLOJURE,
        "erl" | "hrl" => &ERLANG,
        "sh" | "bash" | "zsh" | "fish" | "ksh" | "bat" | "cmd" => &SHELL,
        "ps1" | "psm1" => &POWERSHELL,
        "sql" => &SQL,
        "json" | "json5" | "jsonc" | "jwk" | "jwks" | "tfstate" | "webmanifest" => &JSON,
        "tf" | "hcl" | "tfvars" | "nomad" => &HCL,
        "yml" | "yaml" => return Kind::Yaml,
        "properties" => return Kind::Pairs(Pairs::Properties),
        "conf" | "ini" | "cfg" | "toml" | "cnf" | "service" | "desktop" | "config.txt" => {
            return Kind::Pairs(Pairs::Sections);
        }
        "xml" | "config" | "plist" | "csproj" | "resx" => return Kind::Xml,
        "md" | "mdx" | "rst" | "txt" | "adoc" | "markdown" | "html" | "htm" | "tex" | "org"
        | "log" => return Kind::Prose,
        _ => &UNKNOWN,
    })
}

/// `.env.example`, `config.yml.dist`: what a file is a template of.
fn without_template_ending(name: &str) -> &str {
    TEMPLATE_ENDINGS.iter().find_map(|ending| name.strip_suffix(ending)).unwrap_or(name)
}

/// Endings by which a file declares itself a template.
pub(crate) const TEMPLATE_ENDINGS: &[&str] = &[
    ".example",
    ".sample",
    ".template",
    ".dist",
    ".tpl",
    ".tmpl",
    ".j2",
    ".default",
    ".defaults",
    ".skel",
    ".tftpl",
];

impl Kind {
    /// The syntax that embedded or commented-out code is read with.
    pub(crate) fn syntax(self) -> &'static Syntax {
        match self {
            Self::Code(syntax) => syntax,
            Self::Yaml | Self::Pairs(_) | Self::Dockerfile => &SHELL,
            Self::Xml | Self::Prose => &UNKNOWN,
        }
    }

    /// Its name, for reports.
    pub(crate) fn name(self) -> &'static str {
        match self {
            Self::Code(syntax) => syntax.name,
            Self::Yaml => "yaml",
            Self::Pairs(Pairs::Env) => "env",
            Self::Pairs(Pairs::Properties) => "properties",
            Self::Pairs(Pairs::Sections) => "ini",
            Self::Dockerfile => "dockerfile",
            Self::Xml => "xml",
            Self::Prose => "prose",
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_file_is_read_by_its_name() {
        for (path, name) in [
            ("src/auth.ts", "javascript"),
            (".env", "env"),
            (".env.example", "env"),
            ("prod.env", "env"),
            ("docker/Dockerfile.dev", "dockerfile"),
            ("application.yml.dist", "yaml"),
            ("application.properties", "properties"),
            ("web.config", "xml"),
            ("README.md", "prose"),
            ("main.tf", "hcl"),
            ("no-ending", "unknown"),
        ] {
            assert_eq!(of(Path::new(path)).name(), name, "{path}");
        }
    }
}
