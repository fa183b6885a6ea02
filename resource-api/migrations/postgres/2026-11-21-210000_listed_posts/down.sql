CREATE INDEX posts_by_author ON posts (author_sub, id);
DROP INDEX posts_listed;
ALTER TABLE posts DROP COLUMN listed_id;
ALTER TABLE posts DROP COLUMN listed_by;
