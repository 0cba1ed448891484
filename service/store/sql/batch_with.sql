-- The last position of the batch that holds a position: $1 ledger, $2 position.
SELECT b.last_position
FROM tarih.batches AS b
WHERE b.ledger = $1 AND b.last_position >= $2
ORDER BY b.last_position
LIMIT 1
