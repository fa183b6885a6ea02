-- When the name was last known to be the account's (Unix seconds): the newest `iat` of its own tokens, give or take a
-- minute, or when auth-server was asked. 0: not since there has been this column.
ALTER TABLE accounts ADD COLUMN confirmed_at BIGINT NOT NULL DEFAULT 0;
