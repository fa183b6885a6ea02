-- This commits by itself here: after a crash it is run again, and must not fail because the column is there.
SET @add = IF(
    (SELECT COUNT(*) FROM information_schema.columns
      WHERE table_schema = DATABASE() AND table_name = 'follows' AND column_name = 'listed_id') = 0,
    'ALTER TABLE follows
        ADD COLUMN listed_id VARCHAR(36) GENERATED ALWAYS AS (id) STORED,
        ADD INDEX follows_listed_by_follower (follower_sub, listed_id),
        ADD INDEX follows_listed_by_followee (followee_sub, listed_id),
        DROP INDEX follows_by_follower,
        DROP INDEX follows_by_followee',
    'DO 0'
);
-- The id once more. Lists of follows run along this column and not along `id`: PostgreSQL would take it for a good idea to
-- walk all follows by the primary key, in the hope of soon meeting some of somebody whom many follow.
PREPARE add_column FROM @add;
EXECUTE add_column;
DEALLOCATE PREPARE add_column;
