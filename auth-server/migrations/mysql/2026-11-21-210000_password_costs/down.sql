ALTER TABLE users DROP INDEX users_by_password_cost, DROP COLUMN password_cost;
