CREATE TABLE IF NOT EXISTS posts (
    -- UUIDv7: the order of ids is the order of time, and what cursors stand on.
    id         VARCHAR(36) NOT NULL PRIMARY KEY,
    author_sub VARCHAR(64) NOT NULL,
    content    TEXT NOT NULL,
    -- Unix milliseconds.
    created_at BIGINT NOT NULL,
    -- A deleted post is marked, not erased.
    deleted_at BIGINT NULL,
    FOREIGN KEY (author_sub) REFERENCES accounts (sub),
    INDEX posts_by_author (author_sub, id)
) ENGINE = InnoDB DEFAULT CHARSET = utf8mb4 COLLATE = utf8mb4_bin;
