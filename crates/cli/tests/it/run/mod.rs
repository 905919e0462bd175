//! `keytide run`: real programs under a real supervisor, with a real server behind it.

mod deaths;
mod gate;
mod life;
mod outages;
mod rolling;
mod rotations;
mod secrecy;
mod supervised;
mod terminal;
