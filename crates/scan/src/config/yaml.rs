//! YAML by its indentation: good enough for key paths, and never put off by what is broken or templated.

use super::{Entry, value_range};

/// Every value with the keys around it.
pub(crate) fn entries(text: &str) -> Vec<Entry> {
    let mut found: Vec<Entry> = Vec::new();
    // The open keys with their indentation; a list's item has that of its dash and one more.
    let mut open: Vec<(usize, String)> = Vec::new();
    let mut sibling_name: Option<(usize, String)> = None;
    let mut in_secret = false;
    let mut at = 0;
    for line in text.split_inclusive('\n') {
        let line_start = at;
        at += line.len();
        let body = line.trim_end_matches(['\n', '\r']);
        let mut content = body.trim_start();
        let mut indent = body.len() - content.len();
        if content.starts_with("---") {
            open.clear();
            in_secret = false;
            continue;
        }
        let comment = content.starts_with('#');
        if comment {
            content = content.trim_start_matches(['#', ' ']);
            indent = body.len() - content.len();
        }
        let mut item = false;
        while let Some(rest) = content.strip_prefix("- ").or_else(|| (content == "-").then_some(""))
        {
            item = true;
            let rest_trimmed = rest.trim_start();
            indent = body.len() - rest_trimmed.len();
            content = rest_trimmed;
        }
        if content.is_empty() {
            continue;
        }
        if let Some(inside) = content.strip_prefix('{').filter(|inside| !inside.starts_with('{')) {
            // `- {name: X, value: Y}`
            let around: Vec<String> = open.iter().rev().map(|(_, key)| key.clone()).collect();
            let start = line_start + body.len() - content.len() + 1;
            flow(inside, start, &around, comment, &mut found);
            continue;
        }
        let Some((key, value_at)) = key(content) else { continue };
        if !comment {
            while open.last().is_some_and(|(there, _)| *there >= indent) {
                open.pop();
            }
            if item || sibling_name.as_ref().is_some_and(|(there, _)| *there != indent) {
                sibling_name = None;
            }
        }
        let (start, end) = value_range(
            text,
            line_start + (body.len() - content.len()) + value_at,
            line_start + body.len(),
        );
        let value = text.get(start..end).unwrap_or("");
        if key == "kind" && value == "Secret" && indent == 0 {
            in_secret = true;
        }
        let mut keys = vec![key.to_owned()];
        if matches!(key, "value" | "default")
            && let Some((_, name)) = &sibling_name
        {
            keys = vec![name.clone()];
        }
        keys.extend(open.iter().rev().map(|(_, key)| key.clone()));
        if key == "name" || key == "key" && item {
            sibling_name = Some((indent, value.to_owned()));
        }
        let block = matches!(value, "" | "|" | "|-" | ">" | ">-" | "|+" | "{}" | "[]")
            || value.starts_with('&') && !value.contains(' ');
        if block {
            if !comment {
                open.push((indent, key.to_owned()));
            }
            continue;
        }
        let base64 = in_secret && open.first().is_some_and(|(_, root)| root == "data");
        if let Some(inside) = value.strip_prefix('{').filter(|inside| !inside.starts_with('{')) {
            flow(inside, start + 1, &keys, comment, &mut found);
            continue;
        }
        found.push(Entry { keys, start, end, comment, base64 });
    }
    // `kind` may come after `data`.
    if in_secret {
        for entry in &mut found {
            entry.base64 |=
                entry.keys.len() == 2 && entry.keys.last().is_some_and(|root| root == "data");
        }
    }
    found
}

/// `{ secret: abc, issuer: x }`, `{name: SECRET, value: abc}`.
fn flow(inside: &str, from: usize, around: &[String], comment: bool, found: &mut Vec<Entry>) {
    let mut at = 0;
    let mut name: Option<String> = None;
    for part in inside.split_inclusive(',') {
        let content = part.trim_start();
        let start = from + at + part.len() - content.len();
        at += part.len();
        if let Some((key, value_at)) = key(content) {
            let value =
                content.get(value_at..).unwrap_or("").trim_end_matches([',', '}', ' ', '\n']);
            let trimmed = value.trim_start();
            let quoted = trimmed.trim_matches(['"', '\'']);
            let start = start + value_at + value.len() - trimmed.len()
                + usize::from(quoted.len() < trimmed.len());
            let own = match &name {
                Some(name) if key == "value" => name.clone(),
                _ => key.to_owned(),
            };
            if matches!(key, "name" | "key") {
                name = Some(quoted.to_owned());
            }
            let mut keys = vec![own];
            keys.extend(around.iter().cloned());
            found.push(Entry { keys, start, end: start + quoted.len(), comment, base64: false });
        }
    }
}

/// The key that a line begins with, and where its value may begin.
fn key(content: &str) -> Option<(&str, usize)> {
    if let Some(quote) = content.chars().next().filter(|c| matches!(c, '"' | '\'')) {
        let close = content[1..].find(quote)? + 1;
        let rest = content.get(close + 1..)?;
        let colon = rest.find(':')?;
        return rest[..colon]
            .trim()
            .is_empty()
            .then(|| (&content[1..close], close + 1 + colon + 1));
    }
    let colon = content
        .char_indices()
        .find(|(at, c)| {
            *c == ':' && content[at + 1..].chars().next().is_none_or(char::is_whitespace)
        })?
        .0;
    let key = content[..colon].trim_end();
    let plain =
        !key.is_empty() && key.len() < 100 && !key.contains([' ', '"', '\'', '{', '(', '=']);
    plain.then_some((key, colon + 1))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn paths(text: &str) -> Vec<String> {
        entries(text)
            .iter()
            .map(|entry| format!("{}={}", entry.keys.join("<"), &text[entry.start..entry.end]))
            .collect()
    }

    #[test]
    fn a_value_has_its_path() {
        let text = "app:\n  jwt:\n    secret: \"abc\" # why\n    issuer: me\n  list:\n    - name: JWT_SECRET\n      value: def\n    - a: b\ntop: {secret: x, y: 'z'}\n";
        assert_eq!(
            paths(text),
            [
                "secret<jwt<app=abc",
                "issuer<jwt<app=me",
                "name<list<app=JWT_SECRET",
                "JWT_SECRET<list<app=def",
                "a<list<app=b",
                "secret<top=x",
                "y<top=z"
            ]
        );
    }

    #[test]
    fn a_secret_s_data_is_base64() {
        let text = "kind: Secret\ndata:\n  jwt: YWJj\nstringData:\n  k: v\n";
        assert_eq!(
            entries(text).iter().map(|entry| entry.base64).collect::<Vec<_>>(),
            [false, true, false]
        );
    }
}
