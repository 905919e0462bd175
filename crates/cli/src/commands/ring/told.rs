//! Rings and their changes in words and tables, for people.

use jiff::Timestamp;
use keytide_jose::KeyId;
use keytide_ring::explain::{ConsumerView, Explanation, InstanceView};
use keytide_ring::{Changed, Command, PolicySpec, RingSummary, RingView, Role, Span};
use serde_json::Value;

use crate::output::{FAINT, Output, STRONG, WARNING, visible};

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
    fact("consumers", declared(policy));
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
pub(super) fn change(changed: &Changed, command: &Command, now: Timestamp) -> Vec<String> {
    let Changed { ring, epoch, signs, dry_run, outcome, .. } = changed;
    let mut said = Vec::new();
    if let Some(kid) = &outcome.revoked {
        said.push(format!(
            "Key {kid} is revoked: every token that it signed is refused from now on."
        ));
        if let Some(until) = outcome.exposed_until {
            let wait = Span::between(now, until);
            let whole = Span::from_millis(wait.as_secs().saturating_mul(1_000));
            let until = to_the_second_above(until);
            said.push(match whole == Span::ZERO {
                true => format!("Nobody has trusted it since {until}."),
                false => format!(
                    "Verifiers that hold an older set may trust it until {until} (for {whole} more)."
                ),
            });
        }
    }
    said.extend(done(command, changed));
    match &outcome.activated {
        Some(kid) if matches!(command, Command::Rollback { .. }) => {
            said.push(format!("Key {kid} signs again."));
        }
        Some(kid) => said.push(format!("Key {kid} signs now.")),
        None if outcome.revoked.is_some() => said.push(format!("Key {signs} goes on signing.")),
        None => {}
    }
    match (&outcome.published, command) {
        (Some(kid), Command::Rollback { .. }) => {
            said.push(format!("Key {kid} had left the set and is published again."));
        }
        (Some(kid), _) if *dry_run && kid.as_str() == "(new)" => {
            said.push("A new key is published to follow it.".to_owned());
        }
        (Some(kid), _) => said.push(format!("Key {kid} is published to follow it.")),
        (None, _) => {}
    }
    if let Some(at) = outcome.switches_at {
        let at = to_the_second_above(at);
        said.push(format!("The published key signs as soon as that is safe, not before {at}."));
        for waiting in &outcome.waits_for {
            said.push(format!("It waits for more than time: {waiting}."));
        }
    } else {
        for waiting in &outcome.waits_for {
            said.push(format!("Nobody waits for this one, which may refuse tokens: {waiting}."));
        }
    }
    for kid in &outcome.retired {
        said.push(format!("Key {kid} left the set."));
    }
    if !outcome.destroyed.is_empty() {
        said.push(destroyed(&outcome.destroyed));
    }
    if let Some(secs) = outcome.risked_seconds {
        said.push(format!(
            "The switch came early: for up to {} valid tokens may be refused.",
            Span::from_millis(secs.saturating_mul(1_000))
        ));
    }
    if said.is_empty() {
        said.push(nothing(command, signs));
    }
    said.push(format!("Ring {ring} is at epoch {epoch}."));
    said
}

/// The secrets that are gone.
pub(super) fn destroyed(kids: &[KeyId]) -> String {
    let names: Vec<_> = kids.iter().map(KeyId::as_str).collect();
    match names.as_slice() {
        [one] => format!("The secret of key {one} is destroyed."),
        all => format!("The secrets of keys {} are destroyed.", all.join(", ")),
    }
}

/// What is not told by the keys that changed.
fn done(command: &Command, changed: &Changed) -> Option<String> {
    match command {
        Command::Change { .. } if !changed.outcome.changed.is_empty() => {
            Some(format!("Changed: {}.", changed.outcome.changed.join(", ")))
        }
        Command::AddConsumer { consumer } => {
            Some(format!("Consumer {} is declared.", consumer.name()))
        }
        Command::RemoveConsumer { name, .. } => {
            Some(format!("Consumer {name} is gone, and its instances are forgotten."))
        }
        Command::AddTarget { name } => Some(format!("Target {name} is waited for.")),
        Command::RemoveTarget { name, .. } => Some(format!("Target {name} is gone.")),
        Command::Assume { consumer, instance: None, .. } => {
            Some(format!("Consumer {consumer} counts as working with the ring as it stands."))
        }
        Command::Assume { consumer, instance: Some(instance), .. } => Some(format!(
            "Instance {instance} of consumer {consumer} counts as working with the ring as it stands."
        )),
        _ => None,
    }
}

/// Why there was nothing to do.
fn nothing(command: &Command, signs: &KeyId) -> String {
    match command {
        Command::Change { .. } => "Nothing changed: the policy says so already.".to_owned(),
        Command::Destroy { kid, .. } => {
            format!("Nothing changed: the secret of key {kid} is gone already.")
        }
        _ => format!("Nothing changed: key {signs} signs already."),
    }
}

/// A table of consumers, their instances below each.
pub(super) fn consumers(explanation: &Explanation, output: &Output) -> String {
    let mut text = String::new();
    for consumer in &explanation.consumers {
        let ConsumerView { name, declared, role, hold, instances } = consumer;
        let role = match role {
            Role::Verifier => "verifies",
            Role::Signer => "signs",
            Role::Both => "signs and verifies",
        };
        let bound = match (hold, declared) {
            (Some(hold), _) => format!("holds a set for {hold} at most"),
            (None, true) => "acknowledges what it has loaded".to_owned(),
            (None, false) => "not declared; waited for while its lease runs".to_owned(),
        };
        let name = output.styled(STRONG, visible(name));
        text.push_str(&format!("{name}  {role}, {bound}\n"));
        for known in instances {
            let InstanceView { instance, live, lease_until, epoch, since, assumed } = known;
            let works = match (epoch, since) {
                (Some(epoch), Some(since)) => {
                    let by = if *assumed { ", by an operator's word" } else { "" };
                    format!("epoch {epoch} since {}{by}", to_the_second(*since))
                }
                _ => "has loaded nothing yet".to_owned(),
            };
            let behind = *live && *epoch < Some(explanation.epoch);
            let works = if behind { output.styled(WARNING, works) } else { works };
            let lease = match live {
                true => format!("live until {}", to_the_second(*lease_until)),
                false => {
                    format!("not heard of since its lease ended at {}", to_the_second(*lease_until))
                }
            };
            text.push_str(&format!("  {}  {works}; {lease}\n", visible(instance)));
        }
    }
    text
}

fn declared(policy: &PolicySpec) -> String {
    let names: Vec<String> = policy
        .consumers
        .iter()
        .map(|spec| match serde_json::to_value(spec) {
            Ok(Value::String(profile)) => profile,
            Ok(own) => {
                let how = own.get("hold").or(own.get("profile")).and_then(|how| how.as_str());
                let how = how.unwrap_or(match own.get("acknowledges") {
                    Some(Value::Bool(true)) => "acknowledges",
                    _ => "stacked caches",
                });
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
