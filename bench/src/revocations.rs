//! Status lists in which much is revoked, without as many logouts.

use anyhow::{Context, Result, anyhow};
use diesel::connection::SimpleConnection;
use shared_service::database::connect;

use crate::{http::Connection, rows, world::World};

/// Places in a list.
pub(crate) const PLACES: u32 = 1 << 17;
/// Rows that are written at once.
const LOT: usize = 1000;

/// Writes down that so many places are revoked in a list that no session has a place in: the `number`th after the first,
/// each of which may be chosen once. The list's path.
pub(crate) fn revoke(world: &World, number: i64, places: usize) -> Result<String> {
    let first = rows::first_status_list(&mut Connection::open(world.auth.port)?)?;
    let (before, first) = first.rsplit_once('/').context("a path")?;
    let list = first.parse::<i64>()? + number;
    let url = world.auth_database.parse().map_err(|error| anyhow!("{error}"))?;
    let mut connection = connect(&url)?;
    for lot in shuffled_places()[..places].chunks(LOT) {
        // For longer than we run.
        let rows: Vec<String> =
            lot.iter().map(|place| format!("({list},{place},{})", i64::MAX >> 1)).collect();
        connection.batch_execute(&format!(
            "INSERT INTO blocked_statuses (status_list, status_idx, expires_at) VALUES {}",
            rows.join(",")
        ))?;
    }
    Ok(format!("{before}/{list}"))
}

/// Every place once, in an order without a pattern that would compress: Fisher and Yates, by xorshift from a fixed seed.
fn shuffled_places() -> Vec<u32> {
    let mut places: Vec<u32> = (0..PLACES).collect();
    let mut state = 0x9E37_79B9_u32;
    for last in (1..places.len()).rev() {
        state ^= state << 13;
        state ^= state >> 17;
        state ^= state << 5;
        places.swap(last, state as usize % (last + 1));
    }
    places
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_shuffle_holds_every_place_once_and_in_no_order() {
        let shuffled = shuffled_places();
        let mut sorted = shuffled.clone();
        sorted.sort_unstable();
        assert!(sorted.into_iter().eq(0..PLACES));
        let ascending = shuffled.windows(2).filter(|pair| pair[0] < pair[1]).count();
        assert!((60_000..71_000).contains(&ascending), "{ascending}");
    }
}
