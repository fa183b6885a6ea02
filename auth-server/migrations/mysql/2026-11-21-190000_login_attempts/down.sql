DROP TABLE IF EXISTS known_networks;
DROP TABLE IF EXISTS login_attempts;
