-- $1 key id, $2 who takes it back. The first revocation stands.
UPDATE tarih.keys AS k SET revoked_at = now(), revoked_by = $2 WHERE k.key_id = $1 AND k.revoked_at IS NULL
