//! `NAME=value` words and `${NAME:-default}` in shell lines, image instructions and commands anywhere.

use super::Entry;

/// Every assignment among the words of the text, and the defaults of expansions.
pub(crate) fn entries(text: &str) -> Vec<Entry> {
    let mut found = Vec::new();
    let mut at = 0;
    for line in text.split_inclusive('\n') {
        let from = at;
        at += line.len();
        let body = line.trim_end();
        let comment = body.trim_start().starts_with('#');
        assignments(body, from, comment, &mut found);
        expansions(body, from, comment, &mut found);
        instruction(body, from, &mut found);
    }
    found
}

fn assignments(line: &str, from: usize, comment: bool, found: &mut Vec<Entry>) {
    let bytes = line.as_bytes();
    for (sign, _) in line.match_indices('=') {
        let name_start = line[..sign]
            .rfind(|c: char| !(c.is_ascii_alphanumeric() || matches!(c, '_' | '-' | '.')))
            .map_or(0, |at| at + line[at..].chars().next().map_or(1, char::len_utf8));
        let name = line[name_start..sign].trim_start_matches('-');
        // Java's `-Djwt.secret=…`.
        let name = match name.strip_prefix('D') {
            Some(property) if line[name_start..].starts_with("-D") => property,
            _ => name,
        };
        // Only what stands as a word: `--set a.b=c`, `-e A=b`, `export A=b`, `"A=b"`.
        let before = name_start.checked_sub(1).and_then(|at| bytes.get(at));
        if name.len() < 3
            || before.is_some_and(|b| {
                !matches!(b, b' ' | b'\t' | b'"' | b'\'' | b'`' | b',' | b'=' | b'(' | b';')
            })
        {
            continue;
        }
        let rest = near(&line[sign + 1..]);
        if rest.starts_with(['=', ' ', '>', '~', ')']) || rest.is_empty() {
            continue;
        }
        let outer = before.filter(|b| matches!(b, b'"' | b'\'' | b'`')).map(|b| char::from(*b));
        let (start, length) = match rest.chars().next() {
            Some(quote @ ('"' | '\'')) if Some(quote) != outer => {
                (1, rest[1..].find(quote).unwrap_or(rest.len() - 1))
            }
            _ => {
                let end = rest.find(|c: char| {
                    Some(c) == outer
                        || outer.is_none()
                            && (c.is_whitespace()
                                || matches!(c, ';' | '"' | '\'' | '&' | '|' | ','))
                });
                // An expansion may hold blanks.
                let end = match (rest.starts_with("${"), rest.find('}')) {
                    (true, Some(close)) => Some(close + 1),
                    _ => end,
                };
                (0, end.unwrap_or(rest.len()))
            }
        };
        let start = from + sign + 1 + start;
        found.push(Entry {
            keys: vec![name.to_owned()],
            start,
            end: start + length,
            comment,
            base64: false,
        });
    }
}

fn expansions(line: &str, from: usize, comment: bool, found: &mut Vec<Entry>) {
    for (open, _) in line.match_indices("${") {
        let inside = near(&line[open + 2..]).split('}').next().unwrap_or("");
        let parts = [":-", ":="].iter().find_map(|sign| {
            inside.split_once(sign).map(|(name, default)| (name, default, sign.len()))
        });
        if let Some((name, default, sign)) = parts {
            let trimmed = default.trim_matches(['"', '\'', '\\']);
            let skipped = default.len() - default.trim_start_matches(['"', '\'', '\\']).len();
            let start = from + open + 2 + name.len() + sign + skipped;
            found.push(Entry {
                keys: vec![name.to_owned()],
                start,
                end: start + trimmed.len(),
                comment,
                base64: false,
            });
        }
    }
}

/// As far as a value goes.
fn near(rest: &str) -> &str {
    let end = (0..=rest.len().min(LONGEST)).rev().find(|at| rest.is_char_boundary(*at));
    &rest[..end.unwrap_or(0)]
}

const LONGEST: usize = 1_000;

/// `ENV NAME value` and csh's `setenv NAME value`.
fn instruction(line: &str, from: usize, found: &mut Vec<Entry>) {
    let content = line.trim_start();
    let mut words = content.splitn(3, ' ');
    let (Some(head), Some(name), Some(value)) = (words.next(), words.next(), words.next()) else {
        return;
    };
    if matches!(head, "ENV" | "env" | "setenv" | "SetEnv" | "fastcgi_param") && !name.contains('=')
    {
        let trimmed = value.trim().trim_end_matches(';').trim_matches(['"', '\'']);
        let start = from + line.len() - value.len() + value.find(trimmed).unwrap_or(0);
        found.push(Entry {
            keys: vec![name.to_owned()],
            start,
            end: start + trimmed.len(),
            comment: false,
            base64: false,
        });
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_of_a_line_are_assignments() {
        let text = "export JWT_SECRET='a b'\ndocker run -e JWT_KEY=abc x\nENV JWT_K def\n: \"${JWT:=ghi}\"\nif [ \"$A\" == b ]\n- \"JWT_Q=a b\"\n";
        let found: Vec<String> = entries(text)
            .iter()
            .map(|e| format!("{}={}", e.keys[0], &text[e.start..e.end]))
            .collect();
        assert_eq!(found, ["JWT_SECRET=a b", "JWT_KEY=abc", "JWT_K=def", "JWT=ghi", "JWT_Q=a b"]);
    }
}
