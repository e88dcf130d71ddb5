#!/bin/sh
# Runs once, when the data folder is new: one role and one database per broker instance, closed to each other.
set -eu
for name in ${SERVICE_DATABASES:-terminal account_a}; do
  psql -v ON_ERROR_STOP=1 -v name="$name" -v password="$SERVICE_PASSWORD" --username "$POSTGRES_USER" <<'SQL'
CREATE ROLE :"name" LOGIN PASSWORD :'password';
CREATE DATABASE :"name" OWNER :"name";
REVOKE CONNECT ON DATABASE :"name" FROM PUBLIC;
SQL
done
