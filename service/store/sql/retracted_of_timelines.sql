-- Retracted claims of timelines by what touched them last, the newest first, as a position knew them: $1 ledger,
-- $2 generation, $3 timelines, $4 position, $5 limit.
SELECT DISTINCT ON (v.from_position) v.from_position, v.claim, v.content_position, v.expectation, v.fulfilled_by, v.words,
    v.retraction, (extract(epoch FROM e.recorded_at) * 1000000)::bigint AS recorded_us
FROM unnest($3::text[]) AS t (timeline)
CROSS JOIN LATERAL (
    SELECT * FROM tarih.claim_versions AS v
    WHERE v.ledger = $1 AND v.generation = $2 AND v.timeline = t.timeline
        AND v.from_position <= $4 AND v.to_position > $4 AND v.retraction IS NOT NULL
    ORDER BY v.from_position DESC
    LIMIT $5
) AS v
-- One look-up for each: in whatever shape the statistics are, the ledger is never read through for it.
CROSS JOIN LATERAL (
    SELECT e.recorded_at FROM tarih.events AS e
    WHERE e.ledger = $1 AND e.position BETWEEN v.from_position AND v.from_position
    ORDER BY e.position
    LIMIT 1
) AS e
ORDER BY v.from_position DESC
LIMIT $5
