//! What happens to a file with a secret whatever comes in between.

use super::*;

fn names(folder: &Path) -> Vec<String> {
    let entries = folder.read_dir().unwrap();
    let mut names: Vec<_> =
        entries.map(|entry| entry.unwrap().file_name().to_string_lossy().into_owned()).collect();
    names.sort();
    names
}

/// The file that an error names.
fn kept_in(folder: &Path) -> String {
    let names: Vec<_> = names(folder).into_iter().filter(|name| name.contains(".kept")).collect();
    assert_eq!(names.len(), 1, "{names:?}");
    names[0].clone()
}

#[test]
fn a_secret_that_is_good_and_cannot_get_its_name_is_kept_and_the_error_says_where() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("secret");
    let replacing = Prepared::in_place_of(&path, "the new one").unwrap();
    // Nothing can be renamed to the name of a folder that is not empty.
    fs::create_dir_all(path.join("inside")).unwrap();
    let error = replacing.replace_or_keep().unwrap_err().to_string();
    let kept = folder.path().join(kept_in(folder.path()));
    assert!(error.contains(&*kept.to_string_lossy()) && !error.contains("the new one"), "{error}");
    assert_eq!(fs::read_to_string(&kept).unwrap(), "the new one");
    remove_leftovers(&path);
    assert!(kept.exists(), "what somebody was told to move is no leftover");
}

#[test]
fn a_new_file_that_somebody_else_has_made_meanwhile_is_not_replaced_and_the_secret_is_kept() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("secret");
    let new = Prepared::to_be_new(&path, "the new one").unwrap();
    fs::write(&path, "another's").unwrap();
    new.publish_or_keep().unwrap_err();
    assert_eq!(fs::read_to_string(&path).unwrap(), "another's");
    assert_eq!(fs::read_to_string(folder.path().join(kept_in(folder.path()))).unwrap(), "the new one");
}

#[test]
fn what_is_not_used_leaves_nothing_and_what_is_used_sweeps_up_behind_those_who_died() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("secret");
    drop(Prepared::new(&path, "x").unwrap());
    assert!(names(folder.path()).is_empty());
    for last in ["made", "replaced"] {
        fs::write(folder.path().join(".secret.0123456789abcdef"), "a live secret").unwrap();
        match last {
            "made" => assert!(Prepared::new(&path, last).unwrap().publish().unwrap()),
            _ => Prepared::in_place_of(&path, last).unwrap().replace_or_keep().unwrap(),
        }
        assert_eq!(names(folder.path()), ["secret"]);
        assert_eq!(fs::read_to_string(&path).unwrap(), last);
    }
    assert!(!Prepared::new(&path, "x").unwrap().publish().unwrap());
    assert_eq!(names(folder.path()), ["secret"]);
}
