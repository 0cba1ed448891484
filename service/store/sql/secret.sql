-- What the service signs something with: $1 what.
SELECT s.value FROM tarih.secrets AS s WHERE s.name = $1
