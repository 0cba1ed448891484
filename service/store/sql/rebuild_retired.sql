-- Generations that have rows, but for some: $1 ledger, $2 generations to leave out. One probe of the index for each.
WITH RECURSIVE g (generation) AS (
    SELECT (SELECT min(v.generation) FROM tarih.claim_versions AS v WHERE v.ledger = $1)
    UNION ALL
    SELECT (SELECT min(v.generation) FROM tarih.claim_versions AS v WHERE v.ledger = $1 AND v.generation > g.generation)
    FROM g
    WHERE g.generation IS NOT NULL
)
SELECT g.generation FROM g WHERE g.generation IS NOT NULL AND g.generation <> ALL ($2::smallint[])
