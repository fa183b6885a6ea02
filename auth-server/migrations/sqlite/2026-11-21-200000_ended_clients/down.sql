DELETE FROM guards WHERE name = 'client_names';
DROP TABLE ended_client_secrets;
DROP TABLE removed_clients;
