//! The codes of the refusals that are the server's own: what they mean, and what to do next.

use keytide_jose::Code;

macro_rules! codes {
    ($($name:ident = $code:literal, $meaning:literal, $hint:literal;)*) => {
        $(pub(crate) const $name: Code = Code::new($code, $meaning, $hint);)*

        /// Every code that the server reports beside those of its rings and tokens.
        pub const CODES: &[Code] = &[$($name),*];
    };
}

codes! {
    BAD_REQUEST = "bad_request", "The request's body, path or query has the wrong form.",
        "Send one JSON object with the members that the reference lists.";
    BODY_TOO_LARGE = "body_too_large", "The body is longer than the server takes.",
        "Send less at once; a batch can be split.";
    BODY_TOO_SLOW = "body_too_slow", "The body took too long to arrive.",
        "Send the whole body at once.";
    BATCH_TOO_LARGE = "batch_too_large", "The batch has more items than the server takes.",
        "Split it.";
    CREDENTIALS_MISSING = "credentials_missing", "The request has no access token.",
        "Send `Authorization: Bearer …`; the operator's token is in operator.token in the store's folder.";
    CREDENTIALS_REFUSED = "credentials_refused", "The access token is unknown or has ended.",
        "Check that it is whole and belongs to this server's store.";
    PERMISSION_MISSING = "permission_missing", "The access token does not permit this.",
        "Use a token that has the permission.";
    ROUTE_NOT_FOUND = "route_not_found", "There is nothing at this path.",
        "See the HTTP reference for the paths there are.";
    METHOD_NOT_ALLOWED = "method_not_allowed", "The path does not take this method.",
        "See the HTTP reference, or the Allow header.";
    OVERLOADED = "overloaded", "The server has more to do than it takes on at once.",
        "Try again in a second.";
    STOPPING = "stopping", "The server is stopping.",
        "Send requests to another one.";
    INTERNAL = "internal", "The server failed to answer.",
        "This is a defect of Keytide: please report it with the server's log.";
    PLAIN_HTTP = "plain_http", "The server would speak plain HTTP beyond this machine.",
        "Give --tls-cert and --tls-key, or --insecure-listen if a proxy in front ends TLS.";
    BAD_PUBLIC_URL = "bad_public_url", "The public URL cannot be used.",
        "Write it as https://host or https://host/path, with no slash at the end.";
    CANNOT_LISTEN = "cannot_listen", "The port is taken or forbidden.",
        "Choose another address with --listen; port 0 takes a free one.";
    BAD_CERTIFICATE = "bad_certificate", "The certificate or its key cannot be used.",
        "Give a PEM chain with the leaf first, and the leaf's private key as PEM.";
}
