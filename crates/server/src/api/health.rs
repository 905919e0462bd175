//! Whether the server lives, is ready, and what it has counted.

use axum::extract::State as Shared;
use axum::http::{StatusCode, header};
use axum::response::IntoResponse;
use keytide_ring::Span;

use crate::codes;
use crate::problem::Problem;
use crate::state::State;

/// A server that heard nothing from its store for this long should get no new callers.
const UNHEARD: Span = Span::from_secs(10);

pub(crate) async fn live() -> &'static str {
    "ok"
}

pub(crate) async fn ready(Shared(state): Shared<State>) -> Result<&'static str, Problem> {
    if state.is_draining() {
        return Err(Problem::new(
            StatusCode::SERVICE_UNAVAILABLE,
            codes::STOPPING,
            "the server is stopping",
        ));
    }
    state.keeper.check_fence(UNHEARD, "the limit of readiness")?;
    Ok("ready")
}

pub(crate) async fn metrics(Shared(state): Shared<State>) -> impl IntoResponse {
    let age = state.keeper.refresh_age();
    #[expect(clippy::cast_precision_loss, reason = "a gauge needs no exact milliseconds")]
    state.metrics.refresh_age.set(age.as_millis() as f64 / 1_000.0);
    let kind = "application/openmetrics-text; version=1.0.0; charset=utf-8";
    ([(header::CONTENT_TYPE, kind)], state.metrics.text())
}
