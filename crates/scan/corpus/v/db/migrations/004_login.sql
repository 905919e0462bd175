CREATE EXTENSION IF NOT EXISTS pgcrypto;
CREATE EXTENSION IF NOT EXISTS pgjwt;

CREATE TYPE basic_auth.jwt_token AS (token text);

ALTER DATABASE app SET "app.jwt_secret" TO 'z6W59fD2WBYWDCc5eAwJVk3OWwbIlgyyzQxDQwcC';
ALTER DATABASE app SET "app.jwt_exp" TO '3600';

CREATE OR REPLACE FUNCTION api.login(email text, pass text) RETURNS basic_auth.jwt_token AS $$
DECLARE
  result basic_auth.jwt_token;
BEGIN
  SELECT sign(row_to_json(r), current_setting('app.jwt_secret')) AS token
    FROM (SELECT 'todo_user' AS role, extract(epoch FROM now())::integer + 3600 AS exp) r
    INTO result;
  RETURN result;
END;
$$ LANGUAGE plpgsql SECURITY DEFINER;
