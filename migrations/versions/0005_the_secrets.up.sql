CREATE TABLE tarih.secrets (
    name text COLLATE "C" PRIMARY KEY,
    value bytea NOT NULL CONSTRAINT secret_is_256_bits CHECK (octet_length(value) = 32)
);
GRANT SELECT ON tarih.secrets TO tarih_service;
-- A random UUID holds 122 bits that only the server knows.
INSERT INTO tarih.secrets (name, value)
VALUES ('cursors', sha256(uuid_send(gen_random_uuid()) || uuid_send(gen_random_uuid()) || uuid_send(gen_random_uuid())));
