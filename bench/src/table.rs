//! How it is printed.

use std::time::Duration;

use test_servers::Engine;

use crate::{
    Options, machine,
    measure::{Limit, Measured, Plan},
    rows::Row,
    world::{ACCESS_TTL, CLIENTS},
};

const LEGEND: &str = "
/CPU-s    requests in a second of the server's processor time, its own and the kernel's for it: what a request costs,
          whoever else uses the machine (the load comes from here too)
/s        requests answered in a second; p50 and p99 are how long one took
database  processor time of the database server for one request
limit     what the row is compared with, in turn with it; of a sum, the costs are added up
          bare: an actix-web endpoint that answers a fixed text, asked in the same way
          RSA sign, RSA verify: aws-lc, 2048 bits, the key parsed once; bcrypt: of the same cost
          read, update, insert: of one row by its key, the last two durable, in the same engine; SQLite from one
          connection, the others from eight
ratio     how much of the limit the row reaches: the median of the ratios of neighbouring slices
";

/// What has to be known to judge the numbers.
pub(crate) fn print_conditions(options: &Options, plan: Plan) {
    let engine = match options.engine {
        Engine::Sqlite => "SQLite",
        Engine::Postgres => "PostgreSQL, durable, on this machine",
        Engine::Mysql => "MariaDB, durable, on this machine",
    };
    println!("machine   {} × {}, load {} before", machine::cores(), machine::processor(), machine::busy());
    println!("engine    {engine}");
    println!(
        "settings  bcrypt cost {}, access_ttl {ACCESS_TTL}, no rate limits, log {} (written to nowhere)",
        options.bcrypt_cost,
        options.log.as_deref().unwrap_or("by default: a line per request"),
    );
    println!(
        "load      {CLIENTS} connections kept alive ({} where passwords are hashed); {} slices of {:?} in turn with the limit",
        2 * machine::cores(),
        plan.slices,
        plan.slice,
    );
    println!("{LEGEND}");
}

pub(crate) fn print_head() {
    println!(
        "{:<19} {:<39} {:>9} {:>9} {:>9} {:>9} {:>9}   {:<32} {:>16} {:>6}",
        "row", "what", "/CPU-s", "/s", "p50", "p99", "database", "limit", "", "ratio"
    );
}

pub(crate) fn print_row(row: &Row, measured: &Measured) {
    let own = format!(
        "{:<19} {:<39} {:>9} {:>9} {:>9} {:>9} {:>9}",
        row.name,
        row.what,
        count(measured.per_cpu_second),
        count(measured.per_second),
        time(measured.p50),
        time(measured.p99),
        measured.database.map_or_else(|| "-".into(), time),
    );
    for (number, against) in measured.against.iter().enumerate() {
        let own = if number == 0 { own.as_str() } else { "" };
        let (limit, unit) = name(against.limit);
        let reached = format!("{} {unit:<6}", count(against.reached));
        println!("{own:<109}   {limit:<32} {reached:>16} {:>6.2}", against.ratio);
    }
}

/// What it is, and its unit.
fn name(limit: Limit) -> (String, &'static str) {
    match limit {
        Limit::Cpu(parts) => {
            let names: Vec<&str> = parts.iter().map(|part| part.name()).collect();
            (names.join(" + "), "/CPU-s")
        }
        Limit::Seen(part) => (part.name().to_owned(), "/s"),
    }
}

/// With three digits at least, thousands apart.
pub(crate) fn count(value: f64) -> String {
    if value < 100.0 {
        return format!("{value:.1}");
    }
    let digits = format!("{value:.0}");
    let mut apart = String::new();
    for (at, digit) in digits.chars().enumerate() {
        if at > 0 && (digits.len() - at).is_multiple_of(3) {
            apart.push(',');
        }
        apart.push(digit);
    }
    apart
}

/// In the unit that suits it.
pub(crate) fn time(value: Duration) -> String {
    let micros = value.as_secs_f64() * 1e6;
    if micros < 1000.0 {
        format!("{micros:.0} µs")
    } else if micros < 100_000.0 {
        format!("{:.1} ms", micros / 1e3)
    } else {
        format!("{:.0} ms", micros / 1e3)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_are_read_at_a_glance() {
        let counts = [4.87, 99.94, 100.2, 4501.0, 149_550.0, 1_234_567.0].map(count);
        assert_eq!(counts, ["4.9", "99.9", "100", "4,501", "149,550", "1,234,567"]);
        let times = [7, 950, 1500, 99_000, 204_000].map(|micros| time(Duration::from_micros(micros)));
        assert_eq!(times, ["7 µs", "950 µs", "1.5 ms", "99.0 ms", "204 ms"]);
    }
}
