//! The audit log: read it in order, or have its chain walked.

use axum::Json as Reply;
use axum::extract::State as Shared;
use keytide_ring::{AuditRecord, AuditReport};
use serde::{Deserialize, Serialize};

use crate::auth::{Caller, ToAudit};
use crate::body::Query;
use crate::problem::Problem;
use crate::state::State;

/// The most records in one page.
const LONGEST_PAGE: usize = 1_000;

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Page {
    after: Option<u64>,
    limit: Option<usize>,
}

#[derive(Serialize)]
pub(crate) struct Records {
    records: Vec<AuditRecord>,
    length: u64,
}

pub(crate) async fn read(
    _caller: Caller<ToAudit>,
    Shared(state): Shared<State>,
    Query(Page { after, limit }): Query<Page>,
) -> Result<Reply<Records>, Problem> {
    let limit = limit.unwrap_or(100).clamp(1, LONGEST_PAGE);
    let read = state.blocking(move |keeper| {
        let store = keeper.store();
        Ok::<_, keytide_ring::Error>(Records {
            records: store.audit(after.unwrap_or(0), limit)?,
            length: store.audit_len()?,
        })
    });
    Ok(Reply(read.await?))
}

pub(crate) async fn verify(
    _caller: Caller<ToAudit>,
    Shared(state): Shared<State>,
) -> Result<Reply<AuditReport>, Problem> {
    Ok(Reply(state.blocking(|keeper| keeper.store().verify_audit()).await?))
}
