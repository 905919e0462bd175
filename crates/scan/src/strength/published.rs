//! Secrets that anybody can look up, each with its origin: a data file, compared with case and separators folded.

use std::collections::HashMap;
use std::sync::LazyLock;

/// How a secret is related to a published one; each with the origin.
pub(super) enum Match {
    Itself(&'static str),
    Derived(&'static str),
}

/// Looks a secret up.
pub(super) fn find(secret: &str) -> Option<Match> {
    let table = &*TABLE;
    if let Some(origin) = table.exact.get(secret) {
        return Some(Match::Itself(origin));
    }
    let folded = fold(secret);
    if let Some(origin) = table.folded.get(&folded) {
        return Some(Match::Derived(origin));
    }
    // A published secret with something before or after it.
    let longest = folded.char_indices().map(|(at, _)| at).chain([folded.len()]);
    let ends: Vec<usize> = longest.collect();
    let near = ends.iter().rev().take(MOST_ADDED + 1).find_map(|end| {
        table.folded.get(&folded[..*end]).or_else(|| {
            let start = ends.get(ends.len().checked_sub(1 + folded[..*end].chars().count())?)?;
            table.folded.get(&folded[*start..])
        })
    });
    near.filter(|_| folded.len() >= SHORTEST_DERIVED).map(|origin| Match::Derived(origin))
}

/// Every published secret as it is written.
pub(crate) fn every() -> impl Iterator<Item = (&'static str, &'static str)> {
    rows()
}

struct Table {
    exact: HashMap<&'static str, &'static str>,
    folded: HashMap<String, &'static str>,
}

static TABLE: LazyLock<Table> = LazyLock::new(|| Table {
    exact: rows().collect(),
    folded: rows()
        .map(|(secret, origin)| (fold(secret), origin))
        .filter(|(folded, _)| folded.len() >= SHORTEST_FOLDED)
        .collect(),
});

/// A secret, a tab, its origin; `#` starts a remark.
fn rows() -> impl Iterator<Item = (&'static str, &'static str)> {
    include_str!("published.txt")
        .lines()
        .filter(|line| !line.starts_with('#'))
        .filter_map(|line| line.split_once('\t'))
}

fn fold(secret: &str) -> String {
    secret.chars().filter(|c| c.is_alphanumeric()).flat_map(char::to_lowercase).collect()
}

/// Shorter ones are found by chance once case and separators are gone.
const SHORTEST_FOLDED: usize = 6;
const SHORTEST_DERIVED: usize = 14;
const MOST_ADDED: usize = 6;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_published_secret_is_found_however_it_is_separated() {
        assert!(matches!(find("your-256-bit-secret"), Some(Match::Itself(_))));
        assert!(matches!(find("YOUR_256_BIT_SECRET"), Some(Match::Derived(_))));
        assert!(matches!(find("your-256-bit-secret-2024"), Some(Match::Derived(_))));
        assert!(matches!(find("x1-your-256-bit-secret"), Some(Match::Derived(_))));
        assert!(find("q8F3nVxk2LwPzR7tYb1JdGhMs9UcEaQ0").is_none());
        assert!(find("").is_none());
    }

    #[test]
    fn every_row_names_its_origin() {
        assert!(rows().count() >= 100, "{}", rows().count());
        for (secret, origin) in rows() {
            assert!(!secret.is_empty() && origin.len() > 3, "{secret}");
            assert!(!origin.ends_with('.'), "{origin}");
        }
    }
}
