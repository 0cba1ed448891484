-- A ledger with where it stands: $1 its name.
SELECT l.ledger, l.title, l.public_read, (extract(epoch FROM l.created_at) * 1000000)::bigint AS created_us,
    h.position, (extract(epoch FROM h.recorded_at) * 1000000)::bigint AS recorded_us, h.digest, h.epoch,
    h.restored_from
FROM tarih.ledgers AS l
JOIN tarih.heads AS h ON h.ledger = l.ledger
WHERE l.ledger = $1
