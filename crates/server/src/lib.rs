//! HTTP in, one call down, problem+json out: Keytide's server.
//!
//! [`Server::bind`] opens the port, [`Server::run`] serves until its shutdown future resolves and
//! then drains. Handlers reach rings through [`keytide_ring::Keeper`] only; no handler that needs a
//! permission can be reached without a `auth::Caller` that has it.

mod api;
mod auth;
mod body;
mod chores;
mod codes;
mod config;
mod copies;
mod drain;
mod listener;
mod problem;
mod routes;
mod state;
mod telemetry;
mod tell;
mod wake;

pub use auth::{hash_access_token, new_access_token};
pub use codes::CODES;
pub use config::{Config, ConfigError, TlsFiles};
pub use copies::{By, Copies, CopyError, NewTarget, Remote, Removal};
pub use listener::Server;
pub use routes::{ROUTES, Route};
