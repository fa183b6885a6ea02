//! What the measurements are made on.

use std::num::NonZero;

/// How many threads run at once. The servers take as many workers.
pub(crate) fn cores() -> usize {
    std::thread::available_parallelism().map_or(1, NonZero::get)
}

/// The processor, as the kernel names it.
pub(crate) fn processor() -> String {
    let info = std::fs::read_to_string("/proc/cpuinfo").unwrap_or_default();
    model_in(&info).unwrap_or("unknown processor").to_owned()
}

fn model_in(info: &str) -> Option<&str> {
    let mut lines = info.lines().filter_map(|line| line.split_once(':'));
    lines.find(|(name, _)| name.trim() == "model name").map(|(_, model)| model.trim())
}

/// How many processes wanted to run in the last minute: well below one on a quiet machine.
pub(crate) fn busy() -> String {
    let load = std::fs::read_to_string("/proc/loadavg").unwrap_or_default();
    load.split_whitespace().next().unwrap_or("unknown").to_owned()
}

#[cfg(test)]
mod tests {
    #[test]
    fn the_processor_is_named_as_the_kernel_does() {
        let info = "processor\t: 0\nmodel\t\t: 1\nmodel name\t: Some CPU @ 2.0 GHz\n\nprocessor\t: 1\n";
        assert_eq!(super::model_in(info), Some("Some CPU @ 2.0 GHz"));
    }
}
