//! What slows down whoever guesses or floods: back-off per account, which all instances share through the database, and
//! rates per address, which each keeps for itself. A refusal is 429 with `Retry-After`.

pub mod back_off;
mod network;
mod rates;
mod turns;

pub use back_off::{Guess, attempt, remember_network};
pub use network::Network;
pub use rates::RateLimits;
pub(crate) use rates::{introspect, login, refresh, signup, status_lists, token};
pub use turns::Turns;
