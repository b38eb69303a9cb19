#!/bin/sh
# The database of the workers and its owner; once more changes nothing but the password.
set -eu

PGPASSWORD=$(cat /run/secrets/database/password)
ESCALADE_PASSWORD=$(cat /run/secrets/records/password)
export PGPASSWORD ESCALADE_PASSWORD

exec psql --host postgres --username temporal --dbname postgres --no-psqlrc --quiet --set ON_ERROR_STOP=1 <<'SQL'
\getenv password ESCALADE_PASSWORD
SELECT 'CREATE ROLE escalade LOGIN' WHERE NOT EXISTS (SELECT FROM pg_roles WHERE rolname = 'escalade') \gexec
ALTER ROLE escalade PASSWORD :'password';
SELECT 'CREATE DATABASE escalade OWNER escalade' WHERE NOT EXISTS (SELECT FROM pg_database WHERE datname = 'escalade') \gexec
REVOKE CONNECT ON DATABASE escalade FROM PUBLIC;
SELECT format('REVOKE CONNECT ON DATABASE %I FROM PUBLIC', datname) FROM pg_database WHERE datname LIKE 'temporal%' \gexec
SQL
