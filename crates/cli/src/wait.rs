//! Waiting for something async where nothing else runs: a runtime that lives as long as the wait.

/// Runs `work` to its end on this thread.
///
/// # Errors
/// When the system gives no runtime.
pub(crate) fn wait<T>(work: impl Future<Output = T>) -> std::io::Result<T> {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
    Ok(runtime.block_on(work))
}
