use std::{
    fmt,
    io::{Read, Write},
};

use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
use flate2::{Compression, bufread::ZlibDecoder, write::ZlibEncoder};

/// A longer `lst` is refused unread.
const MAX_ENCODED_BYTES: usize = 256 * 1024;
/// Inflating stops here: a few KiB of zlib can hold a GiB. Enough for 2^20 entries of 8 bits.
const MAX_BYTES: usize = 1024 * 1024;

/// The statuses of many tokens, 1, 2, 4 or 8 bits for each (draft-ietf-oauth-status-list-21 §4). 0 is VALID.
///
/// ```
/// use shared_claims::StatusList;
///
/// let list = StatusList::with_invalid(1024, [5]);
/// let received = StatusList::decode(list.bits(), &list.encode()).unwrap();
/// assert_eq!(received.get(4), Some(0));
/// assert_eq!(received.get(5), Some(1));
/// assert_eq!(received.get(1024), None);
/// ```
#[derive(Clone, PartialEq, Eq)]
pub struct StatusList {
    bits: u8,
    bytes: Vec<u8>,
}

impl StatusList {
    /// `len` entries of 1 bit, rounded up to whole bytes: VALID but for those in `invalid`. What is out of range there is
    /// left out.
    pub fn with_invalid(len: usize, invalid: impl IntoIterator<Item = usize>) -> Self {
        let mut bytes = vec![0; len.div_ceil(8)];
        for idx in invalid {
            if let Some(byte) = bytes.get_mut(idx / 8) {
                *byte |= 1 << (idx % 8);
            }
        }
        Self { bits: 1, bytes }
    }

    /// `len` entries of 1 bit, rounded up to whole bytes, and none of them VALID.
    pub fn all_invalid(len: usize) -> Self {
        Self { bits: 1, bytes: vec![0xff; len.div_ceil(8)] }
    }

    /// Reads the members `bits` and `lst` of a status list (§4.2). Bounded in what it reads and in what it inflates.
    pub fn decode(bits: u8, lst: &str) -> Result<Self, StatusListError> {
        if !matches!(bits, 1 | 2 | 4 | 8) {
            return Err(StatusListError::Bits);
        }
        if lst.len() > MAX_ENCODED_BYTES {
            return Err(StatusListError::TooLarge);
        }
        let zlib = URL_SAFE_NO_PAD.decode(lst).map_err(|_| StatusListError::Base64url)?;
        Ok(Self { bits, bytes: inflate(&zlib)? })
    }

    /// The member `lst`: the bytes, compressed as well as zlib can, in base64url (§4.2).
    #[expect(clippy::expect_used, reason = "writing to memory does not fail")]
    pub fn encode(&self) -> String {
        let mut encoder = ZlibEncoder::new(Vec::new(), Compression::best());
        encoder.write_all(&self.bytes).expect("a Vec takes all bytes");
        URL_SAFE_NO_PAD.encode(encoder.finish().expect("a Vec takes all bytes"))
    }

    /// How many bits an entry has.
    pub fn bits(&self) -> u8 {
        self.bits
    }

    /// How many entries there are.
    pub fn len(&self) -> usize {
        self.bytes.len() * self.entries_per_byte()
    }

    /// Whether there is no entry at all.
    pub fn is_empty(&self) -> bool {
        self.bytes.is_empty()
    }

    /// The status at that position; `None` when it is out of range. Entries begin at the least significant bits of a byte.
    pub fn get(&self, idx: u64) -> Option<u8> {
        let idx = usize::try_from(idx).ok()?;
        let byte = self.bytes.get(idx / self.entries_per_byte())?;
        let shift = idx % self.entries_per_byte() * usize::from(self.bits);
        Some(byte >> shift & (0xff >> (8 - self.bits)))
    }

    fn entries_per_byte(&self) -> usize {
        8 / usize::from(self.bits)
    }
}

impl fmt::Debug for StatusList {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("StatusList")
            .field("bits", &self.bits)
            .field("len", &self.len())
            .finish_non_exhaustive()
    }
}

/// The whole of a zlib stream, checksum included, and nothing after it.
fn inflate(zlib: &[u8]) -> Result<Vec<u8>, StatusListError> {
    let mut decoder = ZlibDecoder::new(zlib);
    let mut bytes = Vec::new();
    decoder.by_ref().take(MAX_BYTES as u64 + 1).read_to_end(&mut bytes).map_err(|_| StatusListError::Zlib)?;
    if bytes.len() > MAX_BYTES {
        return Err(StatusListError::TooLarge);
    }
    if decoder.total_in() != zlib.len() as u64 {
        return Err(StatusListError::Zlib);
    }
    Ok(bytes)
}

/// Why a status list cannot be read.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum StatusListError {
    /// An entry has another number of bits than 1, 2, 4 or 8.
    #[error("bits is not 1, 2, 4 or 8")]
    Bits,
    /// It is larger than anybody's list, before or after inflating.
    #[error("lst is too large")]
    TooLarge,
    /// `lst` is not base64url without padding.
    #[error("lst is not base64url")]
    Base64url,
    /// `lst` is not exactly one zlib stream (RFC 1950).
    #[error("lst is not a zlib stream")]
    Zlib,
}
