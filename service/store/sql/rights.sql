-- Whether this login could rewrite what is recorded.
SELECT
    session_user AS login,
    bool_or(has_table_privilege(c.oid, 'UPDATE, DELETE, TRUNCATE')) AS unsafe
FROM pg_class AS c
JOIN pg_namespace AS n ON n.oid = c.relnamespace
WHERE n.nspname = 'tarih' AND c.relname IN ('events', 'batches', 'memberships', 'parties')
