//! Certificates, made by the openssl program.

use std::path::{Path, PathBuf};
use std::process::Command;

/// An authority, a server's certificate by it for the name `localhost`, and an authority that has signed nothing.
pub(crate) struct Certificates {
    folder: tempfile::TempDir,
}

impl Certificates {
    pub(crate) fn make() -> Self {
        let folder = tempfile::tempdir().unwrap();
        for authority in ["right", "wrong"] {
            let subject = format!("/CN=The {authority} authority");
            let (key, made) = (format!("{authority}.key"), format!("{authority}.pem"));
            run(folder.path(), &["req", "-x509", "-subj", &subject, "-keyout", &key, "-out", &made]);
        }
        let name = ["-addext", "subjectAltName=DNS:localhost", "-addext", "basicConstraints=CA:FALSE"];
        let signed =
            ["-CA", "right.pem", "-CAkey", "right.key", "-keyout", "server.key", "-out", "server.pem"];
        run(folder.path(), &[&["req", "-x509", "-subj", "/CN=server"][..], &name, &signed].concat());
        Self { folder }
    }

    /// Whoever trusts `right.pem` trusts the server.
    pub(crate) fn path(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    /// What a server needs.
    pub(crate) fn of_server(&self) -> Vec<(String, Vec<u8>)> {
        ["server.key", "server.pem"].map(|name| (name.into(), std::fs::read(self.path(name)).unwrap())).into()
    }
}

fn run(folder: &Path, arguments: &[&str]) {
    let key = ["-newkey", "rsa:2048", "-nodes", "-days", "2"];
    let made = Command::new("openssl").args(arguments).args(key).current_dir(folder).output().unwrap();
    assert!(made.status.success(), "openssl: {}", String::from_utf8_lossy(&made.stderr));
}
