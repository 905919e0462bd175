//! Rings and their changes in words and tables, for people.

use jiff::Timestamp;
use keytide_ring::{Changed, PolicySpec, RingSummary, RingView, Span};

use crate::output::{FAINT, Output, STRONG, visible};

/// A table of rings.
pub(super) fn list(rings: &[RingSummary], output: &Output) -> String {
    let name = rings.iter().map(|ring| ring.name.as_str().len()).max().unwrap_or(0).max(4);
    let head = format!(
        "{:<name$}  {:<7}  {:>5}  {:<20}  {}",
        "RING", "ALG", "EPOCH", "NEXT CHANGE", "SIGNS"
    );
    let mut text = format!("{}\n", output.styled(FAINT, head));
    for ring in rings {
        let line = format!(
            "{:<name$}  {:<7}  {:>5}  {:<20}  {}",
            ring.name.as_str(),
            ring.algorithm.as_str(),
            ring.epoch.get(),
            to_the_second(ring.next_due),
            visible(ring.active.as_str()),
        );
        text.push_str(&line);
        text.push('\n');
    }
    text
}

/// A ring with its policy and its keys.
pub(super) fn ring(view: &RingView, output: &Output) -> String {
    let RingView { name, epoch, created_at, next_due, policy, keys } = view;
    let mut text =
        format!("{}  {}  epoch {epoch}\n", output.styled(STRONG, name), policy.algorithm);
    let mut fact = |what: &str, value: String| {
        let what = output.styled(FAINT, format_args!("{what:<14}"));
        text.push_str(&format!("  {what}{}\n", visible(&value)));
    };
    fact("made", to_the_second(*created_at));
    fact("next change", to_the_second(*next_due));
    fact("rotates every", policy.rotate_every.to_string());
    fact("tokens live", format!("{} at most", policy.token_ttl));
    if let Some(issuer) = &policy.issuer {
        fact("issuer", issuer.clone());
    }
    if !policy.audience.is_empty() {
        fact("audience", policy.audience.join(", "));
    }
    fact("consumers", consumers(policy));
    text.push_str("keys\n");
    for life in keys {
        let state = output.styled(STRONG, format_args!("{:<9}", life.key.state.name()));
        let since = life.key.state.destroyed_at();
        let since = since.or(life.key.state.left_set_at());
        let since = since.or(life.key.state.deactivated_at());
        let since = since.or(life.key.state.activated_at()).unwrap_or(life.key.published_at);
        let kid = visible(life.key.kid.as_str());
        text.push_str(&format!("  {state}  {kid}  since {}\n", to_the_second(since)));
    }
    text
}

/// What a command did, as sentences.
pub(super) fn change(changed: &Changed, now: Timestamp) -> String {
    let Changed { ring, epoch, signs, dry_run: _, outcome } = changed;
    let mut said = Vec::new();
    if let Some(kid) = &outcome.revoked {
        said.push(format!(
            "Key {kid} is revoked: every token that it signed is refused from now on."
        ));
        if let Some(until) = outcome.exposed_until {
            let wait = Span::between(now, until);
            let whole = Span::from_millis(wait.as_secs().saturating_mul(1_000));
            said.push(format!(
                "Verifiers that hold an older set may trust it until {} (for {whole} more).",
                to_the_second_above(until)
            ));
        }
    }
    match &outcome.activated {
        Some(kid) => said.push(format!("Key {kid} signs now.")),
        None if outcome.revoked.is_some() => said.push(format!("Key {signs} goes on signing.")),
        None => said.push(format!("Nothing changed: key {signs} signs already.")),
    }
    if let Some(kid) = &outcome.published {
        said.push(format!("Key {kid} is published to follow it."));
    }
    for kid in &outcome.retired {
        said.push(format!("Key {kid} left the set."));
    }
    for kid in &outcome.destroyed {
        said.push(format!("The secret of key {kid} is destroyed."));
    }
    if let Some(secs) = outcome.risked_seconds {
        said.push(format!(
            "The switch came early: for up to {} valid tokens may be refused.",
            Span::from_millis(secs.saturating_mul(1_000))
        ));
    }
    said.push(format!("Ring {ring} is at epoch {epoch}."));
    visible(&said.join("\n")) + "\n"
}

fn consumers(policy: &PolicySpec) -> String {
    let names: Vec<String> = policy
        .consumers
        .iter()
        .map(|spec| match serde_json::to_value(spec) {
            Ok(serde_json::Value::String(profile)) => profile,
            Ok(own) => {
                let how = own.get("hold").or(own.get("profile"));
                let how = how.and_then(|how| how.as_str()).unwrap_or("stacked caches");
                format!("{} ({how})", own["name"].as_str().unwrap_or_default())
            }
            Err(_) => String::new(),
        })
        .collect();
    if names.is_empty() { "none declared".to_owned() } else { names.join(", ") }
}

fn to_the_second(at: Timestamp) -> String {
    at.strftime("%Y-%m-%dT%H:%M:%SZ").to_string()
}

/// A promise about a time is kept at the second above it, not at the one below.
fn to_the_second_above(at: Timestamp) -> String {
    let whole = if at.subsec_nanosecond() > 0 { at.as_second() + 1 } else { at.as_second() };
    to_the_second(Timestamp::from_second(whole).unwrap_or(at))
}
