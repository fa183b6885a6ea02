//! The secret behind the refresh chain's MACs.

use aws_lc_rs::{
    constant_time::verify_slices_are_equal,
    digest::{Context, SHA256},
    hmac,
};
use zeroize::Zeroizing;

/// How long a secret is: as long as the MAC made with it (RFC 2104 §3).
const SECRET_BYTES: usize = 32;
/// How long a secret's public id is.
pub const SECRET_ID_BYTES: usize = 8;

/// Names a secret without telling it.
pub type SecretId = [u8; SECRET_ID_BYTES];

/// A secret that makes and checks MACs. `Debug` shows the id alone.
pub struct RefreshSecret {
    id: SecretId,
    key: hmac::Key,
}

impl std::fmt::Debug for RefreshSecret {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "RefreshSecret({})", self.hex_id())
    }
}

impl RefreshSecret {
    /// Makes a new secret.
    pub fn generate() -> anyhow::Result<Zeroizing<Vec<u8>>> {
        let mut secret = Zeroizing::new(vec![0; SECRET_BYTES]);
        getrandom::fill(&mut secret)?;
        Ok(secret)
    }

    /// Reads a secret as [`Self::generate`] made it.
    pub fn from_bytes(bytes: &[u8]) -> anyhow::Result<Self> {
        anyhow::ensure!(bytes.len() == SECRET_BYTES, "is not a secret of {SECRET_BYTES} bytes");
        let mut named = Context::new(&SHA256);
        named.update(b"latchkey refresh secret id");
        named.update(bytes);
        let mut id = SecretId::default();
        id.copy_from_slice(&named.finish().as_ref()[..SECRET_ID_BYTES]);
        Ok(Self { id, key: hmac::Key::new(hmac::HMAC_SHA256, bytes) })
    }

    /// The secret's public id.
    pub fn id(&self) -> SecretId {
        self.id
    }

    /// The public id as text.
    pub fn hex_id(&self) -> String {
        format!("{:016x}", u64::from_be_bytes(self.id))
    }

    /// The MAC of `message`.
    pub fn mac(&self, message: &[u8]) -> hmac::Tag {
        hmac::sign(&self.key, message)
    }

    /// Whether `mac` is the MAC of `message`, in constant time.
    pub fn verifies(&self, message: &[u8], mac: &[u8]) -> bool {
        verify_slices_are_equal(self.mac(message).as_ref(), mac).is_ok()
    }
}
