#!/bin/sh
# Once, on the first primary, before it has a standby: the same roles and databases as with a single PostgreSQL. Patroni takes its own
# PATRONI_* variables away from what it runs, so the password has another name as well.
set -eu
export PGHOST=127.0.0.1 PGDATABASE=postgres PGPASSWORD="$SUPERUSER_PASSWORD" POSTGRES_USER=postgres
exec sh /etc/patroni/databases.sh
