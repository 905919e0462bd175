INSERT INTO settings (name, value) VALUES
  ('site_name', 'Acme'),
  ('jwt_secret', 'sql-seeded-jwt-secret'),
  ('jwt_ttl', '3600'),
  ('smtp_password', 'PbdfzUkFgNoaspZP');

SELECT sign('{"sub":"1","role":"service"}'::json, 'reallyreallyreallyreallyverysafe');
