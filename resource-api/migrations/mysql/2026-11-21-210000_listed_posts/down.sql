ALTER TABLE posts
    ADD INDEX posts_by_author (author_sub, id),
    DROP INDEX posts_listed,
    DROP INDEX posts_author,
    DROP COLUMN listed_id,
    DROP COLUMN listed_by;
