-- Positions of contents about a platform, the latest first: $1 ledger, $2 platform, $3 before this position, $4 how many.
SELECT e.position
FROM tarih.events AS e
-- Rows and an order that only the index on platforms has: others look as good to who knows no statistics.
WHERE e.ledger = $1 AND (e.content -> 'data' ->> 'platform') COLLATE "C" >= $2
    AND ((e.content -> 'data' ->> 'platform') COLLATE "C", e.position) < ($2, $3)
    AND e.type IN ('acquisition', 'delivery', 'operation', 'entry-into-service', 'order', 'combat-use', 'unveiling',
        'flight-trial')
ORDER BY (e.content -> 'data' ->> 'platform') COLLATE "C" DESC, e.position DESC
LIMIT $4
