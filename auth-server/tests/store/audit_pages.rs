//! Pages of the audit trail under filters, among more events than one page looks at.

use auth_server::store::audit::{self, AuditEvent, Wanted};
use shared_service::{database::Store, page::Page};
use uuid::Uuid;

use crate::{NOW, POOL, migrated, run};

/// More than a page looks at for one of several filters.
const MANY: u128 = 5001;

fn event(n: u128, event: &str, actor: &str, subject: &str) -> AuditEvent {
    AuditEvent {
        id: Uuid::from_u128(n).to_string(),
        occurred_at: NOW,
        event: event.into(),
        actor_type: "user".into(),
        actor_id: Some(actor.into()),
        actor_name: None,
        subject_id: Some(subject.into()),
        subject_name: None,
        detail: None,
        ip: None,
        request_id: None,
    }
}

/// How many events are on each page, and the numbers of all of them.
fn walk(store: &Store, wanted: &Wanted, limit: i64) -> (Vec<usize>, Vec<u128>) {
    let (mut sizes, mut numbers, mut after) = (Vec::new(), Vec::new(), None);
    loop {
        let found = run(store, |c| Ok(audit::page(c, &Page { after, limit }, wanted)?)).unwrap();
        sizes.push(found.rows.len());
        numbers.extend(found.rows.iter().map(|event| event.id.parse::<Uuid>().unwrap().as_u128()));
        let Some(next) = found.resume_after else { return (sizes, numbers) };
        after = Some(next.parse().unwrap());
    }
}

#[test]
fn filters_together_come_to_every_event_that_has_them_all_in_pages_of_bounded_work() {
    let database = migrated();
    let store = database.store(POOL);
    run(&store, |c| {
        audit::insert(c, &event(1, "rare", "root", "alice"))?;
        audit::insert(c, &event(2, "rare", "root", "bob"))?;
        for n in 0..MANY {
            audit::insert(c, &event(10 + n, "common", "root", "alice"))?;
        }
        Ok(audit::insert(c, &event(100_000, "rare", "root", "alice"))?)
    })
    .unwrap();
    let wanted = |event: Option<&str>, actor: Option<&str>, subject: Option<&str>| Wanted {
        event: event.map(Into::into),
        actor_id: actor.map(Into::into),
        subject_id: subject.map(Into::into),
    };
    assert_eq!(walk(&store, &wanted(Some("rare"), None, None), 2), (vec![2, 1], vec![100_000, 2, 1]));
    for both in [wanted(Some("rare"), None, Some("alice")), wanted(Some("rare"), Some("root"), Some("alice"))]
    {
        assert_eq!(walk(&store, &both, 20), (vec![1, 1], vec![100_000, 1]));
    }
    assert_eq!(
        walk(&store, &wanted(Some("rare"), Some("root"), None), 20),
        (vec![1, 2], vec![100_000, 2, 1])
    );
    assert_eq!(walk(&store, &wanted(None, Some("nobody"), Some("alice")), 20), (vec![0, 0], vec![]));
    assert_eq!(walk(&store, &wanted(None, Some("root"), Some("bob")), 20), (vec![1], vec![2]));
    let newest = run(&store, |c| Ok(audit::page(c, &Page { after: None, limit: 2 }, &Wanted::default())?));
    let newest: Vec<_> = newest.unwrap().rows.into_iter().map(|event| event.event).collect();
    assert_eq!(newest, ["rare", "common"]);
}
