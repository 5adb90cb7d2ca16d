# ferry - an HTTP/1.1 client library in C99. SPDX-License-Identifier: MIT
#
#   make               build/libferry.a, build/libferry.so and the command build/ferry
#   make demo          a tour of the Session against a server of its own
#   make check         all that can be proven here; its last line is "N passed, N failed"
#   make cross         the tests for 32 bits and for a big-endian machine (under QEMU)
#   make coverage      lines and branches of lib that the tests reach
#   make lint          the house rules: floors, names, amalgamation, format, analysis
#   make bench         what ferry costs beside a bare socket and libcurl (ROUNDS=7); writes
#                      docs/design/figures.md
#   make bench-tls     what https costs beside a bare loop on mbedTLS
#   make counts        its system calls, allocations and instructions for one request
#   make conform VECTORS=DIR      conformance vectors: every *.jsonl below DIR
#   make fuzz SECONDS=60          every fuzz target for so long (with clang)
#   make amalgamation  the library as two files, build/ferry.c and build/ferry.h
#   make static        build/ferry-static, which needs no shared library
#   make size          bytes of code by file, and the deepest stack frames
#   make mbedtls-compat MBEDTLS_INCLUDE='dir ...'   the TLS files against other headers
#   make check-mbedtls MBEDTLS_INCLUDE='dir ...' MBEDTLS_LIB=dir   and its tests with that
#                      mbedTLS; any other target takes the two as well
#   make docs          reference and man pages in build/docs (with doxygen)
#   make format        set the sources as .clang-format says
#   make install PREFIX=/usr/local DESTDIR=
#   make clean
#
# demo, check, cross, bench, counts, fuzz and docs install what they lack with apt-get, and show
# the command; with DEPS=skip they stop with the list instead.

CC       = cc
AR       = ar
CFLAGS   = -O2 -g
LDFLAGS  =
PREFIX   = /usr/local
DESTDIR  =
SECONDS  = 10
# Of the fuzzers' chance, 0 is another one each time; and no more than so many inputs each.
SEED     = 0
RUNS     = -1
JOBS     = $(shell nproc)

# --- options: each picks files, never lines --------------------------------------------

# posix, or none: memory, clock, entropy and connections are the user's.
PLATFORM = posix
# mbedtls (2.28, 3 or 4), or none: https:// is an error.
TLS = mbedtls
# mbedtls, or none: Digest challenges are not answered.
HASH = mbedtls
# zlib: gzip and deflate are decoded; or none.
ZLIB = zlib
# libbrotli and libzstd: br and zstd are decoded, too; or none.
BROTLI = none
ZSTD = none
# libidn2, or none: host names in ASCII only.
IDN = none
# libpsl, or none: of public suffixes only names of one label are known.
PSL = none
# posix, or none: text in UTF-8, UTF-16, UTF-32 and ISO-8859-1 only.
ICONV = $(PLATFORM)
# posix, or none: looking up a host name blocks.
THREADS = $(PLATFORM)

# $(call choice,OPTION,allowed values)
choice = $(if $(filter-out 1,$(words $($1)))$(filter-out $2,$($1)),$(error \
    $1=$($1) is not to be had here; allowed: $2))
$(call choice,PLATFORM,posix none)
$(call choice,TLS,mbedtls none)
$(call choice,HASH,mbedtls none)
$(call choice,ZLIB,zlib none)
$(call choice,BROTLI,none libbrotli)
$(call choice,ZSTD,none libzstd)
$(call choice,IDN,none libidn2)
$(call choice,PSL,none libpsl)
$(call choice,ICONV,posix none)
$(call choice,THREADS,posix none)

# Another mbedTLS than the system's: folders of its headers, the folder of its libraries.
MBEDTLS_INCLUDE =
MBEDTLS_LIB     =

# --- the list: the one order of the floors ---------------------------------------------
# A file uses only what stands before it, on a lower floor or its own. The libraries, the
# layering check and the amalgamation all follow this.

BASE = str buf error hex
PROTO = date cookie_date set_cookie percent form host idn_$(IDN) authority url target \
    fields response framing \
    codec content_$(ZLIB) brotli_$(BROTLI) zstd_$(ZSTD) decode text lines range \
    request link status multipart socks tunnel base64
POLICY = challenge digest auth spaces netrc \
    lists redirect retry pairs environ \
    bypass proxy overrides ways tlsopts options_whole options layer mounts \
    peername psl_$(PSL) jar cookies cookies_txt
NET = platform_$(PLATFORM) $(SYSTEM_$(PLATFORM)) file_$(PLATFORM) charset_$(ICONV) \
    hash_$(HASH) $(SECURE_$(TLS)) \
    lookup_$(THREADS) names passage conn pool
SESSION = parts body exchange reply block chain \
    gate route endpoint protect cookie_field release life hooks \
    authorize prepare deliver connect decide transfer \
    trust session cookiejar accessors tickets send reading download

# platform_none stands in for all three.
SYSTEM_posix = resolve_posix tcp_posix
SECURE_mbedtls = anchors_mbedtls verify_mbedtls resume_mbedtls keylog_mbedtls \
    profile_mbedtls alert_mbedtls tls_mbedtls
SECURE_none = tls_none

MODULES = $(BASE:%=base/%) $(PROTO:%=proto/%) $(POLICY:%=policy/%) $(NET:%=net/%) \
    $(SESSION:%=session/%)

# --- the libraries it is linked with ---------------------------------------------------

FIND_mbedtls   = $(MBEDTLS_LIB:%=-L%)
HASH_mbedtls   = $(FIND_mbedtls) -lmbedcrypto
IDN_libidn2    = -lidn2
ZLIB_zlib      = -lz
BROTLI_libbrotli = -lbrotlidec
ZSTD_libzstd   = -lzstd
PSL_libpsl     = -lpsl
THREADS_posix  = -pthread
STATIC_libidn2 = -lunistring
STATIC_libpsl  = -lidn2 -lunistring
STATIC_libbrotli = -lbrotlicommon
TLS_mbedtls    = $(FIND_mbedtls) -lmbedtls -lmbedx509 -lmbedcrypto
LIBS        = $(TLS_$(TLS)) $(HASH_$(HASH)) $(IDN_$(IDN)) $(PSL_$(PSL)) $(ZLIB_$(ZLIB)) \
    $(BROTLI_$(BROTLI)) $(ZSTD_$(ZSTD)) $(THREADS_$(THREADS))
STATIC_LIBS = $(LIBS) $(STATIC_$(PSL)) $(STATIC_$(IDN)) $(STATIC_$(BROTLI))

# --- how things are compiled -----------------------------------------------------------

WARN = -Wall -Wextra -Wpedantic -Wconversion -Wshadow -Wvla
# -Werror in make check; elsewhere the compilers of next year may warn of more.
STRICT =
# For instance SANITIZE=address,undefined.
SANITIZE =
SANITIZERS = $(if $(SANITIZE),-fsanitize=$(SANITIZE) -fno-sanitize-recover=all)

# yes: programs and tests are linked with the library in one file.
AMALGAMATED =

COMPILE = $(CC) -std=c99 $(WARN) $(STRICT) $(CFLAGS) $(SANITIZERS) $(MBEDTLS_INCLUDE:%=-isystem %)
LINK    = $(CC) $(CFLAGS) $(SANITIZERS) $(LDFLAGS)
# Position-independent: one set of objects makes both libraries.
PIC = -fPIC
LIBRARY_FLAGS = $(PIC) -fvisibility=hidden -Iinclude -Ilib
TEST_FLAGS    = -Iinclude -Ilib -Itests

VERSION := $(shell sed -n 's/^\#define FERRY_VERSION "\(.*\)"/\1/p' include/ferry.h)
SONAME  := libferry.so.$(firstword $(subst ., ,$(VERSION)))

# Objects made with different options or flags never meet: their folder is named after
# all of them.
OPTIONS := $(PLATFORM).$(TLS).$(HASH).$(ZLIB).$(BROTLI).$(ZSTD).$(IDN).$(PSL).$(ICONV).$(THREADS)
FLAGS   := $(COMPILE) $(PIC) $(LDFLAGS) $(MBEDTLS_LIB) $(AMALGAMATED)
O       := build/obj/$(OPTIONS)-$(firstword $(shell printf '%s' '$(FLAGS)' | cksum))

OBJECTS = $(MODULES:%=$O/lib/%.o)

.PHONY: all
all: build/libferry.a build/libferry.so build/ferry

$O/lib/%.o: lib/%.c Makefile
	@mkdir -p $(@D)
	$(COMPILE) $(LIBRARY_FLAGS) -MMD -MP -c $< -o $@

$O/libferry.a: $(OBJECTS)
	@rm -f $@
	$(AR) rcs $@ $^

$O/libferry.so: $(OBJECTS)
	$(LINK) -shared -Wl,-soname,$(SONAME) -Wl,-z,defs $^ $(LIBS) -o $@

# A folder below docs/examples is one program, and so is each file beside it. They see the
# public headers only.
$O/docs/%.o: docs/%.c Makefile
	@mkdir -p $(@D)
	$(COMPILE) -Iinclude -MMD -MP -c $< -o $@

CLI      = $(patsubst %.c,$O/%.o,$(wildcard docs/examples/cli/*.c))
DEMO     = $(patsubst %.c,$O/%.o,$(filter-out docs/examples/demo/demo_https_%, \
    $(wildcard docs/examples/demo/*.c)) docs/examples/demo/demo_https_$(TLS).c)
EXAMPLES = $(patsubst %.c,$O/%,$(wildcard docs/examples/*.c))

# What programs are linked with, and what tests are, which look inside.
LIBRARY = $(if $(AMALGAMATED),$O/ferry.o,$O/libferry.a)
INSIDE  = $(if $(AMALGAMATED),$O/ferry-open.o,$O/libferry.a)

$O/ferry: $(CLI) $(LIBRARY)
	$(LINK) $^ $(LIBS) -o $@

$O/ferry-static: $(CLI) $(LIBRARY)
	$(LINK) -static $^ $(STATIC_LIBS) -o $@

$O/demo: $(DEMO) $(LIBRARY)
	$(LINK) -pthread $^ $(LIBS) -o $@

$(EXAMPLES): %: %.o $(LIBRARY)
	$(LINK) -pthread $^ $(LIBS) -o $@

# What lies in build/ itself is a copy from the variant that was asked for last.
build/variant: FORCE
	@mkdir -p build
	@echo $O | cmp -s - $@ || echo $O >$@

COPIES = $(addprefix build/,libferry.a ferry ferry-static ferry.c ferry.h)
$(COPIES): build/%: $O/% build/variant
	@cp $< $@

build/libferry.so: $O/libferry.so build/variant
	@cp $< $@.$(VERSION)
	@ln -sf libferry.so.$(VERSION) build/$(SONAME)
	@ln -sf libferry.so.$(VERSION) $@

.PHONY: FORCE demo static size size-here clean
FORCE:

demo: build/deps-demo $O/demo
	@$O/demo

static: build/ferry-static

# Bytes count where memory is small: measured as such builds are made.
size:
	@$(MAKE) -s --no-print-directory size-here PIC= CFLAGS='-Os -fstack-usage'

size-here: $(OBJECTS)
	@size -t $(OBJECTS) | sed 's|$O/lib/||'
	@echo 'The deepest frames, in bytes of stack:'
	@cat $(OBJECTS:.o=.su) | sort -t'	' -k2 -nr | sed '10q'

clean:
	rm -rf build

# --- amalgamation ----------------------------------------------------------------------

SOURCES = $(MODULES:%=lib/%.c)
PUBLIC  = $(wildcard include/*.h include/*/*.h)

.PHONY: amalgamation
amalgamation: build/ferry.c build/ferry.h

$O/ferry.h: lib/amalgamate.awk $(PUBLIC)
	@mkdir -p $(@D)
	awk -f lib/amalgamate.awk include/ferry.h >$@

$O/ferry.c: lib/amalgamate.awk $(SOURCES) $(PUBLIC) $(wildcard lib/*/*.h)
	@mkdir -p $(@D)
	awk -v library=1 -f lib/amalgamate.awk $(SOURCES) >$@

$O/ferry.o: $O/ferry.c $O/ferry.h
	$(COMPILE) $(PIC) -fvisibility=hidden -c $< -o $@

# The same with its insides open, for the tests of single modules.
$O/ferry-open.o: $O/ferry.c $O/ferry.h
	$(COMPILE) $(PIC) -fvisibility=hidden -Dfy_api= -c $< -o $@

# --- tests -----------------------------------------------------------------------------
# Each tests/*/test_*.c is one program, linked with cmocka, the helpers of tests/lib and
# the library. Programs run from the top of the tree; what they say goes to build/log.

RUN = tests/run.sh
# What the reader of one line of the log should know besides the name.
LABEL = $(notdir $(CC)), $(OPTIONS)
# What a test runs under, for instance valgrind.
UNDER =

# Those that need TLS are named after https, fuzz targets too.
WITHOUT = $(if $(filter none,$(TLS)),$(wildcard tests/*/test_https* tests/lib/*_mbedtls.c \
    fuzz/fuzz_https*))
UNIT    = $(filter-out tests/live/% tests/time/% $(WITHOUT),$(wildcard tests/*/test_*.c))
# These wait for real time-outs: run once, one after the other.
TIMED   = $(wildcard tests/time/test_*.c)
LIVE    = $(filter-out $(WITHOUT),$(wildcard tests/live/test_*.c))
HELPERS = $O/tests/helpers.a

$O/tests/%.o: tests/%.c Makefile
	@mkdir -p $(@D)
	$(COMPILE) $(TEST_FLAGS) -MMD -MP -c $< -o $@

$(HELPERS): $(patsubst %.c,$O/%.o,$(filter-out $(WITHOUT),$(wildcard tests/lib/*.c)))
	@rm -f $@
	$(AR) rcs $@ $^

$(patsubst %.c,$O/%,$(UNIT) $(TIMED) $(LIVE)): %: %.o $(HELPERS) $(INSIDE)
	$(LINK) -pthread $^ $(LIBS) -lcmocka $(ZLIB_zlib) $(if $(filter %/test_cjson,$@),-lcjson) -o $@

# Whose allocator fails for mbedTLS alone needs its static libraries.
$O/tests/fault/test_https_memory: TLS_mbedtls = -Wl,--wrap=calloc $(FIND_mbedtls) \
    -l:libmbedtls.a -l:libmbedx509.a -l:libmbedcrypto.a
$O/tests/fault/test_https_memory: HASH_mbedtls =

.PHONY: unit timed live
unit: $(UNIT:%.c=$O/%.run)
$O/tests/%.run: $O/tests/% FORCE
	@$(RUN) '$*' '$(LABEL)' $(UNDER) $<

timed: $(TIMED:%.c=$O/%)
	@failed=0; for t in $(TIMED:%.c=$O/%); do \
	    $(RUN) "time/$$(basename $$t)" '$(LABEL)' $(UNDER) $$t || failed=1; \
	done; exit $$failed

# Vectors: rows of what goes in and what must come out, in any folder of this format.
VECTORS = tests/conform $(wildcard ../shared/vectors/public)

$O/tests/conform/conform: $(patsubst %.c,$O/%.o,$(wildcard tests/conform/*.c)) \
    $(HELPERS) $(INSIDE)
	$(LINK) -pthread $^ $(LIBS) -lcjson $(ZLIB_zlib) -o $@

.PHONY: conform run-conform
conform: build/deps-check $O/tests/conform/conform
	@$O/tests/conform/conform $(VECTORS)

run-conform: $O/tests/conform/conform
	@$(RUN) conform '$(LABEL)' $(UNDER) $O/tests/conform/conform $(VECTORS)

# Against real servers, one after the other: they have ports and clocks of their own.
live: $(LIVE:%.c=$O/%) $(EXAMPLES) $O/ferry
	@failed=0; for t in $(LIVE:%.c=$O/%) $(wildcard tests/live/test_*.sh); do \
	    FERRY=$O/ferry LIBS='$(LIBS)' $(RUN) "live/$$(basename $$t)" '$(LABEL)' $$t || failed=1; \
	done; exit $$failed

-include $(shell find $O -name '*.d' 2>/dev/null)

# --- fuzzing ---------------------------------------------------------------------------
# fuzz/fuzz_x.c starts from fuzz/corpus/x, with fuzz/x.dict if there is one. What it finds
# stays in build/fuzz/x. The corpora are replayed by make check, without libFuzzer.

FUZZ = $(patsubst fuzz/fuzz_%.c,%,$(filter-out $(WITHOUT),$(wildcard fuzz/fuzz_*.c)))

$O/fuzz/%.o: fuzz/%.c Makefile
	@mkdir -p $(@D)
	$(COMPILE) $(TEST_FLAGS) -MMD -MP -c $< -o $@

$(FUZZ:%=$O/fuzz/%): $O/fuzz/%: $O/fuzz/fuzz_%.o $(HELPERS) $(INSIDE)
	$(LINK) -fsanitize=fuzzer $^ $(LIBS) -o $@

$(FUZZ:%=$O/fuzz/replay_%): $O/fuzz/replay_%: $O/fuzz/fuzz_%.o $O/fuzz/replay.o \
    $(HELPERS) $(INSIDE)
	$(LINK) $^ $(LIBS) -o $@

.PHONY: fuzz fuzz-here replay
fuzz: build/deps-fuzz
	@$(MAKE) --no-print-directory $(PARALLEL) fuzz-here CC=clang \
	    SANITIZE=fuzzer-no-link,address,undefined

fuzz-here: $(FUZZ:%=$O/fuzz/%)
	@for t in $(FUZZ); do \
	    mkdir -p build/fuzz/$$t; \
	    dict=; [ -f fuzz/$$t.dict ] && dict=-dict=fuzz/$$t.dict; \
	    echo "fuzz_$$t: $(SECONDS) s"; \
	    $O/fuzz/$$t -max_total_time=$(SECONDS) -seed=$(SEED) -runs=$(RUNS) \
	        -timeout=10 -verbosity=0 \
	        -print_final_stats=1 $$dict -artifact_prefix=build/fuzz/$$t- \
	        build/fuzz/$$t fuzz/corpus/$$t || exit 1; \
	done

replay: $(FUZZ:%=$O/fuzz/replay_%)
	@failed=0; for t in $(FUZZ); do \
	    $(RUN) fuzz/$$t '$(LABEL)' $(UNDER) $O/fuzz/replay_$$t fuzz/corpus/$$t || failed=1; \
	done; exit $$failed

# --- figures ---------------------------------------------------------------------------
# Measured as releases are built, whatever else was asked for. With libcurl beside them if
# its headers are here.

CURL_H = $(firstword $(wildcard /usr/include/curl/curl.h /usr/include/*/curl/curl.h))
BENCH  = $(addprefix $O/tests/bench/,floor ferry heads coded server pattern heap.so \
    $(if $(CURL_H),curl))

$O/tests/bench/floor $O/tests/bench/ferry $O/tests/bench/curl: %: %.o \
    $O/tests/bench/client.o $O/libferry.a
	$(LINK) -pthread $^ $(LIBS) $(if $(filter curl,$(@F)),-lcurl) -o $@

$O/tests/bench/heads $O/tests/bench/coded $O/tests/bench/server $O/tests/bench/pattern: \
    %: %.o $O/libferry.a
	$(LINK) -pthread $^ $(LIBS) -lz -o $@

$O/tests/bench/heap.o: TEST_FLAGS += $(PIC)
$O/tests/bench/heap.so: %.so: %.o
	$(LINK) -shared $^ -o $@

$O/tests/bench/floor_tls: %: %.o $O/tests/bench/client.o
	$(LINK) -pthread $^ $(TLS_mbedtls) -o $@

.PHONY: bench counts bench-here counts-here run-counts
MEASURED = CFLAGS=-O2 LDFLAGS= SANITIZE= --no-print-directory
bench counts: build/deps-bench
	@$(MAKE) -s $(MEASURED) $@-here

bench-here: $(BENCH)
	@tests/bench/bench.sh $O/tests/bench

# https beside a bare loop on the same mbedTLS.
.PHONY: bench-tls bench-tls-here
bench-tls: build/deps-bench
	@$(MAKE) -s $(MEASURED) $@-here

bench-tls-here: $(BENCH) $O/tests/bench/floor_tls
	@tests/bench/tls.sh $O/tests/bench

counts-here: $(BENCH)
	@tests/bench/counts.sh $O/tests/bench

run-counts: $(BENCH)
	@$(RUN) bench/counts '$(LABEL)' tests/bench/counts.sh $O/tests/bench \
	    tests/bench/counts.expected

# --- lint ------------------------------------------------------------------------------
# Each rule is one script, and tests/lint/selftest.sh shows that each can fail.

FORMATTED = $(wildcard $(foreach d,include lib tests fuzz,$d/*.[ch] $d/*/*.[ch]))
ANALYSED  = $(wildcard lib/*/*.c) $(wildcard docs/examples/*.c docs/examples/*/*.c)
RULES = layering includes names exports functions length wire format tidy selftest

.PHONY: lint lint-bare format $(RULES:%=lint-%)
lint: build/deps-check $(RULES:%=lint-%)

lint-layering: $(OBJECTS)
	@$(RUN) lint/layering '' tests/lint/layering.sh net/ $O/lib $(MODULES)

# With PLATFORM=none nothing of libc is left but six functions on bytes.
lint-bare: $(OBJECTS)
	@$(RUN) lint/bare '' tests/lint/layering.sh nobody $O/lib $(MODULES)

lint-includes:
	@$(RUN) lint/includes '' tests/lint/includes.sh $(MODULES)

lint-names:
	@$(RUN) lint/names '' tests/lint/names.sh lib/*/*.[ch]

lint-exports: $O/libferry.a $O/libferry.so $O/ferry.o
	@$(RUN) lint/exports '' tests/lint/exports.sh $^

lint-functions:
	@$(RUN) lint/functions '' tests/lint/functions.sh $(FORMATTED)

lint-length:
	@$(RUN) lint/length '' tests/lint/length.sh 480 lib/*/*.[ch]

# Every test that docs/design/wire.md names is there.
lint-wire:
	@$(RUN) lint/wire '' tests/conform/held.sh

lint-format:
	@$(RUN) lint/format '' clang-format --dry-run -Werror $(FORMATTED)

lint-tidy:
	@TIME_LIMIT=900 $(RUN) lint/tidy '' tests/lint/tidy.sh $(ANALYSED)

lint-selftest: $(OBJECTS) $O/libferry.a $O/libferry.so $O/ferry.o
	@TIME_LIMIT=900 $(RUN) lint/selftest '' tests/lint/selftest.sh CC='$(CC)' STRICT=$(STRICT)

format:
	clang-format -i $(FORMATTED)

# The files of TLS against the headers of another mbedTLS: 3.x, or 4.x with those of
# TF-PSA-Crypto in more folders.
.PHONY: mbedtls-compat
mbedtls-compat:
	$(if $(MBEDTLS_INCLUDE),,$(error say where: MBEDTLS_INCLUDE='dir ...'))
	@for f in $(SECURE_mbedtls:%=lib/net/%.c) lib/net/hash_mbedtls.c; do \
	    $(CC) -std=c99 $(WARN) -Werror -fsyntax-only $(LIBRARY_FLAGS) \
	        $(MBEDTLS_INCLUDE:%=-isystem %) $$f || exit 1; \
	done

# Linked with it, too: all the tests that know TLS, and the live ones.
.PHONY: check-mbedtls
check-mbedtls: mbedtls-compat
	$(if $(MBEDTLS_LIB),,$(error say where: MBEDTLS_LIB=dir))
	@$(MAKE) -s unit live UNIT='$(wildcard tests/*/test_https*.c) tests/unit/test_hash.c' \
	    LIVE=tests/live/test_https_live.c LABEL='another mbedTLS'

# --- make check ------------------------------------------------------------------------
# Stage after stage, the quickest to fail first. A stage that fails is the last one,
# unless make was given -k.

# A build with every library that may be left out.
OTHER_OPTIONS = HASH=none IDN=libidn2 PSL=libpsl THREADS=none BROTLI=libbrotli ZSTD=libzstd

STAGES = lint headers docs sanitized threads memory time clang options valgrind amalgamated \
    bare counts examples corpora live
check-lint:        ; $(MAKE) lint
check-headers:     ; $(MAKE) headers
check-docs:        ; $(RUN) docs '' $(MAKE) --no-print-directory docs-here
check-sanitized:   ; $(MAKE) unit run-conform $(SANITIZED)
check-threads:
	$(MAKE) unit UNIT='$(THREADED)' $(TSAN)
	$(MAKE) timed $(TSAN)
check-memory:      ; $(MAKE) unit replay UNIT='$(filter-out %/test_cjson.c,$(MODEST))' $(MSAN)
check-time:        ; $(MAKE) timed CC=gcc LABEL=
check-clang:       ; $(MAKE) unit UNIT='$(BRISK)' CC=clang LABEL=clang
check-options:     ; $(MAKE) unit run-conform UNIT='$(BRISK)' $(OTHER_OPTIONS) \
    LABEL='other options'
check-valgrind:
	$(MAKE) unit UNIT='$(wildcard tests/unit/test_*.c)' $(VALGRIND)
	$(MAKE) timed TIMED='$(PATIENT)' $(VALGRIND)
check-amalgamated: ; $(MAKE) unit run-conform examples UNIT='$(BRISK)' AMALGAMATED=yes \
    LABEL='one file'
check-bare:        ; $(MAKE) lint-bare PLATFORM=none
check-counts:      ; $(MAKE) run-counts $(MEASURED) CC=gcc LABEL=
check-examples:    ; $(MAKE) examples installed
check-corpora:     ; $(MAKE) replay $(SANITIZED)
check-live:        ; $(MAKE) live LABEL=

CROSS_STAGES = narrow big-endian
check-narrow:      ; $(MAKE) $(CROSSED) CC=i686-linux-gnu-gcc LABEL='32 bits' \
    SANITIZE=address,undefined LDFLAGS='-static-libasan -static-libubsan'
check-big-endian:  ; $(MAKE) $(CROSSED) CC=s390x-linux-gnu-gcc LABEL='big endian' \
    UNDER=qemu-s390x

SANITIZED = CC=gcc SANITIZE=address,undefined LABEL=sanitizers
# Without a longer memory it does not report a race whose first half is old.
TSAN = CC=gcc SANITIZE=thread LABEL='-fsanitize=thread' \
    UNDER='env TSAN_OPTIONS=history_size=7 LATENESS_MS=100'
# What a library without the sanitizer writes would count as never written.
# clang 14 does not know that fstat writes.
MSAN = CC=clang SANITIZE=memory LABEL='-fsanitize=memory' \
    TLS=none HASH=none ZLIB=none IDN=none PSL=none \
    CFLAGS='$(CFLAGS) -fsanitize-ignorelist=tests/lib/memory.ignore'
VALGRIND = LABEL=valgrind \
    UNDER='env LATENESS_MS=200 valgrind -q --error-exitcode=1 --leak-check=full'

THREADED = $(addprefix tests/unit/test_,threads.c names.c lookup.c)
# Those that wait for threads and peers rather than for the clock.
PATIENT  = $(addprefix tests/time/test_,dropped.c asked.c crowd.c)
# tests/fault is the wire scripts over and over: under the sanitizers, and that is enough.
BRISK    = $(filter-out tests/fault/%,$(UNIT))
# Not with TLS either: for other machines, and without unwritten memory, there is none.
MODEST   = $(filter-out tests/unit/test_https%,$(wildcard tests/unit/test_*.c tests/wire/test_*.c))
# test_cost counts the system calls of this machine.
CROSSED  = unit replay run-conform UNIT='$(filter-out %/test_cost.c,$(MODEST))' $(LINKED)
# For other machines there are the libraries themselves, without what links name them by.
LINKED   = TLS=none ZLIB_zlib=-l:libz.so.1 HASH_mbedtls=-l:libmbedcrypto.so.7
PARALLEL = $(if $(findstring jobserver,$(MAKEFLAGS)),,-j$(JOBS))
FAILURES = grep -sc '^failed' build/log/results
KEEP_ON  = $(findstring k,$(firstword -$(MAKEFLAGS)))

# $(call run_stages,STAGES)
define run_stages
	@rm -rf build/log; mkdir -p build/log
	@for stage in $1; do \
	    echo "-- $$stage"; had=$$($(FAILURES)); \
	    $(MAKE) --no-print-directory -sk $(PARALLEL) STRICT=-Werror check-$$stage \
	        && continue; \
	    [ "$$had" != "$$($(FAILURES))" ] || $(RUN) $$stage 'did not build' false; \
	    $(if $(KEEP_ON),:,break); \
	done; $(RUN) --tally
endef

.PHONY: check cross headers examples installed $(STAGES:%=check-%) $(CROSS_STAGES:%=check-%)
check: build/deps-check
	$(call run_stages,$(STAGES))
cross: build/deps-cross
	$(call run_stages,$(CROSS_STAGES))

# The headers alone in each language they promise; option names that must not compile.
headers: $O/ferry.h
	@$(RUN) compile/headers '' tests/compile/headers.sh include/ferry.h \
	    include/ferry/platform.h include/ferry/cjson.h $O/ferry.h
	@$(RUN) compile/keywords '' tests/compile/keywords.sh

examples: $(EXAMPLES) $O/ferry $O/demo
	@$(RUN) examples/demo '$(LABEL)' $O/demo

# What is installed serves a program of somebody else.
installed: build/installed
	@$(RUN) installed '' tests/compile/installed.sh build/installed/usr
build/installed: all FORCE
	@rm -rf $@
	@$(MAKE) -s install DESTDIR=$@ PREFIX=/usr

# --- coverage --------------------------------------------------------------------------
# Two builds, as no single one holds every file.

COVERAGE = CC=gcc CFLAGS='-O0 -g --coverage -fprofile-update=atomic' LABEL=coverage

.PHONY: coverage
coverage: build/deps-coverage
	@rm -rf build/coverage; mkdir -p build/log
	@$(MAKE) --no-print-directory -sk $(PARALLEL) unit run-conform $(COVERAGE) O=build/coverage/plain
	@$(MAKE) --no-print-directory -s timed $(COVERAGE) O=build/coverage/plain \
	    TIMED=tests/time/test_dropped.c
	@$(MAKE) --no-print-directory -sk $(PARALLEL) unit run-conform $(COVERAGE) \
	    $(OTHER_OPTIONS) O=build/coverage/other
	@tests/coverage.sh build/coverage/plain build/coverage/other

# --- what is needed here ---------------------------------------------------------------
# package=proof that it is here; see tests/deps.sh.

NEED_demo  = libc6-dev=stdio.h zlib1g-dev=zlib.h libmbedtls-dev=mbedtls/ssl.h
NEED_fuzz  = $(NEED_demo) libcmocka-dev=cmocka.h clang=clang \
    libclang-rt-%-dev=-fsanitize=fuzzer-no-link,address
NEED_check = $(NEED_fuzz) g++=g++ clang-format=clang-format clang-tidy=clang-tidy \
    libidn2-dev=idn2.h libpsl-dev=libpsl.h libbrotli-dev=brotli/decode.h libzstd-dev=zstd.h libcjson-dev=cjson/cJSON.h \
    pkgconf=pkgconf cmake=cmake valgrind=valgrind strace=strace nginx=nginx gunicorn=gunicorn curl=curl \
    python3-httpbin=py:httpbin squid=/usr/sbin/squid dante-server=/usr/sbin/danted \
    microsocks=microsocks stunnel4=/usr/bin/stunnel openssl=openssl $(NEED_docs)
NEED_bench = $(NEED_demo) nginx=nginx strace=strace valgrind=valgrind python3=/usr/bin/python3
NEED_docs  = doxygen=doxygen
NEED_cross = $(NEED_check) qemu-user=qemu-s390x $(call other,i686,i386) $(call other,s390x,s390x)
# $(call other,machine as gcc calls it,as Debian does)
other = gcc-$1-linux-gnu=$1-linux-gnu-gcc libc6-dev-$2-cross=/usr/$1-linux-gnu/include/stdio.h \
    libcmocka-dev:$2=/usr/lib/$2-linux-gnu/libcmocka.so \
    libcjson-dev:$2=/usr/lib/$2-linux-gnu/libcjson.so \
    zlib1g:$2=/lib/$2-linux-gnu/libz.so.1 \
    libmbedcrypto7:$2=/usr/lib/$2-linux-gnu/libmbedcrypto.so.7
NEED_coverage = $(NEED_check) gcovr=gcovr

build/deps-%: tests/deps.sh Makefile
	@mkdir -p build
	@CC='$(CC)' DEPS='$(DEPS)' tests/deps.sh $(NEED_$*)
	@touch $@

# --- docs and installation -------------------------------------------------------------

.PHONY: docs docs-here install
docs: build/deps-docs
	@$(MAKE) --no-print-directory docs-here

docs-here:
	@mkdir -p build/docs
	@{ cat docs/Doxyfile; echo 'PROJECT_NUMBER = $(VERSION)'; } | doxygen -

LIBDIR  = $(PREFIX)/lib
PUT     = install -m 644
MANUALS = $(wildcard docs/examples/cli/*.1)

define ferry.pc
prefix=$(PREFIX)
includedir=$${prefix}/include
libdir=$(LIBDIR)

Name: ferry
Description: HTTP/1.1 client library with sessions
Version: $(VERSION)
Cflags: -I$${includedir}
Libs: -L$${libdir} -lferry
Libs.private: $(strip $(STATIC_LIBS))
endef

# Found by find_package(ferry): ferry::ferry and ferry::static.
define ferry-config.cmake
get_filename_component(ferry_lib "$${CMAKE_CURRENT_LIST_DIR}/../.." ABSOLUTE)
if(NOT TARGET ferry::ferry)
    add_library(ferry::ferry SHARED IMPORTED)
    set_target_properties(ferry::ferry PROPERTIES
        IMPORTED_LOCATION "$${ferry_lib}/libferry.so.$(VERSION)"
        IMPORTED_SONAME "$(SONAME)"
        INTERFACE_INCLUDE_DIRECTORIES "$${ferry_lib}/../include")
    add_library(ferry::static STATIC IMPORTED)
    set_target_properties(ferry::static PROPERTIES
        IMPORTED_LOCATION "$${ferry_lib}/libferry.a"
        INTERFACE_LINK_LIBRARIES "$(subst $() ,;,$(strip $(STATIC_LIBS)))"
        INTERFACE_INCLUDE_DIRECTORIES "$${ferry_lib}/../include")
endif()
endef

define ferry-config-version.cmake
set(PACKAGE_VERSION $(VERSION))
if(NOT PACKAGE_FIND_VERSION VERSION_GREATER PACKAGE_VERSION)
    set(PACKAGE_VERSION_COMPATIBLE TRUE)
endif()
if(PACKAGE_FIND_VERSION VERSION_EQUAL PACKAGE_VERSION)
    set(PACKAGE_VERSION_EXACT TRUE)
endif()
endef

PACKAGE = ferry.pc ferry-config.cmake ferry-config-version.cmake
$(PACKAGE:%=build/%): build/%: FORCE
	@mkdir -p build
	@: $(file >$@,$($*))

install: all $(PACKAGE:%=build/%)
	install -d $(addprefix $(DESTDIR)$(PREFIX)/,bin include/ferry) \
	    $(addprefix $(DESTDIR)$(LIBDIR)/,pkgconfig cmake/ferry)
	install build/ferry $(DESTDIR)$(PREFIX)/bin
	$(PUT) include/ferry.h $(DESTDIR)$(PREFIX)/include
	$(PUT) include/ferry/platform.h include/ferry/cjson.h $(DESTDIR)$(PREFIX)/include/ferry
	$(PUT) build/libferry.a $(DESTDIR)$(LIBDIR)
	install build/libferry.so.$(VERSION) $(DESTDIR)$(LIBDIR)
	ln -sf libferry.so.$(VERSION) $(DESTDIR)$(LIBDIR)/$(SONAME)
	ln -sf libferry.so.$(VERSION) $(DESTDIR)$(LIBDIR)/libferry.so
	$(PUT) build/ferry.pc $(DESTDIR)$(LIBDIR)/pkgconfig
	$(PUT) $(filter %.cmake,$(PACKAGE:%=build/%)) $(DESTDIR)$(LIBDIR)/cmake/ferry
	$(if $(MANUALS),install -D -m 644 -t $(DESTDIR)$(PREFIX)/share/man/man1 $(MANUALS))
