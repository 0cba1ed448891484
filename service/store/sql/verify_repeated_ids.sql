-- Event ids that more than one event has: $1 ledger.
SELECT e.event_id, max(e.position) AS position, count(*) AS times
FROM tarih.events AS e
WHERE e.ledger = $1
GROUP BY e.event_id
HAVING count(*) > 1
ORDER BY max(e.position)
