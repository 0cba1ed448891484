-- Claims that any of some actors is a party to, in the order of their dates, as a position knew them: $1 ledger,
-- $2 generation, $3 actors, $4 position, $5 to $7 after which (earliest, latest, position), $8 and $9 a window in
-- microseconds that their dates may touch, half-open, $10 only these types, or null, $11 the types of what lasts, $12 limit.
SELECT v.claim, v.content_position, v.expectation, v.fulfilled_by, v.words,
    (extract(epoch FROM u.recorded_at) * 1000000)::bigint AS updated_us, v.from_position
FROM (
    SELECT e.claim, e.position, e.starts_earliest, e.starts_latest
    FROM (
        SELECT DISTINCT p.position FROM tarih.parties AS p
        WHERE p.ledger = $1 AND p.actor = ANY ($3) AND p.position <= $4
    ) AS p
    -- One look-up for each: in whatever shape the statistics are, the ledger is never read through for it.
    CROSS JOIN LATERAL (
        SELECT * FROM tarih.events AS e
        WHERE e.ledger = $1 AND e.position BETWEEN p.position AND p.position
        ORDER BY e.position
        LIMIT 1
    ) AS e
    WHERE (e.starts_earliest, e.starts_latest, e.position) > ($5::bigint, $6::bigint, $7::bigint)
        AND e.starts_earliest < $9
        AND (e.starts_latest >= $8 OR (e.type = ANY ($11::text[]) AND e.ends_latest > $8))
        AND ($10::text[] IS NULL OR e.type = ANY ($10::text[]))
    ORDER BY e.starts_earliest, e.starts_latest, e.position
) AS e
-- Whether that content is in force then; in order, until there are enough.
CROSS JOIN LATERAL (
    SELECT * FROM tarih.claim_versions AS v
    WHERE v.ledger = $1 AND v.generation = $2 AND v.claim = e.claim AND v.from_position <= $4 AND v.to_position > $4
        AND v.content_position = e.position AND v.retraction IS NULL
    ORDER BY v.claim, v.timeline
    LIMIT 1
) AS v
LEFT JOIN LATERAL (
    SELECT e.recorded_at FROM tarih.events AS e
    WHERE e.ledger = $1 AND e.position BETWEEN v.from_position AND v.from_position
        AND v.from_position <> v.content_position
    ORDER BY e.position
    LIMIT 1
) AS u ON true
ORDER BY e.starts_earliest, e.starts_latest, e.position
LIMIT $12
