# Sourced by scripts that take programs from Debian's packages without installing anything: the system's own mirror and keys, an apt
# with a state of its own, and no maintainer script is run. Wants $name (of the script, for messages) and $release;
# $elsewhere says what to do on other systems.

fail() {
  echo "$name: $1" >&2
  exit 3
}

# The mirror is whichever this system gets its own Debian packages from.
debian_mirrors() {
  apt-get indextargets --format '$(LABEL) $(REPO_URI)' 'Created-By: Packages' 2>/dev/null | sed -n 's/^Debian //p' | sort -u
}

# own_apt_in FOLDER: an apt of its own there. It believes that nothing is installed, and so fetches everything that is needed.
own_apt_in() {
  for tool in apt-get dpkg dpkg-deb; do
    command -v "$tool" >/dev/null 2>&1 || fail "there is no $tool here: this works on Debian only. ${elsewhere:-}"
  done
  [ "$(uname -s)" = Linux ] || fail "this works on Linux only"
  mirror=$(debian_mirrors | head -n 1)
  if [ -z "$mirror" ] && [ "$(id -u)" = 0 ]; then
    apt-get -qq update || fail "apt can't read its package lists"
    mirror=$(debian_mirrors | head -n 1)
  fi
  [ -n "$mirror" ] || fail "apt knows no Debian mirror. Run 'apt-get update' as root, then this again"
  keys=/usr/share/keyrings/debian-archive-keyring.gpg
  [ -f "$keys" ] || fail "the keys of Debian's archive are missing: install debian-archive-keyring"

  apt=$1
  mkdir -p "$apt/lists/partial" "$apt/archives/partial" "$apt/etc"
  : >"$apt/status"
  echo "deb [signed-by=$keys] $mirror $release main" >"$apt/etc/sources.list"
  own_apt update || fail "can't read the package lists of $release from this system's mirror"
}

own_apt() {
  apt-get -qq \
    -o Dir::State="$apt" \
    -o Dir::State::lists="$apt/lists" \
    -o Dir::State::status="$apt/status" \
    -o Dir::Cache="$apt" \
    -o Dir::Cache::archives="$apt/archives" \
    -o Dir::Etc::sourcelist="$apt/etc/sources.list" \
    -o Dir::Etc::sourceparts=/dev/null \
    -o Dir::Etc::preferences=/dev/null \
    -o Dir::Etc::preferencesparts=/dev/null \
    -o APT::Sandbox::User="$(id -un)" \
    -o APT::Install-Recommends=false \
    -o Acquire::Languages=none \
    -o Acquire::Retries=3 \
    "$@"
}
