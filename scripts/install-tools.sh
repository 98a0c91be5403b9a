#!/bin/sh
# Fetches promtool, kustomize and docker-compose, with which the tests check the alert rules, k8s/ and docker-compose.yml. On Debian,
# without root: the packages of Debian 13 are downloaded, and one program of each is kept. Running it again does nothing.
#
#   scripts/install-tools.sh [FOLDER]
#
# FOLDER is $SLUICE_TOOLS or else ~/.cache/sluice/tools, which is where the tests look. Exit code 3: it can't be done here.
set -eu

name=install-tools
release=trixie
cache=${SLUICE_CACHE:-${XDG_CACHE_HOME:-$HOME/.cache}/sluice}
folder=${1:-${SLUICE_TOOLS:-$cache/tools}}
case $folder in /*) ;; *) folder=$PWD/$folder ;; esac
# shellcheck source=scripts/debian-packages.sh
. "$(dirname "$0")/debian-packages.sh"

if [ -x "$folder/promtool" ] && [ -x "$folder/kustomize" ] && [ -x "$folder/docker-compose" ]; then
  echo "The tools are in $folder"
  exit 0
fi

mkdir -p "$folder" || fail "can't make $folder"
work=$(mktemp -d "$folder/.fetching.XXXXXX") || fail "can't write into $folder"
trap 'rm -rf "$work"' EXIT
trap 'exit 1' INT TERM HUP
own_apt_in "$work/apt"

cd "$work"
keep() { # package, path of its program
  own_apt download "$1" || fail "can't fetch the package $1 from this system's mirror"
  dpkg-deb --fsys-tarfile "$1"_*.deb | tar -x "./$2" || fail "the package $1 does not look as expected"
  mv "$2" "$folder/$(basename "$2")"
}
keep promtool usr/bin/promtool
keep kustomize usr/bin/kustomize
keep docker-compose usr/libexec/docker/cli-plugins/docker-compose
echo "The tools are in $folder"
