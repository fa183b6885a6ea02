ALTER TABLE follows
    ADD INDEX follows_by_follower (follower_sub, id),
    ADD INDEX follows_by_followee (followee_sub, id),
    DROP INDEX follows_listed_by_follower,
    DROP INDEX follows_listed_by_followee,
    DROP COLUMN listed_id;
