DROP TABLE tarih.secrets;
