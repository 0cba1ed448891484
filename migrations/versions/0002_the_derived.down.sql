REVOKE DELETE ON tarih.claims, tarih.relationships FROM tarih_service;
