//! What the server counts, and one log line for each request: route, status, time; never a token or a claim.

use std::sync::atomic::AtomicU64;
use std::time::Duration;

use axum::extract::{MatchedPath, Request, State as Shared};
use axum::http::{HeaderValue, Method, Version, header};
use axum::middleware::Next;
use axum::response::Response;
use prometheus_client::encoding::EncodeLabelSet;
use prometheus_client::metrics::counter::Counter;
use prometheus_client::metrics::family::Family;
use prometheus_client::metrics::gauge::Gauge;
use prometheus_client::metrics::histogram::{Histogram, exponential_buckets};
use prometheus_client::registry::{Registry, Unit};

use crate::state::State;

#[derive(Clone, Debug, PartialEq, Eq, Hash, EncodeLabelSet)]
struct RequestLabels {
    method: &'static str,
    route: String,
    status: u16,
}

#[derive(Clone, Debug, PartialEq, Eq, Hash, EncodeLabelSet)]
struct RouteLabels {
    route: String,
}

/// Whether something went well.
#[derive(Clone, Debug, PartialEq, Eq, Hash, EncodeLabelSet)]
pub(crate) struct ResultLabels {
    pub(crate) result: &'static str,
}

/// The server's figures, in a registry of their own.
pub(crate) struct Metrics {
    registry: Registry,
    requests: Family<RequestLabels, Counter>,
    durations: Family<RouteLabels, Histogram>,
    /// Tokens signed or refused.
    pub(crate) signed: Family<ResultLabels, Counter>,
    /// Tokens verified: valid or invalid.
    pub(crate) verified: Family<ResultLabels, Counter>,
    /// Rings turned by the schedule: done or failed.
    pub(crate) turned: Family<ResultLabels, Counter>,
    /// Attempts to tell webhooks: taken or failed.
    pub(crate) told: Family<ResultLabels, Counter>,
    /// Requests with a bad credential.
    pub(crate) refused_credentials: Counter,
    /// Of these, those that the audit log does not hold because there were too many at once.
    pub(crate) unrecorded_refusals: Counter,
    /// Seconds since the store was last heard from.
    pub(crate) refresh_age: Gauge<f64, AtomicU64>,
}

impl Default for Metrics {
    fn default() -> Self {
        let mut registry = Registry::with_prefix("keytide");
        let requests = Family::<RequestLabels, Counter>::default();
        registry.register("http_requests", "Requests answered", requests.clone());
        let durations = Family::<RouteLabels, Histogram>::new_with_constructor(|| {
            Histogram::new(exponential_buckets(0.000_1, 2.0, 16))
        });
        registry.register_with_unit(
            "http_request_duration",
            "Time from a request's head to its answer",
            Unit::Seconds,
            durations.clone(),
        );
        let signed = Family::<ResultLabels, Counter>::default();
        registry.register("signed", "Tokens asked to be signed", signed.clone());
        let verified = Family::<ResultLabels, Counter>::default();
        registry.register("verified", "Tokens asked to be verified", verified.clone());
        let turned = Family::<ResultLabels, Counter>::default();
        registry.register("turned", "Rings turned by the schedule", turned.clone());
        let told = Family::<ResultLabels, Counter>::default();
        registry.register("webhooks_told", "Attempts to tell webhooks", told.clone());
        let refused_credentials = Counter::default();
        registry.register(
            "refused_credentials",
            "Requests whose credential was unknown, ended or too weak",
            refused_credentials.clone(),
        );
        let unrecorded_refusals = Counter::default();
        registry.register(
            "unrecorded_refusals",
            "Refused credentials that came too fast to be recorded one by one",
            unrecorded_refusals.clone(),
        );
        let refresh_age = Gauge::<f64, AtomicU64>::default();
        registry.register_with_unit(
            "store_refresh_age",
            "Time since the store was last heard from",
            Unit::Seconds,
            refresh_age.clone(),
        );
        Self {
            registry,
            requests,
            durations,
            signed,
            verified,
            turned,
            told,
            refused_credentials,
            unrecorded_refusals,
            refresh_age,
        }
    }
}

impl Metrics {
    /// The figures in the OpenMetrics text form, which Prometheus reads.
    pub(crate) fn text(&self) -> String {
        let mut text = String::new();
        prometheus_client::encoding::text::encode(&mut text, &self.registry)
            .expect("writing to a String does not fail");
        text
    }
}

/// A caller may make methods up; neither a label nor a log line does.
fn known_method(method: &Method) -> &'static str {
    match method.as_str() {
        "GET" => "GET",
        "HEAD" => "HEAD",
        "POST" => "POST",
        "PUT" => "PUT",
        "PATCH" => "PATCH",
        "DELETE" => "DELETE",
        "OPTIONS" => "OPTIONS",
        _ => "other",
    }
}

/// Counts and logs a request, and tells callers of a stopping server to come back elsewhere.
pub(crate) async fn observe(
    Shared(state): Shared<State>,
    request: Request,
    next: Next,
) -> Response {
    let began = state.clock.monotonic();
    let method = known_method(request.method());
    let route = request
        .extensions()
        .get::<MatchedPath>()
        .map_or_else(|| "(none)".to_owned(), |path| path.as_str().to_owned());
    let is_http_1 = request.version() < Version::HTTP_2;
    let mut response = next.run(request).await;
    let took: Duration = state.clock.monotonic().saturating_sub(began);
    let status = response.status().as_u16();
    tracing::info!(target: "keytide::access", %method, %route, status, took_us = u64::try_from(took.as_micros()).unwrap_or(u64::MAX));
    state
        .metrics
        .durations
        .get_or_create(&RouteLabels { route: route.clone() })
        .observe(took.as_secs_f64());
    state.metrics.requests.get_or_create(&RequestLabels { method, route, status }).inc();
    if state.is_closing() && is_http_1 {
        response.headers_mut().insert(header::CONNECTION, HeaderValue::from_static("close"));
    }
    response
}
