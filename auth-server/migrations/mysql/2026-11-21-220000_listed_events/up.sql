-- This commits by itself here: after a crash it is run again, and must not fail because the column is there.
SET @add = IF(
    (SELECT COUNT(*) FROM information_schema.columns
      WHERE table_schema = DATABASE() AND table_name = 'audit_events' AND column_name = 'listed_id') = 0,
    'ALTER TABLE audit_events
        ADD COLUMN listed_id VARCHAR(36) GENERATED ALWAYS AS (id) STORED,
        ADD INDEX audit_events_listed_by_event (event, listed_id),
        ADD INDEX audit_events_listed_by_actor (actor_id, listed_id),
        ADD INDEX audit_events_listed_by_subject (subject_id, listed_id),
        DROP INDEX audit_events_by_event,
        DROP INDEX audit_events_by_actor,
        DROP INDEX audit_events_by_subject',
    'DO 0'
);
-- The id once more. What is found by a filter runs along this column and not along `id`: PostgreSQL would take it for a good
-- idea to walk the whole trail by the primary key, in the hope of soon meeting an event of a kind that was frequent once.
PREPARE add_column FROM @add;
EXECUTE add_column;
DEALLOCATE PREPARE add_column;
