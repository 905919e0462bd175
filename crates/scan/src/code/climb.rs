//! From a literal outwards: through what leaves it a key, to the name or the call that it ends in.

mod arguments;
mod names;

use super::tree::{Tree, is_keyword};
use crate::rules::tables;

use self::arguments::{among, is_asked};
use self::names::{assigned, enclosing_function};

/// What a literal ends in.
#[derive(Debug, Default)]
pub(crate) struct Role<'t> {
    /// The names it goes by, the innermost first: a variable, a key, the keys and calls around it.
    pub(crate) names: Vec<&'t str>,
    /// How many of them are its own rather than of what is around.
    pub(crate) own: usize,
    /// The call it is an argument of: its chain, the last first, and which argument.
    pub(crate) call: Option<Call<'t>>,
    /// It is what a look-up falls back to.
    pub(crate) fallback: bool,
    /// It is decoded from base64 before it is used.
    pub(crate) base64: bool,
    /// It is decoded from hex before it is used.
    pub(crate) hex: bool,
    /// A function returns it, whose parameters hold these words.
    pub(crate) returned: bool,
    /// The argument beside it names an HMAC algorithm.
    pub(crate) beside_algorithm: bool,
    /// What it is, when that says that it is no secret.
    pub(crate) not: Option<Not>,
}

/// A call, of which the literal is an argument.
#[derive(Debug)]
pub(crate) struct Call<'t> {
    pub(crate) chain: Vec<&'t str>,
    pub(crate) index: usize,
}

/// Why a literal is no secret, by what it is used for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Not {
    /// The name of something that is looked up.
    LookedUp,
    /// The text of an error, a log line, a test's title, a docstring.
    Message,
    /// One side of a comparison.
    Compared,
    /// A name of a member, not its value.
    Key,
    /// Part of something larger.
    Part,
}

/// Follows the literal at token `at`.
pub(crate) fn role<'t>(tree: &Tree<'t>, at: usize) -> Role<'t> {
    if is_statement(tree, at) {
        return Role { not: Some(Not::Message), ..Role::default() };
    }
    follow(tree, at, at + 1)
}

/// Follows the list of bytes in the bracket at `open`: `new byte[] { … }`, `[]byte{ … }`, `&[…]`.
pub(crate) fn role_of_bytes<'t>(tree: &Tree<'t>, open: usize) -> Role<'t> {
    let brackets = |at: usize| at >= 2 && tree.sign(at - 1) == "]" && tree.sign(at - 2) == "[";
    let mut left = open;
    if brackets(left) {
        left -= 2;
    }
    if left > 0 && left < open && tree.is_name(left - 1)
        || left > 0 && matches!(tree.text(left - 1), "byte" | "uint8")
    {
        left -= 1;
    }
    if brackets(left) {
        left -= 2;
    }
    let right = tree.partner(open).unwrap_or(open) + 1;
    follow(tree, left, right)
}

fn follow<'t>(tree: &Tree<'t>, mut left: usize, mut right: usize) -> Role<'t> {
    let mut role = Role::default();
    for _ in 0..MOST_STEPS {
        right = methods_after(tree, left, right, &mut role);
        if role.not.is_some() {
            return role;
        }
        match step(tree, left, right, &mut role) {
            Step::On(to_left, to_right) => (left, right) = (to_left, to_right),
            Step::End => return role,
        }
    }
    role
}

/// Alone on its lines, in no bracket, after a `:`, a name or another end of a statement: a docstring.
fn is_statement(tree: &Tree<'_>, at: usize) -> bool {
    let Some(before) = at.checked_sub(1) else {
        return tree.line_ends_after(at) && tree.get(1).is_some();
    };
    let opens_block = tree.sign(before) == ":" && !is_ternary_else(tree, before);
    tree.parent(at).is_none()
        && tree.line_ends_after(before)
        && tree.line_ends_after(at)
        && (opens_block
            || tree.is_text(before)
            || tree.is_name(before) && !is_keyword(tree.text(before)))
}

enum Step {
    On(usize, usize),
    End,
}

/// One step to the left.
fn step<'t>(tree: &Tree<'t>, left: usize, right: usize, role: &mut Role<'t>) -> Step {
    let before = left.wrapping_sub(1);
    match tree.sign(right) {
        ":" | "=>" if left + 1 == right && tree.is_text(left) && !is_ternary_else(tree, right) => {
            role.not = Some(Not::Key);
            return Step::End;
        }
        "==" | "!=" | "=~" | "===" | "!==" => {
            role.not = Some(Not::Compared);
            return Step::End;
        }
        "=" if tree.sign(right + 1) != ">" && left + 1 == right => {
            role.not = Some(Not::Key);
            return Step::End;
        }
        // Patterns of a match.
        "|" if tree.is_text(right + 1) => {
            role.not = Some(Not::Compared);
            return Step::End;
        }
        "+" | "%" | "<>" if tree.get(left).is_some() => {
            role.not = Some(Not::Part);
            return Step::End;
        }
        _ => {}
    }
    match tree.sign(before) {
        "(" | "{" | "[" => opened(tree, left, right, before, role),
        "," => {
            let Some(argument) = tree.argument(before) else { return clojure(tree, left, role) };
            // The comma before us belongs to the argument before.
            among(tree, right, argument.open, argument.index + 1, role)
        }
        "||" | "??" | "?:" => fallen_back(tree, before, right, role),
        ":" if is_ternary_else(tree, before) => {
            let condition = ternary_start(tree, before);
            role.fallback = true;
            role.names.extend(words(tree, condition, before).into_iter().rev().take(1));
            Step::On(condition, right)
        }
        "->" | "=>" if matches!(tree.sign(before.wrapping_sub(1)), "=" | ":") => {
            Step::On(before, right)
        }
        ":" | "=>" | "->" | "=" | ":=" | "<-" | "+=" => assigned(tree, before, role),
        // Perl's `$ENV{NAME} // "…"`, Erlang's and Elixir's `<<"…">>`.
        "/" if tree.sign(before.wrapping_sub(1)) == "/" => {
            fallen_back(tree, before - 1, right, role)
        }
        // TypeScript's `<string>"…"`.
        ">" if tree.is_name(before.wrapping_sub(1))
            && tree.sign(before.wrapping_sub(2)) == "<"
            && matches!(tree.sign(before.wrapping_sub(3)), "(" | "," | "=" | ":") =>
        {
            Step::On(before - 2, right)
        }
        "<" if tree.sign(before.wrapping_sub(1)) == "<" && tree.sign(right) == ">" => {
            Step::On(before - 1, right + 2)
        }
        "?" if tree.sign(before.wrapping_sub(1)) == "?" => {
            fallen_back(tree, before - 1, right, role)
        }
        "|" if tree.is_text(before.wrapping_sub(1)) => {
            role.not = Some(Not::Compared);
            Step::End
        }
        "|" => {
            // `|_| "…"`: a closure.
            let open = (before.saturating_sub(6)..before).rev().find(|at| tree.sign(*at) == "|");
            open.map_or(Step::End, |open| Step::On(open, right))
        }
        "&" | "*" | "!" => Step::On(before, right),
        "==" | "!=" | "=~" | "===" | "!==" => {
            role.not = Some(Not::Compared);
            Step::End
        }
        "+" | "%" | "." | "<>" => {
            role.not = Some(Not::Part);
            Step::End
        }
        "]" if tree.sign(before.wrapping_sub(1)) == "[" => Step::On(before - 1, right),
        _ => worded(tree, before, left, right, role),
    }
}

/// A word stands before: a keyword, a function without parentheses, an operator that is a word.
fn worded<'t>(
    tree: &Tree<'t>,
    before: usize,
    left: usize,
    right: usize,
    role: &mut Role<'t>,
) -> Step {
    if !tree.is_name(before) || left == 0 {
        return clojure(tree, left, role);
    }
    match tree.text(before) {
        // Python's `os.environ["NAME"] if … else "…"`
        "else" if tree.parent(before) == tree.parent(left) && tree.sign(left) != "{" => {
            let names = role.names.len();
            let step = fallen_back(tree, before, right, role);
            if !role.names.iter().skip(names).any(|name| is_asked(name)) {
                role.names.truncate(names);
                role.fallback = false;
            }
            step
        }
        "new" | "await" | "default" | "mut" | "ref" | "const" | "static" | "else" => {
            Step::On(before, right)
        }
        "or" => fallen_back(tree, before, right, role),
        "return" => {
            role.returned = true;
            enclosing_function(tree, before, role);
            Step::End
        }
        "throw" | "raise" | "panic" | "puts" | "print" | "echo" | "import" | "from" | "require"
        | "include" | "use" => {
            role.not = Some(Not::Message);
            Step::End
        }
        "case" | "when" | "in" | "is" => {
            role.not = Some(Not::Compared);
            Step::End
        }
        // `ENV KEY value`, `jwt.secret "…"`, `TO '…'`: a word and its value.
        _ => {
            let (chain, start) = tree.chain_before(left);
            if chain.is_empty() {
                return Step::End;
            }
            role.own = chain.len();
            role.names.extend(chain);
            // SQL: `SET "app.jwt_secret" TO '…'`.
            if role.names[0].eq_ignore_ascii_case("to") && start > 0 {
                role.names.clear();
                role.names.extend(tree.word(start - 1));
                role.names.extend(tree.chain_before(start).0);
                role.own = role.names.len();
            }
            Step::End
        }
    }
}

/// A list whose items are parted by blanks: `(jwt/sign claims "…")`.
fn clojure<'t>(tree: &Tree<'t>, left: usize, role: &mut Role<'t>) -> Step {
    if let Some(open) = tree.parent(left)
        && tree.sign(open) == "("
        && tree.is_name(open + 1)
        && left > open + 1
    {
        let items = (open + 1..left).filter(|at| tree.parent(*at) == Some(open)).count();
        let mut chain = vec![tree.text(open + 1)];
        let mut at = open + 2;
        while matches!(tree.sign(at), "/" | ".") {
            chain.insert(0, tree.text(at + 1));
            at += 2;
        }
        let opened = (open + 1..left)
            .filter(|at| {
                tree.parent(*at) == Some(open) && matches!(tree.sign(*at), ")" | "]" | "}")
            })
            .count();
        let index = items.saturating_sub(at - open).saturating_sub(opened);
        role.call = Some(Call { chain, index });
    } else if left > 0 && tree.is_name(left - 1) {
        role.names.extend(tree.word(left - 1));
        role.own = 1;
    }
    Step::End
}

/// The literal comes first in a bracket.
fn opened<'t>(
    tree: &Tree<'t>,
    left: usize,
    right: usize,
    open: usize,
    role: &mut Role<'t>,
) -> Step {
    if tree.sign(open) == "["
        && right == tree.partner(open).unwrap_or(0)
        && tree.is_text(left)
        && left + 1 == right
    {
        // `config["key"]` looks up; `config["key"] = …` names.
        let indexed =
            open > 0 && (tree.is_name(open - 1) || matches!(tree.sign(open - 1), ")" | "]"));
        if indexed {
            role.not = Some(Not::LookedUp);
            return Step::End;
        }
    }
    among(tree, right, open, 0, role)
}

/// `operand || "…"`: over the operand, whose last word names what is looked up.
fn fallen_back<'t>(tree: &Tree<'t>, operator: usize, right: usize, role: &mut Role<'t>) -> Step {
    let mut start = operator;
    while let Some(before) = start.checked_sub(1) {
        if operator - start > 80 {
            break;
        }
        if let (")" | "]" | "}", Some(open)) = (tree.sign(before), tree.partner(before)) {
            start = open;
            continue;
        }
        let stops = matches!(
            tree.sign(before),
            "(" | "[" | "{" | "," | ";" | "=" | ":=" | ":" | "=>" | "->" | "+="
        ) || tree.is_name(before)
            && is_keyword(tree.text(before))
            && tree.text(before) != "await"
            && tree.text(before) != "or"
            || tree.line_ends_after(before) && !continues(tree, start);
        if stops {
            break;
        }
        start = before;
    }
    // `|| "…"` with nothing before it is a closure without parameters.
    if start == operator {
        return Step::On(operator, right);
    }
    role.fallback = true;
    let words = words(tree, start, operator);
    role.names.extend(words.into_iter().rev().take(2));
    role.own = role.own.max(1).min(role.names.len());
    Step::On(start, right)
}

/// Whether a line that begins with this token goes on with the one before.
fn continues(tree: &Tree<'_>, at: usize) -> bool {
    matches!(tree.sign(at), "." | "?." | "->" | "::" | "||" | "??" | "?:" | "?" | ")")
}

/// The names and strings between two tokens.
fn words<'t>(tree: &Tree<'t>, start: usize, end: usize) -> Vec<&'t str> {
    (start..end)
        .filter_map(|at| tree.word(at))
        .filter(|word| !word.is_empty() && !is_keyword(word))
        .collect()
}

/// `a ? b : "…"` rather than a key's colon.
fn is_ternary_else(tree: &Tree<'_>, colon: usize) -> bool {
    tree.sign(colon) == ":" && ternary_start(tree, colon) < colon
}

/// Where the condition of a ternary begins whose `:` this is; the colon itself if it is none.
fn ternary_start(tree: &Tree<'_>, colon: usize) -> usize {
    let mut seen = false;
    let mut at = colon;
    while let Some(before) = at.checked_sub(1) {
        if colon - at > 60 {
            return colon;
        }
        if let (")" | "]" | "}", Some(open)) = (tree.sign(before), tree.partner(before)) {
            at = open;
            continue;
        }
        match tree.sign(before) {
            "?" if before + 1 != colon => seen = true,
            "(" | "[" | "{" | "," | ";" | "=" | "=>" | ":=" => break,
            ":" => break,
            _ if tree.text(before) == "return" => break,
            _ => {}
        }
        at = before;
        if colon - at > 60 {
            return colon;
        }
    }
    if seen { at } else { colon }
}

/// Methods that leave the value a key: `.getBytes()`, `.as_bytes()`, `.to_string()`.
fn methods_after(tree: &Tree<'_>, left: usize, right: usize, role: &mut Role<'_>) -> usize {
    let mut right = right;
    loop {
        match tree.sign(right) {
            "." | "?." | "->" | "::" if tree.is_name(right + 1) => {
                let name = tree.text(right + 1);
                if tables::is_transparent(&[name]) || tables::is_value_method(name) {
                    role.base64 |= tables::decodes_base64(&[name]);
                    right += 2;
                    if tree.sign(right) == "(" {
                        right = tree.partner(right).unwrap_or(right) + 1;
                    }
                    continue;
                }
                // Scala's and Swift's `"…".utf8`; anything else is not the value itself.
                if tree.sign(left.wrapping_sub(1)) != "." {
                    role.not = Some(Not::Part);
                }
                return right;
            }
            "!" if tree.sign(right + 1) != "=" => right += 1,
            _ if tree.text(right) == "as" && tree.is_name(right + 1) => right += 2,
            _ => return right,
        }
    }
}

const MOST_STEPS: usize = 12;

#[cfg(test)]
mod tests {
    use super::*;
    use crate::text::{language, lexer};
    use std::path::Path;

    /// The role of the last string.
    fn last(path: &str, source: &str) -> (Vec<String>, bool, Option<Not>) {
        let tokens = lexer::tokens(source, language::of(Path::new(path)).syntax()).code;
        let tree = Tree::new(source, tokens);
        let at = (0..tree.tokens.len()).rev().find(|at| tree.is_text(*at)).unwrap();
        let role = role(&tree, at);
        (role.names.iter().map(|name| (*name).to_owned()).collect(), role.fallback, role.not)
    }

    #[test]
    fn a_literal_is_followed_to_its_name() {
        for (path, source, names, fallback) in [
            ("a.js", "const a = b.C || 'x'", &["C", "b", "a"][..], true),
            ("a.kt", "val a = System.getenv(\"C\") ?: \"x\"", &["C", "getenv", "a"], true),
            (
                "a.rs",
                "let a = env::var(\"C\").unwrap_or_else(|_| \"x\".to_string());",
                &["C", "env", "a"],
                true,
            ),
            ("a.ts", "C: z.string().default('x')", &["string", "z", "C"], true),
            ("a.go", "var a = []byte(\"x\")", &["a"], false),
            ("a.py", "app.config[\"C\"] = \"x\"", &["C", "config", "app"], false),
            ("a.cs", "var a = c[\"C\"] ?? \"x\";", &["C", "c", "a"], true),
        ] {
            assert_eq!(
                last(path, source),
                (names.iter().map(|n| (*n).to_owned()).collect(), fallback, None),
                "{source}"
            );
        }
    }

    #[test]
    fn what_is_no_value_is_told() {
        for (source, not) in [
            ("throw new Error('x')", Not::Message),
            ("process.env['x']", Not::LookedUp),
            ("if (a === 'x') {}", Not::Compared),
            ("matches!(a, 'y' | 'x')", Not::Compared),
            ("a = 'x' + b", Not::Part),
            ("a = { 'x': 1 }", Not::Key),
        ] {
            assert_eq!(last("a.js", source).2, Some(not), "{source}");
        }
    }
}
