-- Actors that any claim had named by a position, by slug: $1 ledger, $2 after this slug, $3 position, $4 how many. One probe
-- of the index for each, and for each that was named only later.
WITH RECURSIVE s (actor, named, nth) AS (
    SELECT n.actor, n.named, n.named::integer
    FROM (
        SELECT a.actor, EXISTS (
            SELECT FROM tarih.parties AS b WHERE b.ledger = $1 AND b.actor = a.actor AND b.position <= $3
        ) AS named
        FROM (
            SELECT a.actor FROM tarih.parties AS a WHERE a.ledger = $1 AND a.actor > $2 ORDER BY a.actor LIMIT 1
        ) AS a
    ) AS n
    UNION ALL
    SELECT n.actor, n.named, s.nth + n.named::integer
    FROM s
    CROSS JOIN LATERAL (
        SELECT a.actor, EXISTS (
            SELECT FROM tarih.parties AS b WHERE b.ledger = $1 AND b.actor = a.actor AND b.position <= $3
        ) AS named
        FROM (
            SELECT a.actor FROM tarih.parties AS a WHERE a.ledger = $1 AND a.actor > s.actor ORDER BY a.actor LIMIT 1
        ) AS a
    ) AS n
    WHERE s.nth < $4
)
SELECT s.actor FROM s WHERE s.named ORDER BY s.actor
