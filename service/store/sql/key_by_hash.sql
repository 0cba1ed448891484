-- $1 the SHA-256 of a key.
SELECT k.key_id, k.scopes FROM tarih.keys AS k
WHERE k.hash = $1 AND k.revoked_at IS NULL AND (k.expires_at IS NULL OR k.expires_at > now())
