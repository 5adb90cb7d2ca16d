#!/bin/sh
# tidy.sh - clang-tidy, with the checks of .clang-tidy, without a finding.
# SPDX-License-Identifier: MIT
# usage: tidy.sh FILE...
[ $# -gt 0 ] || exit 1
# One file at a time: with two, clang 14 takes the second one's va_start() for unknown.
printf '%s\n' "$@" | xargs -P "$(nproc)" -I FILE \
    clang-tidy --quiet FILE -- -std=c99 -Iinclude -Ilib
