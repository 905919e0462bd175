//! What waits for the network, as tasks for Node's own pool of threads.

use keytide_client::Ring;
use keytide_jose::Algorithm;
use keytide_jose::jwt::HeaderParams;
use napi::bindgen_prelude::Either;
use napi::{Env, Result, Task};

use crate::refusal::Refusal;
use crate::verifier::names_of;

/// Fetches a ring's keys.
pub struct Fetch {
    ring: Ring,
    what: What,
}

enum What {
    First,
    Forced,
    Named(Option<String>, String),
    Token(String),
}

impl Fetch {
    pub(crate) fn first(ring: Ring) -> Self {
        Self { ring, what: What::First }
    }

    pub(crate) fn forced(ring: Ring) -> Self {
        Self { ring, what: What::Forced }
    }

    pub(crate) fn named(ring: Ring, kid: Option<String>, alg: String) -> Self {
        Self { ring, what: What::Named(kid, alg) }
    }

    pub(crate) fn token(ring: Ring, token: String) -> Self {
        Self { ring, what: What::Token(token) }
    }

    fn find(&self, kid: Option<&str>, alg: Algorithm) -> Option<Refusal> {
        self.ring.find(kid, alg).err().map(Refusal::from)
    }
}

impl Task for Fetch {
    type Output = Option<Refusal>;
    type JsValue = Option<Refusal>;

    fn compute(&mut self) -> Result<Self::Output> {
        Ok(match &self.what {
            What::First => self.ring.snapshot().err().map(Refusal::from),
            What::Forced => self.ring.refresh().err().map(Refusal::from),
            What::Named(kid, alg) => match alg.parse() {
                Ok(alg) => self.find(kid.as_deref(), alg),
                Err(_) => Some(keytide_jose::Error::AlgNotAllowed { alg: alg.clone() }.into()),
            },
            What::Token(token) => match names_of(token) {
                Ok((kid, alg)) => self.find(kid.as_deref(), alg),
                Err(error) => Some(error.into()),
            },
        })
    }

    fn resolve(&mut self, _: Env, output: Self::Output) -> Result<Self::JsValue> {
        Ok(output)
    }
}

/// Has a ring sign.
pub struct RemoteSign {
    ring: Ring,
    header: HeaderParams,
    claims: String,
}

impl RemoteSign {
    pub(crate) fn new(ring: Ring, typ: Option<String>, claims: String) -> Self {
        let header = typ.map(HeaderParams::typ).unwrap_or_default();
        Self { ring, header, claims }
    }

    fn sign(&self) -> core::result::Result<String, Refusal> {
        let claims: serde_json::Value = serde_json::from_str(&self.claims).map_err(|_| {
            Refusal::from(keytide_jose::Error::MalformedPayload("the claims are no JSON".into()))
        })?;
        Ok(self.ring.signer()?.sign_with(&self.header, &claims)?)
    }
}

impl Task for RemoteSign {
    type Output = Either<String, Refusal>;
    type JsValue = Either<String, Refusal>;

    fn compute(&mut self) -> Result<Self::Output> {
        Ok(match self.sign() {
            Ok(token) => Either::A(token),
            Err(refusal) => Either::B(refusal),
        })
    }

    fn resolve(&mut self, _: Env, output: Self::Output) -> Result<Self::JsValue> {
        Ok(output)
    }
}
