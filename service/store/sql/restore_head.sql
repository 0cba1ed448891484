-- $1 ledger, $2 position, $3 when its last event was recorded, $4 digest, $5 epoch, $6 where it comes from.
UPDATE tarih.heads AS h
SET position = $2, recorded_at = $3, digest = $4, epoch = $5, restored_from = $6
WHERE h.ledger = $1
