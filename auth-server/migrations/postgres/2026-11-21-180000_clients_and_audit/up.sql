CREATE TABLE clients (
    id          VARCHAR(36)   NOT NULL PRIMARY KEY,
    name        VARCHAR(64)   NOT NULL UNIQUE,
    scopes      VARCHAR(1024) NOT NULL,
    is_active   BOOLEAN       NOT NULL,
    created_at  BIGINT        NOT NULL,
    status_list BIGINT        NOT NULL,
    status_idx  BIGINT        NOT NULL,
    UNIQUE (status_list, status_idx)
);

-- SHA-256 is enough for what is 256 random bits; see SECURITY.md.
CREATE TABLE client_secrets (
    id          VARCHAR(36) NOT NULL PRIMARY KEY,
    client_id   VARCHAR(36) NOT NULL REFERENCES clients (id) ON DELETE CASCADE,
    secret_hash BYTEA       NOT NULL,
    created_at  BIGINT      NOT NULL
);
CREATE INDEX client_secrets_by_client ON client_secrets (client_id, id);

-- Who did what, when, from where. Rows are added, and deleted when their time is over; never changed.
CREATE TABLE audit_events (
    id           VARCHAR(36) NOT NULL PRIMARY KEY,
    occurred_at  BIGINT      NOT NULL,
    event        VARCHAR(64) NOT NULL,
    actor_type   VARCHAR(16) NOT NULL,
    actor_id     VARCHAR(64),
    actor_name   VARCHAR(64),
    subject_id   VARCHAR(64),
    subject_name VARCHAR(64),
    detail       VARCHAR(4096),
    ip           VARCHAR(45),
    request_id   VARCHAR(16)
);
CREATE INDEX audit_events_by_time ON audit_events (occurred_at);
CREATE INDEX audit_events_by_event ON audit_events (event, id);
CREATE INDEX audit_events_by_actor ON audit_events (actor_id, id);
CREATE INDEX audit_events_by_subject ON audit_events (subject_id, id);
