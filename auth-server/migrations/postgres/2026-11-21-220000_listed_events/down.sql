CREATE INDEX audit_events_by_event ON audit_events (event, id);
CREATE INDEX audit_events_by_actor ON audit_events (actor_id, id);
CREATE INDEX audit_events_by_subject ON audit_events (subject_id, id);
DROP INDEX audit_events_listed_by_event;
DROP INDEX audit_events_listed_by_actor;
DROP INDEX audit_events_listed_by_subject;
ALTER TABLE audit_events DROP COLUMN listed_id;
