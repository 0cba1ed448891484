-- Which server this is: a restored or promoted one differs in either. The timeline is that of what is written now: the
-- last checkpoint may still be of the one before, for minutes after a promotion.
SELECT s.system_identifier, pg_is_in_recovery() AS replays,
    CASE WHEN pg_is_in_recovery() THEN c.timeline_id
        ELSE ('x' || left(pg_walfile_name(pg_current_wal_lsn()), 8))::bit(32)::integer
    END AS timeline
FROM pg_control_system() AS s, pg_control_checkpoint() AS c
