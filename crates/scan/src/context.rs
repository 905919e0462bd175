//! What a path says of what is inside: a test, documentation, a template.

use crate::finding::Context;
use crate::text::language::{self, Kind, TEMPLATE_ENDINGS};
use std::path::Path;

/// The context of everything in the file at `path`.
pub(crate) fn of(path: &str) -> Context {
    let lower = path.to_lowercase();
    let name = lower.rsplit('/').next().unwrap_or(&lower);
    if is_test(path, &lower, name) {
        return Context::Test;
    }
    if TEMPLATE_ENDINGS.iter().any(|ending| name.ends_with(ending))
        || name.contains(".example.")
        || name.contains(".sample.")
        || name.contains(".template.")
        || name.contains("-example.")
        || name.contains("-sample.")
        || name.contains("-template.")
        || name.starts_with("example.")
        || name.contains("_example.")
        || name.starts_with("sample.")
        || name == ".env.template"
        || name.contains(".dist.")
    {
        return Context::Template;
    }
    if language::of(Path::new(path)) == Kind::Prose {
        return Context::Documentation;
    }
    let folders: Vec<&str> = lower.split('/').rev().skip(1).collect();
    // What is shown to people is no secret, in whatever language.
    let for_people = |folder: &&str| {
        matches!(
            *folder,
            "docs"
                | "doc"
                | "documentation"
                | "man"
                | "i18n"
                | "locales"
                | "locale"
                | "translations"
                | "lang"
        )
    };
    if folders.iter().any(for_people) {
        return Context::Documentation;
    }
    Context::Live
}

fn is_test(path: &str, lower: &str, name: &str) -> bool {
    const FOLDERS: &[&str] = &[
        "test",
        "tests",
        "__tests__",
        "spec",
        "specs",
        "testing",
        "testdata",
        "test-data",
        "fixtures",
        "__fixtures__",
        "fixture",
        "e2e",
        "__mocks__",
        "mocks",
        "integration-tests",
        "androidtest",
        "unittest",
        "unittests",
        "test-utils",
        "cypress",
        "testutil",
        "testutils",
        "testhelpers",
        "bench",
        "benches",
        "benchmarks",
    ];
    let stem = name.split('.').next().unwrap_or(name);
    let original = path.rsplit('/').next().unwrap_or(path);
    let original_stem = original.split('.').next().unwrap_or(original);
    lower.split('/').rev().skip(1).any(|folder| {
        FOLDERS.contains(&folder)
            || folder.ends_with(".tests")
            || folder.ends_with(".test")
            || folder.ends_with("-tests")
    }) || [
        ".test.",
        ".spec.",
        ".tests.",
        ".e2e-spec.",
        ".e2e.",
        "_test.",
        "_spec.",
        ".cy.",
        "-test.",
        "-spec.",
        "_tests.",
        ".mock.",
        ".fixture.",
    ]
    .iter()
    .any(|part| name.contains(part))
        || name.starts_with("test_")
        || name.starts_with("test-")
        || name.starts_with("conftest.")
        || matches!(
            stem,
            "test"
                | "tests"
                | "jest"
                | "vitest"
                | "phpunit"
                | "testhelper"
                | "test_helper"
                | "spec_helper"
                | "setuptests"
        )
        || name == ".env.test"
        || name.starts_with(".env.test.")
        || name == "test.env"
        || name == "phpunit.xml.dist"
        || [
            "application-test.",
            "appsettings.test",
            "config.test.",
            "settings_test.",
            "docker-compose.test",
            "jest.",
            "bootstrap-test.",
            "appsettings.testing",
            "application-it.",
        ]
        .iter()
        .any(|start| name.starts_with(start))
        || original_stem.ends_with("Test")
        || original_stem.ends_with("Tests")
        || original_stem.ends_with("Spec")
        || original_stem.ends_with("IT") && original_stem.len() > 4
        || original_stem.ends_with("TestCase")
        || original_stem.starts_with("Test")
            && original_stem.chars().nth(4).is_some_and(char::is_uppercase)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_path_tells_the_context() {
        for (path, context) in [
            ("src/auth.ts", Context::Live),
            ("src/auth.spec.ts", Context::Test),
            ("pkg/token_test.go", Context::Test),
            ("src/test/java/AuthIT.java", Context::Test),
            ("app/JwtServiceTest.java", Context::Test),
            ("config/test.exs", Context::Test),
            ("conftest.py", Context::Test),
            ("api/latest.py", Context::Live),
            (".env.example", Context::Template),
            ("config.sample.yml", Context::Template),
            ("README.md", Context::Documentation),
            ("docs/conf.py", Context::Documentation),
        ] {
            assert_eq!(of(path), context, "{path}");
        }
    }
}
