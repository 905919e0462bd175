//! What the command line asks of rings, whether they are in an embedded store or behind a server.

use std::path::PathBuf;

use keytide_jose::{KeyId, Secret};
use keytide_ring::explain::Explanation;
use keytide_ring::{
    AccessView, AuditRecord, AuditReport, Changed, Command, Permission, PolicySpec, RingName,
    RingPattern, RingSummary, RingView, SignRequest, Signed, Span, TargetName, TargetView,
    Verification, VerifyRequest, WebhookView,
};
use keytide_server::{NewTarget, Removal};
use serde::Deserialize;
use serde_json::Value;

use crate::args::Place;
use crate::config::Config;
use crate::error::Failure;
use crate::local::Local;
use crate::output::Output;
use crate::remote::Remote;

/// A page of rings.
#[derive(Deserialize)]
pub(crate) struct RingPage {
    pub(crate) rings: Vec<RingSummary>,
    /// The name after which the next page begins.
    pub(crate) next: Option<RingName>,
}

/// A page of the audit log, and how long the whole log is.
#[derive(Deserialize)]
pub(crate) struct AuditPage {
    pub(crate) records: Vec<AuditRecord>,
    pub(crate) length: u64,
}

/// An access token that was just issued.
pub(crate) struct Granted {
    pub(crate) token: Secret,
    pub(crate) access: AccessView,
}

/// A webhook that was just declared.
pub(crate) struct Declared {
    pub(crate) webhook: WebhookView,
    pub(crate) secret: Secret,
}

/// Whether a change is made, or only tried.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Doing {
    Really,
    DryRun,
}

impl Doing {
    pub(crate) fn is_dry_run(self) -> bool {
        self == Self::DryRun
    }
}

/// Rings, near or far.
pub(crate) trait Rings {
    fn create(&self, name: &RingName, policy: PolicySpec) -> Result<RingView, Failure>;
    /// A ring whose first key is a secret that was brought from elsewhere.
    fn adopt(
        &self,
        name: &RingName,
        policy: PolicySpec,
        secret: &Secret,
    ) -> Result<RingView, Failure>;
    fn list(&self, after: Option<&RingName>) -> Result<RingPage, Failure>;
    fn show(&self, name: &RingName) -> Result<RingView, Failure>;
    /// What making the ring would come to.
    fn try_create(&self, name: &RingName, policy: PolicySpec) -> Result<Changed, Failure>;
    fn destroy(&self, name: &RingName, reason: Option<&str>) -> Result<(), Failure>;
    /// What destroying the ring would destroy.
    fn try_destroy(&self, name: &RingName) -> Result<Changed, Failure>;
    /// Everything that changes a ring.
    fn change(&self, name: &RingName, command: Command, doing: Doing) -> Result<Changed, Failure>;
    /// The secrets of a symmetric ring's set by their `kid`; none where they are behind a server, which
    /// hands them to those who work with them alone.
    fn secrets(&self, name: &RingName) -> Result<Option<Vec<(KeyId, Secret)>>, Failure>;
    fn explain(&self, name: &RingName) -> Result<Explanation, Failure>;
    fn sign(&self, name: &RingName, request: SignRequest) -> Result<Signed, Failure>;
    fn verify(&self, name: &RingName, request: &VerifyRequest) -> Result<Verification, Failure>;
    fn add_webhook(&self, name: &RingName, url: &str) -> Result<Declared, Failure>;
    fn webhooks(&self, name: &RingName) -> Result<Vec<WebhookView>, Failure>;
    fn remove_webhook(&self, name: &RingName, id: &str) -> Result<(), Failure>;
    /// Adds a place that holds a copy of the ring's keys.
    fn add_target(&self, ring: &RingName, new: NewTarget) -> Result<TargetView, Failure>;
    fn targets(&self, ring: &RingName) -> Result<Vec<TargetView>, Failure>;
    /// What a target holds.
    fn test_target(&self, ring: &RingName, name: &TargetName) -> Result<Value, Failure>;
    /// Has a target written to now.
    fn push_target(&self, ring: &RingName, name: &TargetName) -> Result<TargetView, Failure>;
    fn remove_target(
        &self,
        ring: &RingName,
        name: &TargetName,
        removal: &Removal,
    ) -> Result<(), Failure>;
    fn grant(
        &self,
        subject: &str,
        permissions: Vec<Permission>,
        reach: Vec<RingPattern>,
        expires: Option<Span>,
    ) -> Result<Granted, Failure>;
    fn list_access(&self) -> Result<Vec<AccessView>, Failure>;
    /// Withdraws a subject's access tokens, and says how many there were.
    fn end_access(&self, subject: &str) -> Result<usize, Failure>;
    fn audit(&self, after: u64, limit: usize) -> Result<AuditPage, Failure>;
    fn verify_audit(&self) -> Result<AuditReport, Failure>;
}

/// How many rings or records are asked for at once.
pub(crate) const PAGE: usize = 500;

/// The folder of the embedded store where nobody names one.
const DEFAULT_STORE: &str = "keytide-data";

/// Opens the place that the arguments or the environment name; an argument goes before a variable.
pub(crate) fn open(
    place: &Place,
    config: &Config,
    output: &Output,
) -> Result<Box<dyn Rings>, Failure> {
    match server(place, config) {
        Some(url) => Ok(Box::new(Remote::new(url, place, config)?)),
        None => Ok(Box::new(Local::open(&place.embedded, config, output, false)?)),
    }
}

/// The same, making the embedded store if there is none.
pub(crate) fn open_or_create(
    place: &Place,
    config: &Config,
    output: &Output,
) -> Result<Box<dyn Rings>, Failure> {
    match server(place, config) {
        Some(url) => Ok(Box::new(Remote::new(url, place, config)?)),
        None => Ok(Box::new(Local::open(&place.embedded, config, output, true)?)),
    }
}

/// Whether the arguments or the environment name a server.
pub(crate) fn is_behind_server(place: &Place, config: &Config) -> bool {
    server(place, config).is_some()
}

/// The folder of the embedded store.
pub(crate) fn store_folder(named: Option<&PathBuf>, config: &Config) -> PathBuf {
    named.or(config.store.as_ref()).cloned().unwrap_or_else(|| DEFAULT_STORE.into())
}

fn server<'a>(place: &'a Place, config: &'a Config) -> Option<&'a str> {
    match (&place.server, &place.embedded.store) {
        (Some(url), _) => Some(url),
        (None, Some(_)) => None,
        (None, None) => config.server.as_deref(),
    }
}
