-- Versions of the claims of timelines, each from one position until another: $1 ledger, $2 generation, $3 timelines,
-- $4 only those that began or ended after this position, $5 limit.
SELECT v.claim, v.content_position, v.expectation, v.fulfilled_by, v.words,
    (extract(epoch FROM u.recorded_at) * 1000000)::bigint AS updated_us, v.from_position, v.to_position, v.type,
    v.retraction, v.starts_earliest, v.starts_latest, v.ends_latest
FROM tarih.claim_versions AS v
-- Of those that an event without content began.
LEFT JOIN LATERAL (
    SELECT e.recorded_at FROM tarih.events AS e
    WHERE e.ledger = $1 AND e.position BETWEEN v.from_position AND v.from_position
        AND v.from_position <> v.content_position
    ORDER BY e.position
    LIMIT 1
) AS u ON true
WHERE v.ledger = $1 AND v.generation = $2 AND v.timeline = ANY ($3) AND v.to_position > $4
    AND (v.from_position > $4 OR v.to_position < 9223372036854775807)
LIMIT $5
