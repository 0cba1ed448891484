-- The last batch that ends at a position or before it: $1 ledger, $2 position.
SELECT b.last_position, (extract(epoch FROM b.recorded_at) * 1000000)::bigint AS recorded_us
FROM tarih.batches AS b
WHERE b.ledger = $1 AND b.last_position <= $2
ORDER BY b.last_position DESC
LIMIT 1
