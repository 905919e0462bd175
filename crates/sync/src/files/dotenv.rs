//! The lines of a dotenv file: ours are found, replaced or taken out, and every other byte is kept.

use std::collections::BTreeMap;

use keytide_jose::Secret;

/// What a file says under our names.
pub(super) struct Lines {
    /// What every reader takes alike.
    pub(super) texts: BTreeMap<String, Secret>,
    /// Whether any of our names stands there.
    pub(super) is_there: bool,
    /// Of the rest, the first line that readers do not take alike, why, and what to do.
    pub(super) unclear: Option<String>,
}

/// An entry, or a line that is none, with its line ending.
struct Piece<'a> {
    /// All of it.
    bytes: &'a [u8],
    /// The number of its first line.
    line: usize,
    /// Of an entry, what stands before its name: blanks, `export`.
    lead: &'a [u8],
    name: Option<&'a str>,
    value: &'a [u8],
    /// Why readers do not agree where it ends.
    fault: Option<&'static str>,
}

/// Reads what stands under `names`. Of a file whose lines readers divide differently, nothing.
pub(super) fn read(file: &[u8], names: &[&str]) -> Lines {
    let mut lines = Lines { texts: BTreeMap::new(), is_there: false, unclear: None };
    let mut fault = None;
    let mut seen: BTreeMap<&str, usize> = BTreeMap::new();
    for piece in pieces(file) {
        if let Some(why) = piece.fault {
            fault.get_or_insert_with(|| format!("line {}: {why}", piece.line));
        }
        let Some(name) = piece.name.filter(|name| names.contains(name)) else { continue };
        lines.is_there = true;
        let mut unclear = |why: String| {
            lines.unclear.get_or_insert_with(|| format!("line {}: {why}", piece.line));
        };
        let earlier = seen.insert(name, piece.line);
        let text = match text(piece.value) {
            Ok(text) => text,
            Err(why) => {
                lines.texts.remove(name);
                unclear(format!("the text of `{name}` {why}"));
                continue;
            }
        };
        if let Some(earlier) = earlier {
            unclear(format!(
                "`{name}` stands there more than once, on line {earlier} too; leave the one line that \
                 programs use"
            ));
            let is_same = lines.texts.get(name).is_some_and(|known| known.expose() == text);
            if !is_same {
                lines.texts.remove(name);
            }
            continue;
        }
        lines.texts.insert(name.to_owned(), Secret::new(text.to_vec()));
    }
    if fault.is_some() {
        lines.texts.clear();
        lines.unclear = fault;
    }
    lines
}

/// The file with `texts` under their names, and none of `names` besides.
///
/// # Errors
/// Why not: a text that different readers of such files would not take alike, or a line of somebody's
/// that readers divide differently, which for some would swallow what is written.
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
    if let Some(unclear) = back.unclear.filter(|_| !texts.is_empty()) {
        return Err(unclear);
    }
    let is_there = |(name, text): (&&str, &Secret)| {
        back.texts.get(*name).is_some_and(|found| found.expose() == text.expose())
    };
    if back.texts.len() != texts.len() || !texts.iter().all(is_there) {
        return Err("what would stand there could not be read back".to_owned());
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
    } else if !holds(b"'\\\n\r\0") && !text.windows(2).any(|pair| pair == b"${") {
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

/// The text of a value, where `sh` and the dotenv libraries read it alike.
///
/// # Errors
/// Why they do not, and what to do: the end of a sentence that names the text.
fn text(value: &[u8]) -> Result<&[u8], &'static str> {
    let (text, rest) = match value.first() {
        Some(quote @ (b'\'' | b'"')) => {
            let end = value.iter().skip(1).position(|byte| byte == quote);
            let Some(end) = end else { return Err(OPEN) };
            (&value[1..=end], &value[end + 2..])
        }
        Some(b'`') => return Err(BARE),
        _ => {
            let pairs = || value.windows(2).enumerate();
            let comment = pairs().find(|(_, pair)| is_blank(pair[0]) && pair[1] == b'#');
            let (text, rest) = value.split_at(comment.map_or(value.len(), |(at, _)| at));
            (text.trim_ascii_end(), rest)
        }
    };
    let holds = |bytes: &[u8]| text.iter().any(|byte| bytes.contains(byte));
    if holds(b"\n\r\0") {
        return Err("holds a line break, which readers do not take alike; write it on one line");
    }
    match value.first() {
        Some(b'\'') if holds(b"\\") || text.windows(2).any(|pair| pair == b"${") => {
            return Err(QUOTED);
        }
        Some(b'"') if holds(b"\\$`") => return Err(QUOTED),
        Some(b'\'' | b'"') => {}
        _ if holds(b" \t#'\"\\$`&|;<>()~") || text.iter().any(u8::is_ascii_control) => {
            return Err(BARE);
        }
        _ => {}
    }
    let comment = rest.trim_ascii_start();
    let is_apart = comment.is_empty() || comment.starts_with(b"#") && comment.len() < rest.len();
    if is_apart { Ok(text) } else { Err(MIXED) }
}

const OPEN: &str = "has a quote that is not closed; close it";
const BARE: &str = "stands without quotes and holds blanks or signs that readers do not take alike; write the \
    text that programs use between single quotes";
const QUOTED: &str = "holds a backslash, a `$` or a backtick, which readers do not take alike; write the text \
    that programs use between single quotes, without a backslash or `${`";
const MIXED: &str = "goes on after a quote, which readers do not take alike; write the text that programs use \
    between one pair of quotes";

fn is_blank(byte: u8) -> bool {
    matches!(byte, b' ' | b'\t')
}

fn pieces(file: &[u8]) -> Vec<Piece<'_>> {
    let mut pieces = Vec::new();
    let (mut rest, mut line) = (file, 1);
    while !rest.is_empty() {
        let piece = piece(rest, line);
        rest = &rest[piece.bytes.len()..];
        line += piece.bytes.iter().filter(|byte| **byte == b'\n').count();
        pieces.push(piece);
    }
    pieces
}

fn piece(rest: &[u8], number: usize) -> Piece<'_> {
    let line = &rest[..end_of_line(rest, 0)];
    let blanks = |from: usize| line[from..].iter().take_while(|byte| is_blank(**byte)).count();
    let mut at = if number == 1 && line.starts_with(BYTE_ORDER_MARK) { 3 } else { 0 };
    at += blanks(at);
    let none =
        |fault| Piece { bytes: line, line: number, lead: b"", name: None, value: b"", fault };
    let unnamed = at;
    if line[at..].starts_with(b"export") && blanks(at + 6) > 0 {
        at += 6 + blanks(at + 6);
    }
    let is_name = |byte: &&u8| byte.is_ascii_alphanumeric() || b"_-.".contains(byte);
    let length = line[at..].iter().take_while(is_name).count();
    let equals = at + length + blanks(at + length);
    if length == 0 || line.get(equals) != Some(&b'=') {
        return none(divided(&line[unnamed..]));
    }
    let name = std::str::from_utf8(&line[at..at + length]).ok();
    let from = equals + 1 + blanks(equals + 1);
    // A value in quotes may go on over several lines, any of which may look like an entry.
    let (end, fault) = match line.get(from) {
        Some(quote) if b"'\"`".contains(quote) => match closing(rest, from + 1, *quote) {
            Some(close) => {
                let end = end_of_line(rest, close);
                (end, after_quote(&rest[from..end], close - from))
            }
            None => (line.len(), Some(LEFT_OPEN)),
        },
        _ => (line.len(), unclosed(&line[from..], line[from - 1])),
    };
    // No line of somebody's is taken for a part of ours.
    let end = if fault.is_some() { line.len() } else { end };
    let value = rest[from..end].trim_ascii_end();
    Piece { bytes: &rest[..end], line: number, lead: &line[..at], name, value, fault }
}

const LEFT_OPEN: &str = "a quote is left open, which swallows the lines after it for some readers; close it, or \
    put a text with a quote in it between quotes of the other kind";
const CONTINUED: &str = "a backslash at its end takes the next line into it for some readers; put the text \
    between single quotes";
const ESCAPED: &str = "a backslash before its last quote leaves that open for some readers; write the text \
    without it";

/// Why readers do not agree where a value in quotes ends, of which the first quote is closed at `close`.
fn after_quote(value: &[u8], close: usize) -> Option<&'static str> {
    let (quoted, rest) = (&value[1..close], &value[close + 1..]);
    if quoted.ends_with(b"\\") {
        return Some(ESCAPED);
    }
    let tail = rest.trim_ascii();
    if quoted.contains(&b'\n') && !tail.is_empty() && !tail.starts_with(b"#") {
        return Some(LEFT_OPEN);
    }
    // What follows a quote at once is no comment.
    match rest.first() {
        Some(byte) if byte.is_ascii_whitespace() => divided(rest),
        _ => unclosed(rest, b'"'),
    }
}

/// Why readers do not agree that a line ends where it does: the part of it that stands outside of a
/// comment leaves a quote open, or ends with a backslash.
fn divided(line: &[u8]) -> Option<&'static str> {
    unclosed(line, b' ')
}

/// The same for what stands after the byte `before`.
fn unclosed(line: &[u8], before: u8) -> Option<&'static str> {
    let (mut open, mut before, mut is_escaped) = (None, before, false);
    for byte in line {
        if is_escaped {
            if *byte == b'\n' {
                return Some(CONTINUED);
            }
            // A blank after a backslash parts nothing.
            (is_escaped, before) = (false, b'\\');
            continue;
        }
        match (open, *byte) {
            (Some(b'\''), b'\\') => {}
            (_, b'\\') => is_escaped = true,
            (Some(quote), byte) if byte == quote => open = None,
            (Some(_), _) => {}
            (None, quote @ (b'\'' | b'"' | b'`')) => open = Some(quote),
            (None, b'#') if before.is_ascii_whitespace() => return None,
            (None, _) => {}
        }
        before = *byte;
    }
    match open {
        Some(_) => Some(LEFT_OPEN),
        None => is_escaped.then_some(CONTINUED),
    }
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
            ("${x}", None),
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
    fn a_file_whose_lines_readers_divide_differently_is_not_written_to() {
        for line in [
            "X='open",
            "X=it's",
            "X=foo\"bar",
            "X=foo\\",
            "X='a'\"b",
            "X='a'#it's",
            "X='a\nb'c",
            "X='C:\\'",
            "X=\"C:\\\\\"",
            "X=`a",
            "X=a#it's",
            "X=#'",
            "echo it's",
            "export X=it's",
            "X=$'it\\'s'",
        ] {
            for file in [format!("Y=1\n{line}\nZ=1\n"), format!("Y=1\n{line}")] {
                let why = write(file.as_bytes(), &NAMES, &texts(&[("A", "plain")])).err().unwrap();
                assert!(why.starts_with("line 2: "), "{line}: {why}");
                // A copy that stands in such a file is not there for everybody.
                let lines = read(format!("A=plain\n{file}").as_bytes(), &NAMES);
                assert!(lines.is_there && lines.texts.is_empty(), "{line}");
                assert!(lines.unclear.unwrap().starts_with("line 3: "), "{line}");
                // What is ours goes all the same.
                let out = write(format!("{file}\nA=plain\n").as_bytes(), &NAMES, &texts(&[]));
                assert!(out.is_ok(), "{line}");
            }
        }
    }

    #[test]
    fn quotes_and_backslashes_that_every_reader_ends_alike_are_no_hindrance() {
        for line in [
            "# it's",
            "X=1 # it's",
            "X='a' # it's",
            "X='it'\\''s'",
            "X=\"it's\"",
            "X='a\nb'",
            "X=\"a\nA=b\n\" # it's",
            "X=a\\b",
            "X=C:\\\\",
            "  # X=\\",
            "X=`a`",
            "echo \"it's\"",
        ] {
            let file = format!("{line}\nY=1\n");
            assert_eq!(written(&file, &[("A", "plain")]), format!("{file}A=plain\n"), "{line}");
        }
    }

    #[test]
    fn a_value_is_read_where_readers_agree_and_nowhere_else() {
        let of = |value: &str| {
            let lines = read(format!("# ours\nA={value}\nX=1\n").as_bytes(), &["A"]);
            let text = lines.texts.get("A").map(|text| text.expose().to_vec());
            (text.map(|text| String::from_utf8(text).unwrap()), lines.unclear)
        };
        for (value, expected) in [
            ("abc", "abc"),
            ("a+b/c=", "a+b/c="),
            ("abc # prod", "abc"),
            ("abc\t#prod's", "abc"),
            ("  abc  ", "abc"),
            ("'abc'", "abc"),
            ("'abc' # comment", "abc"),
            ("\"abc\"\t# \"comment\"", "abc"),
            ("'a b#c$d\"'", "a b#c$d\""),
            ("\"it's\"", "it's"),
            ("", ""),
            ("''", ""),
        ] {
            assert_eq!(of(value), (Some(expected.to_owned()), None), "{value}");
        }
        for value in [
            "a#b",
            "#abc",
            "# abc",
            "a b",
            "'a'b'c'",
            "'a'b",
            "'abc'#comment",
            "'a' b",
            "a'b'",
            "\"a\\nb\"",
            "'a\\b'",
            "a\\b",
            "$X",
            "\"$X\"",
            "'${X}'",
            "\"a`b`\"",
            "`abc`",
            "a;b",
            "~/a",
            "'a\nb'",
            "\"a\nb\"",
        ] {
            let (text, unclear) = of(value);
            let unclear = unclear.unwrap();
            assert!(text.is_none() && unclear.starts_with("line 2: "), "{value}: {unclear}");
            assert!(unclear.contains("`A`"), "{value}: {unclear}");
        }
    }

    #[test]
    fn a_name_that_stands_twice_is_told_and_taken_only_where_both_say_the_same() {
        let lines = read(b"A=1\nexport A='1'\nX=3\n", &NAMES);
        let unclear = lines.unclear.unwrap();
        assert!(unclear.starts_with("line 2: `A`") && unclear.contains("line 1"), "{unclear}");
        assert_eq!(lines.texts["A"].expose(), b"1");
        for file in ["A=1\nA=2\n", "A=1\nA=2\nA=2\n", "A=1\nA=2 3\n", "A=1 2\nA=2\n"] {
            let lines = read(file.as_bytes(), &NAMES);
            assert!(lines.texts.is_empty() && lines.is_there && lines.unclear.is_some(), "{file}");
        }
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
            prop_assert!(!back.texts.contains_key("B") && back.unclear.is_none());
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
