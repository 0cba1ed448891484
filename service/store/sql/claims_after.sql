-- Claims that are not retracted whose ids begin with a family, which ends with a full stop, after one of them: $1 ledger,
-- $2 family, $3 claim, $4 how many.
SELECT c.claim FROM tarih.claims AS c
WHERE c.ledger = $1 AND c.claim > greatest($2::text COLLATE "C", $3::text COLLATE "C")
    AND c.claim < left($2, -1) || '/' COLLATE "C" AND c.retraction IS NULL
ORDER BY c.claim
LIMIT $4
