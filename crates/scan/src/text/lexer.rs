//! Tokens of two dozen languages, out of broken input too: names, strings, numbers, signs, comments.
//!
//! A string that is not closed ends with its line, so that an excerpt that begins in the middle of
//! one loses that line and no more.

use super::language::Syntax;

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Kind {
    /// A name or a keyword.
    Name,
    /// A string; its text is between `inner.0` and `inner.1`.
    Text,
    Number,
    /// One sign, or one of the few that are read as one: `::` `->` `=>` `:=` `||` `??` `?:` `?.` `==` `!=` `<-` `=~` `//`.
    Sign,
    /// A comment; its text is between `inner.0` and `inner.1`.
    Comment,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Token {
    pub(crate) kind: Kind,
    pub(crate) start: usize,
    pub(crate) end: usize,
    pub(crate) inner: (usize, usize),
}

impl Token {
    pub(crate) fn text<'t>(&self, source: &'t str) -> &'t str {
        source.get(self.start..self.end).unwrap_or("")
    }

    pub(crate) fn inner<'t>(&self, source: &'t str) -> &'t str {
        source.get(self.inner.0..self.inner.1).unwrap_or("")
    }
}

/// A text's tokens, and its comments beside them, each in order.
pub(crate) struct Tokens {
    pub(crate) code: Vec<Token>,
    pub(crate) comments: Vec<Token>,
}

/// Every token of `source`.
pub(crate) fn tokens(source: &str, syntax: &Syntax) -> Tokens {
    let mut opens_comment = [false; 256];
    let blocks = syntax.block_comments.iter().map(|(open, _)| *open);
    for open in blocks.chain(syntax.line_comments.iter().copied()) {
        if let Some(first) = open.bytes().next() {
            opens_comment[usize::from(first)] = true;
        }
    }
    let mut lexer = Lexer {
        source,
        bytes: source.as_bytes(),
        at: 0,
        syntax,
        opens_comment,
        // About as many as code has.
        code: Vec::with_capacity(source.len() / 6),
        comments: Vec::new(),
        missing: Vec::new(),
    };
    while lexer.at < lexer.bytes.len() {
        lexer.step();
    }
    Tokens { code: lexer.code, comments: lexer.comments }
}

struct Lexer<'t> {
    source: &'t str,
    bytes: &'t [u8],
    at: usize,
    syntax: &'t Syntax,
    /// By its first byte, whether something may be a comment.
    opens_comment: [bool; 256],
    code: Vec<Token>,
    comments: Vec<Token>,
    /// Ends that were looked for and do not come any more.
    missing: Vec<String>,
}

impl Lexer<'_> {
    fn step(&mut self) {
        let Some(byte) = self.peek(0) else { return };
        if byte.is_ascii_whitespace() {
            let rest = self.bytes.get(self.at..).unwrap_or_default();
            self.at += rest.iter().position(|b| !b.is_ascii_whitespace()).unwrap_or(rest.len());
            return;
        }
        let taken = self.opens_comment[usize::from(byte)] && self.comment()
            || opens_string(byte) && self.string()
            || self.word(byte);
        if !taken {
            self.sign();
        }
    }

    fn peek(&self, ahead: usize) -> Option<u8> {
        self.bytes.get(self.at + ahead).copied()
    }

    fn starts(&self, with: &str) -> bool {
        self.bytes.get(self.at..).is_some_and(|rest| rest.starts_with(with.as_bytes()))
    }

    fn push(&mut self, kind: Kind, end: usize, inner: (usize, usize)) {
        let end = end.min(self.bytes.len()).max(self.at + 1);
        let token = Token { kind, start: self.at, end, inner };
        if kind == Kind::Comment {
            self.comments.push(token)
        } else {
            self.code.push(token)
        }
        self.at = end;
    }

    fn line_end(&self, from: usize) -> usize {
        let rest = self.bytes.get(from..).unwrap_or_default();
        memchr::memchr(b'\n', rest).map_or(self.bytes.len(), |at| from + at)
    }

    fn comment(&mut self) -> bool {
        let syntax = self.syntax;
        for (open, close) in syntax.block_comments {
            if self.starts(open) {
                let from = self.at + open.len();
                // One that never ends is an excerpt's: its first line is a comment.
                let ((_, inner_end), end) = self.until(from, close);
                let inner_end = if inner_end == from { end } else { inner_end };
                self.push(Kind::Comment, end, (from, inner_end));
                return true;
            }
        }
        for open in syntax.line_comments {
            if self.starts(open) && self.may_open_comment(open) {
                let from = self.at + open.len();
                let end = self.line_end(from);
                self.push(Kind::Comment, end, (from, end));
                return true;
            }
        }
        false
    }

    /// `#[…]` of Rust and PHP, `#{`, `$#`, `url://…` and a `#` in a word are no comments.
    fn may_open_comment(&self, open: &str) -> bool {
        let before = self.at.checked_sub(1).and_then(|at| self.bytes.get(at)).copied();
        match open {
            "#" => {
                !matches!(self.peek(1), Some(b'[' | b'{'))
                    && before.is_none_or(|b| {
                        b.is_ascii_whitespace()
                            || matches!(b, b';' | b',' | b'{' | b'}' | b')' | b']' | b'"' | b'\'')
                    })
            }
            "//" => before != Some(b':'),
            _ => true,
        }
    }

    fn string(&mut self) -> bool {
        let mut ahead = 0;
        // Prefixes: b"", r#""#, f'', @"", $"".
        while let Some(b) = self.peek(ahead) {
            if !PREFIXES.contains(&b) || ahead >= 3 {
                break;
            }
            ahead += 1;
        }
        let raw = (0..ahead).any(|at| matches!(self.peek(at), Some(b'r' | b'R' | b'@')));
        let hashes = (0..).take_while(|at| self.peek(ahead + at) == Some(b'#')).take(8).count();
        let hashes = if raw && hashes > 0 && self.syntax.name == "rust" { hashes } else { 0 };
        let open = ahead + hashes;
        let Some(quote) = self.peek(open) else { return false };
        match quote {
            b'"' => {}
            b'\'' if self.syntax.single_quotes => {}
            b'\'' if open == 0 => return self.character(),
            b'`' if self.syntax.backticks && open == 0 => {}
            _ => return false,
        }
        if ahead > 0 && quote == b'\'' && self.syntax.name != "python" && self.syntax.name != "dart"
        {
            return false;
        }
        let from = self.at + open + 1;
        let (inner, end) = if hashes > 0 {
            self.until(from, &format!("\"{}", "#".repeat(hashes)))
        } else if self.syntax.name == "cpp" && ahead > 0 && self.peek(ahead - 1) == Some(b'R') {
            let label = self
                .source
                .get(from..)
                .and_then(|rest| rest.split('(').next())
                .filter(|l| l.len() < 17)
                .unwrap_or("");
            let (inner, end) = self.until(from + label.len() + 1, &format!("){label}\""));
            ((inner.0.min(inner.1), inner.1), end)
        } else if self.syntax.triple_quotes
            && self.peek(open + 1) == Some(quote)
            && self.peek(open + 2) == Some(quote)
        {
            self.until(from + 2, if quote == b'"' { "\"\"\"" } else { "'''" })
        } else {
            self.until_quote(from, quote, raw)
        };
        self.push(Kind::Text, end, inner);
        true
    }

    /// A character, or a lifetime, or an apostrophe.
    fn character(&mut self) -> bool {
        let length = if self.peek(1) == Some(b'\\') { 4 } else { 3 };
        for length in [length, length + 1, length + 2] {
            if self.peek(length - 1) == Some(b'\'')
                && (length < 5
                    || self.peek(1) == Some(b'\\')
                    || self.peek(1).is_some_and(|b| !b.is_ascii()))
            {
                self.push(Kind::Number, self.at + length, (0, 0));
                return true;
            }
        }
        false
    }

    fn until(&mut self, from: usize, close: &str) -> ((usize, usize), usize) {
        let from = from.min(self.bytes.len());
        if !self.missing.iter().any(|missing| missing == close) {
            if let Some(at) = self.source.get(from..).and_then(|rest| rest.find(close)) {
                return ((from, from + at), from + at + close.len());
            }
            self.missing.push(close.to_owned());
        }
        ((from, from), self.line_end(from))
    }

    fn until_quote(&self, from: usize, quote: u8, raw: bool) -> ((usize, usize), usize) {
        let mut at = from;
        let mut braces = 0_u32;
        while let Some(byte) = self.bytes.get(at).copied().filter(|_| at - from < LONGEST_TEXT) {
            match byte {
                b'\\' if !raw || self.syntax.name == "python" => at += 1,
                b'\n' if quote != b'`' => return ((from, from), at),
                b'$' if quote == b'`' && self.bytes.get(at + 1) == Some(&b'{') => braces += 1,
                b'}' if braces > 0 => braces -= 1,
                // "" inside @"…" and '' inside SQL.
                _ if byte == quote && braces == 0 => {
                    let doubled = self.bytes.get(at + 1) == Some(&quote)
                        && (raw && self.syntax.name == "csharp"
                            || self.syntax.name == "sql" && at > from);
                    if !doubled {
                        return ((from, at), at + 1);
                    }
                    at += 1;
                }
                _ => {}
            }
            at += 1;
        }
        ((from, from), self.line_end(from))
    }

    fn word(&mut self, byte: u8) -> bool {
        let opens = PART[usize::from(byte)] && byte != b'$'
            || (matches!(byte, b'$' | b'@') || byte == b'#' && self.syntax.name == "javascript")
                && self.peek(1).is_some_and(|next| PART[usize::from(next)] && next != b'$');
        if !opens {
            return false;
        }
        let dashes = self.syntax.name == "clojure";
        let rest = self.bytes.get(self.at + 1..).unwrap_or_default();
        let ends = |b: &u8| !(PART[usize::from(*b)] || dashes && *b == b'-');
        let length = 1 + rest.iter().position(ends).unwrap_or(rest.len());
        let kind = if byte.is_ascii_digit() { Kind::Number } else { Kind::Name };
        self.push(kind, self.at + length, (0, 0));
        true
    }

    fn sign(&mut self) {
        const PAIRS: [&str; 17] = [
            "===", "!==", "::", "->", "=>", ":=", "||", "??", "?:", "?.", "==", "!=", "<-", "=~",
            "+=", "&&", "<>",
        ];
        let pair = self.peek(1).is_some_and(|next| b"=:>|?.-~&".contains(&next));
        let pair = pair.then(|| PAIRS.iter().find(|pair| self.starts(pair))).flatten();
        let length = pair.map_or(1, |pair| pair.len());
        // `a ?: b` is one sign; `a?:` of TypeScript's optional members is two.
        let length = if self.starts("?:") && self.syntax.name == "javascript" { 1 } else { length };
        self.push(Kind::Sign, self.at + length, (0, 0));
    }
}

/// The bytes that go on with a name.
const PART: [bool; 256] = {
    let mut part = [false; 256];
    let mut byte = 0_u8;
    loop {
        part[byte as usize] =
            byte.is_ascii_alphanumeric() || matches!(byte, b'_' | b'$') || !byte.is_ascii();
        if byte == 255 {
            break part;
        }
        byte += 1;
    }
};

/// What may stand before a string's quote: b"", r#""#, f'', @"", $"".
const PREFIXES: &[u8] = b"brRfuULBFcs@$";

fn opens_string(byte: u8) -> bool {
    matches!(byte, b'"' | b'\'' | b'`' | b'#') || PREFIXES.contains(&byte)
}

/// A longer one was never opened.
const LONGEST_TEXT: usize = 64 * 1024;

#[cfg(test)]
mod tests {
    use super::*;
    use crate::text::language;
    use std::path::Path;

    fn texts(path: &str, source: &str) -> Vec<String> {
        let syntax = language::of(Path::new(path)).syntax();
        let tokens = tokens(source, syntax);
        let strings = tokens.code.iter().filter(|token| token.kind == Kind::Text);
        strings.map(|token| token.inner(source).to_owned()).collect()
    }

    #[test]
    fn strings_are_read_as_each_language_writes_them() {
        for (path, source, expected) in [
            ("a.js", "x('a\\'b', `c${d}e`) // 'no'", vec!["a\\'b", "c${d}e"]),
            ("a.py", "x = b'a' + r\"b\" # 'no'\n'''c'd'''", vec!["a", "b", "c'd"]),
            ("a.rs", "fn f<'a>() { r#\"x\"y\"#; b\"z\"; 'c'; '\"' }", vec!["x\"y", "z"]),
            ("a.go", "[]byte(`raw`) /* \"no\" */ 'x'", vec!["raw"]),
            ("a.cs", "@\"a\"\"b\" $\"c\"", vec!["a\"\"b", "c"]),
            ("a.cpp", "R\"x(a\"b)x\" \"c\"", vec!["a\"b", "c"]),
            ("a.yml", "don't \"a\"\nb \"c\"", vec!["", "c"]),
        ] {
            assert_eq!(texts(path, source), expected, "{path}");
        }
    }

    #[test]
    fn a_string_that_is_not_closed_ends_with_its_line() {
        assert_eq!(texts("a.js", "it's\n x = 'a'"), ["", "a"]);
        assert_eq!(texts("a.js", "\"a"), [""]);
    }
}
