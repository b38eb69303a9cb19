#!/bin/sh
# The tables of Temporal and of its lists: made where they are missing, brought up to this version where they are not.
set -eu

SQL_PASSWORD=$(cat /run/secrets/database/password)
export SQL_PASSWORD

tool() {
    temporal-sql-tool --plugin postgres12 --ep postgres --port 5432 --user temporal --db "$@"
}

for kind in temporal visibility; do
    case $kind in
        temporal) database=temporal ;;
        visibility) database=temporal_visibility ;;
    esac
    tool "$database" create
    # "Set up" writes version 0.0: only into a database that has none.
    if ! tool "$database" update-schema --schema-name "postgresql/v12/$kind"; then
        tool "$database" setup-schema --version 0.0
        tool "$database" update-schema --schema-name "postgresql/v12/$kind"
    fi
done
