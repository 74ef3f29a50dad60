# shellcheck shell=bash
# What quickstart and test share: brings a fresh Debian or Ubuntu machine to where the appliance runs. Sourced from the
# repository's top folder; does nothing that is already done, asks nothing, works as root or through sudo.

runtime_packages=(postgresql redis-server mosquitto openssl ca-certificates util-linux procps unzip faketime)
test_packages=(mosquitto-clients gcc libc6-dev libmosquitto-dev libssl-dev fonts-dejavu-core python3-aiosmtpd slapd samba-ad-dc samba-ad-provision python3-markdown simplesamlphp php-cli php-cgi php-xml php-mbstring)

say() { printf '%s\n' "$*"; }
die() { printf '%s\n' "$*" >&2; exit 1; }

as_root() {
  if [ "$(id -u)" = 0 ]; then "$@"
  elif command -v sudo >/dev/null; then sudo "$@"
  else die "needs root to install Debian packages: run as root, or install sudo"
  fi
}

is_installed() { [ "$(dpkg-query -W -f='${db:Status-Status}' "$1" 2>/dev/null)" = installed ]; }

# The servers are started by us, on our own ports and files: the packages' own services stay off while they are installed.
without_services() {
  local policy=/usr/sbin/policy-rc.d status=0
  if [ -e "$policy" ]; then "$@"; return; fi
  printf '#!/bin/sh\nexit 101\n' | as_root tee "$policy" >/dev/null
  as_root chmod 755 "$policy"
  "$@" || status=$?
  as_root rm -f "$policy"
  return "$status"
}

apt_updated=
install_packages() {
  local missing=() package
  for package in "$@"; do is_installed "$package" || missing+=("$package"); done
  [ ${#missing[@]} -gt 0 ] || return 0
  command -v apt-get >/dev/null || die "found no apt-get, expected Debian or Ubuntu: install by hand ${missing[*]}"
  say "installing ${missing[*]}"
  if [ -z "$apt_updated" ]; then
    as_root apt-get -qq -o DPkg::Lock::Timeout=300 update
    apt_updated=yes
  fi
  local log status=0
  log=$(mktemp)
  without_services as_root env DEBIAN_FRONTEND=noninteractive apt-get -qq -y --no-install-recommends \
    -o DPkg::Lock::Timeout=300 -o Dpkg::Use-Pty=0 install "${missing[@]}" >"$log" 2>&1 || status=$?
  if [ "$status" -ne 0 ]; then cat "$log" >&2; fi
  rm -f "$log"
  [ "$status" -eq 0 ] || die "apt-get could not install ${missing[*]} (exit $status): see above"
}

# Any node and npm will do to fetch the ones that package-lock.json pins.
install_bootstrap_node() {
  if command -v node >/dev/null && command -v npm >/dev/null; then return; fi
  install_packages nodejs npm
}

# Whether node_modules holds exactly what package-lock.json says, and its node runs.
modules_are_current() {
  [ -x node_modules/.bin/node ] && [ -f node_modules/.package-lock.json ] || return 1
  node_modules/.bin/node -e '
    const read = (file) => JSON.parse(require("node:fs").readFileSync(file, "utf8")).packages;
    const [wanted, found] = [read("package-lock.json"), read("node_modules/.package-lock.json")];
    const wrong = Object.keys(wanted).filter((name) => name && found[name]?.version !== wanted[name].version && !wanted[name].optional);
    process.exit(wrong.length > 0 ? 1 : 0)' 2>/dev/null
}

install_modules() {
  modules_are_current && return
  install_bootstrap_node
  say "installing the packages of package-lock.json"
  # A mirror without other platforms' packages makes npm write a lock file that its own 'ci' refuses; the same versions come either way.
  npm ci --no-audit --no-fund --loglevel=error || npm install --no-save --no-audit --no-fund --loglevel=error
  modules_are_current || die "npm ci left node_modules unlike package-lock.json: remove node_modules and try again"
}

# All that app, worker, edge and quickstart need.
install_runtime() {
  install_packages "${runtime_packages[@]}"
  install_modules
  build_console
  export PATH="$PWD/node_modules/.bin:$PATH"
}

# The console is built once, and again when something that it is made of is newer.
build_console() {
  local made=dist/console/index.html
  if [ -f "$made" ] && [ -z "$(find src/console package-lock.json vite.config.ts -newer "$made" -print -quit)" ]; then return; fi
  say "building the console"
  node_modules/.bin/node appliance/build-console.ts
}

# Debian has Chromium as a package. Ubuntu's package is a snap that runs in no container: there Playwright's build is taken.
install_chromium() {
  if [ -n "${CHROMIUM:-}" ] || is_installed chromium; then return; fi
  if grep -q '^ID=ubuntu' /etc/os-release; then
    as_root env "PATH=$PATH" "PLAYWRIGHT_BROWSERS_PATH=$PWD/node_modules/.cache/browsers" \
      node_modules/.bin/playwright-core install --with-deps chromium-headless-shell
  else
    install_packages chromium
  fi
}

install_test_tools() {
  install_runtime
  install_packages "${test_packages[@]}"
  install_chromium
}
