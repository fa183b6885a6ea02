-- Lists of an author's posts run along these two columns, and not along `author_sub` and `id`. A deleted post is listed by
-- nobody, and so not in the way. And no engine takes it for a good idea to walk all posts by the primary key, in the hope
-- of soon meeting some of this author's.
ALTER TABLE posts ADD COLUMN listed_by VARCHAR(64)
    GENERATED ALWAYS AS (CASE WHEN deleted_at IS NULL THEN author_sub END) VIRTUAL;
-- (Of a bare `id` SQLite would think that only the row has it, and read a row for every entry of the index.)
ALTER TABLE posts ADD COLUMN listed_id VARCHAR(36)
    GENERATED ALWAYS AS (id || '') VIRTUAL;

CREATE INDEX posts_listed ON posts (listed_by, listed_id);
DROP INDEX posts_by_author;
