#!/bin/sh
# Installs PostgreSQL 17 with TimescaleDB, and PgBouncer, for the tests and for single-machine runs, on Debian, without root.
#
# The packages of Debian 13 are fetched with the system's own apt (its mirror, its keys) and unpacked into a folder of their
# own together with every library they need, down to the C library. Nothing is installed into the system, no maintainer
# script runs, and the servers run as whoever starts them. Running it again does nothing.
#
#   scripts/install-timescaledb.sh [FOLDER]
#
# FOLDER is $SLUICE_TIMESCALEDB_ROOT or else ~/.cache/sluice/timescaledb, which is where LocalTimescale looks.
set -eu

name=install-timescaledb
release=trixie
elsewhere='Elsewhere give the tests a server with SLUICE_TEST_TIMESCALEDB'
version=17
packages="postgresql-$version-timescaledb pgbouncer"
cache=${SLUICE_CACHE:-${XDG_CACHE_HOME:-$HOME/.cache}/sluice}
root=${1:-${SLUICE_TIMESCALEDB_ROOT:-$cache/timescaledb}}
case $root in /*) ;; *) root=$PWD/$root ;; esac

usage() {
  echo "TimescaleDB is in $root"
  echo "LocalTimescale finds it there by itself, or through SLUICE_TIMESCALEDB_ROOT=$root"
}

# shellcheck source=scripts/debian-packages.sh
. "$(dirname "$0")/debian-packages.sh"

if [ -f "$root/complete" ] && [ -x "$root/bin-sluice/pgbouncer" ]; then
  usage
  exit 0
fi

mkdir -p "$(dirname "$root")"
work=$(mktemp -d "$(dirname "$root")/.timescaledb-building.XXXXXX")
trap 'rm -rf "$work"' EXIT
trap 'exit 1' INT TERM HUP

own_apt_in "$work/apt"
mkdir "$work/tree"
# shellcheck disable=SC2086 # several words
own_apt --download-only --yes install $packages >/dev/null ||
  fail "can't fetch $packages from this system's mirror"

for archive in "$work"/apt/archives/*.deb; do
  # The file list of each package would do as well, but unpacking the lot is quicker than choosing.
  dpkg-deb --fsys-tarfile "$archive" | tar -x -C "$work/tree" --no-same-owner \
    --exclude './usr/share/doc/*' --exclude './usr/share/man/*' --exclude './usr/share/locale/*'
done

# The programs start through the loader and libraries they were built for, so this system's own may be older.
libraries=$(cd "$work/tree" && find . -name 'libc.so.6' | head -n 1)
libraries=$(dirname "${libraries#./}")
loader=$(cd "$work/tree" && find . -name 'ld-linux*.so.*' -type f | head -n 1)
loader=${loader#./}
server=usr/lib/postgresql/$version
[ -n "$libraries" ] && [ -n "$loader" ] && [ -x "$work/tree/$server/bin/postgres" ] && [ -x "$work/tree/usr/sbin/pgbouncer" ] ||
  fail "the packages of $release do not look as expected"

mkdir "$work/tree/bin-sluice"
# initdb looks for postgres beside itself and must find the script, hence a copy.
cp "$work/tree/$server/bin/initdb" "$work/tree/bin-sluice/initdb.program"
for program in postgres initdb pgbouncer; do
  case $program in
  pgbouncer) target=usr/sbin/pgbouncer more= ;;
  postgres) target=$server/bin/postgres more= ;;
  initdb) target=bin-sluice/initdb.program more="-L \"\$root/usr/share/postgresql/$version\"" ;;
  esac
  cat >"$work/tree/bin-sluice/$program" <<EOF
#!/bin/sh
root=\$(cd "\$(dirname "\$0")/.." && pwd -P)
exec "\$root/$loader" --library-path "\$root/$libraries:\$root/$server/lib" "\$root/$target" $more "\$@"
EOF
  chmod 755 "$work/tree/bin-sluice/$program"
done

"$work/tree/bin-sluice/postgres" --version >"$work/tree/complete" ||
  fail "the server does not run on this system"
rm -rf "$root"
mv "$work/tree" "$root"
cat "$root/complete"
usage
