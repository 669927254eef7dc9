# make          build/release/policyd and build/release/transport-map-gen
# make check    every test            make lint      everything a tool sees
# make demo     the main job, shown   make metrics   sizes of functions

VARIANT := release
ifdef SANITIZE
VARIANT := sanitize
VARIANT_CFLAGS := -fsanitize=address,undefined -fno-sanitize-recover=all \
	-DARENA_SEPARATE
endif
ifdef COVERAGE
VARIANT := coverage
VARIANT_CFLAGS := --coverage -O0
endif
BUILD ?= build/$(VARIANT)

CFLAGS ?= -O2 -g
PREFIX ?= /usr/local
PACKAGES := libconfuse icu-uc icu-i18n libidn2 jansson libcrypto
EVENT := libevent_core
WARN := -Wall -Wextra -Wshadow -Wconversion -Wno-sign-conversion \
	-Wstrict-prototypes -Wmissing-prototypes -Wpointer-arith -Wvla \
	-Wwrite-strings -Wundef -Wformat=2 $(if $(WERROR),-Werror)
OWN_CFLAGS := -std=c11 -D_GNU_SOURCE -I. $(WARN) $(VARIANT_CFLAGS) \
	-fstack-protector-strong -fPIE -MMD -MP \
	$(shell pkg-config --cflags $(PACKAGES) $(EVENT) check)
LIBS := $(shell pkg-config --libs $(PACKAGES)) -lcdb
EVENT_LIBS := $(shell pkg-config --libs $(EVENT))
CHECK_LIBS := $(shell pkg-config --libs check)

LAYERS := base namespace config directory snapshot
PROGRAMS := policyd transport-map-gen
objects = $(patsubst %.c,$(BUILD)/%.o,$(sort $(wildcard $(1)/*.c)))
LIB := $(BUILD)/libpostshare.a
UNITS := $(patsubst tests/unit/%.c,$(BUILD)/tests/%,\
	$(sort $(wildcard tests/unit/test_*.c)))

all: $(PROGRAMS:%=$(BUILD)/bin/%)

$(BUILD)/%.o: %.c
	@mkdir -p $(@D)
	$(CC) $(OWN_CFLAGS) $(CPPFLAGS) $(CFLAGS) -c -o $@ $<

$(LIB): $(foreach layer,$(LAYERS),$(call objects,$(layer)))
	@rm -f $@
	$(AR) rcs $@ $^

define program
$(BUILD)/$(1).a: $(filter-out %/main.o,$(call objects,$(1)))
	@rm -f $$@
	$(AR) rcs $$@ $$^
$(BUILD)/bin/$(1): $(BUILD)/$(1)/main.o $(BUILD)/$(1).a $(LIB)
	@mkdir -p $$(@D)
	$(CC) $(VARIANT_CFLAGS) $(CFLAGS) -pie $(LDFLAGS) -o $$@ $$^ $(LIBS) \
		$(if $(filter policyd,$(1)),$(EVENT_LIBS))
endef
$(foreach name,$(PROGRAMS),$(eval $(call program,$(name))))

$(BUILD)/tests/%: $(BUILD)/tests/unit/%.o $(PROGRAMS:%=$(BUILD)/%.a) $(LIB)
	@mkdir -p $(@D)
	$(CC) $(VARIANT_CFLAGS) $(CFLAGS) -pie $(LDFLAGS) -o $@ $^ $(LIBS) \
		$(EVENT_LIBS) $(CHECK_LIBS)

# make unit            all unit tests
# make unit T=address  tests/unit/test_address.c alone
unit: $(if $(T),$(BUILD)/tests/test_$(T),$(UNITS))
	@set -e; for test in $^; do echo "== $$test"; $$test; done

clean:
	rm -rf build

-include $(shell find $(BUILD) -name '*.d' 2>/dev/null)

.PHONY: all unit clean
.SECONDARY:
