DROP TABLE known_networks;
DROP TABLE login_attempts;
