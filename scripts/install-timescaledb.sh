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

release=trixie
version=17
packages="postgresql-$version-timescaledb pgbouncer"
cache=${SLUICE_CACHE:-${XDG_CACHE_HOME:-$HOME/.cache}/sluice}
root=${1:-${SLUICE_TIMESCALEDB_ROOT:-$cache/timescaledb}}
case $root in /*) ;; *) root=$PWD/$root ;; esac

usage() {
  echo "TimescaleDB is in $root"
  echo "LocalTimescale finds it there by itself, or through SLUICE_TIMESCALEDB_ROOT=$root"
}

fail() {
  echo "install-timescaledb: $1" >&2
  exit 3
}

if [ -f "$root/complete" ] && [ -x "$root/bin-sluice/pgbouncer" ]; then
  usage
  exit 0
fi

for tool in apt-get dpkg dpkg-deb; do
  command -v "$tool" >/dev/null 2>&1 ||
    fail "there is no $tool here: this works on Debian only. Elsewhere give the tests a server with SLUICE_TEST_TIMESCALEDB"
done
[ "$(uname -s)" = Linux ] || fail "this works on Linux only"

# The mirror is whichever this system gets its own Debian packages from.
mirrors() {
  apt-get indextargets --format '$(LABEL) $(REPO_URI)' 'Created-By: Packages' 2>/dev/null | sed -n 's/^Debian //p' | sort -u
}
mirror=$(mirrors | head -n 1)
if [ -z "$mirror" ] && [ "$(id -u)" = 0 ]; then
  apt-get -qq update
  mirror=$(mirrors | head -n 1)
fi
[ -n "$mirror" ] || fail "apt knows no Debian mirror. Run 'apt-get update' as root, then this again"

keys=/usr/share/keyrings/debian-archive-keyring.gpg
[ -f "$keys" ] || fail "the keys of Debian's archive are missing: install debian-archive-keyring"

mkdir -p "$(dirname "$root")"
work=$(mktemp -d "$(dirname "$root")/.timescaledb-building.XXXXXX")
trap 'rm -rf "$work"' EXIT
trap 'exit 1' INT TERM HUP

# An apt of its own: it believes that nothing is installed, and so fetches everything the server needs.
mkdir -p "$work/apt/lists/partial" "$work/apt/archives/partial" "$work/apt/etc" "$work/tree"
: >"$work/apt/status"
echo "deb [signed-by=$keys] $mirror $release main" >"$work/apt/etc/sources.list"
own_apt() {
  apt-get -qq \
    -o Dir::State="$work/apt" \
    -o Dir::State::lists="$work/apt/lists" \
    -o Dir::State::status="$work/apt/status" \
    -o Dir::Cache="$work/apt" \
    -o Dir::Cache::archives="$work/apt/archives" \
    -o Dir::Etc::sourcelist="$work/apt/etc/sources.list" \
    -o Dir::Etc::sourceparts=/dev/null \
    -o Dir::Etc::preferences=/dev/null \
    -o Dir::Etc::preferencesparts=/dev/null \
    -o APT::Sandbox::User="$(id -un)" \
    -o APT::Install-Recommends=false \
    -o Acquire::Languages=none \
    -o Acquire::Retries=3 \
    "$@"
}
own_apt update || fail "can't read the package lists of $release from this system's mirror"
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
