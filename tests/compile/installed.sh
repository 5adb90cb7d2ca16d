#!/bin/sh
# installed.sh - a program finds the installed library by pkg-config and by CMake, the
# shared one and the static one, and runs. SPDX-License-Identifier: MIT
# usage: installed.sh PREFIX
set -eu
prefix=$(realpath "$1")
program=$PWD/docs/examples/in_memory.c
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work"
export LD_LIBRARY_PATH="$prefix/lib"
export PKG_CONFIG_PATH="$prefix/lib/pkgconfig" PKG_CONFIG_SYSROOT_DIR="${prefix%/usr}"

cc -std=c99 "$program" $(pkgconf --cflags --libs ferry) -o shared
./shared
cc -std=c99 -static "$program" $(pkgconf --static --cflags --libs ferry) -o static
env -u LD_LIBRARY_PATH ./static

cat >CMakeLists.txt <<END
cmake_minimum_required(VERSION 3.10)
project(user C)
find_package(ferry $(pkgconf --modversion ferry) REQUIRED)
add_executable(by_cmake $program)
target_link_libraries(by_cmake ferry::ferry)
add_executable(by_cmake_static $program)
target_link_libraries(by_cmake_static ferry::static)
END
cmake -DCMAKE_PREFIX_PATH="$prefix" .
cmake --build .
./by_cmake
env -u LD_LIBRARY_PATH ./by_cmake_static
ldd by_cmake | grep "$prefix/lib/libferry.so.0"
! ldd by_cmake_static | grep libferry

"$prefix/bin/ferry" --help
