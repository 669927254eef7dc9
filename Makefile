# make          policyd and transport-map-gen, in build/release/bin
# make check    every test            make lint      everything a tool sees
# make demo     the main job, shown   make metrics   sizes of functions
# make bench    what is promised of speed and memory
# make install  DESTDIR= PREFIX=      make deps      what Debian 12 lacks
# make deb      the Debian package    make build-deps, package-deps
#                                     what these alone need of it
# make fuzz     hostile input, under libFuzzer
# make valgrind, analyze, reproducible
#               the unit tests under memcheck; two analyzers; two equal builds
# With SANITIZE=1, COVERAGE=1, WERROR=1 or CC=clang where wanted.

VARIANT := release
ifdef SANITIZE
VARIANT := sanitize
VARIANT_CFLAGS := -fsanitize=address,undefined -fno-sanitize-recover=all \
	-DARENA_SEPARATE -DHAS_SANITIZER
endif
ifdef FUZZ
VARIANT_CFLAGS := -fsanitize=fuzzer-no-link,address,undefined \
	-fno-sanitize-recover=all -DARENA_SEPARATE -DHAS_SANITIZER
endif
ifdef COVERAGE
VARIANT := coverage
VARIANT_CFLAGS = --coverage -fprofile-update=prefer-atomic \
	-DHAS_COVERAGE='"$(abspath $(BUILD))"'
CFLAGS ?= -O0 -g
endif
BUILD ?= build/$(VARIANT)$(if $(findstring clang,$(CC)),-clang)
ifdef COVERAGE
# gcov's files are there from the beginning, for whoever runs a program:
# policyd is not root; and are written where a forked process ends, too.
ENDING := $(BUILD)/tests/coverage/exit.o
ENDING_LINK := -Wl,--wrap=_exit
endif

DEBDIR ?= build/deb
FUZZDIR ?= build/fuzz

CFLAGS ?= -O2 -g
PREFIX ?= /usr/local
SBINDIR ?= $(PREFIX)/sbin
MANDIR ?= $(PREFIX)/share/man
DOCDIR ?= $(PREFIX)/share/doc/postshare
UNITDIR ?= $(PREFIX)/lib/systemd/system
SYSUSERSDIR ?= $(PREFIX)/lib/sysusers.d
TMPFILESDIR ?= $(PREFIX)/lib/tmpfiles.d
BASHDIR ?= $(PREFIX)/share/bash-completion/completions
ZSHDIR ?= $(PREFIX)/share/zsh/site-functions

# Asked once, and not before something is compiled: deps may install it.
once = $(eval $(1) := $$(shell $(2)))$($(1))
PACKAGES := libconfuse icu-uc icu-i18n libidn2 jansson libcrypto
# What answers and what asks others: a program each; both ask logs.
ANSWERING := libevent_core libevent_extra libseccomp zlib
ASKING := ldap lber libpq libmariadb sqlite3 zlib libcares libssl
LIB_CFLAGS = $(call once,LIB_CFLAGS,pkg-config --cflags $(PACKAGES) $(ANSWERING) \
	$(ASKING))
PACKAGE_LIBS = $(call once,PACKAGE_LIBS,pkg-config --libs $(PACKAGES))
LIBS = $(PACKAGE_LIBS) -lcdb
ANSWERING_LIBS = $(call once,ANSWERING_LIBS,pkg-config --libs $(ANSWERING))
ASKING_LIBS = $(call once,ASKING_LIBS,pkg-config --libs $(ASKING))
CHECK_CFLAGS = $(call once,CHECK_CFLAGS,pkg-config --cflags check)
CHECK_LIBS = $(call once,CHECK_LIBS,pkg-config --libs check)
WARN := -Wall -Wextra -Wshadow -Wconversion -Wno-sign-conversion \
	-Wstrict-prototypes -Wmissing-prototypes -Wpointer-arith -Wvla \
	-Wwrite-strings -Wundef -Wformat=2 $(if $(WERROR),-Werror)
# Whatever CFLAGS says; what stands in CFLAGS comes later and wins.  The
# fortified functions need an optimizer, and are in the way of ASan.
MACHINE = $(call once,MACHINE,$(CC) -dumpmachine)
HARDEN = -fPIE -fstack-protector-strong -fstack-clash-protection \
	$(if $(filter x86_64-% i%86-%,$(MACHINE)),-fcf-protection) \
	$(if $(or $(SANITIZE)$(COVERAGE)$(FUZZ),$(findstring \
	FORTIFY,$(CPPFLAGS)$(CFLAGS)),$(filter-out 1,$(words $(filter \
	-O1 -O2 -O3 -Os,$(CFLAGS))))),,-U_FORTIFY_SOURCE -D_FORTIFY_SOURCE=3)
HARDEN_LINK := -pie -Wl,-z,relro -Wl,-z,now -Wl,-z,noexecstack
# Equal bytes wherever the tree stands; gcovr asks for its folder.
PLACELESS := $(if $(COVERAGE),,"-ffile-prefix-map=$(CURDIR)=.")
OWN_CFLAGS = -std=c11 -D_GNU_SOURCE -I. $(WARN) $(VARIANT_CFLAGS) \
	$(HARDEN) $(PLACELESS) $(LIB_CFLAGS)

LAYERS := base namespace config directory snapshot verdicts changes doctor
PROGRAMS := policyd transport-map-gen
ROOMS := $(LAYERS) $(PROGRAMS)
SOURCES := $(sort $(wildcard $(ROOMS:%=%/*.c) tests/*/*.c))
HEADERS := $(sort $(wildcard $(ROOMS:%=%/*.h) tests/*/*.h))
MANUALS := $(sort $(wildcard man/*.[1-9]))
objects = $(patsubst %.c,$(BUILD)/%.o,$(sort $(wildcard $(1)/*.c)))
LIB := $(BUILD)/libpostshare.a
UNITS := $(patsubst tests/unit/%.c,$(BUILD)/tests/%,\
	$(sort $(wildcard tests/unit/test_*.c)))
# What several of them begin with.
CASES := $(BUILD)/tests/unit/cases.a

all: $(PROGRAMS:%=$(BUILD)/bin/%)

$(BUILD)/%.o: %.c
	@mkdir -p $(@D)
	$(if $(COVERAGE),@: >$(@:.o=.gcda); chmod a+rw $(@:.o=.gcda))
	$(CC) $(OWN_CFLAGS) -MMD -MP $(CPPFLAGS) $(CFLAGS) -c -o $@ $<

# A page that policyd writes, as it is.
PAGE := $(BUILD)/verdicts/report_page.o
$(PAGE): verdicts/report_page.S verdicts/report_page.html
	@mkdir -p $(@D)
	$(CC) $(CFLAGS) $(HARDEN) $(PLACELESS) -c -o $@ $<

$(LIB): $(foreach layer,$(LAYERS),$(call objects,$(layer))) $(PAGE)
	@rm -f $@
	$(AR) rcs $@ $^

define program
$(BUILD)/$(1).a: $(filter-out %/main.o,$(call objects,$(1)))
	@rm -f $$@
	$(AR) rcs $$@ $$^
$(BUILD)/bin/$(1): $(BUILD)/$(1)/main.o $(ENDING) $(BUILD)/$(1).a $(LIB)
	@mkdir -p $$(@D)
	$$(CC) $(VARIANT_CFLAGS) $$(CFLAGS) $(HARDEN_LINK) $(ENDING_LINK) $$(LDFLAGS) -o $$@ $$^ \
		$$(LIBS) $(if $(filter policyd,$(1)),$$(ANSWERING_LIBS),$$(ASKING_LIBS))
endef
$(foreach name,$(PROGRAMS),$(eval $(call program,$(name))))

$(CASES): $(filter-out $(BUILD)/tests/unit/test_%,$(call objects,tests/unit))
	@rm -f $@
	$(AR) rcs $@ $^

$(BUILD)/tests/%: $(BUILD)/tests/unit/%.o $(ENDING) $(CASES) $(PROGRAMS:%=$(BUILD)/%.a) $(LIB)
	@mkdir -p $(@D)
	$(CC) $(VARIANT_CFLAGS) $(CFLAGS) $(HARDEN_LINK) $(ENDING_LINK) $(LDFLAGS) \
		-o $@ $^ $(LIBS) \
		$(ANSWERING_LIBS) $(ASKING_LIBS) $(CHECK_LIBS)

# What measures and compares, for make bench and the end to end tests.
READER := $(BUILD)/tests/bench/read_directory
$(READER): $(READER).o $(LIB)
	$(CC) $(VARIANT_CFLAGS) $(CFLAGS) $(HARDEN_LINK) $(LDFLAGS) -o $@ $^ $(LIBS) \
		$(ASKING_LIBS)

$(BUILD)/tests/%.o: OWN_CFLAGS += $(CHECK_CFLAGS)

# A test that fails or is killed does not take its files away.
# make unit            all unit tests, replayed conversations among them
# make unit T=address  tests/unit/test_address.c alone
# A minute is for a hang: libcheck's four seconds are too few for a busy disk.
unit: export CK_DEFAULT_TIMEOUT := 60
unit: $(if $(T),$(BUILD)/tests/test_$(T),$(UNITS))
	@status=0; TMPDIR=$$(mktemp -d); export TMPDIR; chmod 755 "$$TMPDIR"; \
	trap 'rm -rf "$$TMPDIR"' EXIT; trap 'exit 1' HUP INT TERM; \
	for test in $^; do \
		echo "== $$test"; $$test || status=1; \
	done; exit $$status

# What disturbs a run: it fails its calls, moves its clock, tells its sleeps.
DISTURBERS := $(patsubst %,$(BUILD)/tests/faults/%,inject clock.so memory.so \
	sleeps.so)
# Answers what valgrind does not know.
STAND_IN := $(BUILD)/tests/faults/valgrind.so
$(BUILD)/tests/faults/%.so: tests/faults/%.c tests/faults/marker.h
	@mkdir -p $(@D)
	$(CC) -std=c11 -D_GNU_SOURCE -I. $(WARN) $(CFLAGS) -fPIC -shared -o $@ $<
$(BUILD)/tests/faults/inject: $(addprefix tests/faults/,inject.c calls.c calls.h \
		marker.h)
	@mkdir -p $(@D)
	$(CC) -std=c11 -D_GNU_SOURCE -I. $(WARN) $(CFLAGS) -o $@ $(filter %.c,$^)

# Each call of a publish failed in turn, some of the allocations, and the power
# lost after each change of the disk; as root.
# make faults T=rollback  that command alone
ALLOCATIONS := 5000
faults: all $(DISTURBERS)
	@status=0; for part in faults.py power.py \
			"faults.py --memory --sample $(ALLOCATIONS)"; do \
		BIN=$(BUILD)/bin python3 tests/faults/$$part $(T) || status=1; \
	done; exit $$status

# Publishes under load: of requests to policyd, which the compiler does not wait
# for; as root.
# make publishes COUNT=1000 SMTP=1  of mail to Postfix, two seconds each
COUNT := 10000
publishes: all $(DISTURBERS)
	@BIN=$(BUILD)/bin python3 tests/faults/publishes.py $(SMTP:%=--smtp) $(COUNT)

# policyd for an hour under a modest load, a publish each ten seconds: what it
# holds of memory and descriptors must not grow; as root.
MINUTES := 60
soak: all
	@BIN=$(BUILD)/bin python3 tests/soak/soak.py --minutes $(MINUTES)

# Recipients by chance, each asked of policyd, of the maps and of a model that
# was written from the rules alone, some of a real Postfix; as root.
# make differential SEED=7 ASKED=1000 BY_SMTP=200
SEED := 1
ASKED := 100000
BY_SMTP := 2000
differential: all $(DISTURBERS)
	@BIN=$(BUILD)/bin python3 tests/reference/differential.py --seed $(SEED) \
		--count $(ASKED) --smtp $(BY_SMTP)

# What README.md and the manuals show.
examples: all
	@python3 tests/lint/examples.py $(BUILD)/bin

# make e2e             against a private Postfix for each test; as root
# make e2e T=loop      those with that part in their name
# With CI=true a test that fails is run once more, by itself.
# The package is made of a release; its unit tests are those of make unit.
PACKAGED := $(if $(SANITIZE)$(COVERAGE),,$(DEBDIR))
e2e: export DEB_BUILD_OPTIONS := nocheck
e2e: all $(READER) $(DISTURBERS) $(if $(T),$(if $(findstring package,$(T)),$(PACKAGED:%=%/built)),\
		$(PACKAGED:%=%/built))
	@BIN=$(BUILD)/bin DEBDIR=$(PACKAGED) python3 tests/e2e/run.py \
		$(if $(CI),--again) $(T)

# make fuzz                      each target a minute, under ASan and UBSan
# make fuzz T=ldif SECONDS=1200  one of them, longer
# What it finds new stays in FUZZDIR/corpus, what breaks in FUZZDIR/found.
FUZZERS := $(patsubst tests/fuzz/fuzz_%.c,%,\
	$(sort $(wildcard tests/fuzz/fuzz_*.c)))
SECONDS := 60
fuzz:
	@$(MAKE) --no-print-directory BUILD=$(FUZZDIR) FUZZ=1 CC=clang \
		CFLAGS="-O1 -g" $(FUZZERS:%=$(FUZZDIR)/fuzzers/%)
	@status=0; for target in $(or $(T),$(FUZZERS)); do \
		sh tests/fuzz/run.sh $(FUZZDIR) $$target $(SECONDS) || status=1; \
	done; exit $$status

# Seeds and what once broke, without libFuzzer.
corpora: $(FUZZERS:%=$(BUILD)/replayers/%)
	@status=0; for target in $^; do \
		$$target tests/fuzz/$${target##*/}/* || status=1; \
	done; exit $$status

FUZZED = $(patsubst %,$(BUILD)/tests/fuzz/%.o,target found world) \
	$(PROGRAMS:%=$(BUILD)/%.a) $(LIB)
link_fuzzed = @mkdir -p $(@D); $(CC) $(VARIANT_CFLAGS) $(1) $(CFLAGS) -pie \
	$(LDFLAGS) $(WRAPPED) -o $@ $^ $(LIBS) $(ANSWERING_LIBS) $(ASKING_LIBS)
$(BUILD)/fuzzers/%: $(BUILD)/tests/fuzz/fuzz_%.o \
		$(BUILD)/tests/fuzz/told.o $(FUZZED)
	$(call link_fuzzed,-fsanitize=fuzzer)
$(BUILD)/replayers/%: $(BUILD)/tests/fuzz/fuzz_%.o \
		$(BUILD)/tests/fuzz/replay.o $(FUZZED)
	$(call link_fuzzed)
# Its files are parts of the input.
%/fuzzers/config %/replayers/config: WRAPPED := -Wl,--wrap=file_read

# What asks policyd in the bench, and the server that it is held against.
BENCHERS := $(addprefix $(BUILD)/tests/bench/,policy_load constant_server \
	connections)
$(BENCHERS): %: %.o $(BUILD)/tests/bench/endpoint_socket.o
	$(CC) $(VARIANT_CFLAGS) $(CFLAGS) -pie $(LDFLAGS) -o $@ $^
$(BUILD)/tests/bench/policy_load: $(BUILD)/tests/bench/policy_load_figures.o

# Ratios, each measured in one run on this machine.
# make bench T=verdicts  one part of it
bench: all $(READER) $(BENCHERS)
	@BIN=$(BUILD)/bin python3 tests/bench/bench.py $(T)

# A second make, because what deps installs is asked for its flags.
check: deps
	$(MAKE) all
	$(MAKE) unit
	$(MAKE) corpora
	$(MAKE) examples
	$(MAKE) e2e
	$(if $(COVERAGE),$(MAKE) coverage)

demo: deps
	@$(MAKE) --no-print-directory all
	@BIN=$(BUILD)/bin python3 tests/e2e/demo.py

# Lines and branches, room by room and of all that is shipped, as gcov counts
# them without an optimizer: both ways of each condition and of each && and ||.
# Only the way out of an assert() is none: nobody can go it and come back.
COVERED := $(BUILD)/covered.json
GCOVR := gcovr --root . $(ROOMS:%=--filter '^%/') \
	--exclude-branches-by-pattern '\s*assert\('
coverage:
	@$(GCOVR) --json $(COVERED) $(ROOMS:%=$(BUILD)/%)
	@for room in $(ROOMS); do \
		printf '%-18s ' $$room; \
		gcovr --root . --filter "^$$room/" --add-tracefile $(COVERED) \
			--print-summary --output $(COVERED:.json=.txt) | \
			sed -nE '/^(lines|branches):/p' | paste -sd' '; \
	done
	@status=0; gcovr --root . --add-tracefile $(COVERED) --print-summary \
		--output $(COVERED:.json=.txt) \
		--fail-under-line 95 --fail-under-branch 90 \
		>$(COVERED:.json=.all) || status=1; \
	sed -nE '/^(lines|branches):/p' $(COVERED:.json=.all); exit $$status

# The unit tests under memcheck; those of the sandbox forbid calls that valgrind
# makes for itself, and test_load_side_by_side lowers a limit that valgrind keeps
# and starts readers that have a second.
# make valgrind T=address  one of them
VALGRINDED := $(if $(T),$(BUILD)/tests/test_$(T),$(filter-out \
	$(BUILD)/tests/test_sandbox% $(BUILD)/tests/test_load_side_by_side,$(UNITS)))
valgrind: $(VALGRINDED) $(STAND_IN)
	@printf '%s\n' $(VALGRINDED) | xargs -P $$(nproc) -n 1 \
		sh tests/lint/valgrind.sh $(STAND_IN)

# What is shipped, by the analyzers of gcc and clang.
# make analyze T=base/err.c  one file
analyze:
	@printf '%s\n' $(sort $(wildcard $(or $(T),$(ROOMS:%=%/*.c)))) | \
		xargs -P $$(nproc) -n 1 sh -c 'status=0; \
		gcc -fanalyzer -Werror -DHAS_ANALYZER $(OWN_CFLAGS) -O2 \
			-Wno-unused-value -S -o - "$$1" >/dev/null || status=1; \
		clang --analyze --analyzer-output text -Xclang -analyzer-werror \
			$(OWN_CFLAGS) "$$1" || status=1; \
		exit $$status' -

# The programs and the package, built twice in different surroundings.
reproducible:
	@sh tests/lint/reproducible.sh "$$(mktemp -d)"

# Debian's packages for building and testing, installed where one is missing;
# build-deps takes the first part of the list, package-deps the first two.
APT := DEBIAN_FRONTEND=noninteractive apt-get -qy
build-deps: LIST_ENDS := /^\# package/q;
package-deps: LIST_ENDS := /^\# tests/q;
deps build-deps package-deps:
	@wanted=$$(sed -n '$(LIST_ENDS)/^#/!p' packages.txt); \
	have=$$(dpkg-query -W -f '$${Package} $${db:Status-Status}\n' \
		$$wanted 2>/dev/null | sed -n 's/ installed$$//p'); \
	missing=$$(echo "$$wanted" | grep -vxF "$$have"); \
	test -n "$$missing" || exit 0; \
	if test "$$(id -u)" != 0; then \
		echo "missing packages; as root: apt-get install" $$missing; \
		exit 1; \
	fi; \
	install="install --no-install-recommends"; \
	$(APT) $$install $$missing 2>/dev/null || \
		{ $(APT) update && $(APT) $$install $$missing; }

LINTS := format tidy cppcheck manuals source headers
lint: deps
	@$(MAKE) --no-print-directory -k $(LINTS:%=lint-%)

lint-format:
	clang-format --dry-run -Werror $(SOURCES) $(HEADERS)
lint-tidy:
	@printf '%s\n' $(SOURCES) | xargs -P $$(nproc) -n 1 sh -c \
		'clang-tidy --quiet "$$@" -- $(OWN_CFLAGS) 2>/dev/null' -
lint-cppcheck:
	cppcheck --quiet --error-exitcode=1 --inline-suppr --std=c11 -I. \
		--suppress=ctuuninitvar \
		--enable=warning,performance,portability $(SOURCES)
lint-manuals:
	mandoc -T lint -W warning $(MANUALS)
lint-source:
	@python3 tests/lint/test_source.py
	@python3 tests/lint/source.py $(SOURCES) $(HEADERS)
	@python3 tests/lint/replies.py
	@python3 tests/lint/limits.py
# Each header compiles alone, for both compilers.
lint-headers:
	@status=0; for header in $(HEADERS); do for cc in gcc clang; do \
		echo "#include \"$$header\"" | $$cc $(OWN_CFLAGS) -Werror \
			-fsyntax-only -x c - || status=1; \
	done; done; exit $$status

metrics:
	@python3 tests/lint/metrics.py $(SOURCES) $(HEADERS)

SERVICES := $(filter-out %.d,$(wildcard systemd/*.*))
PAGES := $(foreach page,$(MANUALS),$(DESTDIR)$(MANDIR)/man$(subst \
	.,,$(suffix $(page)))/$(notdir $(page)))
install: all
	install -d $(DESTDIR)$(SBINDIR) $(DESTDIR)$(DOCDIR)
	install $(PROGRAMS:%=$(BUILD)/bin/%) $(DESTDIR)$(SBINDIR)
	for page in $(MANUALS); do install -D -m 644 -t \
		$(DESTDIR)$(MANDIR)/man$${page##*.} $$page || exit 1; done
	install -m 644 *.md LICENSE $(DESTDIR)$(DOCDIR)
	cp -R --no-preserve=mode postfix-conf-examples directory-examples \
		monitoring-examples docs $(DESTDIR)$(DOCDIR)
	install -D -m 644 -t $(DESTDIR)$(UNITDIR) $(SERVICES)
	install -D -m 644 -t $(DESTDIR)$(SYSUSERSDIR) systemd/sysusers.d/*
	install -D -m 644 -t $(DESTDIR)$(TMPFILESDIR) systemd/tmpfiles.d/*
	find $(DESTDIR)$(DOCDIR) $(PAGES) $(SERVICES:systemd/%=$(DESTDIR)$(UNITDIR)/%) \
		-type f -exec sed -i -e 's|/usr/local/sbin|$(SBINDIR)|g' \
		-e 's|/usr/local/share/doc/postshare|$(DOCDIR)|g' {} +
	install -D -m 644 -t $(DESTDIR)$(BASHDIR) completions/bash/*
	install -D -m 644 -t $(DESTDIR)$(ZSHDIR) completions/zsh/*

# The Debian package, its source and what lintian has to say, in build/deb;
# of the files that git knows, as they stand, or of all where there is no git,
# and of nothing that this make was told.
# DEB_BUILD_OPTIONS=nocheck leaves out the unit tests.
DEB_TREE := $(DEBDIR)/tree
$(DEBDIR)/built: $(SOURCES) $(HEADERS) $(SERVICES) $(MANUALS) Makefile \
		$(wildcard debian/* debian/*/* systemd/*/* *-examples/* \
		*-examples/*/* completions/*/* docs/* docs/*/* *.md)
	rm -rf $(DEB_TREE) $(DEBDIR)/postshare*
	mkdir -p $(DEB_TREE)
	{ git ls-files -z 2>/dev/null || find . -name build -prune -o -name .git \
		-prune -o -type f -print0; } | \
		tar -c --null --ignore-failed-read -T - | tar -x -C $(DEB_TREE)
	cd $(DEB_TREE) && env -i PATH="$$PATH" HOME="$$HOME" \
		DEB_BUILD_OPTIONS="$$DEB_BUILD_OPTIONS" \
		dpkg-buildpackage -us -uc >../log 2>&1 || { tail -n 30 ../log; exit 1; }
	rm -rf $(DEB_TREE)
	lintian --fail-on error,warning $(DEBDIR)/*.changes
	touch $@
deb: $(DEBDIR)/built

clean:
	rm -rf build

-include $(shell find $(BUILD) -name '*.d' 2>/dev/null)

.PHONY: all unit faults publishes differential soak examples e2e bench check demo fuzz corpora coverage deps \
	build-deps package-deps valgrind analyze reproducible lint \
	$(LINTS:%=lint-%) metrics install deb clean
.SECONDARY:
