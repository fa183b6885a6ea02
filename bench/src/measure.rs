//! One row: slices of requests, each beside slices of what they are compared with.

use std::time::Duration;

use anyhow::{Context, Result};

use crate::{
    database::Databases,
    limits::{Limits, Part, Speed, rate},
    load::{self, Client, Slice},
    process::Process,
};

/// No warm-up is longer.
const LONGEST_WARM_UP: Duration = Duration::from_millis(500);

/// How long a row is measured.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Plan {
    pub(crate) slice: Duration,
    pub(crate) slices: u32,
}

/// What a row is compared with.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Limit {
    /// As many requests as a second of processor time could do if they cost these parts alone.
    Cpu(&'static [Part]),
    /// How often this can be done in a second, however much of it is waiting: for what waits for a disk.
    Seen(Part),
}

/// Requests, and to whom they go.
pub(crate) struct Load<'w> {
    pub(crate) server: &'w Process,
    pub(crate) databases: &'w Databases,
    pub(crate) clients: Vec<Client>,
    pub(crate) limits: &'static [Limit],
}

/// What was measured: medians over the slices.
#[derive(Debug)]
pub(crate) struct Measured {
    pub(crate) per_cpu_second: f64,
    pub(crate) per_second: f64,
    /// Over all requests.
    pub(crate) p50: Duration,
    pub(crate) p99: Duration,
    /// Processor time of the database server for one request, if there is one.
    pub(crate) database: Option<Duration>,
    pub(crate) against: Vec<Against>,
}

/// A limit in the same run.
#[derive(Debug)]
pub(crate) struct Against {
    pub(crate) limit: Limit,
    pub(crate) reached: f64,
    /// How much of it the row has reached: the median of the ratios of neighbouring slices.
    pub(crate) ratio: f64,
}

impl Limit {
    fn parts(&self) -> &[Part] {
        match self {
            Self::Cpu(parts) => parts,
            Self::Seen(part) => std::slice::from_ref(part),
        }
    }

    /// What it comes to with these speeds.
    fn reached(&self, speed: impl Fn(Part) -> Speed) -> f64 {
        match self {
            Self::Cpu(parts) => {
                parts.iter().map(|part| speed(*part).per_cpu_second.recip()).sum::<f64>().recip()
            }
            Self::Seen(part) => speed(*part).per_second,
        }
    }

    fn of(&self, slice: &Slice) -> f64 {
        match self {
            Self::Cpu(_) => rate(slice.requests(), slice.cpu),
            Self::Seen(_) => rate(slice.requests(), slice.elapsed),
        }
    }
}

/// Slices of the load in turn with slices of each part of its limits.
pub(crate) fn alternate(mut load: Load<'_>, limits: &mut Limits, plan: Plan) -> Result<Measured> {
    let mut parts: Vec<Part> = Vec::new();
    for part in load.limits.iter().flat_map(Limit::parts) {
        if !parts.contains(part) {
            parts.push(*part);
        }
    }
    let share = plan.slice / u32::try_from(parts.len().max(1))?;
    let warm_up = plan.slice.min(LONGEST_WARM_UP);
    load::run(load.server, &mut load.clients, warm_up)?;
    let (mut slices, mut neighbours, mut database) = (Vec::new(), Vec::new(), None);
    for _ in 0..plan.slices {
        let before = load.databases.cpu()?;
        slices.push(load::run(load.server, &mut load.clients, plan.slice)?);
        if let Some((after, before)) = load.databases.cpu()?.zip(before) {
            *database.get_or_insert(Duration::ZERO) += after.saturating_sub(before);
        }
        let speeds = parts.iter().map(|part| Ok((*part, limits.measure(*part, share)?)));
        neighbours.push(speeds.collect::<Result<Vec<_>>>()?);
    }
    let against =
        load.limits.iter().map(|limit| against(*limit, &slices, &neighbours)).collect::<Result<_>>()?;
    let mut latencies: Vec<Duration> =
        slices.iter().flat_map(|slice| slice.latencies.iter().copied()).collect();
    latencies.sort_unstable();
    let requests = u32::try_from(latencies.len())?;
    Ok(Measured {
        per_cpu_second: median(slices.iter().map(|slice| rate(slice.requests(), slice.cpu)))?,
        per_second: median(slices.iter().map(|slice| rate(slice.requests(), slice.elapsed)))?,
        p50: percentile(&latencies, 50)?,
        p99: percentile(&latencies, 99)?,
        database: database.map(|spent| spent / requests),
        against,
    })
}

fn against(limit: Limit, slices: &[Slice], neighbours: &[Vec<(Part, Speed)>]) -> Result<Against> {
    let mut reached = Vec::new();
    let mut ratios = Vec::new();
    for (slice, speeds) in slices.iter().zip(neighbours) {
        let speed = |wanted| speeds.iter().find(|(part, _)| *part == wanted).map(|(_, speed)| *speed);
        let idle = Speed { per_cpu_second: 0.0, per_second: 0.0 };
        let at = limit.reached(|part| speed(part).unwrap_or(idle));
        reached.push(at);
        ratios.push(limit.of(slice) / at);
    }
    Ok(Against { limit, reached: median(reached)?, ratio: median(ratios)? })
}

fn median(values: impl IntoIterator<Item = f64>) -> Result<f64> {
    let mut values: Vec<f64> = values.into_iter().collect();
    values.sort_unstable_by(f64::total_cmp);
    let middle = values.len() / 2;
    let upper = *values.get(middle).context("nothing was measured")?;
    Ok(if values.len().is_multiple_of(2) { f64::midpoint(values[middle - 1], upper) } else { upper })
}

/// So that this many of a hundred took no longer.
fn percentile(sorted: &[Duration], hundredths: usize) -> Result<Duration> {
    let place = (sorted.len() * hundredths).div_ceil(100).saturating_sub(1);
    sorted.get(place).copied().context("nothing was measured")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn slice(requests: usize, cpu_ms: u64) -> Slice {
        let (elapsed, cpu) = (Duration::from_millis(500), Duration::from_millis(cpu_ms));
        Slice { elapsed, cpu, latencies: vec![Duration::from_millis(1); requests] }
    }

    fn speed(per_cpu_second: f64) -> Speed {
        Speed { per_cpu_second, per_second: 3.0 * per_cpu_second }
    }

    /// Equal but for what floating point leaves out.
    #[track_caller]
    fn assert_near(left: f64, right: f64) {
        assert!((left - right).abs() < 1e-9 * right.abs(), "{left} is not {right}");
    }

    #[test]
    fn the_costs_of_parts_are_added_up() {
        let of = |part| speed(if part == Part::Bare { 100.0 } else { 300.0 });
        assert_near(Limit::Cpu(&[Part::Bare, Part::Verify]).reached(of), 75.0);
        assert_near(Limit::Cpu(&[Part::Bare, Part::Verify, Part::Read]).reached(of), 60.0);
        assert_near(Limit::Seen(Part::Update).reached(of), 900.0);
    }

    #[test]
    fn a_ratio_is_that_of_neighbouring_slices() {
        // The machine gives half, then all, then a third; the server always reaches half of its limit.
        let slices = [slice(25, 500), slice(50, 500), slice(100, 3000)];
        let neighbours = [100.0, 200.0, 66.0 + 2.0 / 3.0].map(|speeds| vec![(Part::Sign, speed(speeds))]);
        let found = against(Limit::Cpu(&[Part::Sign]), &slices, &neighbours).unwrap();
        assert_near(found.ratio, 0.5);
        assert_near(found.reached, 100.0);
        let seen = against(Limit::Seen(Part::Sign), &slices[..1], &neighbours[..1]).unwrap();
        assert_near(seen.ratio, 50.0 / 300.0);
    }

    #[test]
    fn medians_and_percentiles() {
        assert_near(median([3.0, 1.0, 2.0]).unwrap(), 2.0);
        assert_near(median([4.0, 1.0, 2.0, 3.0]).unwrap(), 2.5);
        assert!(median([]).is_err());
        let hundred: Vec<Duration> = (1..=100).map(Duration::from_millis).collect();
        assert_eq!(percentile(&hundred, 50).unwrap(), Duration::from_millis(50));
        assert_eq!(percentile(&hundred, 99).unwrap(), Duration::from_millis(99));
        assert_eq!(percentile(&hundred[..1], 99).unwrap(), Duration::from_millis(1));
        assert!(percentile(&[], 50).is_err());
    }
}
