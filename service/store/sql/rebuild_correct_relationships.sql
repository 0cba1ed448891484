-- Relationships as the memberships say, where they are not so already: $1 ledger, $2 relationships.
INSERT INTO tarih.relationships AS r (ledger, relationship, revision, first_position, last_position)
SELECT m.ledger, m.relationship, max(m.revision), min(m.position), max(m.position)
FROM tarih.memberships AS m
WHERE m.ledger = $1 AND m.relationship = ANY ($2)
GROUP BY m.ledger, m.relationship
ON CONFLICT (ledger, relationship) DO UPDATE
SET revision = excluded.revision, first_position = excluded.first_position, last_position = excluded.last_position
WHERE (r.revision, r.first_position, r.last_position)
    IS DISTINCT FROM (excluded.revision, excluded.first_position, excluded.last_position)
