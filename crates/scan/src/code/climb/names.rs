//! The names that a literal goes by: what it is assigned to, the members, classes and calls around that.

use super::arguments::{callee, is_asked, text_argument};
use super::{Call, Not, Role, Step, Tree, is_keyword, tables, words};

/// `name = "…"`, `key: "…"`, `'key' => "…"`, and all that is around it.
pub(super) fn assigned<'t>(tree: &Tree<'t>, sign: usize, role: &mut Role<'t>) -> Step {
    // `() => "…"`, `|_| "…"`, `-> "…"`: a function that gives it back.
    if matches!(tree.sign(sign), "=>" | "->") && sign > 0 && tree.sign(sign - 1) == ")" {
        let open = tree.partner(sign - 1).unwrap_or(sign - 1);
        role.returned = true;
        let before = open.wrapping_sub(1);
        let before = if tree.text(before) == "async" { before.wrapping_sub(1) } else { before };
        if matches!(tree.sign(before), "=" | ":") {
            return assigned(tree, before, role);
        }
        // The closure is an argument itself.
        if let Some(parent) = tree.parent(open)
            && tree.sign(parent) == "("
        {
            let (chain, start) = callee(tree, parent);
            if chain.first().is_some_and(|last| tables::is_default(last)) {
                role.fallback = true;
                role.names.extend(
                    words(tree, start, parent)
                        .into_iter()
                        .filter(|w| !tables::is_default(w))
                        .rev()
                        .take(2),
                );
            }
            role.names.extend(chain);
        }
        return Step::End;
    }
    let mut target = target(tree, sign);
    if target.is_empty() {
        return Step::End;
    }
    let siblings = tree.parent(sign).map(|open| (open, texts_in(tree, open, sign + 1)));
    // `cli.StringFlag{Name: "jwt-secret", Value: "…"}`
    let of_flag = target[0] == "Value"
        && siblings.as_ref().is_some_and(|(open, _)| {
            tree.chain_before(*open).0.first().is_some_and(|name| name.ends_with("Flag"))
        });
    // `{ provide: TOKEN_KEY, useValue: "…" }`
    if target[0] == "useValue"
        && let Some((open, _)) = siblings.as_ref()
        && let Some(provided) = member(tree, *open, "provide")
    {
        role.names.push(provided);
        role.own = role.names.len();
        return Step::End;
    }
    // `static fallback = "…"` is a constant of that name.
    let declared = tree.sign(sign) == "="
        && siblings.as_ref().is_none_or(|(open, _)| {
            let name = sign.wrapping_sub(1);
            tree.sign(*open) == "{"
                && (tree.text(name).starts_with('#') || is_keyword(tree.text(name.wrapping_sub(1))))
        });
    // `new Parameter("jwtSecret", { value: "…" })`
    if matches!(target[0], "value" | "Value")
        && let Some((open, _)) = siblings.as_ref()
        && tree.sign(*open) == "{"
        && let Some(call) = tree.parent(*open).filter(|call| tree.sign(*call) == "(")
        && let Some(name) = text_argument(tree, call, 0).filter(|text| is_asked(text))
    {
        role.names.push(name);
        role.own = role.names.len();
        return Step::End;
    }
    if of_flag || tables::is_default_member(target[0]) && !declared {
        // `default: "…"` beside `env: "NAME"` or within what has the name.
        role.fallback = true;
        if let Some((open, texts)) = siblings {
            role.names.extend(texts);
            role.own = role.own.max(role.names.len());
            if tree.sign(open) == "(" {
                let (_, start) = callee(tree, open);
                return Step::On(start, tree.partner(open).map_or(sign + 2, |close| close + 1));
            }
        }
        target.clear();
    } else if target[0] == "key"
        && siblings
            .is_some_and(|(open, _)| has_member(tree, open, &["secret", "secretOrKey", "value"]))
    {
        role.not = Some(Not::Key);
        return Step::End;
    }
    role.own = role.names.len() + target.len();
    // What a look-up was asked for stays first; the variable comes after it.
    role.names.extend(target);
    around(tree, sign, role);
    Step::End
}

/// Names of settings among the strings of a bracket, but for the value itself.
fn texts_in<'t>(tree: &Tree<'t>, open: usize, value: usize) -> Vec<&'t str> {
    let close = tree.partner(open).unwrap_or(open).min(open + 60);
    (open + 1..close)
        .filter(|at| tree.parent(*at) == Some(open) && tree.is_text(*at) && *at != value)
        .filter_map(|at| tree.word(at))
        .filter(|text| tables::is_key_text(text) && !text.contains(' '))
        .filter(|text| {
            !crate::rules::names::words(text).is_empty()
                && crate::rules::values::is_setting_like(text)
        })
        .collect()
}

/// What a member of this name is given.
fn member<'t>(tree: &Tree<'t>, open: usize, name: &str) -> Option<&'t str> {
    let close = tree.partner(open).unwrap_or(open).min(open + 60);
    let at = (open + 1..close).find(|at| {
        tree.parent(*at) == Some(open) && tree.text(*at) == name && tree.sign(at + 1) == ":"
    });
    tree.word(at? + 2)
}

fn has_member(tree: &Tree<'_>, open: usize, names: &[&str]) -> bool {
    let close = tree.partner(open).unwrap_or(open).min(open + 120);
    (open + 1..close).any(|at| {
        tree.parent(at) == Some(open)
            && matches!(tree.sign(at + 1), ":" | "=" | "," | "}")
            && matches!(tree.sign(at - 1), "{" | "," | "(")
            && tree.word(at).is_some_and(|word| names.contains(&word))
    })
}

/// The names left of an assignment's sign, the last first.
fn target<'t>(tree: &Tree<'t>, sign: usize) -> Vec<&'t str> {
    let mut start = sign;
    let mut typed = None;
    while let Some(before) = start.checked_sub(1) {
        if sign - before > 60 {
            break;
        }
        if let (")" | "]" | "}", Some(open)) = (tree.sign(before), tree.partner(before)) {
            if tree.sign(before) == "}" {
                break;
            }
            start = open;
            continue;
        }
        if matches!(tree.sign(before), "(" | "{" | "[" | "," | ";" | "=" | "=>")
            || tree.line_ends_after(before)
            || sign - before > 40
        {
            break;
        }
        // `name: Type = "…"`; but `"key": "…"` has nothing after its colon.
        if tree.sign(before) == ":" && before + 1 < sign {
            typed = Some(before);
        }
        start = before;
    }
    // `Key { get; set; } = "…"`
    if let ("}", Some(open)) = (tree.sign(sign.wrapping_sub(1)), tree.partner(sign.wrapping_sub(1)))
    {
        return tree.chain_before(open).0;
    }
    // PowerShell's `$env:NAME = "…"`
    if let Some(colon) = typed
        && tree.text(colon.wrapping_sub(1)).eq_ignore_ascii_case("$env")
    {
        return tree.word(colon + 1).into_iter().collect();
    }
    // Visual Basic's `Const Name As String = "…"`
    if sign >= 3 && tree.text(sign - 2) == "As" && tree.is_name(sign - 3) {
        return tree.word(sign - 3).into_iter().collect();
    }
    let end = typed.unwrap_or(sign);
    // Optional members: `name?: Type = "…"`.
    let end = if end > start && matches!(tree.sign(end - 1), "?" | "!") { end - 1 } else { end };
    let (chain, _) = tree.chain_before(end);
    if !chain.is_empty() {
        return chain;
    }
    match end.checked_sub(1) {
        Some(last) if tree.is_text(last) || tree.text(last) == "default" => {
            tree.word(last).into_iter().collect()
        }
        // `const char key[] = …`
        _ => words(tree, start, end).into_iter().rev().take(1).collect(),
    }
}

/// The keys, variables and calls around a member.
fn around<'t>(tree: &Tree<'t>, from: usize, role: &mut Role<'t>) {
    let mut at = from;
    for _ in 0..8 {
        let Some(open) = tree.parent(at) else {
            role.names.extend(class_above(tree, at));
            role.names.extend(command(tree, at));
            return sections(tree, at, role);
        };
        let before = open.wrapping_sub(1);
        match tree.sign(open) {
            "(" => {
                let (chain, _) = callee(tree, open);
                if role.call.is_none() && at == from {
                    let index = tree.argument(at).map_or(0, |argument| argument.index);
                    if !chain.is_empty() {
                        role.call = Some(Call { chain: chain.clone(), index });
                    }
                }
                role.names.extend(chain);
                // `register(fastifyCookie, { … })`, `strategy("a", "jwt", { … })`: what it is about.
                let about = (0..2).filter_map(|number| {
                    let (start, end) = tree.nth_argument(open, number)?;
                    let required = tree.text(start) == "require" && start + 4 == end;
                    let start = if required { start + 2 } else { start };
                    ((required || start + 1 == end) && end < at).then(|| tree.word(start)).flatten()
                });
                role.names.extend(about.filter(|word| word.len() < 40));
            }
            // Objective-C's `[JWT decodeMessage:token withSecret:@"…"]`
            "[" if tree.is_name(open + 1) && tree.is_name(open + 2) => {
                role.names.extend(tree.word(open + 1));
            }
            "{" | "[" => match tree.sign(before) {
                "=" | ":" | "=>" | ":=" => role.names.extend(target(tree, before)),
                "(" | "," | "[" | "{" | ";" => {}
                ")" => {
                    // A block: the function or class it belongs to.
                    let start = tree.partner(before).unwrap_or(before);
                    role.names.extend(tree.chain_before(start).0.into_iter().take(2));
                }
                _ => role.names.extend(
                    (open.saturating_sub(10)..open)
                        .rev()
                        .take_while(|at| !tree.line_ends_after(*at) || at + 1 == open)
                        .take_while(|at| !matches!(tree.sign(*at), "," | ";" | "(" | ")"))
                        .filter_map(|at| tree.word(at)),
                ),
            },
            _ => {}
        }
        at = open;
    }
}

/// The class whose member this is by its indentation.
fn class_above<'t>(tree: &Tree<'t>, at: usize) -> Option<&'t str> {
    let column = tree.indentation(at);
    if column == 0 {
        return None;
    }
    let heads = (at.saturating_sub(MOST_OF_A_CLASS)..at).rev();
    let head = heads.into_iter().find(|head| {
        tree.text(*head) == "class"
            && (*head == 0 || tree.line_ends_after(head - 1))
            && tree.indentation(*head) < column
    });
    tree.word(head? + 1)
}

/// Ruby's `use Rack::Session::Cookie, secret: "…"`: a call without brackets.
fn command<'t>(tree: &Tree<'t>, at: usize) -> Vec<&'t str> {
    let comma = (at.saturating_sub(MOST_OF_A_COMMAND)..at)
        .rev()
        .take_while(|place| !tree.line_ends_after(*place) || tree.sign(*place) == ",")
        .filter(|place| tree.sign(*place) == "," && tree.parent(*place).is_none())
        .last();
    let Some(comma) = comma else { return Vec::new() };
    let start = (comma.saturating_sub(8)..comma)
        .rev()
        .take_while(|place| !tree.line_ends_after(*place))
        .last();
    start.map_or_else(Vec::new, |start| words(tree, start, comma))
}

/// Elixir's `config :app, X.Guardian, key: "…"`: a call without brackets, over several lines.
fn sections<'t>(tree: &Tree<'t>, at: usize, role: &mut Role<'t>) {
    let from = at.saturating_sub(60);
    let heads = (from..at).rev().find(|place| {
        tree.text(*place) == "config" && (*place == 0 || tree.line_ends_after(place - 1))
    });
    if let Some(head) = heads {
        role.names.extend(
            (head + 1..at)
                .take_while(|at| !tree.line_ends_after(*at - 1))
                .filter_map(|at| tree.word(at)),
        );
    }
}

/// The function that a `return` leaves: its name, and the words of its parameters.
pub(super) fn enclosing_function<'t>(tree: &Tree<'t>, at: usize, role: &mut Role<'t>) {
    let mut open = tree.parent(at);
    for _ in 0..6 {
        let Some(block) = open else { break };
        let mut before = block.wrapping_sub(1);
        // Over a result type: `) (interface{}, error) {`, `): string {`, `-> T {`.
        for _ in 0..12 {
            if tree.sign(block) != "{" || tree.sign(before) == ")" || before == usize::MAX {
                break;
            }
            before = before.wrapping_sub(1);
        }
        if tree.sign(block) == "{" && tree.sign(before) == ")" {
            let mut parameters = tree.partner(before).unwrap_or(before);
            if parameters > 0 && tree.sign(parameters - 1) == ")" {
                before = parameters - 1;
                parameters = tree.partner(before).unwrap_or(parameters);
            }
            let (chain, start) = tree.chain_before(parameters);
            // A keyword ends a chain, so that of a condition there is none.
            let keyword = parameters.checked_sub(1).filter(|before| tree.is_name(*before));
            let keyword = keyword.map_or("", |keyword| tree.text(keyword));
            let head = chain.first().copied().unwrap_or(keyword);
            if !matches!(head, "if" | "for" | "while" | "switch" | "catch" | "match" | "foreach") {
                role.names.extend(chain);
                role.own = role.names.len().min(1);
                role.names.extend(words(tree, parameters, before));
                // `getSecret = () => {`, `func(t *jwt.Token)` as an argument.
                if head.is_empty() || is_keyword(head) {
                    let start = if is_keyword(head) { start - 1 } else { start };
                    if matches!(tree.sign(start.wrapping_sub(1)), "=" | ":") {
                        role.names.extend(target(tree, start - 1));
                    }
                    around(tree, parameters, role);
                }
                return;
            }
        }
        open = tree.parent(block);
    }
    // Python and Ruby: the `def` above.
    let def =
        (at.saturating_sub(120)..at).rev().find(|place| matches!(tree.text(*place), "def" | "fun"));
    if let Some(def) = def {
        role.names.extend(tree.word(def + 1));
        role.own = 1;
    }
}

/// In tokens: before its last option.
const MOST_OF_A_COMMAND: usize = 40;
/// In tokens: before a member of it.
const MOST_OF_A_CLASS: usize = 400;
