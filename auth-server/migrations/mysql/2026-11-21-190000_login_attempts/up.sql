-- Each of these statements commits by itself here: after a crash in between they are run again from the first.
-- Passwords that were tried and not found right, in a row. The key is a hash: people type passwords in the place of names.
CREATE TABLE IF NOT EXISTS login_attempts (
    key_hash   VARCHAR(43) NOT NULL PRIMARY KEY,
    failures   BIGINT      NOT NULL,
    last_at    BIGINT      NOT NULL,
    expires_at BIGINT      NOT NULL,
    INDEX login_attempts_by_expiry (expires_at)
) ENGINE = InnoDB DEFAULT CHARSET = utf8mb4 COLLATE = utf8mb4_bin;

-- From where a name has logged in lately.
CREATE TABLE IF NOT EXISTS known_networks (
    key_hash   VARCHAR(43) NOT NULL PRIMARY KEY,
    expires_at BIGINT      NOT NULL,
    INDEX known_networks_by_expiry (expires_at)
) ENGINE = InnoDB DEFAULT CHARSET = utf8mb4 COLLATE = utf8mb4_bin;
