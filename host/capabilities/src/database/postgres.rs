//! x
mod codec;
mod gate;
