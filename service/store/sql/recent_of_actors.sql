-- Claims that any of some actors is a party to, by what touched them last, the newest first, as a position knew them:
-- $1 ledger, $2 generation, $3 actors, $4 position, $5 before which touch, $6 limit, $7 whether only retracted ones.
SELECT v.from_position, v.claim, v.content_position, v.expectation, v.fulfilled_by, v.words, v.retraction,
    (extract(epoch FROM u.recorded_at) * 1000000)::bigint AS recorded_us
FROM (
    SELECT DISTINCT p.position FROM tarih.parties AS p
    WHERE p.ledger = $1 AND p.actor = ANY ($3) AND p.position <= $4
) AS p
-- One look-up for each: in whatever shape the statistics are, the ledger is never read through for it.
CROSS JOIN LATERAL (
    SELECT e.claim FROM tarih.events AS e
    WHERE e.ledger = $1 AND e.position BETWEEN p.position AND p.position
    ORDER BY e.position
    LIMIT 1
) AS e
-- Whether that content is in force then.
CROSS JOIN LATERAL (
    SELECT * FROM tarih.claim_versions AS v
    WHERE v.ledger = $1 AND v.generation = $2 AND v.claim = e.claim AND v.from_position <= $4 AND v.to_position > $4
        AND v.content_position = p.position AND v.from_position < $5 AND (v.retraction IS NOT NULL OR NOT $7)
    ORDER BY v.claim, v.timeline
    LIMIT 1
) AS v
CROSS JOIN LATERAL (
    SELECT u.recorded_at FROM tarih.events AS u
    WHERE u.ledger = $1 AND u.position BETWEEN v.from_position AND v.from_position
    ORDER BY u.position
    LIMIT 1
) AS u
ORDER BY v.from_position DESC
LIMIT $6
