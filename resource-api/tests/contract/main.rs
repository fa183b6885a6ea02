//! The contract between the two servers: what the real auth-server signs the real resource-api accepts, over the real
//! network, and nothing else; what auth-server revokes it refuses; and it goes on without auth-server.

#![expect(clippy::unwrap_used, reason = "a test that cannot go on fails")]
#![expect(
    clippy::print_stdout,
    reason = "how long a revocation takes is worth seeing, not only whether it is in time"
)]

mod outages;
mod proxy;
mod revocation;
mod system;
mod tokens;
