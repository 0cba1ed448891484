-- Which server this is, and whether it replays what another one writes.
SELECT s.system_identifier, pg_is_in_recovery() AS replays FROM pg_control_system() AS s
