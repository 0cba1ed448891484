-- Batches that touched relationships after a position: the last position in each that did, how often the relationship had
-- been touched by then, and where the batch ends. $1 ledger, $2 relationships, $3 position, $4 how many touches to look at.
-- A batch is found by the time of its event: by its position, a whole page of the index would be read for each.
SELECT t.relationship, t.position, t.revision, b.last_position, t.touches
FROM (
    SELECT m.relationship, max(m.position) AS position, max(m.revision) AS revision, e.recorded_at, count(*) AS touches
    FROM (
        SELECT m.relationship, m.position, m.revision
        FROM tarih.memberships AS m
        WHERE m.ledger = $1 AND m.relationship = ANY ($2) AND m.position > $3
        LIMIT $4
    ) AS m
    CROSS JOIN LATERAL (
        SELECT e.recorded_at FROM tarih.events AS e WHERE e.ledger = $1 AND e.position = m.position LIMIT 1
    ) AS e
    GROUP BY m.relationship, e.recorded_at
) AS t
CROSS JOIN LATERAL (
    SELECT b.last_position FROM tarih.batches AS b
    WHERE b.ledger = $1 AND b.recorded_at = t.recorded_at
    LIMIT 1
) AS b
ORDER BY t.position
