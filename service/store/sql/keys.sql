-- Keys by id, all of whose ledgers are among $1 (null for any), and the one named $2, whatever it opens;
-- only the one named $3, if it is not null; those after $4; $5 at most.
SELECT k.key_id, k.label, k.scopes, (extract(epoch FROM k.created_at) * 1000000)::bigint AS created_us, k.created_by,
    (extract(epoch FROM k.expires_at) * 1000000)::bigint AS expires_us,
    (extract(epoch FROM k.revoked_at) * 1000000)::bigint AS revoked_us, k.revoked_by,
    (extract(epoch FROM k.last_used_at) * 1000000)::bigint AS used_us, coalesce(k.expires_at <= now(), false) AS expired
FROM tarih.keys AS k
WHERE (
    $1::text[] IS NULL OR k.key_id = $2
    OR NOT EXISTS (SELECT FROM jsonb_object_keys(k.scopes) AS s (ledger) WHERE s.ledger <> ALL ($1::text[]))
) AND ($3::text IS NULL OR k.key_id = $3) AND k.key_id > $4
ORDER BY k.key_id
LIMIT $5
