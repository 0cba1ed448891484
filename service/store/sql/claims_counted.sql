-- How many claims stand on timelines, by group and type, as a position knew them at an instant: $1 ledger, $2 generation,
-- $3 position, $4 the instant, $5 groups, $6 a timeline of each. A claim on several timelines of a group counts once.
SELECT v.number, v.type, count(*) AS claims,
    count(*) FILTER (WHERE v.retraction IS NOT NULL) AS retracted,
    count(*) FILTER (WHERE v.retraction IS NULL AND v.expectation) AS expected,
    count(*) FILTER (WHERE v.retraction IS NULL AND NOT v.expectation
        AND v.starts_earliest <= $4 AND v.ends_latest > $4) AS present,
    count(*) FILTER (WHERE v.retraction IS NULL AND NOT v.expectation
        AND v.starts_latest <= $4 AND v.ends_earliest > $4) AS certain
FROM (
    SELECT DISTINCT ON (s.number, v.claim) s.number, v.claim, v.type, v.retraction, v.expectation, v.starts_earliest,
        v.starts_latest, v.ends_earliest, v.ends_latest
    FROM unnest($5::integer[], $6::text[]) AS s (number, timeline)
    CROSS JOIN LATERAL (
        SELECT * FROM tarih.claim_versions AS v
        -- A range and an order, so that no other index looks as good.
        WHERE v.ledger = $1 AND v.generation = $2 AND v.timeline BETWEEN s.timeline AND s.timeline
            AND v.from_position <= $3 AND v.to_position > $3
        ORDER BY v.timeline, v.to_position
        OFFSET 0
    ) AS v
    ORDER BY s.number, v.claim
) AS v
GROUP BY v.number, v.type
ORDER BY v.number, v.type
