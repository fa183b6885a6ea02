DROP TABLE guards;
DROP TABLE status_counter;
DROP TABLE blocked_statuses;
DROP TABLE sessions;
CREATE TABLE sessions (
    id           VARCHAR(36)   NOT NULL PRIMARY KEY,
    user_id      VARCHAR(36)   NOT NULL,
    nonce        VARBINARY(16) NOT NULL,
    generation   BIGINT        NOT NULL,
    advanced_at  BIGINT,
    audience     VARCHAR(1024) NOT NULL,
    created_at   BIGINT        NOT NULL,
    last_used_at BIGINT        NOT NULL,
    expires_at   BIGINT        NOT NULL,
    ended_at     BIGINT,
    user_agent   VARCHAR(255),
    ip           VARCHAR(45),
    FOREIGN KEY (user_id) REFERENCES users (id) ON DELETE CASCADE
) ENGINE = InnoDB DEFAULT CHARSET = utf8mb4 COLLATE = utf8mb4_bin;
CREATE INDEX sessions_by_user ON sessions (user_id, id);
