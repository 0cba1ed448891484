ALTER TABLE tarih.keys DROP COLUMN created_by, DROP COLUMN revoked_by;
