-- $1 key id, $2 its hash, $3 label, $4 scopes.
INSERT INTO tarih.keys (key_id, hash, label, scopes, created_at) VALUES ($1, $2, $3, $4, now())
ON CONFLICT (hash) DO NOTHING
