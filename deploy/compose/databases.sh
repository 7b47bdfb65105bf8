#!/bin/sh
# Runs once in a new Postgres: a database and a role for each service, and no role that may enter another's database.
set -eu
: "${PATCHBAY_DATABASE_PASSWORD:?is the password of the services' roles}"
for service in gateway customer numbers billing provisioning notifier; do
    psql -v ON_ERROR_STOP=1 --username "${POSTGRES_USER:-postgres}" --dbname postgres \
        -v name="patchbay_$service" -v password="$PATCHBAY_DATABASE_PASSWORD" <<'SQL'
CREATE ROLE :"name" LOGIN PASSWORD :'password';
CREATE DATABASE :"name" OWNER :"name";
REVOKE ALL ON DATABASE :"name" FROM PUBLIC;
SQL
done
