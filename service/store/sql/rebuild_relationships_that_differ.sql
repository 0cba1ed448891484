-- Relationships whose row is not what the memberships say, or that only one of the two knows: $1 ledger.
SELECT coalesce(m.relationship, r.relationship) AS relationship
FROM (
    SELECT m.relationship, max(m.revision) AS revision, min(m.position) AS first_position, max(m.position) AS last_position
    FROM tarih.memberships AS m
    WHERE m.ledger = $1
    GROUP BY m.relationship
) AS m
FULL JOIN (
    SELECT r.relationship, r.revision, r.first_position, r.last_position FROM tarih.relationships AS r WHERE r.ledger = $1
) AS r ON r.relationship = m.relationship
WHERE (m.revision, m.first_position, m.last_position) IS DISTINCT FROM (r.revision, r.first_position, r.last_position)
