#!/bin/sh
# As the official one: listens on the container's own address.
set -eu
: "${BIND_ON_IP:=$(getent hosts "$(hostname)" | awk '{ print $1 }')}"
export BIND_ON_IP
exec temporal-server start
