//! One hop back from a name that is given to a sink: what it is made of, and whose parameter it is.

use std::collections::HashSet;

use super::{MOST_ARGUMENTS, key_names};
use crate::code::tree::{Tree, is_keyword};
use crate::rules::evidence::Evidence;
use crate::rules::{names, tables};

/// Adds to `keys`, the places of names that are given to a sink, those of what these come from; and
/// tells which functions of this file hand a parameter on to a sink.
pub(super) fn follow(tree: &Tree<'_>, keys: &mut Vec<usize>, evidence: &mut Evidence) {
    for _ in 0..MOST_HOPS {
        let known: HashSet<&str> = keys.iter().filter_map(|at| tree.word(*at)).collect();
        if known.is_empty() {
            return;
        }
        let before = keys.len();
        let mut places: HashSet<usize> = keys.iter().copied().collect();
        for at in 0..tree.tokens.len() {
            if let Some(origin) = made_of(tree, at, &known).filter(|origin| places.insert(*origin))
            {
                keys.push(origin);
            }
        }
        let known: HashSet<&str> = keys.iter().filter_map(|at| tree.word(*at)).collect();
        for at in 0..tree.tokens.len() {
            if let Some(head) = Head::of(tree, at) {
                evidence.takes_key.extend(head.parameters(tree, &known, &places));
            }
        }
        if !evidence.takes_key.is_empty() {
            for at in 0..tree.tokens.len() {
                keys.extend(arguments(tree, at, evidence).filter(|at| places.insert(*at)));
            }
        }
        if keys.len() == before {
            return;
        }
    }
}

/// `config.secret`: a name and what it is a member of.
pub(super) fn qualified(tree: &Tree<'_>, at: usize) -> Option<String> {
    let member = matches!(tree.sign(at.wrapping_sub(1)), "." | "?." | "->" | "::");
    let owner = at.checked_sub(2).filter(|owner| member && tree.is_name(*owner))?;
    Some(format!("{}.{}", tree.word(owner)?, tree.word(at)?))
}

/// `key = encoder.encode(secret)`, `this.secret = secret`: what a key is made of is the key. That it only
/// comes from another name is believed where this one says that it is a secret or a default.
fn made_of(tree: &Tree<'_>, sign: usize, known: &HashSet<&str>) -> Option<usize> {
    if !matches!(tree.sign(sign), "=" | ":=" | ":") {
        return None;
    }
    let before = sign.checked_sub(1).filter(|before| tree.is_name(*before))?;
    // `const key: string = secret`
    let typed = tree.sign(sign) == "=" && tree.sign(before.wrapping_sub(1)) == ":";
    let variable = if typed { before.checked_sub(2)? } else { before };
    if !tree.word(variable).is_some_and(|word| known.contains(word)) {
        return None;
    }
    let says = |at: usize| tree.word(at).is_some_and(says_secret);
    if let Some(made) = transparent(tree, sign).filter(|at| tree.sign(sign) != ":" || says(*at)) {
        return Some(made);
    }
    let mut last = sign + 1;
    while tree.is_name(last)
        && matches!(tree.sign(last + 1), "." | "?." | "->" | "::")
        && tree.is_name(last + 2)
    {
        last += 2;
    }
    let ends = tree.is_name(last)
        && !is_keyword(tree.text(last))
        && (tree.line_ends_after(last) || matches!(tree.sign(last + 1), ";" | "," | ")" | "}"));
    (ends && says(last)).then_some(last)
}

fn says_secret(word: &str) -> bool {
    let folded = word.to_lowercase();
    names::may_mean(word)
        || ["fallback", "default", "builtin"].iter().any(|part| folded.contains(part))
}

fn transparent(tree: &Tree<'_>, sign: usize) -> Option<usize> {
    let close = (sign + 1..(sign + 14).min(tree.tokens.len()))
        .rev()
        .find(|at| tree.sign(*at) == ")" && tree.partner(*at).is_some_and(|open| open > sign))?;
    let open = tree.partner(close)?;
    let (chain, start) = tree.chain_before(open);
    let whole = start == sign + 1
        || start == sign + 2 && tree.text(sign + 1) == "new"
        || start == sign + 3 && tree.sign(sign + 1) == "[";
    let (from, to) = tree.nth_argument(open, 0)?;
    // `Settings.Secret` is one name of another.
    let named =
        (from..to).all(|at| tree.is_name(at) || matches!(tree.sign(at), "." | "?." | "->" | "::"));
    ((whole || chain.last() == Some(&"TextEncoder"))
        && chain.first().is_some_and(|last| tables::is_transparent(&[last]))
        && named
        && tree.is_name(to - 1))
    .then_some(to - 1)
}

/// The names that a call of this file's own function gives to a parameter that becomes a key.
fn arguments<'t>(
    tree: &'t Tree<'_>,
    open: usize,
    evidence: &Evidence,
) -> impl Iterator<Item = usize> + use<'t> {
    let chain = if tree.sign(open) == "(" { tree.chain_before(open).0 } else { Vec::new() };
    let given: Vec<usize> = (0..MOST_ARGUMENTS)
        .filter(|index| evidence.hands_on(&chain, *index))
        .filter_map(|index| tree.nth_argument(open, index))
        .flat_map(|(start, end)| key_names(tree, start, end))
        .collect();
    given.into_iter()
}

/// The head of a function, and what belongs to it.
struct Head<'t> {
    /// What it is called by: of a constructor, its class.
    name: &'t str,
    open: usize,
    body: (usize, usize),
    /// A receiver stands among its parameters.
    shift: usize,
}

impl<'t> Head<'t> {
    /// Of the bracket that opens at `open`, if it is one of parameters.
    fn of(tree: &Tree<'t>, open: usize) -> Option<Self> {
        let close = (tree.sign(open) == "(").then(|| tree.partner(open)).flatten()?;
        let before = open.checked_sub(1)?;
        let first = tree.word(open + 1).or_else(|| tree.word(open + 2));
        let shift = usize::from(first.is_some_and(|word| matches!(word, "self" | "cls")));
        // `name = (a, b) => …`
        if tree.sign(before) == "=" && tree.is_name(before.wrapping_sub(1)) {
            let arrow = (close + 1..close + LONGEST_TYPE).find(|at| tree.sign(*at) == "=>")?;
            let name = tree.word(before - 1)?;
            return Some(Self { name, open, body: body(tree, arrow), shift });
        }
        let name = tree.word(before).filter(|_| tree.is_name(before))?;
        let keyword = before.checked_sub(1).map_or("", |at| tree.text(at));
        let declared = matches!(keyword, "function" | "def" | "fn" | "func" | "fun" | "class")
            // Go's receiver.
            || keyword == ")"
                && tree
                    .partner(before - 1)
                    .and_then(|receiver| receiver.checked_sub(1))
                    .is_some_and(|at| tree.text(at) == "func");
        // A method: no call, for a body follows.
        let opens = (close + 1..close + LONGEST_TYPE)
            .take_while(|at| !matches!(tree.sign(*at), ";" | ")" | "}" | "," | "="))
            .find(|at| matches!(tree.sign(*at), "{" | "=>"));
        let called = is_keyword(keyword) && !matches!(keyword, "public" | "private" | "static")
            || matches!(keyword, "." | "?." | "->" | "::" | "=" | "(" | ",");
        if !declared
            && (called
                || opens.is_none()
                || matches!(
                    name,
                    "if" | "for" | "while" | "switch" | "catch" | "match" | "foreach"
                ))
        {
            return None;
        }
        let is_constructor =
            matches!(name, "constructor" | "__init__" | "__construct" | "initialize" | "new");
        let name = if is_constructor { class_before(tree, before)? } else { name };
        let body = body(tree, opens.unwrap_or(close));
        Some(Self { name, open, body, shift })
    }

    /// The parameters that it gives to a sink, or keeps for one.
    fn parameters(
        &self,
        tree: &Tree<'t>,
        known: &HashSet<&str>,
        places: &HashSet<usize>,
    ) -> Vec<(String, usize)> {
        let mut found = Vec::new();
        for index in self.shift..self.shift + MOST_ARGUMENTS {
            let Some((start, end)) = tree.nth_argument(self.open, index) else { break };
            // `private readonly key: string`: a member as well.
            let kept = (start..end).any(|at| {
                matches!(
                    tree.text(at),
                    "private" | "public" | "protected" | "readonly" | "val" | "internal"
                )
            });
            let to = (start..end).find(|at| tree.sign(*at) == "=").unwrap_or(end);
            let used = |word: &str| {
                known.contains(word)
                    && (kept
                        || places.iter().any(|at| {
                            (self.body.0..self.body.1).contains(at) && tree.word(*at) == Some(word)
                        })
                        || (self.body.0..self.body.1).any(|at| is_member_by_name(tree, at, word)))
            };
            if (start..to).any(|at| tree.is_name(at) && tree.word(at).is_some_and(used)) {
                found.push((self.name.to_owned(), index - self.shift));
            }
        }
        found
    }
}

/// `{ secret, ttl }`, `&Manager{secret, ttl}`: kept as a member under its own name.
fn is_member_by_name(tree: &Tree<'_>, at: usize, word: &str) -> bool {
    tree.is_name(at)
        && tree.word(at) == Some(word)
        && tree.parent(at).is_some_and(|open| tree.sign(open) == "{")
        && matches!(tree.sign(at - 1), "{" | ",")
        && matches!(tree.sign(at + 1), "," | "}")
}

/// Where the body goes that begins at or after a token: a block, an expression, or what is indented.
fn body(tree: &Tree<'_>, at: usize) -> (usize, usize) {
    let block = (at..at + 3).find(|at| tree.sign(*at) == "{");
    if let Some((open, close)) = block.and_then(|open| Some((open, tree.partner(open)?))) {
        return (open, close);
    }
    let most = (at + LONGEST_BODY).min(tree.tokens.len());
    let next = (at + 1..most)
        .find(|at| matches!(tree.text(*at), "def" | "class" | "fn" | "func" | "function" | "fun"));
    (at, next.unwrap_or(most))
}

/// The class, or the type of an `impl`, whose constructor this is.
fn class_before<'t>(tree: &Tree<'t>, at: usize) -> Option<&'t str> {
    let heads = (0..at).rev().find(|at| matches!(tree.text(*at), "class" | "impl"));
    heads.and_then(|head| tree.word(head + 1))
}

/// From the literal to a constant, to a parameter, to a sink.
const MOST_HOPS: usize = 3;
/// In tokens: of a result.
const LONGEST_TYPE: usize = 10;
/// In tokens: of a body without braces.
const LONGEST_BODY: usize = 300;
