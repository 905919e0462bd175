//! A README's blocks: what is to be typed, and what is answered.

/// A line after a prompt, with what the README shows below it.
pub(super) struct Step {
    pub(super) command: String,
    shown: String,
}

/// The steps of the `console` blocks, in their order.
pub(super) fn steps(readme: &str) -> Vec<Step> {
    let mut steps: Vec<Step> = Vec::new();
    for block in blocks(readme, "console") {
        let mut goes_on = false;
        for line in block.lines() {
            if let Some(command) = line.strip_prefix("$ ") {
                steps.push(Step { command: command.to_owned(), shown: String::new() });
            } else {
                let last = steps.last_mut().unwrap();
                let text = if goes_on { &mut last.command } else { &mut last.shown };
                text.push_str(if text.is_empty() { "" } else { "\n" });
                text.push_str(line);
            }
            goes_on = line.ends_with('\\') && (goes_on || line.starts_with("$ "));
        }
    }
    steps
}

/// The lines of the `sh` blocks: what is typed elsewhere, or once.
pub(super) fn preparations(readme: &str) -> Vec<&str> {
    blocks(readme, "sh").into_iter().flat_map(str::lines).collect()
}

impl Step {
    /// Whether this is what the README shows; `…` is anything.
    pub(super) fn shows(&self, said: &str) -> bool {
        let said = said.replace('\r', "");
        let mut rest = said.trim_end();
        let mut parts = self.shown.trim_end().split('…');
        let first = parts.next().unwrap_or_default();
        let Some(after) = rest.strip_prefix(first) else { return false };
        rest = after;
        let mut parts = parts.peekable();
        if parts.peek().is_none() {
            return rest.is_empty();
        }
        while let Some(part) = parts.next() {
            if parts.peek().is_none() {
                return rest.ends_with(part);
            }
            let Some(at) = rest.find(part) else { return false };
            rest = &rest[at + part.len()..];
        }
        true
    }

    /// What the README shows.
    pub(super) fn shown(&self) -> &str {
        &self.shown
    }
}

fn blocks<'a>(readme: &'a str, language: &str) -> Vec<&'a str> {
    let opening = format!("\n```{language}\n");
    readme.split(opening.as_str()).skip(1).map(|rest| rest.split("\n```").next().unwrap()).collect()
}

#[test]
fn a_readme_that_shows_something_else_is_noticed() {
    let readme =
        "x\n\n```console\n$ a \\\n    b\none\n…\n$ c\n{\"d\":…}\n$ e\n```\n\n```sh\nf\n```\n";
    let [first, second, third] = &steps(readme)[..] else { panic!("three steps") };
    assert_eq!(first.command, "a \\\n    b");
    assert!(first.shows("one\ntwo\nthree\n") && !first.shows("two\nthree\n"));
    assert!(second.shows("{\"d\":1}\r\n") && !second.shows("{\"d\":1"));
    assert!(third.shows("\n") && !third.shows("something\n"));
    assert_eq!(preparations(readme), ["f"]);
}
