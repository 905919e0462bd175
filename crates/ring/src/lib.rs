//! Which key now, which next, and why.
