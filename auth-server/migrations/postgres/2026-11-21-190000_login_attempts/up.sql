-- Passwords that were tried and not found right, in a row. The key is a hash: people type passwords in the place of names.
CREATE TABLE login_attempts (
    key_hash   VARCHAR(43) NOT NULL PRIMARY KEY,
    failures   BIGINT      NOT NULL,
    last_at    BIGINT      NOT NULL,
    expires_at BIGINT      NOT NULL
);
CREATE INDEX login_attempts_by_expiry ON login_attempts (expires_at);

-- From where a name has logged in lately.
CREATE TABLE known_networks (
    key_hash   VARCHAR(43) NOT NULL PRIMARY KEY,
    expires_at BIGINT      NOT NULL
);
CREATE INDEX known_networks_by_expiry ON known_networks (expires_at);
