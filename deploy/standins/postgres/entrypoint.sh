#!/bin/sh
# What our compose file uses of the official entrypoint: a first start makes the cluster, its user and password.
set -eu
: "${POSTGRES_USER:=postgres}" "${POSTGRES_DB:=$POSTGRES_USER}" "${PGDATA:=/var/lib/postgresql/data}"

as_postgres() {
    setpriv --reuid=postgres --regid=postgres --init-groups "$@"
}

if [ ! -s "$PGDATA/PG_VERSION" ]; then
    mkdir -p "$PGDATA"
    chown postgres "$PGDATA"
    chmod 700 "$PGDATA"
    # shellcheck disable=SC2086
    as_postgres initdb --username "$POSTGRES_USER" --pwfile "${POSTGRES_PASSWORD_FILE:?}" --auth-local trust \
        --encoding UTF8 --locale C.UTF-8 ${POSTGRES_INITDB_ARGS:-} --pgdata "$PGDATA" >/dev/null
    echo "host all all all scram-sha-256" >>"$PGDATA/pg_hba.conf"
    as_postgres pg_ctl --pgdata "$PGDATA" --options "-c listen_addresses=''" --wait start >/dev/null
    createdb --username "$POSTGRES_USER" "$POSTGRES_DB"
    as_postgres pg_ctl --pgdata "$PGDATA" --mode fast --wait stop >/dev/null
fi
exec setpriv --reuid=postgres --regid=postgres --init-groups postgres -D "$PGDATA" -c listen_addresses='*'
