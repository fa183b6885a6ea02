//! Starting, watching and stopping the two servers, for `up`, `demo`, the interop suites and the browser.

mod client;
mod interrupt;
mod place;
mod process;

pub(crate) use interrupt::Interrupt;
pub(crate) use place::{DEMO_ADMIN, DEMO_USER, Place, free_ports};
pub(crate) use process::{Output, Process, stop_all, tethered};
