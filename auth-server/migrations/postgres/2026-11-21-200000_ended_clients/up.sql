-- Ids of clients that were removed: no other client ever gets one, or it would pass for the one before.
CREATE TABLE removed_clients (
    id         VARCHAR(36) NOT NULL PRIMARY KEY,
    removed_at BIGINT      NOT NULL
);

-- SHA-256 of secrets that were ended: whoever still has one cannot make it good again. They are few, and are kept.
CREATE TABLE ended_client_secrets (
    secret_hash BYTEA         NOT NULL,
    client_id   VARCHAR(36)   NOT NULL,
    ended_at    BIGINT        NOT NULL,
    PRIMARY KEY (secret_hash, client_id)
);

-- Taken before a name is given or changed, and before the row of a client is held.
INSERT INTO guards (name, version) VALUES ('client_names', 0);
