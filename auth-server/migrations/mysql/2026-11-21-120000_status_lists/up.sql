-- Each of these statements commits by itself here: after a crash in between they are run again from the first.
-- A session from before has no place in a list; its user logs in again.
DROP TABLE IF EXISTS sessions;
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
    status_list  BIGINT        NOT NULL,
    status_idx   BIGINT        NOT NULL,
    UNIQUE (status_list, status_idx),
    FOREIGN KEY (user_id) REFERENCES users (id) ON DELETE CASCADE
) ENGINE = InnoDB DEFAULT CHARSET = utf8mb4 COLLATE = utf8mb4_bin;
CREATE INDEX sessions_by_user ON sessions (user_id, id);
CREATE INDEX sessions_by_end ON sessions (ended_at);
CREATE INDEX sessions_by_use ON sessions (last_used_at);
CREATE INDEX sessions_by_cap ON sessions (expires_at);

DROP TABLE IF EXISTS blocked_statuses;
CREATE TABLE blocked_statuses (
    status_list BIGINT NOT NULL,
    status_idx  BIGINT NOT NULL,
    expires_at  BIGINT NOT NULL,
    PRIMARY KEY (status_list, status_idx)
) ENGINE = InnoDB DEFAULT CHARSET = utf8mb4 COLLATE = utf8mb4_bin;
CREATE INDEX blocked_statuses_by_expiry ON blocked_statuses (expires_at);

CREATE TABLE IF NOT EXISTS status_counter (
    id          INTEGER NOT NULL PRIMARY KEY,
    next_index  BIGINT  NOT NULL,
    first_list  BIGINT  NOT NULL,
    restored_at BIGINT
) ENGINE = InnoDB DEFAULT CHARSET = utf8mb4 COLLATE = utf8mb4_bin;
-- Lists are numbered from the present time on, so that no database that is made anew names one a second time.
INSERT IGNORE INTO status_counter (id, next_index, first_list) VALUES (1, unix_timestamp() * 131072, unix_timestamp());

CREATE TABLE IF NOT EXISTS guards (
    name    VARCHAR(32) NOT NULL PRIMARY KEY,
    version BIGINT      NOT NULL
) ENGINE = InnoDB DEFAULT CHARSET = utf8mb4 COLLATE = utf8mb4_bin;
INSERT IGNORE INTO guards (name, version) VALUES ('last_admin', 0);
