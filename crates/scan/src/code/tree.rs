//! A file's tokens with their brackets matched, and the steps that other files take over them.

use crate::text::lexer::{Kind, Token};

/// Tokens without comments, over their source.
pub(crate) struct Tree<'t> {
    pub(crate) source: &'t str,
    pub(crate) tokens: Vec<Token>,
    /// For each bracket, its partner.
    partners: Vec<Option<usize>>,
    /// For each token, the bracket that is open around it.
    parents: Vec<Option<usize>>,
}

impl<'t> Tree<'t> {
    /// Matches brackets; those that an excerpt has cut off stay alone.
    pub(crate) fn new(source: &'t str, tokens: Vec<Token>) -> Self {
        let mut partners = vec![None; tokens.len()];
        let mut parents = vec![None; tokens.len()];
        let mut open: Vec<(usize, &str)> = Vec::new();
        for (at, token) in tokens.iter().enumerate() {
            parents[at] = open.last().map(|(at, _)| *at);
            if token.kind != Kind::Sign {
                continue;
            }
            match token.text(source) {
                "(" | "[" | "{" => open.push((at, token.text(source))),
                close @ (")" | "]" | "}") => {
                    let opener = match close {
                        ")" => "(",
                        "]" => "[",
                        _ => "{",
                    };
                    // What was opened inside and never closed is dropped.
                    if let Some(found) = open.iter().rposition(|(_, text)| *text == opener) {
                        open.truncate(found + 1);
                        if let Some((partner, _)) = open.pop() {
                            partners[at] = Some(partner);
                            partners[partner] = Some(at);
                            parents[at] = parents[partner];
                        }
                    }
                }
                _ => {}
            }
        }
        Self { source, tokens, partners, parents }
    }

    pub(crate) fn get(&self, at: usize) -> Option<&Token> {
        self.tokens.get(at)
    }

    /// The token's text; nothing beyond the ends.
    pub(crate) fn text(&self, at: usize) -> &'t str {
        self.tokens.get(at).map_or("", |token| token.text(self.source))
    }

    pub(crate) fn kind(&self, at: usize) -> Option<Kind> {
        self.tokens.get(at).map(|token| token.kind)
    }

    pub(crate) fn is_name(&self, at: usize) -> bool {
        self.kind(at) == Some(Kind::Name)
    }

    pub(crate) fn is_text(&self, at: usize) -> bool {
        self.kind(at) == Some(Kind::Text)
    }

    /// The sign at this place; nothing for what is no sign.
    pub(crate) fn sign(&self, at: usize) -> &'t str {
        if self.kind(at) == Some(Kind::Sign) { self.text(at) } else { "" }
    }

    pub(crate) fn partner(&self, at: usize) -> Option<usize> {
        self.partners.get(at).copied().flatten()
    }

    /// The bracket that is open around a token.
    pub(crate) fn parent(&self, at: usize) -> Option<usize> {
        self.parents.get(at).copied().flatten()
    }

    /// What a string or a name says.
    pub(crate) fn word(&self, at: usize) -> Option<&'t str> {
        let token = self.tokens.get(at)?;
        match token.kind {
            Kind::Text => Some(token.inner(self.source)),
            Kind::Name => Some(token.text(self.source).trim_start_matches(['$', '@', '#'])),
            _ => None,
        }
    }

    /// Whether a line ends between a token and the one after it.
    pub(crate) fn line_ends_after(&self, at: usize) -> bool {
        let (Some(one), Some(next)) = (self.tokens.get(at), self.tokens.get(at + 1)) else {
            return true;
        };
        self.source
            .as_bytes()
            .get(one.end..next.start)
            .is_some_and(|between| between.contains(&b'\n'))
    }

    /// How far the line of a token is indented, in bytes.
    pub(crate) fn indentation(&self, at: usize) -> usize {
        let start = self.tokens.get(at).map_or(0, |token| token.start);
        let before = self.source.as_bytes().get(..start).unwrap_or_default();
        let line = memchr::memrchr(b'\n', before).map_or(0, |end| end + 1);
        let blank = |byte: &&u8| matches!(byte, b' ' | b'\t');
        self.source.as_bytes().get(line..).unwrap_or_default().iter().take_while(blank).count()
    }

    /// The names of the chain that ends just before `end`, the last first: `a.b(c).d` gives d, b, a;
    /// and where the chain begins.
    pub(crate) fn chain_before(&self, end: usize) -> (Vec<&'t str>, usize) {
        let mut names = Vec::new();
        let mut at = end;
        while names.len() < LONGEST_CHAIN {
            let Some(last) = at.checked_sub(1) else { break };
            let mut piece = last;
            // Calls, indexes and type arguments in the chain: over their brackets.
            while let (")" | "]", Some(open)) = (self.sign(piece), self.partner(piece)) {
                if let "]" = self.sign(piece)
                    && let Some(inner) = (open + 1..piece).rev().find_map(|at| self.word(at))
                {
                    names.push(inner);
                }
                let Some(before) = open.checked_sub(1) else { return (names, open) };
                at = open;
                piece = before;
                if !self.is_name(piece) && !matches!(self.sign(piece), ")" | "]" | ">") {
                    return (names, at);
                }
            }
            if self.sign(piece) == ">"
                && let Some(open) = self.angle_before(piece)
                && let Some(before) = open.checked_sub(1)
            {
                piece = before;
            }
            let member = matches!(self.sign(piece.wrapping_sub(1)), "." | "?." | "->" | "::");
            if !self.is_name(piece) || is_keyword(self.text(piece)) && !member {
                break;
            }
            names.push(self.text(piece).trim_start_matches(['$', '@', '#']));
            at = piece;
            match at.checked_sub(1).map(|dot| (dot, self.sign(dot))) {
                Some((dot, "." | "::" | "->" | "?.")) => at = dot,
                // `!.` and `?.` in two signs.
                Some((dot, "!" | "?")) if dot > 0 && self.sign(dot - 1) == "." => at = dot - 1,
                Some((dot, ":")) if dot > 0 && self.is_name(dot - 1) && self.touches(dot) => {
                    at = dot
                }
                _ => break,
            }
            if at > 0 && matches!(self.sign(at - 1), "!" | "?") {
                at -= 1;
            }
        }
        (names, at)
    }

    /// Lua's `a:b(`: nothing stands between.
    fn touches(&self, colon: usize) -> bool {
        let before = self.tokens.get(colon.wrapping_sub(1)).map(|token| token.end);
        let after = self.tokens.get(colon + 1).map(|token| token.start);
        let colon = self.tokens.get(colon).map(|token| (token.start, token.end));
        colon.is_some_and(|(start, end)| before == Some(start) && after == Some(end))
    }

    /// The `<` of a list of type arguments that ends here.
    fn angle_before(&self, close: usize) -> Option<usize> {
        let mut depth = 0_i32;
        for at in (close.saturating_sub(24)..=close).rev() {
            match self.sign(at) {
                ">" => depth += 1,
                "<" => depth -= 1,
                "" | "." | "," | "::" | "?" | "[" | "]" | "&" => {}
                _ => return None,
            }
            if depth == 0 {
                return Some(at);
            }
        }
        None
    }

    /// Where the argument that holds `at` begins, and how many commas stand before it.
    pub(crate) fn argument(&self, at: usize) -> Option<Argument> {
        // A list of thousands is a table, not a call.
        let open = self.parent(at).filter(|open| at - open <= LONGEST_ARGUMENTS)?;
        let mut index = 0;
        for place in open + 1..at {
            if self.parent(place) == Some(open) && self.sign(place) == "," {
                index += 1;
            }
        }
        Some(Argument { open, index })
    }

    /// The start and end (exclusive) of the argument with this number in the bracket that opens at `open`.
    pub(crate) fn nth_argument(&self, open: usize, number: usize) -> Option<(usize, usize)> {
        // What is longer is a table, and an excerpt's bracket is never closed.
        let most = (open + LONGEST_ARGUMENTS).min(self.tokens.len());
        let close = self.partner(open).map_or(most, |close| close.min(most));
        let mut index = 0;
        let mut start = open + 1;
        for place in open + 1..close {
            if self.parent(place) == Some(open) && self.sign(place) == "," {
                if index == number {
                    return Some((start, place));
                }
                index += 1;
                start = place + 1;
            }
        }
        (index == number && start < close).then_some((start, close))
    }
}

/// Where an expression stands among the arguments of a bracket.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Argument {
    pub(crate) open: usize,
    pub(crate) index: usize,
}

/// Names that end a chain rather than belong to it.
pub(crate) fn is_keyword(name: &str) -> bool {
    matches!(
        name,
        "return"
            | "new"
            | "await"
            | "throw"
            | "raise"
            | "const"
            | "let"
            | "var"
            | "val"
            | "static"
            | "final"
            | "public"
            | "private"
            | "protected"
            | "export"
            | "default"
            | "if"
            | "else"
            | "in"
            | "not"
            | "and"
            | "or"
            | "case"
            | "when"
            | "yield"
            | "do"
            | "then"
            | "def"
            | "fn"
            | "func"
            | "function"
            | "readonly"
            | "override"
            | "try"
            | "elif"
            | "unless"
            | "mut"
            | "ref"
            | "pub"
    )
}

const LONGEST_CHAIN: usize = 12;
const LONGEST_ARGUMENTS: usize = 400;
