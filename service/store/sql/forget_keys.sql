-- Idempotency keys of more than a day ago.
DELETE FROM tarih.idempotency WHERE created_at < now() - interval '24 hours'
