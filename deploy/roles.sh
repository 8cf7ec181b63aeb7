#!/usr/bin/env bash
# Makes the one database of a server and its two roles, at the server's first start. The owner migrates,
# the app's role may connect and gets its rights on tables from `manage.py prepare`. PUBLIC may do nothing.
set -euo pipefail

# postgresql://role:password@host:port/database
part() { sed -E "s#^postgresql://([^:]+):([^@]+)@[^/]+/(.+)\$#\\$2#" "$1"; }

OWNER=$(part "$LEAP_OWNER_URL_FILE" 1)
OWNER_PASSWORD=$(part "$LEAP_OWNER_URL_FILE" 2)
APP=$(part "$LEAP_APP_URL_FILE" 1)
APP_PASSWORD=$(part "$LEAP_APP_URL_FILE" 2)
DATABASE=$(part "$LEAP_APP_URL_FILE" 3)
export OWNER OWNER_PASSWORD APP APP_PASSWORD DATABASE

psql --quiet --no-psqlrc --set ON_ERROR_STOP=1 --username postgres --dbname postgres <<'SQL'
\getenv owner OWNER
\getenv owner_password OWNER_PASSWORD
\getenv app APP
\getenv app_password APP_PASSWORD
\getenv database DATABASE
CREATE ROLE :"owner" LOGIN PASSWORD :'owner_password';
CREATE ROLE :"app" LOGIN PASSWORD :'app_password';
CREATE DATABASE :"database" OWNER :"owner";
REVOKE ALL ON DATABASE postgres, template1 FROM PUBLIC;
REVOKE ALL ON DATABASE :"database" FROM PUBLIC;
GRANT CONNECT ON DATABASE :"database" TO :"app";
\connect :"database"
REVOKE ALL ON SCHEMA public FROM PUBLIC;
ALTER SCHEMA public OWNER TO :"owner";
GRANT USAGE ON SCHEMA public TO :"app";
SQL
