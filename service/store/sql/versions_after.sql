-- Versions of a relationship after a position: the ends of batches that touched it, and how many of their touches were
-- looked at. $1 ledger, $2 relationships, $3 and $4 after which and up to which position the events of each count,
-- $5 further positions that count, $6 after, $7 up to (the end of a batch), $8 how many touches to look at.
-- A batch is found by the time of its event: by its position, a whole page of the index would be read for each.
SELECT b.last_position AS position, b.first_position AS first,
    (extract(epoch FROM t.recorded_at) * 1000000)::bigint AS recorded_us, t.touches
FROM (
    SELECT e.recorded_at, count(*) AS touches
    FROM (
        SELECT m.position
        FROM unnest($2::text[], $3::bigint[], $4::bigint[]) AS s (relationship, after, until)
        CROSS JOIN LATERAL (
            SELECT m.position FROM tarih.memberships AS m
            WHERE m.ledger = $1 AND m.relationship = s.relationship
                AND m.position > greatest(s.after, $6::bigint) AND m.position <= least(s.until, $7::bigint)
            ORDER BY m.position
            LIMIT $8
        ) AS m
        UNION ALL
        SELECT c.position FROM unnest($5::bigint[]) AS c (position) WHERE c.position > $6 AND c.position <= $7
        ORDER BY 1
        LIMIT $8
    ) AS m
    CROSS JOIN LATERAL (
        SELECT e.recorded_at FROM tarih.events AS e WHERE e.ledger = $1 AND e.position = m.position LIMIT 1
    ) AS e
    GROUP BY e.recorded_at
) AS t
CROSS JOIN LATERAL (
    SELECT b.last_position, b.first_position FROM tarih.batches AS b
    WHERE b.ledger = $1 AND b.recorded_at = t.recorded_at
    LIMIT 1
) AS b
ORDER BY b.last_position
