-- A key that opens something now, and the seconds for which it will: $1 the SHA-256 of it.
SELECT k.key_id, k.hash, k.scopes, extract(epoch FROM k.expires_at - now())::double precision AS seconds_left
FROM tarih.keys AS k
WHERE k.hash = $1 AND k.revoked_at IS NULL AND (k.expires_at IS NULL OR k.expires_at > now())
