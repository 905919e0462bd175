//! Nothing rests here in the clear.
