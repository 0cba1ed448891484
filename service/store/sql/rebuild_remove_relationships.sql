-- Relationships that no membership accounts for: $1 ledger, $2 relationships to look at.
DELETE FROM tarih.relationships AS r
WHERE r.ledger = $1 AND r.relationship = ANY ($2)
    AND NOT EXISTS (
        SELECT FROM tarih.memberships AS m WHERE m.ledger = r.ledger AND m.relationship = r.relationship
    )
