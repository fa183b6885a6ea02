-- Each of these statements commits by itself here: after a crash in between they are run again from the first.
CREATE TABLE IF NOT EXISTS users (
    id            VARCHAR(36)  NOT NULL PRIMARY KEY,
    username      VARCHAR(32)  NOT NULL,
    username_key  VARCHAR(32)  NOT NULL UNIQUE,
    email         VARCHAR(254),
    password_hash VARCHAR(60)  NOT NULL,
    is_active     BOOLEAN      NOT NULL,
    version       BIGINT       NOT NULL,
    created_at    BIGINT       NOT NULL
) ENGINE = InnoDB DEFAULT CHARSET = utf8mb4 COLLATE = utf8mb4_bin;

CREATE TABLE IF NOT EXISTS user_roles (
    user_id VARCHAR(36) NOT NULL,
    role    VARCHAR(32) NOT NULL,
    PRIMARY KEY (user_id, role),
    FOREIGN KEY (user_id) REFERENCES users (id) ON DELETE CASCADE,
    INDEX user_roles_by_role (role, user_id)
) ENGINE = InnoDB DEFAULT CHARSET = utf8mb4 COLLATE = utf8mb4_bin;

CREATE TABLE IF NOT EXISTS sessions (
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
    FOREIGN KEY (user_id) REFERENCES users (id) ON DELETE CASCADE,
    INDEX sessions_by_user (user_id, id)
) ENGINE = InnoDB DEFAULT CHARSET = utf8mb4 COLLATE = utf8mb4_bin;
