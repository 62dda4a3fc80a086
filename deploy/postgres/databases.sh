#!/bin/sh
# Makes a database and a role for every service whose URL is among the secrets. PostgreSQL's image runs it once, when the
# volume is empty; run it again after a service was added: it leaves alone what is there.
set -eu
export PGPASSWORD="${PGPASSWORD:-$(cat /run/secrets/postgres_password)}"

for file in /run/secrets/*_database_url; do
  service=$(basename "$file" _database_url)
  password=$(sed 's|^[^:]*://[^:]*:\([^@]*\)@.*$|\1|' "$file")
  # A run that was broken off may have left the one without the other.
  known=$(psql -U postgres -d postgres -Atc "SELECT 'CREATE ROLE' FROM pg_roles WHERE rolname = '$service'
    UNION ALL SELECT 'CREATE DATABASE' FROM pg_database WHERE datname = '$service'")
  # By the standard input: arguments can be seen by other processes.
  { printf "\\\\set service '%s'\n\\\\set password '%s'\n" "$service" "$password"; grep -vF "${known:-nothing is known}" /etc/madang/database.sql; } |
    psql -U postgres -d postgres -v ON_ERROR_STOP=1 -q
done
