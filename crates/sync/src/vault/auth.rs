//! As whom a target speaks to Vault: with a token, or by a login that yields one.

use std::path::PathBuf;

use keytide_jose::Secret;
use serde::{Deserialize, Serialize};

use crate::credential::{Credential, Surroundings};
use crate::{Error, http};

/// Where Kubernetes puts the token of a pod's service account.
const SERVICE_ACCOUNT: &str = "/var/run/secrets/kubernetes.io/serviceaccount/token";

/// `{"method": …}` with the members of that method.
#[derive(Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct AuthForm {
    method: Method,
    /// Where the method is mounted, if not under its own name.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    mount: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    token: Option<Credential>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    role_id: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    secret_id: Option<Credential>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    role: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    jwt: Option<Credential>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
enum Method {
    Token,
    AppRole,
    Kubernetes,
    Jwt,
}

/// What is sent to be known.
pub(super) enum Login {
    /// A token that somebody made.
    Token(Secret),
    /// `POST` of a body to a path, which answers with a token.
    Post { path: String, body: Secret },
}

impl AuthForm {
    pub(super) fn check(&self) -> Result<(), Error> {
        let Self { method, mount, token, role_id, secret_id, role, jwt } = self;
        if let Some(mount) = mount {
            http::check_path("auth.mount", mount)?;
        }
        let given = [
            ("mount", mount.is_some()),
            ("token", token.is_some()),
            ("role_id", role_id.is_some()),
            ("secret_id", secret_id.is_some()),
            ("role", role.is_some()),
            ("jwt", jwt.is_some()),
        ];
        let (needed, allowed): (&[&str], &[&str]) = match method {
            Method::Token => (&["token"], &[]),
            Method::AppRole => (&["role_id", "secret_id"], &["mount"]),
            Method::Kubernetes => (&["role"], &["jwt", "mount"]),
            Method::Jwt => (&["role", "jwt"], &["mount"]),
        };
        for (name, is_given) in given {
            let bad = |why: &str| Error::BadTarget {
                why: format!("`auth` with the method `{}` {why} `{name}`", method.name()),
            };
            if needed.contains(&name) && !is_given {
                return Err(bad("needs"));
            }
            if is_given && !needed.contains(&name) && !allowed.contains(&name) {
                return Err(bad("takes no"));
            }
        }
        Ok(())
    }

    pub(super) fn credentials(&self) -> [Option<&Credential>; 3] {
        [self.token.as_ref(), self.secret_id.as_ref(), self.jwt.as_ref()]
    }

    /// Whether it logs in by what Kubernetes gives the pod that it runs in.
    pub(super) fn is_of_the_pod(&self) -> bool {
        self.method == Method::Kubernetes && self.jwt.is_none()
    }

    /// What to send now. Credentials are read anew: files and variables may have changed.
    pub(super) fn login(&self, around: &dyn Surroundings, place: &str) -> Result<Login, Error> {
        let missing = |what: &str| Error::NoCredentials {
            place: place.to_owned(),
            why: format!("the settings hold no `{what}`"),
        };
        let obtain = |credential: &Option<Credential>, name: &str| {
            credential.as_ref().ok_or_else(|| missing(name))?.obtain(around, place)
        };
        let named =
            |text: &Option<String>| Secret::new(text.clone().unwrap_or_default().into_bytes());
        let body = match self.method {
            Method::Token => return obtain(&self.token, "token").map(Login::Token),
            Method::AppRole => {
                let secret_id = obtain(&self.secret_id, "secret_id")?;
                object([("role_id", &named(&self.role_id)), ("secret_id", &secret_id)])
            }
            Method::Kubernetes if self.jwt.is_none() => {
                let pod = Credential::File(PathBuf::from(SERVICE_ACCOUNT));
                object([("role", &named(&self.role)), ("jwt", &pod.obtain(around, place)?)])
            }
            Method::Kubernetes | Method::Jwt => {
                let jwt = obtain(&self.jwt, "jwt")?;
                object([("role", &named(&self.role)), ("jwt", &jwt)])
            }
        };
        let mount = self.mount.as_deref().unwrap_or(self.method.name());
        Ok(Login::Post { path: format!("v1/auth/{mount}/login"), body })
    }

    /// Whether another login may yield another token.
    pub(super) fn can_repeat(&self) -> bool {
        self.method != Method::Token
    }
}

impl Method {
    fn name(self) -> &'static str {
        match self {
            Self::Token => "token",
            Self::AppRole => "approle",
            Self::Kubernetes => "kubernetes",
            Self::Jwt => "jwt",
        }
    }
}

/// A JSON object of two texts, both of which are text already.
pub(super) fn object(members: [(&str, &Secret); 2]) -> Secret {
    let room = members.iter().map(|(name, text)| name.len() + 6 * text.len() + 8).sum();
    let mut body = Vec::with_capacity(room);
    for (nth, (name, text)) in members.into_iter().enumerate() {
        body.extend_from_slice(if nth > 0 { b",\"" } else { b"{\"" });
        body.extend_from_slice(name.as_bytes());
        body.extend_from_slice(b"\":");
        let text = std::str::from_utf8(text.expose()).unwrap_or_default();
        serde_json::to_writer(&mut body, text).expect("memory takes it");
    }
    body.push(b'}');
    Secret::new(body)
}
