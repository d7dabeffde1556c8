#!/usr/bin/env bash
# Makes a server ready to start, and brings one that ran an earlier version up to date. Can be run again at any time.
set -euo pipefail

: "${JIEDAO_ADMIN_USER:?}" "${JIEDAO_ADMIN_EMAIL:?}" "${JIEDAO_ADMIN_PASSWORD:?}"
project=$(cd "$(dirname "$0")/.." && pwd)
cd "$project"

echo "==> Airflow's metadata"
airflow db migrate
airflow pools import deploy/pools.json
# Says that the user exists, and changes nothing, when it does.
airflow users create --role Admin --username "$JIEDAO_ADMIN_USER" --email "$JIEDAO_ADMIN_EMAIL" \
  --firstname "$JIEDAO_ADMIN_USER" --lastname "$JIEDAO_ADMIN_USER" --password "$JIEDAO_ADMIN_PASSWORD"

echo "==> the home and the ledger"
python -c "from ingest.home import Home; from ingest.ledger import Ledger; Ledger(Home.from_environment().prepare().ledger_url).close()"
echo "ready"
