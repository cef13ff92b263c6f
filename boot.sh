#!/bin/sh
# Makes ./configure, from a git clone.
set -e
cd "$(dirname "$0")"
mkdir -p m4
exec autoreconf --install --force
