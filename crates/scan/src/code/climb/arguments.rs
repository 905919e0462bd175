//! A literal among the arguments of a call: which call and which of them, or what the others say that it is.

use super::{Call, Not, Role, Step, Tree, tables, words};

/// The literal is item `index` of the bracket at `open`.
pub(super) fn among<'t>(
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
pub(super) fn text_argument<'t>(tree: &Tree<'t>, open: usize, number: usize) -> Option<&'t str> {
    let (start, end) = tree.nth_argument(open, number)?;
    (start + 1 == end && tree.is_text(start)).then(|| tree.word(start)).flatten()
}

pub(super) fn is_asked(text: &str) -> bool {
    tables::is_key_text(text) || is_variable(text)
}

/// `JOKEN_SIGNER`: as only variables of the environment are written.
fn is_variable(text: &str) -> bool {
    text.contains('_') && text.bytes().all(|b| b.is_ascii_uppercase() || b == b'_')
}

/// The chain that a bracket calls; for `(` after a type in brackets, that type.
pub(super) fn callee<'t>(tree: &Tree<'t>, open: usize) -> (Vec<&'t str>, usize) {
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

pub(super) fn first_argument<'t>(tree: &Tree<'t>, open: usize) -> Option<&'t str> {
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

/// In tokens: `jwt.SigningMethodHS256`, `SignatureAlgorithm.HS256`.
const LONGEST_NAME_OF_ALGORITHM: usize = 5;
