-- The last batch recorded by an instant: $1 ledger, $2 instant in microseconds.
SELECT b.last_position, (extract(epoch FROM b.recorded_at) * 1000000)::bigint AS recorded_us
FROM tarih.batches AS b
WHERE b.ledger = $1 AND b.recorded_at <= timestamptz 'epoch' + $2::bigint * interval '1 microsecond'
ORDER BY b.recorded_at DESC
LIMIT 1
