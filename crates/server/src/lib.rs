//! HTTP in, one call down, problem+json out.
