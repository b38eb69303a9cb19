#!/usr/bin/env bash
# What deploy/backup and deploy/restore share.

CALLED_FROM=$PWD
cd "$(dirname "${BASH_SOURCE[0]}")/../.." || exit
# Read by those who source this.
# shellcheck disable=SC2034
DATABASES=(temporal_visibility temporal escalade)

absolute() { case $1 in /*) printf '%s' "$1" ;; *) printf '%s/%s' "$CALLED_FROM" "$1" ;; esac; }
say() { printf '%s\n' "$*"; }
fail() {
    printf '%s: %s\n' "$(basename "$0")" "$2" >&2
    exit "$1"
}

quietly() {
    local said
    said=$("$@" </dev/null 2>&1) || fail 1 "this failed: $*"$'\n'"$said"
}

in_postgres() { docker compose exec --no-TTY postgres "$@"; }
sql() { in_postgres psql --username temporal --no-psqlrc --quiet --tuples-only --no-align --set ON_ERROR_STOP=1 --dbname "$@"; }
secrets() { docker compose --progress quiet run --rm --no-deps --no-TTY secrets "$@"; }

digest() { sha256sum "$1" | cut -d' ' -f1; }
moment_of() { awk -v name="$2" '$1 == "database" && $2 == name { print $3 }' "$1/MANIFEST"; }

# `<id> <digest>` of each payload key in the volume, or in the file on standard input with `-`.
keys() {
    local from=/secrets/payloads/keys
    [[ ${1:-} != - ]] || from=-
    # shellcheck disable=SC2016
    secrets python -c '
import hashlib, sys
file = sys.stdin if sys.argv[1] == "-" else open(sys.argv[1])
for words in (line.partition("#")[0].split() for line in file):
    if len(words) == 2:
        print(words[0], hashlib.sha256(words[1].encode()).hexdigest())
' "$from" </dev/stdin
}
