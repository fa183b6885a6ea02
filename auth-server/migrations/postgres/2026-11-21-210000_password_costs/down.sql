DROP INDEX users_by_password_cost;
ALTER TABLE users DROP COLUMN password_cost;
