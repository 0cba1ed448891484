-- Which server this is: a restored or promoted one differs in either.
SELECT s.system_identifier, c.timeline_id AS timeline FROM pg_control_system() AS s, pg_control_checkpoint() AS c
