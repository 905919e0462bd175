//! The lines of a dotenv file: ours are found, replaced or taken out, and every other byte is kept.

use std::collections::BTreeMap;

use keytide_jose::Secret;

/// What a file says under our names.
pub(super) struct Lines {
    pub(super) texts: BTreeMap<String, Secret>,
    /// A name that stands there more than once.
    pub(super) repeated: Option<String>,
}

/// An entry, or a line that is none, with its line ending.
struct Piece<'a> {
    /// All of it.
    bytes: &'a [u8],
    /// Of an entry, what stands before its name: blanks, `export`.
    lead: &'a [u8],
    name: Option<&'a str>,
    value: &'a [u8],
}

/// Reads what stands under `names`.
pub(super) fn read(file: &[u8], names: &[&str]) -> Lines {
    let mut lines = Lines { texts: BTreeMap::new(), repeated: None };
    for piece in pieces(file) {
        let Some(name) = piece.name.filter(|name| names.contains(name)) else { continue };
        let text = Secret::new(unquoted(piece.value).to_vec());
        if lines.texts.insert(name.to_owned(), text).is_some() {
            lines.repeated = Some(name.to_owned());
        }
    }
    lines
}

/// The file with `texts` under their names, and none of `names` besides.
///
/// # Errors
/// Why not: a text that different readers of such files would not take alike, or a quote that somebody
/// left open, which would swallow what is written.
pub(super) fn write(
    file: &[u8],
    names: &[&str],
    texts: &BTreeMap<&str, Secret>,
) -> Result<Secret, String> {
    let room = texts.iter().map(|(name, text)| name.len() + text.len() + 8).sum::<usize>();
    let mut out = Vec::with_capacity(file.len() + room + 16);
    let ending = line_ending(file);
    let mut missing: Vec<&str> = texts.keys().copied().collect();
    for piece in pieces(file) {
        let Some(name) = piece.name.filter(|name| names.contains(name)) else {
            out.extend_from_slice(piece.bytes);
            continue;
        };
        if let Some(at) = missing.iter().position(|known| *known == name) {
            missing.remove(at);
            out.extend_from_slice(piece.lead);
            entry(&mut out, name, &texts[name])?;
            let own = line_ending(piece.bytes);
            out.extend_from_slice(if piece.bytes.ends_with(b"\n") { own } else { ending });
        } else if piece.lead.starts_with(BYTE_ORDER_MARK) {
            out.extend_from_slice(BYTE_ORDER_MARK);
        }
    }
    if !missing.is_empty() && !out.is_empty() && !out.ends_with(b"\n") && out != BYTE_ORDER_MARK {
        out.extend_from_slice(ending);
    }
    for name in missing {
        entry(&mut out, name, &texts[name])?;
        out.extend_from_slice(ending);
    }
    let out = Secret::new(out);
    let back = read(out.expose(), names);
    let is_there = |(name, text): (&&str, &Secret)| {
        back.texts.get(*name).is_some_and(|found| found.expose() == text.expose())
    };
    if back.repeated.is_some() || back.texts.len() != texts.len() || !texts.iter().all(is_there) {
        return Err("it has an entry whose quote is not closed".to_owned());
    }
    Ok(out)
}

const BYTE_ORDER_MARK: &[u8] = b"\xef\xbb\xbf";

/// That of the first line, so that a file is not mixed.
fn line_ending(file: &[u8]) -> &'static [u8] {
    match file.iter().position(|byte| *byte == b'\n') {
        Some(at) if at > 0 && file[at - 1] == b'\r' => b"\r\n",
        _ => b"\n",
    }
}

/// `NAME=text`, quoted only in a way that shells, systemd and the dotenv libraries all read alike.
fn entry(out: &mut Vec<u8>, name: &str, text: &Secret) -> Result<(), String> {
    let text = text.expose();
    let holds = |bytes: &[u8]| text.iter().any(|byte| bytes.contains(byte));
    let is_bare = |byte: &u8| byte.is_ascii_alphanumeric() || b"_-./+=:@%,".contains(byte);
    let quote: &[u8] = if text.iter().all(is_bare) {
        b""
    } else if !holds(b"'\\\n\r\0") {
        b"'"
    } else if !holds(b"\"\\\n\r\0$`") {
        b"\""
    } else {
        return Err(format!(
            "the text of `{name}` holds line breaks, or quotes or backslashes that readers of such a file \
             do not take alike; use the form `json` or `folder`"
        ));
    };
    for part in [name.as_bytes(), b"=", quote, text, quote] {
        out.extend_from_slice(part);
    }
    Ok(())
}

/// The text of a value as [`entry`] writes it. What is written otherwise is returned as it stands, and
/// is then no text of ours.
fn unquoted(value: &[u8]) -> &[u8] {
    for quote in *b"'\"" {
        if let [first, inner @ .., last] = value
            && *first == quote
            && *last == quote
            && !inner.contains(&quote)
        {
            return inner;
        }
    }
    value
}

fn pieces(file: &[u8]) -> Vec<Piece<'_>> {
    let mut pieces = Vec::new();
    let mut rest = file;
    while !rest.is_empty() {
        let piece = piece(rest, pieces.is_empty());
        rest = &rest[piece.bytes.len()..];
        pieces.push(piece);
    }
    pieces
}

fn piece(rest: &[u8], is_first: bool) -> Piece<'_> {
    let line = &rest[..end_of_line(rest, 0)];
    let none = Piece { bytes: line, lead: b"", name: None, value: b"" };
    let blanks =
        |from: usize| line[from..].iter().take_while(|byte| matches!(byte, b' ' | b'\t')).count();
    let mut at = if is_first && line.starts_with(BYTE_ORDER_MARK) { 3 } else { 0 };
    at += blanks(at);
    if line[at..].starts_with(b"export") && blanks(at + 6) > 0 {
        at += 6 + blanks(at + 6);
    }
    let is_name = |byte: &&u8| byte.is_ascii_alphanumeric() || b"_-.".contains(byte);
    let length = line[at..].iter().take_while(is_name).count();
    let equals = at + length + blanks(at + length);
    if length == 0 || line.get(equals) != Some(&b'=') {
        return none;
    }
    let name = std::str::from_utf8(&line[at..at + length]).ok();
    let from = equals + 1 + blanks(equals + 1);
    // A value in quotes may go on over several lines, any of which may look like an entry.
    let end = match line.get(from) {
        Some(quote) if b"'\"`".contains(quote) => match closing(rest, from + 1, *quote) {
            Some(close) => end_of_line(rest, close),
            None => line.len(),
        },
        _ => line.len(),
    };
    let value = rest[from..end].trim_ascii_end();
    Piece { bytes: &rest[..end], lead: &line[..at], name, value }
}

/// Where the line that holds `from` ends, with its line ending.
fn end_of_line(rest: &[u8], from: usize) -> usize {
    rest[from..].iter().position(|byte| *byte == b'\n').map_or(rest.len(), |at| from + at + 1)
}

fn closing(rest: &[u8], from: usize, quote: u8) -> Option<usize> {
    let mut escaped = false;
    for (at, byte) in rest.iter().enumerate().skip(from) {
        if *byte == quote && !escaped {
            return Some(at);
        }
        escaped = *byte == b'\\' && !escaped && quote == b'"';
    }
    None
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    const NAMES: [&str; 3] = ["A", "B", "C"];

    fn texts<'a>(pairs: &[(&'a str, &str)]) -> BTreeMap<&'a str, Secret> {
        pairs.iter().map(|(name, text)| (*name, Secret::new(text.as_bytes().to_vec()))).collect()
    }

    fn written(file: &str, pairs: &[(&str, &str)]) -> String {
        let out = write(file.as_bytes(), &NAMES, &texts(pairs)).unwrap();
        String::from_utf8(out.expose().to_vec()).unwrap()
    }

    #[test]
    fn other_lines_stay_byte_for_byte_and_ours_keep_their_place() {
        let file = "# head\r\n  X = \"1\" # why\r\nexport A=old\r\n\r\nB=gone # b\r\nY='a\r\nA=inner\r\n'\r\nA=again\r\nlast";
        let expected = "# head\r\n  X = \"1\" # why\r\nexport A=new\r\n\r\nY='a\r\nA=inner\r\n'\r\nlast\r\nC='{\"k\":1}'\r\n";
        assert_eq!(written(file, &[("A", "new"), ("C", "{\"k\":1}")]), expected);
        assert_eq!(written(expected, &[("A", "new"), ("C", "{\"k\":1}")]), expected);
    }

    #[test]
    fn ours_are_taken_out_and_nothing_else() {
        assert_eq!(written("X=1\nA=a\nB='b\nc'\nY=2", &[]), "X=1\nY=2");
        assert_eq!(written("A=a\n", &[]), "");
        assert_eq!(written("\u{feff}A=a\nX=1\n", &[]), "\u{feff}X=1\n");
    }

    #[test]
    fn a_text_that_readers_would_not_take_alike_is_not_written() {
        for (text, expected) in [
            ("plain-1_2.3", Some("A=plain-1_2.3\n")),
            ("", Some("A=\n")),
            ("with space # and $x", Some("A='with space # and $x'\n")),
            ("it's", Some("A=\"it's\"\n")),
            ("it's $x", None),
            ("back\\slash", None),
            ("two\nlines", None),
            ("'\"", None),
        ] {
            let out = write(b"", &NAMES, &texts(&[("A", text)]));
            let out = out.map(|out| String::from_utf8(out.expose().to_vec()).unwrap());
            assert_eq!(out.ok().as_deref(), expected, "{text}");
        }
    }

    #[test]
    fn a_quote_that_was_left_open_swallows_nothing_of_ours() {
        assert!(write(b"X='open", &NAMES, &texts(&[("A", "it is")])).is_err());
        assert_eq!(written("X='open\n", &[("A", "plain")]), "X='open\nA=plain\n");
    }

    #[test]
    fn a_name_that_stands_twice_is_told() {
        let lines = read(b"A=1\nexport A=2\nX=3\n", &NAMES);
        assert_eq!(lines.repeated.as_deref(), Some("A"));
        assert_eq!(lines.texts.len(), 1);
    }

    proptest! {
        #[test]
        fn any_file_keeps_what_is_not_ours_and_gives_ours_back(
            lines in proptest::collection::vec(
                "(export )?(A|B|X|Y)=[a-c'\" \\\\\\#]{0,6}|#[a-z'\"]{0,4}|\\PC{0,6}", 0..8),
            ending in "\n|\r\n",
            text in "[a-z ]{0,8}",
        ) {
            let file = lines.join(&ending);
            let ours = [("A", text.as_str()), ("C", "c")];
            let Ok(out) = write(file.as_bytes(), &NAMES, &texts(&ours)) else { return Ok(()) };
            let out = String::from_utf8(out.expose().to_vec()).unwrap();
            let kept = |file: &str| -> Vec<String> {
                pieces(file.as_bytes()).iter()
                    .filter(|piece| !piece.name.is_some_and(|name| NAMES.contains(&name)))
                    .map(|piece| String::from_utf8(piece.bytes.trim_ascii_end().to_vec()).unwrap())
                    .collect()
            };
            let back = read(out.as_bytes(), &NAMES);
            prop_assert_eq!(back.texts["A"].expose(), text.as_bytes());
            prop_assert!(!back.texts.contains_key("B") && back.repeated.is_none());
            prop_assert_eq!(kept(&out), kept(&file));
            prop_assert_eq!(&written(&out, &ours), &out);
        }

        #[test]
        fn any_bytes_are_read_and_written_without_a_panic(file in proptest::collection::vec(any::<u8>(), 0..120)) {
            read(&file, &NAMES);
            drop(write(&file, &NAMES, &texts(&[("A", "a")])));
        }
    }
}
