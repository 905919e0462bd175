//! From a literal outwards: through what leaves it a key, to the name or the call that it ends in.

use super::tree::{Tree, is_keyword};
use crate::rules::tables;

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

/// The literal is item `index` of the bracket at `open`.
fn among<'t>(
    tree: &Tree<'t>,
    right: usize,
    open: usize,
    index: usize,
    role: &mut Role<'t>,
) -> Step {
    let close = tree.partner(open).unwrap_or(right);
    // `fn default_secret() -> String { "…".into() }`: the last expression is what it gives back.
    if tree.sign(open) == "{" && close == right {
        let head = (open.saturating_sub(14)..open)
            .rev()
            .take_while(|at| !matches!(tree.sign(*at), ";" | "}"));
        let head =
            head.into_iter().find(|at| matches!(tree.text(*at), "fn" | "def" | "func" | "fun"));
        if let Some(head) = head {
            role.names.extend(tree.word(head + 1));
            role.own = role.names.len();
            role.fallback |= tree.text(head + 1).contains("default");
            return Step::End;
        }
    }
    // Ruby's `ENV.fetch("NAME") { "…" }`
    if tree.sign(open) == "{"
        && tree.sign(open.wrapping_sub(1)) == ")"
        && close == right
        && let Some(asked) = tree.partner(open - 1)
        && let (looked_up, start) = tree.chain_before(asked)
        && looked_up.first() == Some(&"fetch")
    {
        role.fallback = true;
        role.names.extend(first_argument(tree, asked));
        role.own = role.own.max(1).min(role.names.len());
        return Step::On(start, close + 1);
    }
    let (chain, start) = callee(tree, open);
    if tree.sign(open) == "{" && chain.is_empty() || tree.sign(open) == "[" {
        if role.fallback && role.own > 0 {
            return Step::End;
        }
        // An item of a list, or a block of statements: `{ "…" }` is what a closure gives back.
        if index == 0 && close == right {
            return Step::On(open, close + 1);
        }
        role.not = Some(Not::Part);
        return Step::End;
    }
    let Some(last) = chain.first().copied() else {
        // A row: `('jwt_secret', '…')`
        if index == 1
            && let Some(name) = text_argument(tree, open, 0).filter(|text| is_asked(text))
        {
            role.names.push(name);
            role.own = 1;
            return Step::End;
        }
        return if close == right {
            Step::On(open, close + 1)
        } else {
            role.not = Some(Not::Part);
            Step::End
        };
    };
    if tables::is_sink(&chain, index) {
        role.call = Some(Call { chain, index });
        return Step::End;
    }
    let beside = |number: usize| {
        // The algorithm itself, rather than something that names it deep inside.
        tree.nth_argument(open, number).is_some_and(|(start, end)| {
            end - start <= LONGEST_NAME_OF_ALGORITHM
                && (start..end).any(|at| matches!(tree.word(at), Some("HS256" | "HS384" | "HS512")))
                && !(start..end).any(|at| matches!(tree.sign(at), "(" | "{" | "["))
        })
    };
    // `subtle.importKey("raw", "…", { name: "HMAC", … })`
    if last == "importKey"
        && index == 1
        && tree
            .nth_argument(open, 2)
            .is_some_and(|(start, end)| (start..end).any(|at| tree.word(at) == Some("HMAC")))
    {
        role.beside_algorithm = true;
        role.call = Some(Call { chain, index });
        return Step::End;
    }
    let asks = tree.word(open + 1).is_some_and(tables::is_key_text) || tables::is_lookup(last);
    if tree.sign(open) == "(" && (index == 0 && beside(1) && !asks || index == 1 && beside(0)) {
        role.beside_algorithm = true;
        role.call = Some(Call { chain, index });
        return Step::End;
    }
    if tables::is_message(last) {
        role.not = Some(Not::Message);
        return Step::End;
    }
    // `new SecretKeySpec("…", "AES")`
    let cipher = |number: usize| {
        tree.nth_argument(open, number).is_some_and(|(start, end)| {
            (start..end).any(|at| {
                tree.word(at).is_some_and(|word| {
                    ["AES", "DES", "DESede", "Blowfish", "RC4"]
                        .iter()
                        .any(|name| word == *name || word.starts_with(&format!("{name}/")))
                })
            })
        })
    };
    if tree.sign(open) == "(" && index == 0 && cipher(1) {
        role.not = Some(Not::Part);
        return Step::End;
    }
    // `getattr(settings, "NAME", "…")`, `get(ENV, "NAME", "…")`
    if index == 2
        && matches!(last, "getattr" | "get" | "fetch")
        && let Some(asked) = text_argument(tree, open, 1).filter(|text| is_asked(text))
    {
        role.fallback = true;
        role.names.push(asked);
        role.own = role.own.max(1);
        return Step::On(start, close + 1);
    }
    if index == 1 && tables::takes_name_second(last) {
        role.not = Some(Not::LookedUp);
        return Step::End;
    }
    if index == 0 && tables::is_default(last) {
        // `chain.default("…")`: what the chain looked up has the name.
        role.fallback = true;
        let looked_up = words(tree, start, open);
        role.names.extend(looked_up.into_iter().filter(|word| !tables::is_default(word)).rev());
        role.own = role.own.max(1).min(role.names.len());
        // The look-up's own name says more than what is around it.
        return Step::On(start, close + 1);
    }
    // `secretOrKeyProvider: (req, token, done) => done(null, "…")`
    if index == 1
        && chain.len() == 1
        && matches!(last, "done" | "cb" | "callback" | "next")
        && tree.text(open + 1) == "null"
    {
        return Step::On(start, close + 1);
    }
    // commander's `.option("-s, --secret <secret>", "what it is for", "…")`
    if index == 2
        && matches!(last, "option" | "Option" | "addOption")
        && let Some(flag) = first_argument(tree, open).and_then(|text| text.split("--").nth(1))
    {
        role.fallback = true;
        role.names.extend(flag.split([' ', '=', ',']).next());
        role.own = role.names.len();
        return Step::End;
    }
    // What is shown to people in their language has a name as well.
    if chain.iter().any(|name| matches!(*name, "i18n" | "t" | "translate" | "gettext")) {
        role.not = Some(Not::Message);
        return Step::End;
    }
    let setter = ["set", "put", "add", "define", "insert", "register"]
        .iter()
        .any(|verb| last.to_lowercase().starts_with(verb));
    // A constant that holds the name is one only for who looks up or sets.
    let constant = tree
        .nth_argument(open, 0)
        .is_some_and(|(start, end)| start + 1 == end && tree.is_name(start));
    let named = !constant || tables::is_lookup(last) || setter;
    if index >= 1
        && first_argument(tree, open).is_some_and(|first| {
            named && tables::is_key_text(first) || tables::is_lookup(last) && is_variable(first)
        })
        && !tables::is_sink_object(&chain)
    {
        let named = first_argument(tree, open);
        role.fallback |= tables::is_lookup(last);
        role.names.extend(named);
        role.own = role.own.max(1);
        if index == 1 || tables::takes_default_second(last) && index == 2 {
            return if tables::is_lookup(last) { Step::On(start, close + 1) } else { Step::End };
        }
        role.not = Some(Not::Message);
        return Step::End;
    }
    if index == 0 && tables::is_transparent(&chain) {
        let whole = || {
            (start..close).any(|at| matches!(tree.word(at), Some("base64" | "BASE64" | "Base64")))
        };
        role.base64 |= tables::decodes_base64(&chain) || last == "from" && whole();
        role.hex |= last.eq_ignore_ascii_case("fromhex")
            || last == "unhexlify"
            || last == "from" && (right..close).any(|at| tree.word(at) == Some("hex"));
        return Step::On(start, close + 1);
    }
    if index == 0 && tables::is_lookup(last) {
        role.not = Some(Not::LookedUp);
        return Step::End;
    }
    role.call = Some(Call { chain, index });
    Step::End
}

/// What an argument says that is one string.
fn text_argument<'t>(tree: &Tree<'t>, open: usize, number: usize) -> Option<&'t str> {
    let (start, end) = tree.nth_argument(open, number)?;
    (start + 1 == end && tree.is_text(start)).then(|| tree.word(start)).flatten()
}

fn is_asked(text: &str) -> bool {
    tables::is_key_text(text) || is_variable(text)
}

/// `JOKEN_SIGNER`: as only variables of the environment are written.
fn is_variable(text: &str) -> bool {
    text.contains('_') && text.bytes().all(|b| b.is_ascii_uppercase() || b == b'_')
}

/// The chain that a bracket calls; for `(` after a type in brackets, that type.
fn callee<'t>(tree: &Tree<'t>, open: usize) -> (Vec<&'t str>, usize) {
    let (mut chain, mut start) = tree.chain_before(open);
    // `panic!(`, `vec![`.
    if chain.is_empty() && open > 0 && tree.sign(open - 1) == "!" {
        (chain, start) = tree.chain_before(open - 1);
    }
    // `promisify(jwt.verify)(`
    if chain == ["promisify"] && tree.sign(open - 1) == ")" {
        (chain, _) = tree.chain_before(open - 1);
    }
    // `[]byte(`, `new X(`, `&x(`.
    if start >= 2 && tree.sign(start - 1) == "]" && tree.sign(start - 2) == "[" {
        start -= 2;
    }
    while start > 0 && matches!(tree.text(start - 1), "new" | "await" | "try") {
        start -= 1;
    }
    (chain, start)
}

fn first_argument<'t>(tree: &Tree<'t>, open: usize) -> Option<&'t str> {
    let (start, end) = tree.nth_argument(open, 0)?;
    // `&config.Secret, "jwt-secret", "…"`: the first string.
    let named = (start..end).find(|at| tree.is_text(*at));
    let named = named.or_else(|| {
        tree.nth_argument(open, 1).and_then(|(start, end)| {
            (tree.sign(start.wrapping_sub(2)).is_empty()
                && end == start + 1
                && tree.is_text(start)
                && tree.sign(open + 1) == "&")
                .then_some(start)
        })
    });
    // A constant that holds the variable's name.
    let named = named.or_else(|| (start + 1 == end && tree.is_name(start)).then_some(start));
    tree.word(named?)
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

/// `name = "…"`, `key: "…"`, `'key' => "…"`, and all that is around it.
fn assigned<'t>(tree: &Tree<'t>, sign: usize, role: &mut Role<'t>) -> Step {
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
fn enclosing_function<'t>(tree: &Tree<'t>, at: usize, role: &mut Role<'t>) {
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

/// In tokens: `jwt.SigningMethodHS256`, `SignatureAlgorithm.HS256`.
const LONGEST_NAME_OF_ALGORITHM: usize = 5;
const MOST_STEPS: usize = 12;
/// In tokens: before its last option.
const MOST_OF_A_COMMAND: usize = 40;
/// In tokens: before a member of it.
const MOST_OF_A_CLASS: usize = 400;

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
