use super::{
    super::keys::tests::{MONTH, NOW, Place},
    *,
};

const EVERY: Duration = Duration::from_mins(1);

fn second(number: u64) -> Duration {
    Duration::from_secs(number)
}

fn stamp(number: i64) -> Stamp {
    Stamp([number; 4])
}

#[test]
fn a_folder_that_changed_is_read_at_once_and_once_more_and_then_on_the_timer() {
    let start = Instant::now();
    let mut watch = Watch::new(start);
    let mut looks = Vec::new();
    for at in 0..130 {
        let seen = if at < 5 { stamp(1) } else { stamp(2) };
        if watch.is_due(Some(seen), EVERY, start + second(at)) {
            looks.push(at);
        }
    }
    assert_eq!(looks, [0, 1, 5, 6, 66, 126]);
}

#[test]
fn a_reading_that_failed_is_tried_again_and_told_once() {
    let start = Instant::now();
    let mut watch = Watch::new(start);
    for at in 0..2 {
        watch.is_due(Some(stamp(1)), EVERY, start + second(at));
        assert_eq!(watch.complain(Ok(())), None);
    }
    assert!(!watch.is_due(Some(stamp(1)), EVERY, start + second(2)));
    assert!(watch.is_due(Some(stamp(2)), EVERY, start + second(3)));
    assert_eq!(watch.complain(Err("bad".into())), Some("bad".into()));
    for at in 4..7 {
        assert!(watch.is_due(Some(stamp(2)), EVERY, start + second(at)));
        assert_eq!(watch.complain(Err("bad".into())), None);
    }
    assert!(watch.is_due(Some(stamp(2)), EVERY, start + second(7)));
    assert_eq!(watch.complain(Err("worse".into())), Some("worse".into()));
    assert!(watch.is_due(Some(stamp(2)), EVERY, start + second(8)));
    assert_eq!(watch.complain(Ok(())), None);
    assert!(!watch.is_due(Some(stamp(2)), EVERY, start + second(9)));
}

#[actix_rt::test]
async fn what_another_instance_changes_is_noticed_within_about_a_second() {
    let place = Place::new();
    let keys = place.open(Some(MONTH));
    assert!(keys.rotation.reread_every() > Duration::from_secs(100));
    let watching = actix_rt::spawn(keys.clone().reread_on_a_timer());
    let other = place.open(Some(MONTH));
    for _ in 0..2 {
        let kid = keys.ring().active(NOW).unwrap().kid().to_owned();
        let revoking = (other.clone(), kid.clone());
        actix_web::web::block(move || revoking.0.revoke(&revoking.1)).await.unwrap().unwrap();
        let revoked_at = Instant::now();
        while keys.ring().find(&kid).is_some() {
            assert!(revoked_at.elapsed() < Duration::from_secs(5), "not noticed");
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
        assert!(revoked_at.elapsed() < Duration::from_secs(3), "{:?}", revoked_at.elapsed());
    }
    watching.abort();
}
