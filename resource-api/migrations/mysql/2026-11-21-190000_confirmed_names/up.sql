-- This commits by itself here: after a crash it is run again, and must not fail because the column is there.
SET @add = IF(
    (SELECT COUNT(*) FROM information_schema.columns
      WHERE table_schema = DATABASE() AND table_name = 'accounts' AND column_name = 'confirmed_at') = 0,
    'ALTER TABLE accounts ADD COLUMN confirmed_at BIGINT NOT NULL DEFAULT 0',
    'DO 0'
);
-- When the name was last known to be the account's (Unix seconds): the newest `iat` of its own tokens, give or take a
-- minute, or when auth-server was asked. 0: not since there has been this column.
PREPARE add_column FROM @add;
EXECUTE add_column;
DEALLOCATE PREPARE add_column;
