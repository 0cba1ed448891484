-- Where these ledgers stand: $1 ledgers.
SELECT h.ledger, h.position, (extract(epoch FROM h.recorded_at) * 1000000)::bigint AS recorded_us, h.epoch
FROM tarih.heads AS h
WHERE h.ledger = ANY ($1)
