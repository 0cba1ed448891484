-- The service's rights, held by a group; its login becomes a member: GRANT tarih_service TO <login>.
DO $$
BEGIN
    IF NOT EXISTS (SELECT FROM pg_roles WHERE rolname = 'tarih_service') THEN
        CREATE ROLE tarih_service NOLOGIN;
    END IF;
EXCEPTION
    WHEN duplicate_object OR unique_violation THEN NULL; -- another database of this server made it just now
END
$$;
GRANT USAGE ON SCHEMA tarih TO tarih_service;
-- The log itself: added to, never changed.
GRANT SELECT, INSERT ON tarih.events, tarih.batches, tarih.memberships, tarih.parties, tarih.types TO tarih_service;
GRANT SELECT, INSERT, UPDATE ON tarih.ledgers, tarih.heads, tarih.keys, tarih.relationships, tarih.claims TO tarih_service;
GRANT SELECT, INSERT, UPDATE, DELETE ON tarih.claim_versions TO tarih_service;
GRANT SELECT, INSERT, DELETE ON tarih.idempotency TO tarih_service;
GRANT SELECT ON tarih.alembic_version TO tarih_service;
REVOKE ALL ON FUNCTION tarih.append, tarih.refresh_statistics FROM PUBLIC;
GRANT EXECUTE ON FUNCTION tarih.append, tarih.refresh_statistics TO tarih_service;
