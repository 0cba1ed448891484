-- Every batch in order: $1 ledger.
SELECT b.last_position AS position, b.first_position, (extract(epoch FROM b.recorded_at) * 1000000)::bigint AS recorded_us,
    b.digest
FROM tarih.batches AS b
WHERE b.ledger = $1
ORDER BY b.last_position
