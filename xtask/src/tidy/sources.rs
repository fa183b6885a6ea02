//! What can be seen in one source file: marks of unfinished work, lengths, the store's imports, introductions.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

use super::Finding;

pub(super) const LANGUAGES: [&str; 9] = ["rs", "py", "mjs", "js", "ts", "tsx", "css", "html", "toml"];

/// Put together here, so that this file does not find itself.
const UNFINISHED: [&str; 8] = [
    concat!("TO", "DO"),
    concat!("FIX", "ME"),
    concat!("XX", "X:"),
    concat!("todo", "!("),
    concat!("unimplemented", "!("),
    concat!("dbg", "!("),
    concat!("#[", "ignore"),
    concat!("[allow", "("),
];

const LONG_FILE: usize = 400;
const LONG_FUNCTION: usize = 80;

pub(super) fn check(path: &Path, text: &str) -> Vec<Finding> {
    let mut findings = unfinished(path, text);
    let length = text.lines().count();
    let is_generated = path.to_string_lossy().contains(".generated.");
    if length > LONG_FILE && !is_generated {
        findings.push(Finding::warning(
            path.display().to_string(),
            format!("{length} lines, more than {LONG_FILE}"),
        ));
    }
    if path.extension().is_some_and(|extension| extension == "rs") {
        findings.extend(long_functions(path, text));
        findings.extend(imports_above_the_store(path, text));
        findings.extend(introduction(path, text));
    }
    findings
}

fn place(path: &Path, line: usize) -> String {
    format!("{}:{}", path.display(), line + 1)
}

fn unfinished(path: &Path, text: &str) -> Vec<Finding> {
    let marks = |line: &str| UNFINISHED.iter().find(|mark| line.contains(**mark)).copied();
    let lines = text.lines().enumerate();
    lines.filter_map(|(at, line)| Some(Finding::error(place(path, at), marks(line)?))).collect()
}

/// A function ends at the closing brace that is indented like its first line: rustfmt sees to that.
fn long_functions(path: &Path, text: &str) -> Vec<Finding> {
    let lines: Vec<&str> = text.lines().collect();
    let starts = lines.iter().enumerate().filter(|(_, line)| begins_function(line));
    starts
        .filter_map(|(start, line)| {
            let closing = format!("{}}}", &line[..line.len() - line.trim_start().len()]);
            let length = 1 + lines[start..].iter().position(|line| *line == closing)?;
            let what = format!("a function of {length} lines, more than {LONG_FUNCTION}");
            (length > LONG_FUNCTION).then(|| Finding::warning(place(path, start), what))
        })
        .collect()
}

fn begins_function(line: &str) -> bool {
    let words =
        line.split_whitespace().take_while(|word| !word.contains('=') && *word != "//" && *word != "///");
    let mut words = words.take(5);
    words.any(|word| word == "fn") && !line.trim_end().ends_with(['}', ';'])
}

/// The store is the lowest room of a server: of its own crate it knows itself alone.
fn imports_above_the_store(path: &Path, text: &str) -> Vec<Finding> {
    let parts: Vec<_> = path.components().map(|part| part.as_os_str().to_string_lossy()).collect();
    let in_store =
        parts.windows(2).any(|pair| pair[0] == "src" && (pair[1] == "store" || pair[1] == "store.rs"));
    if !in_store {
        return Vec::new();
    }
    let above = |line: &str| {
        let code = line.split("//").next().unwrap_or_default();
        code.match_indices("crate::").any(|(at, found)| {
            let whole_word = !code[..at].ends_with(|c: char| c.is_alphanumeric() || c == '_');
            let rest = &code[at + found.len()..];
            let itself = rest
                .strip_prefix("store")
                .is_some_and(|rest| !rest.starts_with(|c: char| c.is_alphanumeric() || c == '_'));
            whole_word && !itself
        })
    };
    let lines = text.lines().enumerate().filter(|(_, line)| above(line));
    lines.map(|(at, _)| Finding::error(place(path, at), "the store imports nothing above it")).collect()
}

fn introduction(path: &Path, text: &str) -> Option<Finding> {
    let introduces = path.file_name().is_some_and(|name| name == "mod.rs" || name == "lib.rs");
    (introduces && !text.starts_with("//! ")).then(|| {
        Finding::error(
            path.display().to_string(),
            "opens with a `//!` sentence: what lives here, which endpoints, which RFC",
        )
    })
}

/// Folders of modules that have no `mod.rs` to introduce them.
pub(super) fn folders_without_introduction(files: &[PathBuf]) -> Vec<Finding> {
    let rust = files.iter().filter(|path| path.extension().is_some_and(|extension| extension == "rs"));
    let folders: BTreeSet<&Path> = rust.filter_map(|path| path.parent()).collect();
    let has = |folder: &Path, name: &str| files.contains(&folder.join(name));
    let is_module = |folder: &&Path| {
        let below = folder.parent().is_some_and(|parent| folders.contains(parent));
        below && !["bin", "src"].iter().any(|name| folder.ends_with(name))
    };
    let silent = folders
        .iter()
        .copied()
        .filter(is_module)
        .filter(|folder| !has(folder, "mod.rs") && !has(folder, "main.rs"));
    silent
        .map(|folder| Finding::error(folder.display().to_string(), "has no mod.rs to say what lives here"))
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn found(path: &str, text: &str) -> Vec<Finding> {
        check(Path::new(path), text)
    }

    #[test]
    fn every_mark_of_unfinished_work_is_found_with_its_line() {
        for mark in UNFINISHED {
            let findings = found("a/src/b.rs", &format!("fn f() {{}}\n    // {mark} later\n"));
            assert_eq!(findings, [Finding::error("a/src/b.rs:2", mark)]);
        }
        assert!(found("a/src/b.rs", "#[expect(dead_code, reason = \"…\")]\nfn ignored() {}\n").is_empty());
    }

    #[test]
    fn long_files_and_long_functions_are_warnings() {
        assert!(found("a/src/b.rs", &"// x\n".repeat(LONG_FILE)).is_empty());
        assert!(found("a/src/b.rs", &"// x\n".repeat(LONG_FILE + 1))[0].warning);
        let function = |lines| {
            format!("impl A {{\n    pub async fn f() {{\n{}    }}\n}}\n", "        g();\n".repeat(lines))
        };
        assert!(found("a/src/b.rs", &function(LONG_FUNCTION - 2)).is_empty());
        let findings = found("a/src/b.rs", &function(LONG_FUNCTION - 1));
        assert_eq!(findings, [Finding::warning("a/src/b.rs:2", "a function of 81 lines, more than 80")]);
    }

    #[test]
    fn the_store_knows_only_itself() {
        let good = "use crate::store::schema;\nuse shared_crate::x;\n// see crate::app\n";
        assert!(found("auth-server/src/store/users.rs", good).is_empty());
        for bad in [
            "use crate::app::AppState;\n",
            "use crate::{store, error};\n",
            "fn f() -> crate::storefront::X {\n",
        ] {
            assert_eq!(found("auth-server/src/store/users.rs", bad).len(), 1, "{bad}");
        }
        assert!(found("auth-server/src/accounts/login.rs", "use crate::app::AppState;\n").is_empty());
    }

    #[test]
    fn a_folder_is_introduced_in_its_mod_rs() {
        assert!(found("a/src/b/mod.rs", "//! Posts.\nmod c;\n").is_empty());
        assert_eq!(found("a/src/b/mod.rs", "mod c;\n").len(), 1);
        let files = |names: &[&str]| names.iter().map(PathBuf::from).collect::<Vec<_>>();
        assert!(
            folders_without_introduction(&files(&["a/src/lib.rs", "a/src/b/mod.rs", "a/src/b/c.rs"]))
                .is_empty()
        );
        assert_eq!(folders_without_introduction(&files(&["a/src/lib.rs", "a/src/b/c.rs"])).len(), 1);
    }
}
