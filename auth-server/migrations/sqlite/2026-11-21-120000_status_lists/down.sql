DROP TABLE guards;
DROP TABLE status_counter;
DROP TABLE blocked_statuses;
DROP TABLE sessions;
CREATE TABLE sessions (
    id           VARCHAR(36)   NOT NULL PRIMARY KEY,
    user_id      VARCHAR(36)   NOT NULL REFERENCES users (id) ON DELETE CASCADE,
    nonce        BLOB          NOT NULL,
    generation   BIGINT        NOT NULL,
    advanced_at  BIGINT,
    audience     VARCHAR(1024) NOT NULL,
    created_at   BIGINT        NOT NULL,
    last_used_at BIGINT        NOT NULL,
    expires_at   BIGINT        NOT NULL,
    ended_at     BIGINT,
    user_agent   VARCHAR(255),
    ip           VARCHAR(45)
);
CREATE INDEX sessions_by_user ON sessions (user_id, id);
