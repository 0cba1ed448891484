-- Claims as they stood at a position: $1 ledger, $2 generation, $3 timelines, $4 position, $5 only this type, or null.
SELECT DISTINCT ON (v.claim) v.claim, v.expectation, v.retraction, v.fulfilled_by, v.words, e.position,
    (extract(epoch FROM e.recorded_at) * 1000000)::bigint AS recorded_us, e.event_id, e.recorded_by, e.content,
    e.starts_earliest, e.starts_latest, e.ends_earliest, e.ends_latest, e.members, e.reported_earliest, e.reported_latest
FROM tarih.claim_versions AS v
-- One look-up for each: in whatever shape the statistics are, the ledger is never read through for it.
CROSS JOIN LATERAL (
    SELECT * FROM tarih.events AS e
    WHERE e.ledger = $1 AND e.position BETWEEN v.content_position AND v.content_position
    ORDER BY e.position
    LIMIT 1
) AS e
WHERE v.ledger = $1 AND v.generation = $2 AND v.timeline = ANY ($3)
    AND v.from_position <= $4 AND v.to_position > $4 AND ($5::text IS NULL OR v.type = $5)
ORDER BY v.claim
