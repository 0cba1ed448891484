-- $1 name: whether this session of the server has a prepared statement of that name.
SELECT EXISTS (SELECT FROM pg_prepared_statements WHERE name = $1)
