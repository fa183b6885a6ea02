-- This commits by itself here: after a crash it is run again, and must not fail because the column is there.
SET @add = IF(
    (SELECT COUNT(*) FROM information_schema.columns
      WHERE table_schema = DATABASE() AND table_name = 'users' AND column_name = 'password_cost') = 0,
    'ALTER TABLE users
        ADD COLUMN password_cost VARCHAR(2) GENERATED ALWAYS AS (substr(password_hash, 5, 2)) STORED,
        ADD INDEX users_by_password_cost (password_cost)',
    'DO 0'
);
-- The cost in two digits, as bcrypt's text has it (`$2b$12$…`): a start looks for the highest, without reading every user.
PREPARE add_column FROM @add;
EXECUTE add_column;
DEALLOCATE PREPARE add_column;
