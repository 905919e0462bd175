//! `keytide decode`: what a token says, unverified and marked so.

use clap::Args;
use jiff::Timestamp;
use keytide_jose::{Limits, jws};
use keytide_ring::{Clock, Span};
use serde_json::{Map, Value, json};

use crate::clock::SystemClock;
use crate::commands::verify::read_token;
use crate::error::{self, Exit, Failure};
use crate::output::{FAINT, Output, STRONG, visible};

/// Show what a token says, without verifying it
///
/// Anyone can write such a token: what it says proves nothing before `keytide verify` does.
#[derive(Args)]
#[command(after_help = "\
Examples:
  keytide decode eyJhbGciOiJub25lIn0.eyJzdWIiOiJhbGljZSIsImV4cCI6MTc2NzIyNTYwMH0.
  keytide sign --key key.jwk --sub alice | keytide decode -")]
pub(crate) struct DecodeArgs {
    /// The token, or - for stdin
    #[arg(value_name = "TOKEN|-")]
    token: String,

    /// The time to compare with, in Unix seconds [default: now]
    #[arg(long, value_name = "UNIX", allow_negative_numbers = true)]
    now: Option<i64>,
}

/// The claims that are points in time (RFC 7519 §4.1), and one more in common use.
const TIMES: [&str; 4] = ["iat", "nbf", "exp", "auth_time"];

/// Shows the token.
pub(crate) fn run(args: &DecodeArgs, output: &Output) -> Result<Exit, Failure> {
    let token = read_token(&args.token, true)?;
    let seen = jws::inspect(&token, &Limits::default())?;
    let now = match args.now {
        None => SystemClock::new().now(),
        Some(unix) => Timestamp::from_second(unix)
            .map_err(|_| Failure::wrong_use(format!("--now {unix} lies beyond the calendar")))?,
    };
    let claims = seen.unverified_payload.unwrap_or_default();
    let times = times(&claims, now);
    if output.is_json() {
        let times: Map<String, Value> =
            times.iter().map(|(name, at, _)| ((*name).to_owned(), json!(at))).collect();
        output.json(&json!({
            "verified": false,
            "unverified_header": seen.unverified_header,
            "unverified_claims": claims,
            "times": times,
            "signature_bytes": seen.signature_len,
        }))?;
        return Ok(Exit::Done);
    }
    output.warn("NOT VERIFIED: anyone can write this; `keytide verify` tells whether it holds");
    let pretty = |map: &Map<String, Value>| {
        serde_json::to_string_pretty(map)
            .map(|text| visible(&text))
            .map_err(|error| Failure::new(error::UNEXPECTED, error.to_string()))
    };
    output.line(output.styled(STRONG, "header"))?;
    output.line(pretty(&seen.unverified_header)?)?;
    output.line(output.styled(STRONG, "claims"))?;
    output.line(pretty(&claims)?)?;
    for (name, at, relation) in times {
        let relation = output.styled(FAINT, format_args!("({relation})"));
        output.line(format_args!("{name:<9} {at}  {relation}"))?;
    }
    output.line(format_args!("signature {} bytes, not checked", seen.signature_len))?;
    Ok(Exit::Done)
}

/// The claims that are times, as dates, and where they stand to now.
fn times(claims: &Map<String, Value>, now: Timestamp) -> Vec<(&'static str, Timestamp, String)> {
    let time = |name: &'static str| {
        let at = Timestamp::from_second(whole_seconds(claims.get(name)?)?).ok()?;
        Some((name, at, relation(name, at, now)))
    };
    TIMES.into_iter().filter_map(time).collect()
}

#[expect(clippy::cast_possible_truncation, reason = "rounded down on purpose; too large saturates")]
fn whole_seconds(value: &Value) -> Option<i64> {
    value.as_i64().or_else(|| value.as_f64().map(|secs| secs.floor() as i64))
}

fn relation(name: &str, at: Timestamp, now: Timestamp) -> String {
    let whole = |span: Span| Span::from_millis(span.as_secs().saturating_mul(1_000));
    let (ago, ahead) = (whole(Span::between(at, now)), whole(Span::between(now, at)));
    match (name, at <= now) {
        ("exp", true) => format!("expired {ago} ago"),
        ("nbf", false) => format!("not valid before that: in {ahead}"),
        (_, true) => format!("{ago} ago"),
        (_, false) => format!("in {ahead}"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_end_of_a_token_is_told_from_the_reader_s_now() {
        let now = Timestamp::from_second(1_000).unwrap();
        let claims = json!({"iat": 100, "exp": 1_000, "nbf": 1_090.9, "auth_time": "soon"});
        let told: Vec<_> = times(claims.as_object().unwrap(), now)
            .into_iter()
            .map(|(name, _, relation)| (name, relation))
            .collect();
        assert_eq!(
            told,
            [
                ("iat", "15m ago".to_owned()),
                ("nbf", "not valid before that: in 1m 30s".to_owned()),
                ("exp", "expired 0s ago".to_owned()),
            ]
        );
    }
}
