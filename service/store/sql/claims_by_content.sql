-- Claims whose content in force at a position is one of these, and none that is retracted: $1 ledger, $2 generation,
-- $3 position, $4 positions of contents.
SELECT v.claim, v.expectation, v.retraction, v.fulfilled_by, v.words, e.position,
    (extract(epoch FROM e.recorded_at) * 1000000)::bigint AS recorded_us, e.event_id, e.recorded_by, e.content,
    e.starts_earliest, e.starts_latest, e.ends_earliest, e.ends_latest, e.members, e.reported_earliest, e.reported_latest
FROM unnest($4::bigint[]) AS c (position)
-- One look-up for each: in whatever shape the statistics are, the ledger is never read through for it.
CROSS JOIN LATERAL (
    SELECT * FROM tarih.events AS e
    WHERE e.ledger = $1 AND e.position BETWEEN c.position AND c.position AND e.type IS NOT NULL
    ORDER BY e.position
    LIMIT 1
) AS e
CROSS JOIN LATERAL (
    SELECT v.claim, v.expectation, v.retraction, v.fulfilled_by, v.words
    FROM tarih.claim_versions AS v
    WHERE v.ledger = $1 AND v.generation = $2 AND v.claim = e.claim AND v.from_position <= $3 AND v.to_position > $3
        AND v.content_position = e.position AND v.retraction IS NULL
    ORDER BY v.claim
    LIMIT 1
) AS v
ORDER BY e.position
