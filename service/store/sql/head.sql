-- Where a ledger stands, and the database's clock: $1 ledger.
SELECT h.position, (extract(epoch FROM h.recorded_at) * 1000000)::bigint AS recorded_us, h.digest, h.generation, h.epoch,
    (extract(epoch FROM clock_timestamp()) * 1000000)::bigint AS clock_us
FROM tarih.heads AS h
WHERE h.ledger = $1
