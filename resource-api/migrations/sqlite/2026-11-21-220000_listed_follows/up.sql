-- The id once more. Lists of follows run along this column and not along `id`: PostgreSQL would take it for a good idea to
-- walk all follows by the primary key, in the hope of soon meeting some of somebody whom many follow.
ALTER TABLE follows ADD COLUMN listed_id VARCHAR(36) GENERATED ALWAYS AS (id) VIRTUAL;

CREATE INDEX follows_listed_by_follower ON follows (follower_sub, listed_id);
CREATE INDEX follows_listed_by_followee ON follows (followee_sub, listed_id);
DROP INDEX follows_by_follower;
DROP INDEX follows_by_followee;
