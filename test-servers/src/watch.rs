//! What ends servers and deletes their folders when the test program is gone, killed or not.

use std::{
    os::unix::process::CommandExt,
    path::Path,
    process::{Child, Command, Stdio},
};

/// Reads until our end of its input is closed. Then each server that has left its process id in the folder is ended, and
/// the folder deleted when they are gone. One that was frozen has to go on to hear of it, and so have its processes.
const SCRIPT: &str = r#"
cat >/dev/null
pids=$(head -qn1 "$1"/*.pid "$1"/data/postmaster.pid 2>/dev/null)
for pid in $pids; do
    kill -QUIT "$pid" 2>/dev/null
    kill -CONT "$pid" $(cat "/proc/$pid/task/$pid/children" 2>/dev/null) 2>/dev/null
done
for _ in 1 2 3 4 5 6 7 8 9 10; do
    alive=
    for pid in $pids; do kill -0 "$pid" 2>/dev/null && alive=1; done
    [ -z "$alive" ] && break
    sleep 0.2
done
for pid in $pids; do kill -KILL "$pid" 2>/dev/null; done
rm -rf "$1"
"#;

/// Watches over a folder for as long as the returned child's input is open. Out of reach of the terminal's Ctrl-C.
pub(crate) fn over(folder: &Path) -> Child {
    Command::new("/bin/sh")
        .args(["-c", SCRIPT, "sh"])
        .arg(folder)
        .stdin(Stdio::piped())
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .process_group(0)
        .spawn()
        .expect("/bin/sh starts")
}
