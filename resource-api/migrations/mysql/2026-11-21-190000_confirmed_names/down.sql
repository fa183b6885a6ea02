ALTER TABLE accounts DROP COLUMN confirmed_at;
