//! A layer that lets requests with a good Bearer token through, together with its claims (RFC 6750).

use std::convert::Infallible;
use std::future::Future;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll};

use axum::extract::Request;
use axum::http::{HeaderMap, header};
use axum::response::{IntoResponse, Response};
use keytide_client::Verifier;
use keytide_jose::jwt::Claims;
use serde::Deserialize;
use tower::{Layer, Service};

use crate::problem::Problem;

/// What this service reads in a token.
#[derive(Clone, Debug, Deserialize)]
pub struct Session {
    /// Who signed in.
    pub sub: String,
    /// What the token permits: words with spaces between them (RFC 8693 section 4.2).
    #[serde(default)]
    pub scope: String,
}

/// Whose request it is: in the extensions of every request that came through [`Bearer`].
#[derive(Clone, Debug)]
pub struct Caller(pub Arc<Claims<Session>>);

/// The layer. Requests without a good token are answered here.
#[derive(Clone, Debug)]
pub struct Bearer {
    verifier: Arc<Verifier<Session>>,
    scope: Option<&'static str>,
}

impl Bearer {
    /// Asks for a token that passes this verifier.
    #[must_use]
    pub fn new(verifier: Arc<Verifier<Session>>) -> Self {
        Self { verifier, scope: None }
    }

    /// Asks for this word in the token's scope besides.
    #[must_use]
    pub fn with_scope(self, scope: &'static str) -> Self {
        Self { scope: Some(scope), ..self }
    }

    /// Whose request this is.
    async fn caller(&self, headers: &HeaderMap) -> Result<Caller, Problem> {
        let token = token(headers)?.to_owned();
        let verifier = Arc::clone(&self.verifier);
        // The first token, or one with a new `kid`, may have keys fetched, which must not hold up others.
        let verified = tokio::task::spawn_blocking(move || verifier.verify(&token)).await;
        let claims =
            verified.map_err(|_| Problem::internal())?.map_err(|error| Problem::refused(&error))?;
        match self.scope {
            Some(wanted) if !claims.scope.split(' ').any(|word| word == wanted) => {
                Err(Problem::scope(wanted))
            }
            _ => Ok(Caller(claims)),
        }
    }
}

impl<S> Layer<S> for Bearer {
    type Service = Guarded<S>;

    fn layer(&self, inner: S) -> Guarded<S> {
        Guarded { bearer: self.clone(), inner }
    }
}

/// A service behind [`Bearer`].
#[derive(Clone, Debug)]
pub struct Guarded<S> {
    bearer: Bearer,
    inner: S,
}

impl<S> Service<Request> for Guarded<S>
where
    S: Service<Request, Response = Response, Error = Infallible> + Clone + Send + 'static,
    S::Future: Send,
{
    type Response = Response;
    type Error = Infallible;
    type Future = Pin<Box<dyn Future<Output = Result<Response, Infallible>> + Send>>;

    fn poll_ready(&mut self, context: &mut Context<'_>) -> Poll<Result<(), Infallible>> {
        self.inner.poll_ready(context)
    }

    fn call(&mut self, mut request: Request) -> Self::Future {
        let bearer = self.bearer.clone();
        // The one that said it is ready is the one to call; its clone is for the next request.
        let next = self.inner.clone();
        let mut inner = std::mem::replace(&mut self.inner, next);
        Box::pin(async move {
            match bearer.caller(request.headers()).await {
                Ok(caller) => {
                    request.extensions_mut().insert(caller);
                    inner.call(request).await
                }
                Err(problem) => Ok(problem.into_response()),
            }
        })
    }
}

/// The token of `Authorization: Bearer TOKEN`; the scheme's name is of either case (RFC 9110 section 11.1).
fn token(headers: &HeaderMap) -> Result<&str, Problem> {
    let mut given = headers.get_all(header::AUTHORIZATION).iter();
    let Some(first) = given.next() else { return Err(Problem::no_token()) };
    if given.next().is_some() {
        return Err(Problem::unreadable());
    }
    let (scheme, token) = first
        .to_str()
        .ok()
        .and_then(|text| text.split_once(' '))
        .ok_or_else(Problem::unreadable)?;
    if !scheme.eq_ignore_ascii_case("Bearer") {
        return Err(Problem::no_token());
    }
    match token.trim_start_matches(' ') {
        "" => Err(Problem::unreadable()),
        token => Ok(token),
    }
}
