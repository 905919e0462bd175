//! Rust text as a flat run of tokens, each with its line and whether it is only built for tests.
//!
//! Comments vanish, a string is one token, and `use a::{b, c::d};` reads as `a::b ; a::c::d ;`,
//! so a banned path is found however it is spelt and never in prose.

use std::str::FromStr;

use proc_macro2::{Delimiter, Group, Spacing, Span, TokenStream, TokenTree};

/// One token: an identifier, a literal, or a single character of punctuation.
#[derive(Clone, Debug)]
pub(super) struct Token {
    pub(super) text: String,
    /// From 1.
    pub(super) line: usize,
    pub(super) in_test: bool,
}

/// The tokens of `text`; an error with its line where it isn't Rust.
pub(super) fn read(text: &str, for_tests: bool) -> Result<Vec<Token>, (usize, String)> {
    let stream = TokenStream::from_str(text)
        .map_err(|error| (error.span().start().line, error.to_string()))?;
    let mut reader = Reader { tokens: Vec::new() };
    reader.stream(stream, for_tests);
    Ok(reader.tokens)
}

/// The lines at which `pattern` (tokens parted by spaces) begins. A pattern that opens with `^`
/// matches only where the path starts: not after `::`, so `^ hmac ::` is the crate of that name.
pub(super) fn find(tokens: &[Token], pattern: &str) -> Vec<(usize, bool)> {
    let pattern = pattern.replace("::", ": :");
    let mut wanted: Vec<&str> = pattern.split_whitespace().collect();
    let at_path_start = wanted.first() == Some(&"^");
    if at_path_start {
        wanted.remove(0);
    }
    let mut found = Vec::new();
    for (index, window) in tokens.windows(wanted.len()).enumerate() {
        let follows_path = index > 0 && tokens[index - 1].text == ":";
        if window.iter().map(|token| token.text.as_str()).eq(wanted.iter().copied())
            && !(at_path_start && follows_path)
        {
            found.push((window[0].line, window[0].in_test));
        }
    }
    found
}

struct Reader {
    tokens: Vec<Token>,
}

impl Reader {
    fn push(&mut self, text: impl Into<String>, span: Span, in_test: bool) {
        self.tokens.push(Token { text: text.into(), line: span.start().line, in_test });
    }

    fn stream(&mut self, stream: TokenStream, inherited: bool) {
        let trees: Vec<TokenTree> = stream.into_iter().collect();
        // An item that an attribute made a test's, up to its block or semicolon.
        let mut item_for_tests = false;
        let mut whole_for_tests = inherited;
        let mut at = 0;
        while let Some(tree) = trees.get(at) {
            match attribute(&trees[at..]) {
                Some((true, group)) => whole_for_tests |= says_test(group),
                Some((false, group)) => item_for_tests |= says_test(group),
                None => {}
            }
            let in_test = whole_for_tests || item_for_tests;
            if is_import(&trees[at..]) {
                let end = trees[at..].iter().position(is_semicolon).map_or(trees.len(), |n| at + n);
                self.import(&trees[at + 1..end], &[], in_test);
                self.push(";", tree.span(), in_test);
                item_for_tests = false;
                at = end + 1;
                continue;
            }
            match tree {
                TokenTree::Group(group) => {
                    self.group(group, in_test);
                    // Attributes are brackets and arguments are parentheses: a block ends an item.
                    item_for_tests &= group.delimiter() != Delimiter::Brace;
                }
                TokenTree::Ident(ident) => self.push(ident.to_string(), ident.span(), in_test),
                TokenTree::Punct(punct) => {
                    self.push(punct.as_char(), punct.span(), in_test);
                    item_for_tests &= punct.as_char() != ';';
                }
                TokenTree::Literal(literal) => {
                    self.push(literal.to_string(), literal.span(), in_test);
                }
            }
            at += 1;
        }
    }

    fn group(&mut self, group: &Group, in_test: bool) {
        let (open, close) = match group.delimiter() {
            Delimiter::Parenthesis => ("(", ")"),
            Delimiter::Brace => ("{", "}"),
            Delimiter::Bracket => ("[", "]"),
            Delimiter::None => ("", ""),
        };
        self.push(open, group.span_open(), in_test);
        self.stream(group.stream(), in_test);
        self.push(close, group.span_close(), in_test);
    }

    /// Writes out each path of a `use` tree, with what stands before its braces.
    fn import(&mut self, trees: &[TokenTree], prefix: &[Token], in_test: bool) {
        let mut path = prefix.to_vec();
        for tree in trees {
            match tree {
                TokenTree::Group(group) if group.delimiter() == Delimiter::Brace => {
                    let inner: Vec<TokenTree> = group.stream().into_iter().collect();
                    for one in inner.split(is_comma) {
                        self.import(one, &path, in_test);
                    }
                    return;
                }
                other => {
                    let line = other.span().start().line;
                    path.push(Token { text: other.to_string(), line, in_test });
                }
            }
        }
        if path.len() > prefix.len() {
            self.tokens.extend(path);
            self.push(";", trees[0].span(), in_test);
        }
    }
}

/// Whether an attribute opens `trees`: its brackets, and whether it is an inner one (`#!`).
fn attribute(trees: &[TokenTree]) -> Option<(bool, &Group)> {
    match trees {
        [TokenTree::Punct(hash), TokenTree::Group(group), ..] if hash.as_char() == '#' => {
            Some((false, group))
        }
        [TokenTree::Punct(hash), TokenTree::Punct(bang), TokenTree::Group(group), ..]
            if hash.as_char() == '#' && bang.as_char() == '!' =>
        {
            Some((true, group))
        }
        _ => None,
    }
}

/// `[test]`, `[cfg(test)]`, `[tokio::test]`, `[cfg(all(test, …))]`; not `[cfg(not(test))]`.
fn says_test(attribute: &Group) -> bool {
    let text = attribute.stream().to_string();
    let words: Vec<&str> =
        text.split(|c: char| !c.is_alphanumeric() && c != '_').filter(|w| !w.is_empty()).collect();
    match words.as_slice() {
        ["cfg", conditions @ ..] => {
            conditions.contains(&"test") && !conditions.contains(&"not") && !text.contains('"')
        }
        path => path.last() == Some(&"test") && !text.contains(['(', '=']),
    }
}

/// `use` of an item, not the `use<'a>` of a bound.
fn is_import(trees: &[TokenTree]) -> bool {
    match trees {
        [TokenTree::Ident(ident), TokenTree::Punct(next), ..] if ident == "use" => {
            next.as_char() == ':' && next.spacing() == Spacing::Joint
        }
        [TokenTree::Ident(ident), ..] => ident == "use",
        _ => false,
    }
}

fn is_semicolon(tree: &TokenTree) -> bool {
    matches!(tree, TokenTree::Punct(punct) if punct.as_char() == ';')
}

fn is_comma(tree: &TokenTree) -> bool {
    matches!(tree, TokenTree::Punct(punct) if punct.as_char() == ',')
}

#[cfg(test)]
mod tests {
    use super::*;

    fn lines(text: &str, pattern: &str) -> Vec<(usize, bool)> {
        find(&read(text, false).unwrap(), pattern)
    }

    #[test]
    fn prose_and_strings_hold_no_code() {
        let text =
            "/// `x.unwrap()`\n// x.unwrap()\nfn f() { g(\"x.unwrap()\", r#\"a.unwrap()\"#) }";
        assert_eq!(lines(text, ". unwrap ( )"), []);
    }

    #[test]
    fn an_import_is_read_path_by_path() {
        let text =
            "use std::{\n  fs,\n  env::{self, args},\n};\nfn f<'a>() -> impl Sized + use<'a> {}";
        assert_eq!(lines(text, "std :: env"), [(1, false), (1, false)]);
        assert_eq!(lines(text, "std :: fs"), [(1, false)]);
        assert_eq!(lines(text, "std :: args"), []);
    }

    #[test]
    fn only_what_an_attribute_covers_is_a_test() {
        let text = "#[cfg(test)]\nmod tests { fn a() { x.unwrap() } }\nfn b() { x.unwrap() }\n\
                    #[test]\nfn c() { x.unwrap() }\n#[cfg(not(test))]\nfn d() { x.unwrap() }\n\
                    #[cfg(test)]\nuse a::b;\nfn e() { x.unwrap() }";
        let found = lines(text, ". unwrap ( )");
        assert_eq!(found, [(2, true), (3, false), (5, true), (7, false), (10, false)]);
    }

    #[test]
    fn an_inner_attribute_covers_the_whole_file() {
        assert_eq!(lines("#![cfg(test)]\nfn a() { todo!() }", "todo !"), [(2, true)]);
    }

    #[test]
    fn a_crate_is_told_from_a_module_of_the_same_name() {
        let text = "use hmac::Mac;\nuse crate::key::hmac::Key;\nfn f() { self::hmac::new(); }";
        assert_eq!(lines(text, "^ hmac ::"), [(1, false)]);
    }

    #[test]
    fn what_is_not_rust_is_an_error_with_its_line() {
        assert_eq!(read("fn f() {\n  )\n", false).unwrap_err().0, 2);
    }
}
