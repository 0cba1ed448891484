-- $1 key id, $2 its hash, $3 label, $4 scopes, $5 who makes it, $6 when it expires, or null.
INSERT INTO tarih.keys (key_id, hash, label, scopes, created_at, created_by, expires_at)
VALUES ($1, $2, $3, $4, now(), $5, $6)
ON CONFLICT (hash) DO NOTHING
