-- Ids of clients that were removed: no other client ever gets one, or it would pass for the one before.
CREATE TABLE IF NOT EXISTS removed_clients (
    id         VARCHAR(36) NOT NULL PRIMARY KEY,
    removed_at BIGINT      NOT NULL
) ENGINE = InnoDB DEFAULT CHARSET = utf8mb4 COLLATE = utf8mb4_bin;

-- SHA-256 of secrets that were ended: whoever still has one cannot make it good again. They are few, and are kept.
CREATE TABLE IF NOT EXISTS ended_client_secrets (
    secret_hash VARBINARY(32) NOT NULL,
    client_id   VARCHAR(36)   NOT NULL,
    ended_at    BIGINT        NOT NULL,
    PRIMARY KEY (secret_hash, client_id)
) ENGINE = InnoDB DEFAULT CHARSET = utf8mb4 COLLATE = utf8mb4_bin;

-- Taken before a name is given or changed, and before the row of a client is held.
INSERT IGNORE INTO guards (name, version) VALUES ('client_names', 0);
