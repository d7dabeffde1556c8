#!/usr/bin/env bash
# Writes .env from .env.example, every empty value filled with a fresh random secret. An .env that is there is left alone.
#   deploy/make_env.sh [FILE]     FILE: default .env beside docker-compose.yml
set -euo pipefail

project=$(cd "$(dirname "$0")/.." && pwd)
target=${1:-$project/.env}
if [ -e "$target" ]; then
  echo "$target is there already; delete it yourself if you want new secrets (the databases keep their old ones)" >&2
  exit 0
fi

umask 077
while IFS= read -r line; do
  case "$line" in
    # 32 bytes in URL-safe base64, as the cipher of stored connections wants them
    JIEDAO_FERNET_KEY=) echo "$line$(head -c 32 /dev/urandom | base64 | tr '+/' '-_')" ;;
    [A-Z]*=) echo "$line$(head -c 32 /dev/urandom | od -An -v -tx1 | tr -d ' \n')" ;;
    *) echo "$line" ;;
  esac
done <"$project/.env.example" >"$target.new"
mv "$target.new" "$target"
echo "wrote $target; the password of the first user stands there as JIEDAO_ADMIN_PASSWORD"
