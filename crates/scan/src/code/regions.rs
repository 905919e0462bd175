//! Where code is a test's although its file is not: `#[cfg(test)]` modules and functions that are tests.

use super::tree::Tree;

/// The byte ranges of tests inside a source file.
pub(crate) fn tests(tree: &Tree<'_>) -> Vec<(usize, usize)> {
    let mut found = Vec::new();
    for at in 0..tree.tokens.len() {
        let marked = match tree.sign(at) {
            // `#[cfg(test)]`, `#[test]`, `#[tokio::test]`, `[Fact]`, `[TestMethod]`.
            "[" => {
                let close = tree.partner(at).unwrap_or(at);
                close - at <= 10
                    && (at + 1..close).any(|place| {
                        matches!(
                            tree.text(place),
                            "test" | "Fact" | "Theory" | "TestMethod" | "Test"
                        )
                    })
                    && !(at + 1..close).any(|place| tree.text(place) == "not")
            }
            _ => {
                tree.is_name(at)
                    && matches!(
                        tree.text(at),
                        "@Test" | "@ParameterizedTest" | "@BeforeEach" | "@SpringBootTest"
                    )
            }
        };
        if !marked {
            continue;
        }
        let from = tree.partner(at).unwrap_or(at);
        let block =
            (from..(from + 60).min(tree.tokens.len())).find(|place| tree.sign(*place) == "{");
        if let Some(open) = block {
            // Rust's module of tests is a file's last item, by convention and by lint.
            let is_last = tree.text(at + 1) == "cfg"
                && tree.indentation(at) == 0
                && (from..open).any(|place| tree.text(place) == "mod");
            // One that an excerpt has cut off goes on to its end.
            let end = tree
                .partner(open)
                .filter(|_| !is_last)
                .and_then(|close| tree.get(close))
                .map_or(tree.source.len(), |token| token.end);
            found.push((tree.tokens[at].start, end));
        }
    }
    found
}
