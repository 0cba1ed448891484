-- Of the claims that claims_at leaves out, with the same parameters: how many, the last instant at which one ceased, the
-- next at which one begins; and how many are retracted.
SELECT count(*) FILTER (WHERE s.others) AS others,
    max(s.ends_latest) FILTER (WHERE s.others AND s.ends_latest <= $5) AS ceased,
    min(s.starts_earliest) FILTER (WHERE s.others AND s.starts_earliest > $5) AS begins,
    count(*) FILTER (WHERE s.retracted) AS retracted
FROM (
    SELECT v.retraction IS NULL AND NOT (v.expectation OR (v.starts_earliest <= $5 AND v.ends_latest > $5)) AS others,
        v.retraction IS NOT NULL AND v.timeline = min(v.timeline) OVER (PARTITION BY v.claim) AS retracted,
        v.starts_earliest, v.ends_latest
    FROM tarih.claim_versions AS v
    WHERE v.ledger = $1 AND v.generation = $2 AND v.timeline = ANY ($3) AND v.from_position <= $4 AND v.to_position > $4
) AS s
