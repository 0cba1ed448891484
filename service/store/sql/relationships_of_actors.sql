-- Those of which one of some actors is a member: $1 ledger, $2 actors, $3 after this id, $4 position, $5 how many.
SELECT DISTINCT r.relationship, r.first_position
FROM unnest($2::text[]) AS s (actor)
CROSS JOIN LATERAL (
    SELECT r.relationship, r.first_position
    FROM tarih.relationships AS r
    WHERE string_to_array(r.ledger || '/' || replace(r.relationship, '--', '--' || r.ledger || '/'), '--')
            @> ARRAY[$1::text || '/' || s.actor]
        -- Tells a cluster where to look. In a collation that the primary key is not in, or all of the ledger would be read.
        AND r.ledger = $1 COLLATE "POSIX"
        AND r.relationship > $3 AND r.first_position <= $4
    OFFSET 0
) AS r
ORDER BY r.relationship
LIMIT $5
