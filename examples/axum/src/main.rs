//! Reads where the ring is, serves until it is told to stop, and ends what it has begun.
#![expect(clippy::print_stdout, reason = "a program says where it listens")]

use std::error::Error;

use keytide_client::{ConnectOptions, EnvNames, Ring};
use keytide_example_axum::routes;
use keytide_jose::Secret;
use tokio::net::TcpListener;
use tokio::signal::unix::{SignalKind, signal};

#[tokio::main]
async fn main() -> Result<(), Box<dyn Error>> {
    let ring = ring(&|name| std::env::var(name).ok())?;
    let port = std::env::var("PORT").unwrap_or_else(|_| "3000".to_owned());
    let listener = TcpListener::bind(format!("127.0.0.1:{port}")).await?;
    println!("listening on http://{}", listener.local_addr()?);
    let mut stop = signal(SignalKind::terminate())?;
    let stopped = async move {
        tokio::select! {
            _ = stop.recv() => {}
            _ = tokio::signal::ctrl_c() => {}
        }
    };
    axum::serve(listener, routes(ring)).with_graceful_shutdown(stopped).await?;
    Ok(())
}

/// The ring at `KEYTIDE_RING`, with the access token `KEYTIDE_TOKEN`; or the keys that `keytide run` gives.
fn ring(env: &dyn Fn(&str) -> Option<String>) -> Result<Ring, Box<dyn Error>> {
    let Some(url) = env("KEYTIDE_RING") else {
        return Ok(Ring::from_env(env, &EnvNames::default())?);
    };
    let token =
        env("KEYTIDE_TOKEN").ok_or("KEYTIDE_TOKEN is not set: it holds the access token")?;
    let mut options = ConnectOptions::default();
    options.consumer = "shop".to_owned();
    Ok(Ring::connect(&url, Secret::new(token.into_bytes()), options)?)
}
