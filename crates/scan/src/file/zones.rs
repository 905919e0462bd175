//! The places of a long text in which a literal can be a signing secret: near a word that says so.

use std::collections::HashSet;

use crate::code::tree::Tree;
use crate::rules::evidence::Evidence;
use crate::text::lexer::Kind as TokenKind;
use crate::uses;

/// Such places of one text.
pub(super) struct Zones {
    /// Where such words end, in order; none where the text is short and everything is looked at.
    ends: Option<Vec<usize>>,
    reach: (usize, usize),
    passed: usize,
}

impl Zones {
    pub(super) fn of(tree: &Tree<'_>, evidence: &Evidence, is_piece: bool) -> Self {
        let reach = if is_piece { REACH_IN_PIECE } else { REACH };
        if tree.source.len() <= SHORT && !is_piece {
            return Self { ends: None, reach, passed: 0 };
        }
        let mut ends: Vec<usize> = crate::anchors::ends(tree.source.as_bytes()).collect();
        ends.extend(uses::sinks(tree));
        if !evidence.used_as_key.is_empty() {
            let own: HashSet<&str> =
                evidence.takes_key.iter().map(|(name, _)| name.as_str()).collect();
            let named = tree.tokens.iter().filter(|token| token.kind == TokenKind::Name);
            let used = named.filter(|token| {
                let name = token.text(tree.source);
                evidence.used_as_key.contains(name) || own.contains(name)
            });
            ends.extend(used.map(|token| token.end));
        }
        ends.sort_unstable();
        Self { ends: Some(ends), reach, passed: 0 }
    }

    /// Whether such a word is near; asked from the beginning to the end.
    pub(super) fn hold(&mut self, at: usize) -> bool {
        let Some(ends) = &self.ends else { return true };
        while ends.get(self.passed).is_some_and(|end| end + self.reach.0 < at) {
            self.passed += 1;
        }
        ends.get(self.passed).is_some_and(|end| *end <= at + self.reach.1)
    }
}

/// In a text of this length everything is looked at.
const SHORT: usize = 16 << 10;
/// How far behind a word a literal may stand, and how far before it: the options of a library, with the
/// secret at their end.
const REACH: (usize, usize) = (4 << 10, 1 << 10);
/// The same in a piece of a long program, which hardly anybody wrote by hand.
const REACH_IN_PIECE: (usize, usize) = (1 << 10, 256);
