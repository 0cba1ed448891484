-- Claims that were so, certainly or possibly, at an instant, and expectations, as a position knew them; one may come twice
-- where it stands on several of the timelines. And one row without a claim, of the others: how many, the last instant at
-- which one ceased, the next at which one begins; and how many are retracted. $1 ledger, $2 generation, $3 timelines,
-- $4 position, $5 the instant.
WITH v AS MATERIALIZED (
    SELECT v.claim, v.content_position, v.expectation, v.fulfilled_by, v.words, v.retraction, v.starts_earliest, v.ends_latest,
        v.retraction IS NULL AND (v.expectation OR (v.starts_earliest <= $5 AND v.ends_latest > $5)) AS here
    FROM tarih.claim_versions AS v
    WHERE v.ledger = $1 AND v.generation = $2 AND v.timeline = ANY ($3) AND v.from_position <= $4 AND v.to_position > $4
)
SELECT v.claim, v.content_position, v.expectation, v.fulfilled_by, v.words, NULL::bigint AS others, NULL::bigint AS ceased,
    NULL::bigint AS begins, NULL::bigint AS retracted
FROM v
WHERE v.here
UNION ALL
SELECT NULL, NULL, NULL, NULL, NULL, count(*) FILTER (WHERE v.retraction IS NULL),
    max(v.ends_latest) FILTER (WHERE v.retraction IS NULL AND v.ends_latest <= $5),
    min(v.starts_earliest) FILTER (WHERE v.retraction IS NULL AND v.starts_earliest > $5),
    count(DISTINCT v.claim) FILTER (WHERE v.retraction IS NOT NULL)
FROM v
WHERE NOT v.here
