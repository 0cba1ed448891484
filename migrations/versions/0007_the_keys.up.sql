-- Ids of keys, or of a token's subject; null where a command of the machine's own did it.
ALTER TABLE tarih.keys ADD COLUMN created_by text, ADD COLUMN revoked_by text;
