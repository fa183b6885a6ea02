//! How much there is to be.

/// The numbers of rows.
#[derive(Debug, Clone, Copy, clap::Args)]
pub struct Size {
    /// How many users.
    #[arg(long, default_value_t = 1_000_000)]
    pub users: u64,
    /// How many posts.
    #[arg(long, default_value_t = 10_000_000)]
    pub posts: u64,
    /// How many others a user follows, as a mean.
    #[arg(long, default_value_t = 3)]
    pub follows: u64,
    /// The same seed gives the same rows, but for the time.
    #[arg(long, default_value_t = 1)]
    pub seed: u64,
}

/// So many rows that whoever walks them all is told from whoever looks into an index: more than `plans::bounds` wants.
const ENOUGH: u64 = 25_000;

/// Fewer users would leave some of the parts in [`super::cast`] without anybody to play them.
pub(crate) const FEWEST_USERS: u64 = 1000;

impl Size {
    /// What the large one is compared with.
    pub const SMALL: Self = Self { users: 1000, posts: 10_000, follows: 3, seed: 1 };

    /// How much memory a server is to have for pages, in megabytes: enough for the indices, as a server of this size would.
    pub(crate) fn cache(&self) -> u64 {
        (self.posts / 2500).clamp(128, 8192)
    }

    /// So many rows, or more: what is few in truth would not show a walk, unless the whole database is small.
    fn enough(&self, rows: u64) -> u64 {
        rows.max(self.users.min(ENOUGH))
    }

    /// Of other than those who have many.
    pub(crate) fn sessions(&self) -> u64 {
        self.enough(self.users / 2)
    }

    /// Places in status lists that are revoked and of no session any more.
    pub(crate) fn revoked(&self) -> u64 {
        self.enough(0)
    }

    pub(crate) fn audit_events(&self) -> u64 {
        self.users
    }

    /// Of this and the next there are more, because PostgreSQL walks through fewer than 100,000 rather than look for each
    /// of the 500 that one lot of the purge deletes.
    pub(crate) fn login_attempts(&self) -> u64 {
        6 * self.enough(self.users / 60)
    }

    pub(crate) fn known_networks(&self) -> u64 {
        6 * self.enough(self.users / 12)
    }

    /// As many were removed, and as many secrets were ended.
    pub(crate) fn clients(&self) -> u64 {
        self.enough(self.users / 100)
    }
}
