-- How many seconds the database's clock lies behind the last recorded instant of any ledger; less than 0 where it does not.
SELECT coalesce(max(extract(epoch FROM h.recorded_at - clock_timestamp())), 0)::float8 FROM tarih.heads AS h
