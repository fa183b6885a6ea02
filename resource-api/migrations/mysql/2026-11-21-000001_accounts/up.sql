-- One row per user this API has seen. `sub` is the identity; a name is what the newest token said.
CREATE TABLE accounts (
    sub          VARCHAR(64) CHARACTER SET ascii COLLATE ascii_bin NOT NULL PRIMARY KEY,
    -- NULL: the name went to a younger account.
    username     VARCHAR(32) CHARACTER SET ascii COLLATE ascii_bin NULL,
    -- The name in ASCII lower case: names are unique without regard to case.
    username_key VARCHAR(32) CHARACTER SET ascii COLLATE ascii_bin NULL UNIQUE,
    -- `iat` (Unix seconds) of the token that gave the name.
    named_at     BIGINT NOT NULL
) ENGINE = InnoDB;
