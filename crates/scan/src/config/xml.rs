//! XML: attributes in pairs, `key` and `value`, and the text of elements.

use super::Entry;

/// Every value with the names around it.
pub(crate) fn entries(text: &str) -> Vec<Entry> {
    let mut found = Vec::new();
    let (mut at, mut comment_end) = (0, 0);
    while let Some(open) = text.get(at..).and_then(|rest| rest.find('<')).map(|open| at + open) {
        let rest = &text[open..];
        let comment = rest.starts_with("<!--");
        if comment {
            // What is commented out is read all the same.
            // Looked for once, where it is missing.
            if open >= comment_end {
                comment_end = rest.find("-->").map_or(text.len(), |end| open + end);
            }
            at = open + 4;
            continue;
        }
        let Some(close) = rest.find('>').map(|close| open + close) else { break };
        let tag = &text[open + 1..close];
        at = close + 1;
        if tag.starts_with(['/', '?', '!']) {
            continue;
        }
        let in_comment = open < comment_end;
        let element = tag.split([' ', '/', '\n', '\t']).next().unwrap_or("");
        let attributes = attributes(tag, open + 1);
        let find = |names: &[&str]| {
            attributes.iter().find(|(name, ..)| names.contains(&name.to_lowercase().as_str()))
        };
        let named = find(&["key", "name", "id"]).map(|(_, start, end)| &text[*start..*end]);
        let mut push = |keys: Vec<String>, start: usize, end: usize| {
            found.push(Entry { keys, start, end, comment: in_comment, base64: false });
        };
        if let (Some(name), Some((_, start, end))) = (named, find(&["value"])) {
            push(vec![name.to_owned()], *start, *end);
        }
        for (name, start, end) in &attributes {
            if !matches!(name.to_lowercase().as_str(), "key" | "name" | "id" | "value") {
                push(vec![(*name).to_owned(), element.to_owned()], *start, *end);
            }
        }
        if !tag.ends_with('/')
            && let Some(length) = text[at..].find('<')
            && text[at + length..].starts_with("</")
        {
            let inner = &text[at..at + length];
            let start = at + inner.len() - inner.trim_start().len();
            let keys = named.into_iter().chain([element]).map(str::to_owned).collect();
            push(keys, start, start + inner.trim().len());
        }
    }
    found
}

/// Names and the ranges of their values.
fn attributes(tag: &str, from: usize) -> Vec<(&str, usize, usize)> {
    let mut found = Vec::new();
    for (sign, _) in tag.match_indices('=') {
        let name = tag[..sign].trim_end().rsplit([' ', '\n', '\t']).next().unwrap_or("");
        let value = tag[sign + 1..].trim_start();
        let start = tag.len() - value.len();
        if let Some(quote) = value.chars().next().filter(|c| matches!(c, '"' | '\''))
            && let Some(length) = value[1..].find(quote)
        {
            found.push((name, from + start + 1, from + start + 1 + length));
        }
    }
    found
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn attributes_and_elements_have_names() {
        let text = "<a><add key=\"Jwt:Key\" value=\"abc\"/><jwt.secret> def </jwt.secret></a>";
        let found: Vec<String> = entries(text)
            .iter()
            .map(|e| format!("{}={}", e.keys.join("<"), &text[e.start..e.end]))
            .collect();
        assert_eq!(found, ["Jwt:Key=abc", "jwt.secret=def"]);
    }
}
