-- A rebuild makes them again from the events, and removes what no event accounts for.
GRANT DELETE ON tarih.claims, tarih.relationships TO tarih_service;
