-- The ids of claims that begin with one of some families, which end with a full stop: $1 ledger, $2 families. A slash is
-- what follows a full stop, so that each is one range of the primary key.
SELECT c.claim
FROM unnest($2::text[]) AS f (family)
CROSS JOIN LATERAL (
    SELECT c.claim FROM tarih.claims AS c
    WHERE c.ledger = $1 AND c.claim > f.family COLLATE "C" AND c.claim < left(f.family, -1) || '/' COLLATE "C"
    ORDER BY c.claim
) AS c
