#!/usr/bin/env bash
# Two databases with an owner each: Airflow's metadata, and the ledger, which Airflow must not be able to touch.
# The postgres image runs this once, when its volume is empty.
set -euo pipefail

psql --no-psqlrc --quiet --set ON_ERROR_STOP=1 --username "$POSTGRES_USER" --dbname postgres \
  --set airflow_password="$JIEDAO_AIRFLOW_DB_PASSWORD" --set ledger_password="$JIEDAO_LEDGER_DB_PASSWORD" <<'SQL'
create role airflow login password :'airflow_password';
create role ledger login password :'ledger_password';
create database airflow owner airflow encoding 'UTF8' template template0;
create database ledger owner ledger encoding 'UTF8' template template0;
revoke all on database airflow from public;
revoke all on database ledger from public;
SQL
