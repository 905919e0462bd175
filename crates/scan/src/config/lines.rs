//! Files of `key = value`: environment files, properties, ini and toml, with their sections.

use super::{Entry, value_range};
use crate::text::language::Pairs;

/// Every value with its key and section.
pub(crate) fn entries(text: &str, kind: Pairs) -> Vec<Entry> {
    let mut found = Vec::new();
    let mut section: Vec<String> = Vec::new();
    let mut at = 0;
    for line in text.split_inclusive('\n') {
        let line_start = at;
        at += line.len();
        let body = line.trim_end_matches(['\n', '\r']);
        let mut content = body.trim_start();
        let comment = content.starts_with(['#', ';', '!']);
        if comment {
            content = content.trim_start_matches(['#', ';', '!', ' ']);
        }
        if kind == Pairs::Sections && content.starts_with('[') && !comment {
            let name = content.trim_matches(['[', ']', ' ']);
            section = name.rsplit('.').map(|part| part.trim_matches('"').to_owned()).collect();
            continue;
        }
        let content = content.strip_prefix("export ").unwrap_or(content).trim_start();
        // nginx's `set $jwt_secret "…";`
        let variable = content.strip_prefix("set $").filter(|_| kind == Pairs::Sections);
        let content = variable.unwrap_or(content);
        let separator = content.char_indices().find(|(_, c)| match kind {
            Pairs::Env => *c == '=',
            Pairs::Properties => matches!(c, '=' | ':'),
            Pairs::Sections => variable.is_none() && matches!(c, '=' | ':'),
        });
        let Some((sign, _)) = separator else {
            // `jwt_secret value;` of nginx and its like.
            if kind == Pairs::Sections
                && let Some((key, value)) = content.split_once(' ')
                && !comment
            {
                let start = line_start + body.len() - value.len();
                let (start, end) = value_range(text, start, line_start + body.len());
                found.push(Entry {
                    keys: vec![key.to_owned()],
                    start,
                    end,
                    comment,
                    base64: false,
                });
            }
            continue;
        };
        // make's `NAME ?= value`, `NAME := value`
        let key = content[..sign].trim_end_matches(['?', ':', '+']);
        let key = key.trim().trim_matches(['"', '\'']);
        if key.is_empty() || key.contains(' ') || key.len() > 100 {
            continue;
        }
        let start = line_start + (body.len() - content.len()) + sign + 1;
        let (start, end) = if kind == Pairs::Properties {
            let value = text.get(start..line_start + body.len()).unwrap_or("");
            let trimmed = value.trim();
            let start = start + (value.len() - value.trim_start().len());
            (start, start + trimmed.len())
        } else {
            value_range(text, start, line_start + body.len())
        };
        // `{ secret = "…" }`: its members are words of the line, which another reader reads.
        if text.get(start..end).is_some_and(|value| value.starts_with('{') && value.contains('=')) {
            continue;
        }
        let mut keys = vec![key.to_owned()];
        keys.extend(section.iter().cloned());
        found.push(Entry { keys, start, end, comment, base64: false });
    }
    found
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_key_has_its_section() {
        let text = "[auth.jwt]\nsecret = \"abc\" # x\n# key = 'def'\n";
        let found = entries(text, Pairs::Sections);
        assert_eq!(found[0].keys, ["secret", "jwt", "auth"]);
        assert_eq!(&text[found[0].start..found[0].end], "abc");
        assert!(found[1].comment && &text[found[1].start..found[1].end] == "def");
    }
}
