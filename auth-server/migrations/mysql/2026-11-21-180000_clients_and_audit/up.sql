-- Each of these statements commits by itself here: after a crash in between they are run again from the first.
CREATE TABLE IF NOT EXISTS clients (
    id          VARCHAR(36)   NOT NULL PRIMARY KEY,
    name        VARCHAR(64)   NOT NULL UNIQUE,
    scopes      VARCHAR(1024) NOT NULL,
    is_active   BOOLEAN       NOT NULL,
    created_at  BIGINT        NOT NULL,
    status_list BIGINT        NOT NULL,
    status_idx  BIGINT        NOT NULL,
    UNIQUE (status_list, status_idx)
) ENGINE = InnoDB DEFAULT CHARSET = utf8mb4 COLLATE = utf8mb4_bin;

-- SHA-256 is enough for what is 256 random bits; see SECURITY.md.
CREATE TABLE IF NOT EXISTS client_secrets (
    id          VARCHAR(36)   NOT NULL PRIMARY KEY,
    client_id   VARCHAR(36)   NOT NULL,
    secret_hash VARBINARY(32) NOT NULL,
    created_at  BIGINT        NOT NULL,
    FOREIGN KEY (client_id) REFERENCES clients (id) ON DELETE CASCADE,
    INDEX client_secrets_by_client (client_id, id)
) ENGINE = InnoDB DEFAULT CHARSET = utf8mb4 COLLATE = utf8mb4_bin;

-- Who did what, when, from where. Rows are added, and deleted when their time is over; never changed.
CREATE TABLE IF NOT EXISTS audit_events (
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
    request_id   VARCHAR(16),
    INDEX audit_events_by_time (occurred_at),
    INDEX audit_events_by_event (event, id),
    INDEX audit_events_by_actor (actor_id, id),
    INDEX audit_events_by_subject (subject_id, id)
) ENGINE = InnoDB DEFAULT CHARSET = utf8mb4 COLLATE = utf8mb4_bin;
