-- The cost in two digits, as bcrypt's text has it (`$2b$12$…`): a start looks for the highest, without reading every user.
ALTER TABLE users ADD COLUMN password_cost VARCHAR(2)
    GENERATED ALWAYS AS (substr(password_hash, 5, 2)) VIRTUAL;

CREATE INDEX users_by_password_cost ON users (password_cost);
