ALTER TABLE audit_events
    ADD INDEX audit_events_by_event (event, id),
    ADD INDEX audit_events_by_actor (actor_id, id),
    ADD INDEX audit_events_by_subject (subject_id, id),
    DROP INDEX audit_events_listed_by_event,
    DROP INDEX audit_events_listed_by_actor,
    DROP INDEX audit_events_listed_by_subject,
    DROP COLUMN listed_id;
