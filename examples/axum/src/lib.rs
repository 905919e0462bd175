//! A service whose callers sign in once and show a token from then on: the layer, the answers, the routes.
#![forbid(unsafe_code)]

mod app;
mod bearer;
mod problem;

pub use app::{AUDIENCE, ISSUER, policy, routes};
pub use bearer::{Bearer, Caller, Guarded, Session};
pub use problem::Problem;
