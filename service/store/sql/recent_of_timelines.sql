-- Claims of timelines as events touched them last, the newest first, as a position knew them; nulls where an event was
-- followed by another on the same claim, or took the claim off the timeline: $1 ledger, $2 generation, $3 timelines,
-- $4 position, $5 before which touch, $6 how many touches are looked at.
SELECT t.position AS from_position, v.claim, v.content_position, v.expectation, v.fulfilled_by, v.words, v.retraction,
    (extract(epoch FROM e.recorded_at) * 1000000)::bigint AS recorded_us
FROM (
    SELECT DISTINCT m.position
    FROM unnest($3::text[]) AS t (timeline)
    CROSS JOIN LATERAL (
        SELECT m.position FROM tarih.memberships AS m
        WHERE m.ledger = $1 AND m.relationship = t.timeline AND m.position < $5 AND m.position <= $4
        ORDER BY m.position DESC
        LIMIT $6
    ) AS m
    ORDER BY m.position DESC
    LIMIT $6
) AS t
-- One look-up for each: in whatever shape the statistics are, the ledger is never read through for it.
CROSS JOIN LATERAL (
    SELECT e.claim, e.recorded_at FROM tarih.events AS e
    WHERE e.ledger = $1 AND e.position BETWEEN t.position AND t.position
    ORDER BY e.position
    LIMIT 1
) AS e
LEFT JOIN LATERAL (
    SELECT * FROM tarih.claim_versions AS v
    -- By the claim: `IS TRUE` keeps away the indexes by timeline, on which there may be many.
    WHERE v.ledger = $1 AND v.generation = $2 AND v.claim = e.claim AND (v.timeline = ANY ($3)) IS TRUE
        AND v.from_position = t.position AND v.to_position > $4
    ORDER BY v.claim, v.timeline
    LIMIT 1
) AS v ON true
ORDER BY t.position DESC
