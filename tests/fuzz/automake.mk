# SPDX-License-Identifier: Apache-2.0
# Copyright (c) 2026 The ovs-dpu authors

EXTRA_DIST += \
	$(FUZZ_CASES) \
	tests/fuzz/corpus \
	tests/fuzz/fuzz.py \
	tests/fuzz/generate.py \
	tests/fuzz/openflow.py \
	tests/fuzz/pipeline.py \
	tests/fuzz/replaced.py \
	tests/fuzz/rig.py \
	tests/fuzz/shrink.py \
	tests/fuzz/stall.py \
	tests/fuzz/traffic.py \
	tests/data/robustness.rst

# Pipelines on which hardware once did something else.
FUZZ_CASES = \
	tests/data/fuzz/ct-behind-pushed-vlan.json \
	tests/data/fuzz/gre-in-place-of-geneve.json \
	tests/data/fuzz/ip-behind-userspace-and-tags.json \
	tests/data/fuzz/tos-behind-userspace-and-tags.json

# Pipelines made by chance, through software and through hardware: "make fuzz
# SECONDS=600 SEED=1 FUZZ_PROFILES='full mlx5'".  What it says is in fuzz.log.
# With FUZZ_STALLS=stalls threads of the daemons stand still now and then.
SECONDS = 600
SEED = 1
FUZZ_PROFILES = full
FUZZ_STALLS =
fuzz: all $(TESTSUITE) tests/atlocal
	@echo "fuzz: $(SECONDS) seconds from seed $(SEED) on, see fuzz.log"
	@FUZZ_SECONDS=$(SECONDS) FUZZ_SEED=$(SEED) \
	  FUZZ_PROFILES='$(FUZZ_PROFILES)' FUZZ_STALLS='$(FUZZ_STALLS)' \
	  FUZZ_LOG=$(abs_builddir)/fuzz.log \
	  $(SHELL) $(TESTSUITE) -C tests -k fuzz-run >fuzz.out 2>&1; rc=$$?; \
	test -f fuzz.log || cat fuzz.out; cat fuzz.log; exit $$rc
.PHONY: fuzz
CLEANFILES += fuzz.log fuzz.out

# What "make check" has in short: changes of ports and bridges, and rounds of
# what comes and goes, after which memory is as it was.
STRESS_CHANGES = 10000
STRESS_ROUNDS = 50
stress: all $(check_LTLIBRARIES) $(TESTSUITE) tests/atlocal
	STRESS_CHANGES=$(STRESS_CHANGES) STRESS_ROUNDS=$(STRESS_ROUNDS) \
	  $(SHELL) $(TESTSUITE) -C tests -k stress
.PHONY: stress

# Targets of libFuzzer.  In a tree with --enable-fuzzers they are its own; in
# any other they run their corpora, as tests.
fuzz_targets = \
	tests/fuzz/fuzz-config \
	tests/fuzz/fuzz-emu-devargs \
	tests/fuzz/fuzz-emu-flow \
	tests/fuzz/fuzz-emu-packet \
	tests/fuzz/fuzz-guard \
	tests/fuzz/fuzz-translate
check_PROGRAMS += $(fuzz_targets)

if FUZZERS
fuzz_main =
fuzz_ldflags = $(DPU_LDFLAGS) -fsanitize=fuzzer
else
fuzz_main = tests/fuzz/fuzz-main.c
fuzz_ldflags = $(DPU_LDFLAGS)
endif
fuzz_sources = $(fuzz_main) tests/fuzz/fuzz-input.h

tests_fuzz_fuzz_config_SOURCES = tests/fuzz/fuzz-config.c $(fuzz_sources)
tests_fuzz_fuzz_config_CPPFLAGS = $(DPU_OVS_CPPFLAGS)
tests_fuzz_fuzz_config_CFLAGS = $(DPU_CFLAGS)
tests_fuzz_fuzz_config_LDFLAGS = $(fuzz_ldflags) $(OVS_LDFLAGS)
tests_fuzz_fuzz_config_LDADD = netdev-dpu/libnetdev-dpu.la lib/libdpu.la \
	$(OVS_BUILDDIR)/lib/libopenvswitch.la

tests_fuzz_fuzz_guard_SOURCES = tests/fuzz/fuzz-guard.c $(fuzz_sources)
tests_fuzz_fuzz_guard_CPPFLAGS = $(DPU_OVS_CPPFLAGS)
tests_fuzz_fuzz_guard_CFLAGS = $(DPU_CFLAGS)
tests_fuzz_fuzz_guard_LDFLAGS = $(fuzz_ldflags) $(OVS_LDFLAGS)
tests_fuzz_fuzz_guard_LDADD = utilities/guard/libguard.la \
	$(OVS_BUILDDIR)/lib/libopenvswitch.la

tests_fuzz_fuzz_translate_SOURCES = \
	tests/fuzz/fuzz-translate.c $(fuzz_sources)
tests_fuzz_fuzz_translate_CPPFLAGS = $(DPU_OVS_CPPFLAGS)
tests_fuzz_fuzz_translate_CFLAGS = $(DPU_CFLAGS)
tests_fuzz_fuzz_translate_LDFLAGS = $(fuzz_ldflags) $(OVS_LDFLAGS)
tests_fuzz_fuzz_translate_LDADD = \
	ofproto-dpif-dpu/libofproto-dpif-dpu.la \
	$(OVS_BUILDDIR)/lib/libopenvswitch.la

tests_fuzz_fuzz_emu_devargs_SOURCES = \
	tests/fuzz/fuzz-emu-devargs.c $(fuzz_sources)
tests_fuzz_fuzz_emu_devargs_CPPFLAGS = $(EMU_TEST_CPPFLAGS)
tests_fuzz_fuzz_emu_devargs_CFLAGS = $(DPU_CFLAGS)
tests_fuzz_fuzz_emu_devargs_LDFLAGS = $(fuzz_ldflags)
tests_fuzz_fuzz_emu_devargs_LDADD = emulator/libemu.la $(EMU_LIBS)

tests_fuzz_fuzz_emu_flow_SOURCES = \
	tests/fuzz/fuzz-emu-flow.c $(fuzz_sources)
tests_fuzz_fuzz_emu_flow_CPPFLAGS = $(EMU_TEST_CPPFLAGS)
tests_fuzz_fuzz_emu_flow_CFLAGS = $(DPU_CFLAGS)
tests_fuzz_fuzz_emu_flow_LDFLAGS = $(fuzz_ldflags) \
	-Wl,--undefined=emu_logtype
tests_fuzz_fuzz_emu_flow_LDADD = emulator/libemu.la $(EMU_LIBS)

tests_fuzz_fuzz_emu_packet_SOURCES = \
	tests/fuzz/fuzz-emu-packet.c $(fuzz_sources)
tests_fuzz_fuzz_emu_packet_CPPFLAGS = $(EMU_TEST_CPPFLAGS)
tests_fuzz_fuzz_emu_packet_CFLAGS = $(DPU_CFLAGS)
tests_fuzz_fuzz_emu_packet_LDFLAGS = $(fuzz_ldflags)
tests_fuzz_fuzz_emu_packet_LDADD = emulator/libemu.la $(EMU_LIBS)

# Built with clang in a tree of their own, and run one after the other for
# SECONDS each: "make fuzz-run SECONDS=60".  What they find is in
# fuzzers/found.  LeakSanitizer does not look into DPDK's memory, where the
# driver has some of its pointers.
fuzz-targets:
	@test -n '$(CLANG)' || { \
	  echo 'fuzz-targets: clang is missing: install it (on Debian, the' \
	    'packages clang and libclang-rt-14-dev) and run configure' >&2; \
	  exit 1; }
	$(MKDIR_P) fuzzers/found
	cd fuzzers && { test -f Makefile || \
	  $(abs_srcdir)/configure CC='$(CLANG)' \
	    --with-ovs-source=$(OVS_SRCDIR) --with-ovs-build=$(OVS_BUILDDIR) \
	    --with-dpdk-source=$(DPDK_SRCDIR) --enable-fuzzers; }
	cd fuzzers && $(MAKE) $(AM_MAKEFLAGS) $(fuzz_targets)

fuzz-run: fuzz-targets
	@cd fuzzers && for t in $(fuzz_targets); do \
	    name=$${t##*/}; name=$${name#fuzz-}; \
	    $(MKDIR_P) corpus/$$name; \
	    echo "== $$name"; \
	    case $$name in emu-flow) leaks=0;; *) leaks=1;; esac; \
	    ASAN_OPTIONS=detect_leaks=$$leaks:allocator_may_return_null=1 \
	    ./$$t -max_total_time=$(SECONDS) -timeout=20 -rss_limit_mb=4096 \
	      -verbosity=0 -print_final_stats=1 \
	      -detect_leaks=$$leaks \
	      -artifact_prefix=found/$$name- \
	      corpus/$$name $(abs_srcdir)/tests/fuzz/corpus/$$name || exit 1; \
	done
.PHONY: fuzz-targets fuzz-run

clean-local: clean-fuzzers
clean-fuzzers:
	rm -rf fuzzers
.PHONY: clean-fuzzers
