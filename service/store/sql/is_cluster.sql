-- Whether ledgers are spread over a cluster; a dump of one leaves the function alone behind.
SELECT to_regclass('pg_catalog.pg_dist_partition') IS NOT NULL AND EXISTS (
    SELECT FROM pg_proc WHERE pronamespace = to_regnamespace('tarih') AND proname = 'append_where_it_lies'
)
