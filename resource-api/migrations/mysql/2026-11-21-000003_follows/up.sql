CREATE TABLE IF NOT EXISTS follows (
    -- UUIDv7: lists run newest first, and cursors stand on it.
    id           VARCHAR(36) NOT NULL PRIMARY KEY,
    follower_sub VARCHAR(64) NOT NULL,
    followee_sub VARCHAR(64) NOT NULL,
    -- Unix milliseconds.
    created_at   BIGINT NOT NULL,
    UNIQUE (follower_sub, followee_sub),
    FOREIGN KEY (follower_sub) REFERENCES accounts (sub),
    FOREIGN KEY (followee_sub) REFERENCES accounts (sub),
    INDEX follows_by_follower (follower_sub, id),
    INDEX follows_by_followee (followee_sub, id)
) ENGINE = InnoDB DEFAULT CHARSET = utf8mb4 COLLATE = utf8mb4_bin;
