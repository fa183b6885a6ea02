//! The status list itself, against the draft's examples and vectors.

use proptest::prelude::*;
use serde_json::Value;
use shared_claims::{EncodedStatusList, StatusList, StatusListError};

/// draft-ietf-oauth-status-list-21 §4.1 and §4.2.
const ONE_BIT: (u8, &str, [u8; 16]) = (1, "eNrbuRgAAhcBXQ", [1, 0, 0, 1, 1, 1, 0, 1, 1, 1, 0, 0, 0, 1, 0, 1]);
const TWO_BITS: (u8, &str, [u8; 12]) = (2, "eNo76fITAAPfAgc", [1, 2, 0, 3, 0, 1, 0, 1, 1, 2, 3, 3]);

fn statuses(list: &StatusList) -> Vec<u8> {
    (0..list.len() as u64).map(|idx| list.get(idx).unwrap()).collect()
}

#[test]
fn the_drafts_examples_are_read() {
    assert_eq!(statuses(&StatusList::decode(ONE_BIT.0, ONE_BIT.1).unwrap()), ONE_BIT.2);
    assert_eq!(statuses(&StatusList::decode(TWO_BITS.0, TWO_BITS.1).unwrap()), TWO_BITS.2);
}

#[test]
fn the_drafts_example_is_written_as_the_draft_has_it() {
    let invalid = (0..16).filter(|idx| ONE_BIT.2[*idx] == 1);
    assert_eq!(StatusList::with_invalid(16, invalid).encode(), ONE_BIT.1);
    assert_eq!(StatusList::decode(2, TWO_BITS.1).unwrap().encode(), TWO_BITS.1);
}

/// Appendix C: lists of 2^20 entries, of which those that are not 0 are listed.
#[test]
fn the_drafts_vectors_are_read_and_survive_writing() {
    let vectors: Vec<Value> = serde_json::from_str(include_str!("status_list_vectors.json")).unwrap();
    assert_eq!(vectors.len(), 3);
    for vector in vectors {
        let encoded: EncodedStatusList = serde_json::from_value(vector["status_list"].clone()).unwrap();
        let list = encoded.decode().unwrap();
        assert_eq!((list.bits(), list.len()), (encoded.bits, 1 << 20));
        let expected = vector["statuses"].as_object().unwrap();
        for (idx, status) in statuses(&list).into_iter().enumerate() {
            let expected = expected.get(&idx.to_string()).map_or(0, |status| status.as_u64().unwrap());
            assert_eq!(u64::from(status), expected, "bits {}, idx {idx}", encoded.bits);
        }
        assert_eq!(StatusList::decode(list.bits(), &list.encode()).unwrap(), list);
    }
}

#[test]
fn a_list_has_whole_bytes_and_nothing_beyond() {
    let list = StatusList::with_invalid(9, [8, 9, 10_000]);
    assert_eq!((list.len(), list.is_empty()), (16, false));
    assert_eq!(statuses(&list), [0, 0, 0, 0, 0, 0, 0, 0, 1, 1, 0, 0, 0, 0, 0, 0]);
    for idx in [16, 17, u64::MAX] {
        assert_eq!(list.get(idx), None);
    }
    assert!(statuses(&StatusList::all_invalid(1 << 10)).iter().all(|status| *status == 1));
    assert_eq!(StatusList::all_invalid(0).len(), 0);
}

#[test]
fn what_is_no_list_is_refused() {
    use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
    let good = StatusList::with_invalid(1 << 17, [1, 77, 100_000]).encode();
    let zlib = URL_SAFE_NO_PAD.decode(&good).unwrap();
    let encode = |bytes: &[u8]| URL_SAFE_NO_PAD.encode(bytes);
    let mut wrong_checksum = zlib.clone();
    *wrong_checksum.last_mut().unwrap() ^= 1;
    for bits in [0, 3, 5, 7, 16, 255] {
        assert_eq!(StatusList::decode(bits, &good), Err(StatusListError::Bits));
    }
    for (lst, expected) in [
        (String::new(), StatusListError::Zlib),
        (format!("{good}="), StatusListError::Base64url),
        (good.replace(['-', '_'], "+"), StatusListError::Base64url),
        ("not base64url!".to_owned(), StatusListError::Base64url),
        (encode(b"not zlib"), StatusListError::Zlib),
        (encode(&zlib[..zlib.len() - 1]), StatusListError::Zlib),
        (encode(&zlib[..zlib.len() / 2]), StatusListError::Zlib),
        (encode(&wrong_checksum), StatusListError::Zlib),
        (encode(&[&zlib[..], &[0]].concat()), StatusListError::Zlib),
        (encode(&[&zlib[..], &zlib[..]].concat()), StatusListError::Zlib),
        ("A".repeat(256 * 1024 + 1), StatusListError::TooLarge),
    ] {
        assert_eq!(StatusList::decode(1, &lst), Err(expected), "{}", &lst[..lst.len().min(40)]);
    }
}

/// 16 KiB that inflate to 16 MiB; what counts is that inflating stops early.
#[test]
fn a_list_that_inflates_without_end_is_refused() {
    let megabyte = 8 * 1024 * 1024;
    let largest = StatusList::with_invalid(megabyte, []);
    assert_eq!(StatusList::decode(1, &largest.encode()).as_ref(), Ok(&largest));
    for len in [megabyte + 8, 16 * megabyte] {
        let bomb = StatusList::with_invalid(len, []).encode();
        assert_eq!(StatusList::decode(1, &bomb), Err(StatusListError::TooLarge));
    }
}

proptest! {
    #[test]
    fn every_list_survives_writing_and_reading(
        len in 0_usize..4096,
        invalid in proptest::collection::vec(0_usize..5000, 0..200),
    ) {
        let list = StatusList::with_invalid(len, invalid.iter().copied());
        let read = StatusList::decode(1, &list.encode()).unwrap();
        prop_assert_eq!(&read, &list);
        for idx in 0..len {
            prop_assert_eq!(read.get(idx as u64), Some(u8::from(invalid.contains(&idx))));
        }
    }

    #[test]
    fn entries_of_any_width_are_cut_from_the_low_end(bytes in proptest::collection::vec(0..=255_u8, 1..300)) {
        let as_bits = StatusList::with_invalid(bytes.len() * 8, (0..bytes.len() * 8)
            .filter(|idx| bytes[idx / 8] >> (idx % 8) & 1 == 1));
        for bits in [1_u8, 2, 4, 8] {
            let list = StatusList::decode(bits, &as_bits.encode()).unwrap();
            let mut number = 0_u64;
            for byte in &bytes {
                for shift in (0..8).step_by(usize::from(bits)) {
                    let mask = u8::try_from((1_u16 << bits) - 1).unwrap();
                    prop_assert_eq!(list.get(number), Some(byte >> shift & mask));
                    number += 1;
                }
            }
            prop_assert_eq!(list.get(number), None);
        }
    }
}
