-- One row per user this API has seen. `sub` is the identity; a name is what the newest token said.
CREATE TABLE IF NOT EXISTS accounts (
    sub          VARCHAR(64) NOT NULL PRIMARY KEY,
    -- NULL: the name went to a younger account.
    username     VARCHAR(32) NULL,
    -- The name in ASCII lower case: names are unique without regard to case.
    username_key VARCHAR(32) NULL UNIQUE,
    -- `iat` (Unix seconds) of the token that gave the name.
    named_at     BIGINT NOT NULL
) ENGINE = InnoDB DEFAULT CHARSET = utf8mb4 COLLATE = utf8mb4_bin;
