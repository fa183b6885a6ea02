DROP TABLE IF EXISTS audit_events;
DROP TABLE IF EXISTS client_secrets;
DROP TABLE IF EXISTS clients;
