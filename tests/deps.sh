#!/bin/sh
# deps.sh - is all here that a target of the Makefile needs? If not, show the command that
# installs it on Debian and run it; with DEPS=skip only say what is missing, and fail.
# usage: deps.sh PACKAGE=PROOF...    a proof is a path, a header (x.h), a Python module
# (py:x), a flag of clang (-x) or a program; % in a package is the version of clang, and
# package:machine is one for machines of that kind.
# SPDX-License-Identifier: MIT
set -u
PATH=$PATH:/usr/sbin:/sbin

is_here()
{
    case $1 in
    /*) [ -e "$1" ] ;;
    *.h) echo "#include <$1>" | ${CC:-cc} -E -xc - ;;
    py:*) /usr/bin/python3 -c "import ${1#py:}" ;;
    -*) echo 'int main(void) { return 0; }' | clang "$1" -xc - -o /dev/null ;;
    *) command -v "$1" ;;
    esac >/dev/null 2>&1
}

# Missing packages, one a line.
missing()
{
    for need in "$@"; do
        is_here "${need#*=}" || echo "${need%%=*}"
    done
}

# The packages of standard input in one line. Debian names the one with clang's run time
# after the version that its package "clang" stands for.
with_version()
{
    version=$(apt-cache depends clang 2>/dev/null |
        sed -n 's/.*Depends: clang-\([0-9]*\)$/\1/p')
    tr '\n' ' ' | sed "s/%/${version:-14}/g"
}

show_and_run()
{
    echo "+ $*"
    "$@" </dev/null
}

packages=$(missing "$@" | with_version)
[ -z "$packages" ] && exit 0
echo "Not here yet, as Debian calls it: $packages"
if [ "${DEPS:-}" = skip ] || ! command -v apt-get >/dev/null; then
    echo 'Please install it first (DEPS=skip, or no apt-get).' >&2
    exit 1
fi

root=
[ "$(id -u)" -eq 0 ] || root=sudo
for machine in $(echo "$packages" | tr ' ' '\n' | sed -n 's/.*://p' | sort -u); do
    show_and_run $root dpkg --add-architecture "$machine" || exit 1
done
show_and_run $root apt-get -q update || exit 1
packages=$(missing "$@" | with_version)
show_and_run $root env DEBIAN_FRONTEND=noninteractive \
    apt-get -qy install --no-install-recommends $packages || exit 1

packages=$(missing "$@" | with_version)
[ -z "$packages" ] && exit 0
echo "Installed, and still not found: $packages" >&2
exit 1
