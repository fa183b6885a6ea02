//! A temporary folder that is gone with the test program, killed or not, and so is the server that runs in it.

use std::{
    os::unix::process::CommandExt,
    path::{Path, PathBuf},
    process::{Child, Command, Stdio},
    thread,
    time::Duration,
};

/// Reads until our end of its input is closed. Then the process that the folder names is ended, and the folder deleted
/// when it is gone. One that was frozen has to go on to hear of it, and so have its processes. Others may still be ending
/// and write a last file.
const SCRIPT: &str = r#"
cat >/dev/null
pid=$(cat "$1/process")
if [ -n "$pid" ]; then
    kill -QUIT "$pid"
    kill -CONT "$pid" $(cat "/proc/$pid/task/$pid/children")
    tries=10
    while kill -0 "$pid"; do
        [ $tries = 0 ] && { kill -KILL "$pid"; break; }
        tries=$((tries - 1))
        sleep 0.2
    done
fi
rm -rf "$1" || { sleep 1; rm -rf "$1"; }
"#;

/// Dropping it deletes it.
#[derive(Debug)]
pub struct Folder {
    path: PathBuf,
    watch: Child,
}

impl Folder {
    /// An empty one, watched over for as long as our end of the watch's input is open. The watch is out of reach of the
    /// terminal's Ctrl-C.
    pub fn new(prefix: &str) -> Self {
        let path = tempfile::Builder::new().prefix(prefix).tempdir().unwrap().keep();
        let mut watch = Command::new("/bin/sh");
        watch.args(["-c", SCRIPT, "sh"]).arg(&path).process_group(0);
        watch.stdin(Stdio::piped()).stdout(Stdio::null()).stderr(Stdio::null());
        Self { path, watch: watch.spawn().expect("/bin/sh starts") }
    }

    pub fn path(&self) -> &Path {
        &self.path
    }

    /// Names the process that is to end with the folder.
    pub(crate) fn is_run_in_by(&self, process: &Child) {
        std::fs::write(self.path.join("process"), process.id().to_string()).unwrap();
    }

    /// That process is gone, and its number may be somebody else's.
    pub(crate) fn is_left(&self) {
        std::fs::remove_file(self.path.join("process")).ok();
    }

    /// Ends the process that runs in it, and deletes it. A child of ours is there until we have heard of its end, so that
    /// we have to ask meanwhile.
    pub(crate) fn end(&mut self, mut process: Option<&mut Child>) {
        drop(self.watch.stdin.take());
        while matches!(self.watch.try_wait(), Ok(None)) {
            if let Some(process) = &mut process {
                process.try_wait().ok();
            }
            thread::sleep(Duration::from_millis(2));
        }
    }
}

impl Drop for Folder {
    fn drop(&mut self) {
        self.end(None);
    }
}

#[cfg(test)]
mod tests {
    use std::time::Instant;

    use super::*;

    /// One that the signal ends, also when whoever runs the tests ignores it, as shells have it in the background.
    fn sleeper() -> Child {
        Command::new("env").args(["--default-signal=QUIT", "sleep", "600"]).spawn().unwrap()
    }

    #[test]
    fn what_runs_in_a_folder_ends_with_it_and_is_not_waited_for_when_it_has_ended() {
        let (mut folder, mut process) = (Folder::new("latchkey-test-"), sleeper());
        let path = folder.path().to_owned();
        folder.is_run_in_by(&process);
        assert!(path.is_dir());
        let began = Instant::now();
        folder.end(Some(&mut process));
        assert!(began.elapsed() < Duration::from_secs(2), "{:?}", began.elapsed());
        assert!(process.try_wait().unwrap().is_some());
        assert!(!path.exists());
    }

    #[test]
    fn a_process_that_has_left_a_folder_does_not_end_with_it() {
        let (folder, mut process) = (Folder::new("latchkey-test-"), sleeper());
        let path = folder.path().to_owned();
        folder.is_run_in_by(&process);
        folder.is_left();
        drop(folder);
        assert!(!path.exists());
        assert!(process.try_wait().unwrap().is_none());
        process.kill().unwrap();
        process.wait().unwrap();
    }
}
