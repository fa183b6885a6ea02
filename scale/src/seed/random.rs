//! Numbers that look random and are the same each time (`SplitMix64`).

use uuid::{Builder, Uuid};

/// A sequence that follows from its seed.
#[derive(Debug, Clone)]
pub(crate) struct Random(u64);

impl Random {
    /// A sequence of its own for each purpose.
    pub(crate) fn new(seed: u64, purpose: &str) -> Self {
        let mix = |state: u64, byte: u8| (state ^ u64::from(byte)).wrapping_mul(0x0100_0000_01b3);
        Self(purpose.bytes().fold(seed ^ 0xcbf2_9ce4_8422_2325, mix))
    }

    pub(crate) fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut mixed = self.0;
        mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        mixed ^ (mixed >> 31)
    }

    /// From 0 up to, and without, `end`.
    pub(crate) fn below(&mut self, end: u64) -> u64 {
        self.next() % end.max(1)
    }

    /// True so many times in a thousand.
    pub(crate) fn per_mille(&mut self, times: u64) -> bool {
        self.below(1000) < times
    }

    pub(crate) fn bytes<const N: usize>(&mut self) -> [u8; N] {
        let mut bytes = [0; N];
        for chunk in bytes.chunks_mut(8) {
            let next = self.next().to_le_bytes();
            chunk.copy_from_slice(&next[..chunk.len()]);
        }
        bytes
    }
}

/// A UUIDv7 of this time (Unix milliseconds).
pub(crate) fn uuid_at(ms: i64, random: &mut Random) -> Uuid {
    Builder::from_unix_timestamp_millis(ms.unsigned_abs(), &random.bytes::<10>()).into_uuid()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_seed_tells_the_whole_sequence_and_a_purpose_has_its_own() {
        let five = |seed, purpose| {
            let mut random = Random::new(seed, purpose);
            [(); 5].map(|()| random.next())
        };
        assert_eq!(five(1, "posts"), five(1, "posts"));
        assert_ne!(five(1, "posts"), five(2, "posts"));
        assert_ne!(five(1, "posts"), five(1, "users"));
    }

    #[test]
    fn ids_are_of_their_time() {
        let id = uuid_at(1_800_000_000_123, &mut Random::new(1, ""));
        assert_eq!(id.get_timestamp().unwrap().to_unix(), (1_800_000_000, 123_000_000));
    }
}
