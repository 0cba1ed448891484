-- Whether this login owns the log, or belongs to who does.
SELECT pg_has_role(current_user, c.relowner, 'USAGE') AS owner
FROM pg_class AS c
WHERE c.oid = 'tarih.events'::regclass
