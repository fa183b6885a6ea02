-- This commits by itself here: after a crash it is run again, and must not fail because the columns are there.
SET @add = IF(
    (SELECT COUNT(*) FROM information_schema.columns
      WHERE table_schema = DATABASE() AND table_name = 'posts' AND column_name = 'listed_by') = 0,
    'ALTER TABLE posts
        ADD COLUMN listed_by VARCHAR(64) GENERATED ALWAYS AS (CASE WHEN deleted_at IS NULL THEN author_sub END) STORED,
        ADD COLUMN listed_id VARCHAR(36) GENERATED ALWAYS AS (id) STORED,
        ADD INDEX posts_listed (listed_by, listed_id),
        ADD INDEX posts_author (author_sub),
        DROP INDEX posts_by_author',
    'DO 0'
);
-- Lists of an author's posts run along these two columns, and not along `author_sub` and `id`. A deleted post is listed by
-- nobody, and so not in the way. And no engine takes it for a good idea to walk all posts by the primary key, in the hope
-- of soon meeting some of this author's.
-- (The foreign key has an index of its own here.)
PREPARE add_columns FROM @add;
EXECUTE add_columns;
DEALLOCATE PREPARE add_columns;
