//! The contract between the two servers: what the real auth-server signs the real resource-api accepts, over the real
//! network, and nothing else; what auth-server revokes it refuses; it goes on without auth-server; and it asks auth-server
//! for users as the client that it is there.

#![expect(clippy::unwrap_used, reason = "a test that cannot go on fails")]
#![expect(
    clippy::print_stdout,
    reason = "how long a revocation takes is worth seeing, not only whether it is in time"
)]

mod following;
mod outages;
mod proxy;
mod revocation;
mod services;
mod system;
mod tokens;
