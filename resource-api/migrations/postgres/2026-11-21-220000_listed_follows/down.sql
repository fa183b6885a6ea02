CREATE INDEX follows_by_follower ON follows (follower_sub, id);
CREATE INDEX follows_by_followee ON follows (followee_sub, id);
DROP INDEX follows_listed_by_follower;
DROP INDEX follows_listed_by_followee;
ALTER TABLE follows DROP COLUMN listed_id;
