# The daemon's suite, in the order in which it runs.
TESTSUITE_AT = \
	tests/testsuite.at \
	tests/dpu-macros.at \
	tests/translate.at \
	tests/port.at \
	tests/flow.at \
	tests/bridge.at \
	tests/recovery.at \
	tests/fault.at \
	tests/memory.at \
	tests/scale.at \
	tests/differential.at \
	tests/chain.at \
	tests/partial.at \
	tests/copy.at \
	tests/policer.at \
	tests/ct.at \
	tests/chaos.at \
	tests/race.at \
	tests/ct-tunnel.at \
	tests/conntrack.at \
	tests/ct-class.at \
	tests/decap.at \
	tests/testpmd.at \
	tests/stock.at \
	tests/tunnel.at \
	tests/underlay.at \
	tests/lab.at \
	tests/peer.at \
	tests/bond.at \
	tests/setup.at \
	tests/explain.at \
	tests/metrics.at \
	tests/reference.at \
	tests/vf-host.at \
	tests/offloads.at \
	tests/fuzz.at

EXTRA_DIST += \
	$(TESTSUITE_AT) \
	tests/atlocal.in \
	tests/capture.py \
	tests/case.py \
	tests/chaos.py \
	tests/churn.py \
	tests/conformance.py \
	tests/coverage \
	tests/data/conformance.txt \
	tests/data/features.txt \
	tests/data/ovn-coverage.txt \
	tests/data/ovn-megaflows.txt \
	tests/decap.py \
	tests/differential.py \
	tests/dpu-traffic-macros.at \
	tests/dpu-traffic.at \
	tests/exchange.py \
	tests/features.py \
	tests/host.py \
	tests/metrics.py \
	tests/ovs-suite \
	tests/packet.py \
	tests/probes.py \
	tests/reference.py \
	tests/summary \
	tests/tsan.h \
	tests/tsan.supp \
	tests/tunnel.py \
	tests/tutorial.py

# Counts what a daemon has on its heap.
check_LTLIBRARIES = tests/heap-count.la
tests_heap_count_la_SOURCES = tests/heap-count.c
tests_heap_count_la_CFLAGS = $(WARNING_CFLAGS)
tests_heap_count_la_LDFLAGS = -module -avoid-version -shared -rpath /nowhere

TESTSUITE = tests/ovs-dpu-testsuite
CLEANFILES += $(TESTSUITE) tests/package.m4 tests/testsuite.out

tests/package.m4: $(top_builddir)/config.status
	$(AM_V_GEN)$(MKDIR_P) tests && { \
	  echo 'm4_define([AT_PACKAGE_NAME],      [$(PACKAGE_NAME)])'; \
	  echo 'm4_define([AT_PACKAGE_TARNAME],   [$(PACKAGE_TARNAME)])'; \
	  echo 'm4_define([AT_PACKAGE_VERSION],   [$(PACKAGE_VERSION)])'; \
	  echo 'm4_define([AT_PACKAGE_STRING],    [$(PACKAGE_STRING)])'; \
	  echo 'm4_define([AT_PACKAGE_BUGREPORT], [$(PACKAGE_BUGREPORT)])'; \
	  echo 'm4_define([AT_PACKAGE_URL],       [$(PACKAGE_URL)])'; \
	} > $@

$(TESTSUITE): tests/package.m4 $(TESTSUITE_AT)
	$(AM_V_GEN)$(AUTOM4TE) --language=autotest -I . -I tests -I $(srcdir) \
	  -o $@.tmp $(srcdir)/tests/testsuite.at && mv $@.tmp $@

# Open vSwitch's own suites: the unit suite, which its source has, and one that
# is made of the parts of its traffic suite.
OVS_UNIT = $(OVS_SRCDIR)/tests/testsuite
OVS_TRAFFIC = tests/dpu-traffic
CLEANFILES += $(OVS_TRAFFIC) tests/ovs-unit.out tests/ovs-traffic.out

$(OVS_TRAFFIC): $(srcdir)/tests/dpu-traffic.at \
		$(srcdir)/tests/dpu-traffic-macros.at \
		$(OVS_SRCDIR)/tests/system-traffic.at
	$(AM_V_GEN)$(MKDIR_P) tests && $(AUTOM4TE) --language=autotest \
	  -I $(srcdir) -I $(OVS_BUILDDIR) -I $(OVS_SRCDIR) \
	  -o $@.tmp $(srcdir)/tests/dpu-traffic.at && mv $@.tmp $@

OVS_SUITE_ENVIRONMENT = \
	OVS_SRCDIR='$(OVS_SRCDIR)' OVS_BUILDDIR='$(OVS_BUILDDIR)' \
	DPU_EMULATOR=librte_net_dpu_emu.so \
	DPU_EMU_PROFILE_PATH=$(abs_srcdir)/emulator/profiles \
	LD_LIBRARY_PATH=$(abs_builddir)/emulator/.libs$${LD_LIBRARY_PATH:+:$$LD_LIBRARY_PATH} \
	LC_ALL=C PYTHONDONTWRITEBYTECODE=1
STOCK_OVS_VSWITCHD = $(OVS_BUILDDIR)/vswitchd/ovs-vswitchd
OUR_OVS_VSWITCHD = $(abs_builddir)/ofproto-dpif-dpu/ovs-vswitchd-dpu
CONFORMANCE = $(OVS_SUITE_ENVIRONMENT) $(PYTHON3) $(srcdir)/tests/conformance.py

# All of them, judged by the stock daemon, and the document with the results.
# CONFORMANCEFLAGS goes to the suites: "-k conntrack".
check-ovs: all
	$(CONFORMANCE) unit conformance $(STOCK_OVS_VSWITCHD) \
	  $(OUR_OVS_VSWITCHD) $(CONFORMANCEFLAGS)
check-dpu: all $(OVS_TRAFFIC)
	$(CONFORMANCE) traffic conformance $(STOCK_OVS_VSWITCHD) \
	  $(OUR_OVS_VSWITCHD) $(abs_builddir)/$(OVS_TRAFFIC) $(CONFORMANCEFLAGS)
update-conformance:
	$(AM_V_GEN)$(CONFORMANCE) write conformance
.PHONY: check-ovs check-dpu update-conformance

clean-local: clean-conformance
clean-conformance:
	rm -rf conformance tests/ovs-unit.dir tests/ovs-traffic.dir
.PHONY: clean-conformance

# Of them in "make check": what has to do with our work and neither depends on
# the kernel nor asks more of a port than being one.
OVS_UNIT_GROUPS = -k dpif -k dpif-netdev -k pmd -k offload -k ofproto-dpif \
	-k tunnel -k dpctl
OVS_TRAFFIC_GROUPS = -k 'ping,between,!vlan,!cvlan' \
	-k http -k snat,postrecirc -k clone -k basic,truncate \
	-k 'mpls,!bareudp' -k update -k igmp -k nsh

# Those of the unit suite that fail run once more, without the others: some of
# them have meters that fill up by the clock of a machine that is busy.
OVS_UNIT_SUITE = $(OVS_SUITE_ENVIRONMENT) $(srcdir)/tests/ovs-suite \
	$(OVS_UNIT) $(OUR_OVS_VSWITCHD) tests/ovs-unit.dir
check-ovs-groups: $(OVS_TRAFFIC)
	@{ $(OVS_UNIT_SUITE) -j2 $(OVS_UNIT_GROUPS) || echo 'suite failed'; } \
	    2>&1 | tee tests/ovs-unit.out
	@if grep -q ' FAILED (' tests/ovs-unit.out; then \
	    sed -i '/^suite failed$$/d' tests/ovs-unit.out; \
	    { $(OVS_UNIT_SUITE) --recheck || echo 'suite failed'; } 2>&1 \
	        | tee -a tests/ovs-unit.out; \
	fi
	@{ $(OVS_SUITE_ENVIRONMENT) DPU_PORTS=vf DPU_OFFLOAD=true \
	    $(srcdir)/tests/ovs-suite $(OVS_TRAFFIC) \
	    $(OUR_OVS_VSWITCHD) tests/ovs-traffic.dir $(OVS_TRAFFIC_GROUPS) \
	    || echo 'suite failed'; } 2>&1 | tee tests/ovs-traffic.out
.PHONY: check-ovs-groups

# "make check" runs the programs of cmocka, the daemon's suite and, unless
# TESTSUITEFLAGS has a choice of it, those groups, whatever fails in between,
# shows what failed, and ends with one line, "N passed, N failed".
check-TESTS: $(check_PROGRAMS) $(check_LTLIBRARIES) $(TESTSUITE) tests/atlocal
	@rm -f $(TEST_LOGS) $(TEST_LOGS:.log=.trs) tests/testsuite.out \
	  tests/ovs-unit.out tests/ovs-traffic.out
	@rc=0; \
	$(MAKE) $(AM_MAKEFLAGS) $(TEST_SUITE_LOG) || rc=1; \
	{ $(SHELL) $(TESTSUITE) -C tests $(TESTSUITEFLAGS) \
	    || echo 'suite failed'; } 2>&1 | tee tests/testsuite.out; \
	suites=tests/testsuite.out; \
	test -n '$(TESTSUITEFLAGS)' || { \
	  $(MAKE) $(AM_MAKEFLAGS) check-ovs-groups; \
	  suites="$$suites tests/ovs-unit.out tests/ovs-traffic.out"; }; \
	$(SHELL) $(srcdir)/tests/summary $$rc "$$suites" $(TEST_LOGS)

# The whole of it again, with everything of ours built with the address and the
# undefined behaviour sanitizers, in a build tree of its own.
check-sanitize:
	$(MKDIR_P) sanitize
	cd sanitize && { test -f Makefile || \
	  $(abs_srcdir)/configure --with-ovs-source=$(OVS_SRCDIR) \
	    --with-ovs-build=$(OVS_BUILDDIR) \
	    --with-dpdk-source=$(DPDK_SRCDIR) \
	    --enable-asan --enable-ubsan $(SANITIZE_CONFIGURE_FLAGS); }
	cd sanitize && $(MAKE) $(AM_MAKEFLAGS) -j`nproc` all
	cd sanitize && $(MAKE) $(AM_MAKEFLAGS) -j`nproc` check-programs
	cd sanitize && $(MAKE) $(AM_MAKEFLAGS) check

# The programs with threads, and the daemon with all of its at once, built with
# the thread sanitizer.  It has to see Open vSwitch's threads, too: a copy of
# its source is built in the same way.  Left out are test-dpu-ct and
# test-emu-table, which take minutes with it.
TSAN_OVS = $(abs_builddir)/tsan/openvswitch
TSAN_TESTS = \
	tests/unit/test-dpu-flow \
	tests/unit/test-dpu-wake \
	tests/unit/test-emu-device \
	tests/unit/test-emu-hash
tsan/openvswitch/.built:
	rm -rf $(TSAN_OVS) && $(MKDIR_P) tsan && cp -a $(OVS_SRCDIR) $(TSAN_OVS)
	cd $(TSAN_OVS) && { test ! -f Makefile || $(MAKE) distclean; } && \
	  ./configure --with-dpdk=shared --disable-ssl \
	    CFLAGS='-g -O1 -DALLOW_EXPERIMENTAL_API $(DPU_TSAN_CFLAGS)'
	cd $(TSAN_OVS) && $(MAKE) && touch .built

check-tsan: tsan/openvswitch/.built
	cd tsan && { test -f Makefile || \
	  $(abs_srcdir)/configure --with-ovs-source=$(TSAN_OVS) \
	    --with-dpdk-source=$(DPDK_SRCDIR) --enable-tsan \
	    $(SANITIZE_CONFIGURE_FLAGS); }
	cd tsan && $(MAKE) $(AM_MAKEFLAGS) all
	cd tsan && $(MAKE) $(AM_MAKEFLAGS) $(TSAN_TESTS)
	cd tsan && \
	  TSAN_OPTIONS=suppressions=$(abs_srcdir)/tests/tsan.supp \
	  OVS_TOOLS=$(OVS_BUILDDIR) \
	  $(MAKE) $(AM_MAKEFLAGS) check check_PROGRAMS='$(TSAN_TESTS)' \
	    TESTS='$(TSAN_TESTS)' TESTSUITEFLAGS='-k race'
.PHONY: check-tsan

clean-local: clean-testsuite
clean-testsuite:
	test ! -f $(TESTSUITE) || $(SHELL) $(TESTSUITE) -C tests --clean
.PHONY: check-sanitize clean-testsuite

# What becomes of the megaflows that OVN makes, on each profile.  What is
# recorded of it in tests/data/ovn-coverage.txt, and Documentation/features.rst,
# are made anew by update-coverage and features.
DPU_EMU = emulator/.libs/librte_net_dpu_emu.so
DRY_RUN = \
	LC_ALL=C PYTHONDONTWRITEBYTECODE=1 \
	DPU_EMU_PROFILE_PATH=$(abs_srcdir)/emulator/profiles
PROFILES = full basic mlx5 sfc bnxt nfp cnxk ipn3ke
COVERAGE = $(DRY_RUN) $(srcdir)/tests/coverage utilities/ovs-dpuctl \
	$(abs_builddir)/$(DPU_EMU) $(srcdir)/tests/data/ovn-megaflows.txt

coverage-ovn: utilities/ovs-dpuctl emulator/librte_net_dpu_emu.la
	@$(COVERAGE) $(PROFILES)

update-coverage: utilities/ovs-dpuctl emulator/librte_net_dpu_emu.la
	$(AM_V_GEN)$(COVERAGE) full mlx5 > $(srcdir)/tests/data/ovn-coverage.txt

features: utilities/ovs-dpuctl emulator/librte_net_dpu_emu.la
	$(AM_V_GEN)$(DRY_RUN) $(PYTHON3) $(srcdir)/tests/features.py \
	  utilities/ovs-dpuctl $(abs_builddir)/$(DPU_EMU) > features.tmp && \
	  mv features.tmp $(srcdir)/Documentation/features.rst
.PHONY: coverage-ovn update-coverage features

include tests/devlink/automake.mk
include tests/mininet/automake.mk
include tests/ovn/automake.mk

# Measurements: programs that `make bench` builds and runs, one after another.
# Each prints what it measured, with units.
BENCHES =
EXTRA_PROGRAMS =

bench: $(BENCHES) $(bench_programs)
	@rc=0; for b in $(BENCHES); do \
	    echo "== $$b"; \
	    ./$$b || rc=1; \
	done; \
	echo "== compared with Open vSwitch's own offload"; \
	$(PYTHON3) $(srcdir)/tests/bench/compare.py $(BENCHFLAGS) \
	    $(bench_programs) || rc=1; \
	exit $$rc

# What it costs to translate and keep a megaflow, in instructions: they are the
# same each time.
bench-instructions: tests/bench/bench-flow
	@command -v valgrind >/dev/null || \
	    { echo "valgrind is not installed (package valgrind)" >&2; exit 1; }
	@valgrind --tool=callgrind --callgrind-out-file=/dev/null \
	    --toggle-collect=dpu_flow_put ./tests/bench/bench-flow 2>&1 | \
	    awk '/Collected/ { n = $$4 } \
	         END { if (!n) exit 1; \
	               printf "%d instructions per megaflow\n", n / 200000 }'
.PHONY: bench bench-instructions
CLEANFILES += $(BENCHES) $(EXTRA_LTLIBRARIES)

# What they share.
EXTRA_LTLIBRARIES = tests/bench/libbench.la
tests_bench_libbench_la_SOURCES = \
	tests/bench/bench.c \
	tests/bench/bench.h
tests_bench_libbench_la_CFLAGS = $(AM_CFLAGS) $(DPDK_CFLAGS)
tests_bench_libbench_la_LIBADD = $(DPDK_LIBS)

# The ports.
check_PROGRAMS += \
	tests/unit/test-config \
	tests/unit/test-port \
	tests/unit/test-probe \
	tests/unit/test-representor \
	tests/unit/test-switchdev
TESTS += \
	tests/unit/test-config \
	tests/unit/test-port \
	tests/unit/test-probe \
	tests/unit/test-representor \
	tests/unit/test-switchdev

tests_unit_test_representor_SOURCES = tests/unit/test-representor.c
tests_unit_test_representor_CPPFLAGS = $(DPU_OVS_CPPFLAGS)
tests_unit_test_representor_CFLAGS = $(DPU_OVS_CFLAGS) $(CMOCKA_CFLAGS)
tests_unit_test_representor_LDADD = lib/libdpu.la $(CMOCKA_LIBS)

tests_unit_test_switchdev_SOURCES = \
	tests/unit/fake-sysfs.c \
	tests/unit/fake-sysfs.h \
	tests/unit/test-switchdev.c
tests_unit_test_switchdev_CPPFLAGS = $(DPU_OVS_CPPFLAGS)
tests_unit_test_switchdev_CFLAGS = $(DPU_OVS_CFLAGS) $(CMOCKA_CFLAGS)
tests_unit_test_switchdev_LDADD = lib/libdpu.la $(CMOCKA_LIBS)

tests_unit_test_config_SOURCES = tests/unit/test-config.c
tests_unit_test_config_CPPFLAGS = $(DPU_OVS_CPPFLAGS)
tests_unit_test_config_CFLAGS = $(DPU_OVS_CFLAGS) $(CMOCKA_CFLAGS)
tests_unit_test_config_LDFLAGS = $(AM_LDFLAGS) $(OVS_LDFLAGS)
tests_unit_test_config_LDADD = netdev-dpu/libnetdev-dpu.la lib/libdpu.la \
	$(OVS_BUILDDIR)/lib/libopenvswitch.la $(CMOCKA_LIBS)

tests_unit_test_port_SOURCES = tests/unit/test-port.c
tests_unit_test_port_CPPFLAGS = $(DPU_OVS_CPPFLAGS) \
	-DEMU_DRIVER='"$(abs_builddir)/emulator/.libs/librte_net_dpu_emu.so"' \
	-DEMU_PROFILES='"$(abs_srcdir)/emulator/profiles"'
tests_unit_test_port_CFLAGS = $(DPU_OVS_CFLAGS) $(CMOCKA_CFLAGS)
tests_unit_test_port_LDFLAGS = $(AM_LDFLAGS) $(OVS_LDFLAGS)
tests_unit_test_port_LDADD = netdev-dpu/libnetdev-dpu.la lib/libdpu.la \
	$(OVS_BUILDDIR)/lib/libopenvswitch.la $(CMOCKA_LIBS)

tests_unit_test_probe_SOURCES = tests/unit/test-probe.c
tests_unit_test_probe_CPPFLAGS = $(DPU_OVS_CPPFLAGS)
tests_unit_test_probe_CFLAGS = $(DPU_OVS_CFLAGS) $(CMOCKA_CFLAGS)
tests_unit_test_probe_LDFLAGS = $(AM_LDFLAGS) $(OVS_LDFLAGS)
tests_unit_test_probe_LDADD = netdev-dpu/libnetdev-dpu.la lib/libdpu.la \
	$(OVS_BUILDDIR)/lib/libopenvswitch.la $(CMOCKA_LIBS)

# The wake-up of offload threads.
check_PROGRAMS += tests/unit/test-dpu-wake
TESTS += tests/unit/test-dpu-wake
tests_unit_test_dpu_wake_SOURCES = tests/unit/test-dpu-wake.c
tests_unit_test_dpu_wake_CPPFLAGS = $(DPU_OVS_CPPFLAGS)
tests_unit_test_dpu_wake_CFLAGS = $(DPU_OVS_CFLAGS) $(CMOCKA_CFLAGS)
tests_unit_test_dpu_wake_LDFLAGS = $(AM_LDFLAGS) $(OVS_LDFLAGS)
tests_unit_test_dpu_wake_LDADD = \
	ofproto-dpif-dpu/libofproto-dpif-dpu.la \
	$(OVS_BUILDDIR)/lib/libopenvswitch.la \
	$(CMOCKA_LIBS)

# Rules, on a fake device.
check_PROGRAMS += tests/unit/test-dpu-rule
TESTS += tests/unit/test-dpu-rule
tests_unit_test_dpu_rule_SOURCES = tests/unit/test-dpu-rule.c
tests_unit_test_dpu_rule_CPPFLAGS = $(DPU_OVS_CPPFLAGS)
tests_unit_test_dpu_rule_CFLAGS = $(DPU_OVS_CFLAGS) $(CMOCKA_CFLAGS)
tests_unit_test_dpu_rule_LDFLAGS = $(AM_LDFLAGS) $(OVS_LDFLAGS)
tests_unit_test_dpu_rule_LDADD = \
	ofproto-dpif-dpu/libofproto-dpif-dpu.la \
	$(OVS_BUILDDIR)/lib/libopenvswitch.la \
	$(CMOCKA_LIBS)

# Rules through templates, on a fake device.
check_PROGRAMS += tests/unit/test-dpu-rule-queue
TESTS += tests/unit/test-dpu-rule-queue
tests_unit_test_dpu_rule_queue_SOURCES = tests/unit/test-dpu-rule-queue.c
tests_unit_test_dpu_rule_queue_CPPFLAGS = $(DPU_OVS_CPPFLAGS)
tests_unit_test_dpu_rule_queue_CFLAGS = $(DPU_OVS_CFLAGS) $(CMOCKA_CFLAGS)
tests_unit_test_dpu_rule_queue_LDFLAGS = \
	$(AM_LDFLAGS) $(OVS_LDFLAGS) -Wl,--wrap=time_msec \
	-Wl,--wrap=rte_flow_info_get -Wl,--wrap=rte_flow_configure \
	-Wl,--wrap=rte_flow_pattern_template_create \
	-Wl,--wrap=rte_flow_pattern_template_destroy \
	-Wl,--wrap=rte_flow_actions_template_create \
	-Wl,--wrap=rte_flow_actions_template_destroy \
	-Wl,--wrap=rte_flow_template_table_create \
	-Wl,--wrap=rte_flow_template_table_destroy \
	-Wl,--wrap=rte_flow_async_create -Wl,--wrap=rte_flow_async_destroy \
	-Wl,--wrap=rte_flow_push -Wl,--wrap=rte_flow_pull \
	-Wl,--wrap=rte_flow_query
tests_unit_test_dpu_rule_queue_LDADD = \
	ofproto-dpif-dpu/libofproto-dpif-dpu.la \
	$(OVS_BUILDDIR)/lib/libopenvswitch.la \
	$(CMOCKA_LIBS)

# The life of megaflows, on a fake device.
flow_tests = \
	tests/unit/test-dpu-flow \
	tests/unit/test-dpu-flow-review \
	tests/unit/test-dpu-flow-rule \
	tests/unit/test-dpu-rank
check_PROGRAMS += $(flow_tests)
TESTS += $(flow_tests)

flow_test_ldflags = $(AM_LDFLAGS) $(OVS_LDFLAGS) -Wl,--wrap=dpu_translate
flow_test_ldadd = \
	ofproto-dpif-dpu/libofproto-dpif-dpu.la \
	$(OVS_BUILDDIR)/lib/libopenvswitch.la \
	$(CMOCKA_LIBS)

tests_unit_test_dpu_flow_SOURCES = \
	tests/unit/flow-fixture.c \
	tests/unit/flow-fixture.h \
	tests/unit/test-dpu-flow.c
tests_unit_test_dpu_flow_CPPFLAGS = $(DPU_OVS_CPPFLAGS)
tests_unit_test_dpu_flow_CFLAGS = $(DPU_OVS_CFLAGS) $(CMOCKA_CFLAGS)
tests_unit_test_dpu_flow_LDFLAGS = $(flow_test_ldflags)
tests_unit_test_dpu_flow_LDADD = $(flow_test_ldadd)

tests_unit_test_dpu_flow_review_SOURCES = \
	tests/unit/flow-fixture.c \
	tests/unit/flow-fixture.h \
	tests/unit/test-dpu-flow-review.c
tests_unit_test_dpu_flow_review_CPPFLAGS = $(DPU_OVS_CPPFLAGS)
tests_unit_test_dpu_flow_review_CFLAGS = $(DPU_OVS_CFLAGS) $(CMOCKA_CFLAGS)
tests_unit_test_dpu_flow_review_LDFLAGS = $(flow_test_ldflags)
tests_unit_test_dpu_flow_review_LDADD = $(flow_test_ldadd)

tests_unit_test_dpu_flow_rule_SOURCES = \
	tests/unit/flow-fixture.c \
	tests/unit/flow-fixture.h \
	tests/unit/test-dpu-flow-rule.c
tests_unit_test_dpu_flow_rule_CPPFLAGS = $(DPU_OVS_CPPFLAGS)
tests_unit_test_dpu_flow_rule_CFLAGS = $(DPU_OVS_CFLAGS) $(CMOCKA_CFLAGS)
tests_unit_test_dpu_flow_rule_LDFLAGS = $(flow_test_ldflags)
tests_unit_test_dpu_flow_rule_LDADD = $(flow_test_ldadd)

tests_unit_test_dpu_rank_SOURCES = \
	tests/unit/flow-fixture.c \
	tests/unit/flow-fixture.h \
	tests/unit/test-dpu-rank.c
tests_unit_test_dpu_rank_CPPFLAGS = $(DPU_OVS_CPPFLAGS)
tests_unit_test_dpu_rank_CFLAGS = $(DPU_OVS_CFLAGS) $(CMOCKA_CFLAGS)
tests_unit_test_dpu_rank_LDFLAGS = $(flow_test_ldflags) -Wl,--wrap=time_msec
tests_unit_test_dpu_rank_LDADD = $(flow_test_ldadd)

# Variants of ct() and classes of connections; megaflows with ct(), on a fake
# device.
ct_number_tests = \
	tests/unit/test-dpu-ct-class \
	tests/unit/test-dpu-ct-flow \
	tests/unit/test-dpu-ct-number \
	tests/unit/test-dpu-ct-variant
check_PROGRAMS += $(ct_number_tests)
TESTS += $(ct_number_tests)
tests_unit_test_dpu_ct_class_SOURCES = tests/unit/test-dpu-ct-class.c
tests_unit_test_dpu_ct_class_CPPFLAGS = $(DPU_OVS_CPPFLAGS)
tests_unit_test_dpu_ct_class_CFLAGS = $(DPU_OVS_CFLAGS) $(CMOCKA_CFLAGS)
tests_unit_test_dpu_ct_class_LDFLAGS = \
	$(AM_LDFLAGS) $(OVS_LDFLAGS) -Wl,--wrap=time_msec
tests_unit_test_dpu_ct_class_LDADD = \
	ofproto-dpif-dpu/libofproto-dpif-dpu.la \
	$(OVS_BUILDDIR)/lib/libopenvswitch.la \
	$(CMOCKA_LIBS)
tests_unit_test_dpu_ct_flow_SOURCES = \
	tests/unit/megaflow.c \
	tests/unit/megaflow.h \
	tests/unit/test-dpu-ct-flow.c
tests_unit_test_dpu_ct_flow_CPPFLAGS = $(DPU_OVS_CPPFLAGS)
tests_unit_test_dpu_ct_flow_CFLAGS = $(DPU_OVS_CFLAGS) $(CMOCKA_CFLAGS)
tests_unit_test_dpu_ct_flow_LDFLAGS = $(AM_LDFLAGS) $(OVS_LDFLAGS)
tests_unit_test_dpu_ct_flow_LDADD = \
	ofproto-dpif-dpu/libofproto-dpif-dpu.la \
	$(OVS_BUILDDIR)/lib/libopenvswitch.la \
	$(CMOCKA_LIBS)

tests_unit_test_dpu_ct_number_SOURCES = tests/unit/test-dpu-ct-number.c
tests_unit_test_dpu_ct_number_CPPFLAGS = $(DPU_OVS_CPPFLAGS)
tests_unit_test_dpu_ct_number_CFLAGS = $(DPU_OVS_CFLAGS) $(CMOCKA_CFLAGS)
tests_unit_test_dpu_ct_number_LDFLAGS = $(AM_LDFLAGS) $(OVS_LDFLAGS)
tests_unit_test_dpu_ct_number_LDADD = \
	ofproto-dpif-dpu/libofproto-dpif-dpu.la \
	$(OVS_BUILDDIR)/lib/libopenvswitch.la \
	$(CMOCKA_LIBS)
tests_unit_test_dpu_ct_variant_SOURCES = tests/unit/test-dpu-ct-variant.c
tests_unit_test_dpu_ct_variant_CPPFLAGS = $(DPU_OVS_CPPFLAGS)
tests_unit_test_dpu_ct_variant_CFLAGS = $(DPU_OVS_CFLAGS) $(CMOCKA_CFLAGS)
tests_unit_test_dpu_ct_variant_LDFLAGS = $(AM_LDFLAGS) $(OVS_LDFLAGS)
tests_unit_test_dpu_ct_variant_LDADD = \
	ofproto-dpif-dpu/libofproto-dpif-dpu.la \
	$(OVS_BUILDDIR)/lib/libopenvswitch.la \
	$(CMOCKA_LIBS)

# Chains, on a fake device; packets that missed, in a fake datapath.
chain_tests = \
	tests/unit/test-dpu-chain \
	tests/unit/test-dpu-chain-flow \
	tests/unit/test-dpu-miss
check_PROGRAMS += $(chain_tests)
TESTS += $(chain_tests)
tests_unit_test_dpu_chain_SOURCES = \
	tests/unit/chain-fixture.c \
	tests/unit/chain-fixture.h \
	tests/unit/megaflow.c \
	tests/unit/megaflow.h \
	tests/unit/test-dpu-chain.c
tests_unit_test_dpu_chain_CPPFLAGS = $(DPU_OVS_CPPFLAGS)
tests_unit_test_dpu_chain_CFLAGS = $(DPU_OVS_CFLAGS) $(CMOCKA_CFLAGS)
tests_unit_test_dpu_chain_LDFLAGS = $(AM_LDFLAGS) $(OVS_LDFLAGS)
tests_unit_test_dpu_chain_LDADD = \
	ofproto-dpif-dpu/libofproto-dpif-dpu.la \
	$(OVS_BUILDDIR)/lib/libopenvswitch.la \
	$(CMOCKA_LIBS)

tests_unit_test_dpu_chain_flow_SOURCES = \
	tests/unit/chain-fixture.c \
	tests/unit/chain-fixture.h \
	tests/unit/megaflow.c \
	tests/unit/megaflow.h \
	tests/unit/test-dpu-chain-flow.c
tests_unit_test_dpu_chain_flow_CPPFLAGS = $(DPU_OVS_CPPFLAGS)
tests_unit_test_dpu_chain_flow_CFLAGS = $(DPU_OVS_CFLAGS) $(CMOCKA_CFLAGS)
tests_unit_test_dpu_chain_flow_LDFLAGS = $(AM_LDFLAGS) $(OVS_LDFLAGS)
tests_unit_test_dpu_chain_flow_LDADD = \
	ofproto-dpif-dpu/libofproto-dpif-dpu.la \
	$(OVS_BUILDDIR)/lib/libopenvswitch.la \
	$(CMOCKA_LIBS)

tests_unit_test_dpu_miss_SOURCES = tests/unit/test-dpu-miss.c
tests_unit_test_dpu_miss_CPPFLAGS = $(DPU_OVS_CPPFLAGS)
tests_unit_test_dpu_miss_CFLAGS = $(DPU_OVS_CFLAGS) $(CMOCKA_CFLAGS)
tests_unit_test_dpu_miss_LDFLAGS = \
	$(AM_LDFLAGS) $(OVS_LDFLAGS) -Wl,--wrap=dpif_execute \
	-Wl,--wrap=time_msec
tests_unit_test_dpu_miss_LDADD = \
	ofproto-dpif-dpu/libofproto-dpif-dpu.la \
	$(OVS_BUILDDIR)/lib/libopenvswitch.la \
	$(CMOCKA_LIBS)

# Megaflows of which hardware does the match alone, and their marks.
partial_tests = \
	tests/unit/test-dpu-mark \
	tests/unit/test-dpu-partial
check_PROGRAMS += $(partial_tests)
TESTS += $(partial_tests)
tests_unit_test_dpu_mark_SOURCES = tests/unit/test-dpu-mark.c
tests_unit_test_dpu_mark_CPPFLAGS = $(DPU_OVS_CPPFLAGS)
tests_unit_test_dpu_mark_CFLAGS = $(DPU_OVS_CFLAGS) $(CMOCKA_CFLAGS)
tests_unit_test_dpu_mark_LDFLAGS = \
	$(AM_LDFLAGS) $(OVS_LDFLAGS) -Wl,--wrap=time_msec
tests_unit_test_dpu_mark_LDADD = \
	ofproto-dpif-dpu/libofproto-dpif-dpu.la \
	$(OVS_BUILDDIR)/lib/libopenvswitch.la \
	$(CMOCKA_LIBS)

tests_unit_test_dpu_partial_SOURCES = \
	tests/unit/chain-fixture.c \
	tests/unit/chain-fixture.h \
	tests/unit/megaflow.c \
	tests/unit/megaflow.h \
	tests/unit/test-dpu-partial.c
tests_unit_test_dpu_partial_CPPFLAGS = $(DPU_OVS_CPPFLAGS)
tests_unit_test_dpu_partial_CFLAGS = $(DPU_OVS_CFLAGS) $(CMOCKA_CFLAGS)
tests_unit_test_dpu_partial_LDFLAGS = $(AM_LDFLAGS) $(OVS_LDFLAGS)
tests_unit_test_dpu_partial_LDADD = \
	ofproto-dpif-dpu/libofproto-dpif-dpu.la \
	$(OVS_BUILDDIR)/lib/libopenvswitch.la \
	$(CMOCKA_LIBS)

# Connections, on a fake device with software's own connection tracking.
ct_life_tests = \
	tests/unit/test-dpu-ct \
	tests/unit/test-dpu-ct-admission \
	tests/unit/test-dpu-ct-device \
	tests/unit/test-dpu-ct-random
check_PROGRAMS += $(ct_life_tests)
TESTS += $(ct_life_tests)
ct_life_test_sources = \
	tests/unit/ct-fixture.c \
	tests/unit/ct-fixture.h \
	tests/unit/ct-talk.c \
	tests/unit/ct-talk.h
ct_life_test_ldflags = $(AM_LDFLAGS) $(OVS_LDFLAGS) -Wl,--wrap=time_msec
ct_life_test_ldadd = \
	ofproto-dpif-dpu/libofproto-dpif-dpu.la \
	$(OVS_BUILDDIR)/lib/libopenvswitch.la \
	$(CMOCKA_LIBS)
tests_unit_test_dpu_ct_SOURCES = \
	$(ct_life_test_sources) tests/unit/test-dpu-ct.c
tests_unit_test_dpu_ct_CPPFLAGS = $(DPU_OVS_CPPFLAGS)
tests_unit_test_dpu_ct_CFLAGS = $(DPU_OVS_CFLAGS) $(CMOCKA_CFLAGS)
tests_unit_test_dpu_ct_LDFLAGS = $(ct_life_test_ldflags)
tests_unit_test_dpu_ct_LDADD = $(ct_life_test_ldadd)
tests_unit_test_dpu_ct_admission_SOURCES = \
	$(ct_life_test_sources) tests/unit/test-dpu-ct-admission.c
tests_unit_test_dpu_ct_admission_CPPFLAGS = $(DPU_OVS_CPPFLAGS)
tests_unit_test_dpu_ct_admission_CFLAGS = $(DPU_OVS_CFLAGS) $(CMOCKA_CFLAGS)
tests_unit_test_dpu_ct_admission_LDFLAGS = $(ct_life_test_ldflags)
tests_unit_test_dpu_ct_admission_LDADD = $(ct_life_test_ldadd)
tests_unit_test_dpu_ct_device_SOURCES = \
	$(ct_life_test_sources) tests/unit/test-dpu-ct-device.c
tests_unit_test_dpu_ct_device_CPPFLAGS = $(DPU_OVS_CPPFLAGS)
tests_unit_test_dpu_ct_device_CFLAGS = $(DPU_OVS_CFLAGS) $(CMOCKA_CFLAGS)
tests_unit_test_dpu_ct_device_LDFLAGS = $(ct_life_test_ldflags)
tests_unit_test_dpu_ct_device_LDADD = $(ct_life_test_ldadd)
tests_unit_test_dpu_ct_random_SOURCES = \
	$(ct_life_test_sources) tests/unit/test-dpu-ct-random.c
tests_unit_test_dpu_ct_random_CPPFLAGS = $(DPU_OVS_CPPFLAGS)
tests_unit_test_dpu_ct_random_CFLAGS = $(DPU_OVS_CFLAGS) $(CMOCKA_CFLAGS)
tests_unit_test_dpu_ct_random_LDFLAGS = $(ct_life_test_ldflags)
tests_unit_test_dpu_ct_random_LDADD = $(ct_life_test_ldadd)

# Meters, on a fake device.
check_PROGRAMS += tests/unit/test-dpu-meter
TESTS += tests/unit/test-dpu-meter
tests_unit_test_dpu_meter_SOURCES = tests/unit/test-dpu-meter.c
tests_unit_test_dpu_meter_CPPFLAGS = $(DPU_OVS_CPPFLAGS)
tests_unit_test_dpu_meter_CFLAGS = $(DPU_OVS_CFLAGS) $(CMOCKA_CFLAGS)
tests_unit_test_dpu_meter_LDFLAGS = \
	$(AM_LDFLAGS) $(OVS_LDFLAGS) \
	-Wl,--wrap=rte_mtr_capabilities_get \
	-Wl,--wrap=rte_mtr_meter_profile_add \
	-Wl,--wrap=rte_mtr_meter_profile_delete \
	-Wl,--wrap=rte_mtr_meter_profile_update \
	-Wl,--wrap=rte_mtr_meter_policy_add \
	-Wl,--wrap=rte_mtr_meter_policy_delete \
	-Wl,--wrap=rte_mtr_create \
	-Wl,--wrap=rte_mtr_destroy \
	-Wl,--wrap=rte_mtr_stats_read
tests_unit_test_dpu_meter_LDADD = \
	ofproto-dpif-dpu/libofproto-dpif-dpu.la \
	$(OVS_BUILDDIR)/lib/libopenvswitch.la \
	$(CMOCKA_LIBS)

# The emulator: its packets; its rules.
EMU_TEST_CPPFLAGS = \
	-I$(top_srcdir)/tests/unit $(EMU_CPPFLAGS) \
	-DFIXTURE_PROFILE_DIR='"$(abs_top_srcdir)/emulator/profiles"'
EMU_TEST_CFLAGS = $(EMU_CFLAGS) $(CMOCKA_CFLAGS)
EMU_TEST_LIBS = emulator/libemu.la $(EMU_LIBS) $(CMOCKA_LIBS)

check_PROGRAMS += \
	tests/unit/test-emu-representor \
	tests/unit/test-emu-connection \
	tests/unit/test-emu-devargs \
	tests/unit/test-emu-device \
	tests/unit/test-emu-flow \
	tests/unit/test-emu-hash \
	tests/unit/test-emu-item \
	tests/unit/test-emu-packet \
	tests/unit/test-emu-profile \
	tests/unit/test-emu-segment \
	tests/unit/test-emu-table \
	tests/unit/test-emu-template
TESTS += \
	tests/unit/test-emu-representor \
	tests/unit/test-emu-connection \
	tests/unit/test-emu-devargs \
	tests/unit/test-emu-device \
	tests/unit/test-emu-flow \
	tests/unit/test-emu-hash \
	tests/unit/test-emu-item \
	tests/unit/test-emu-packet \
	tests/unit/test-emu-profile \
	tests/unit/test-emu-segment \
	tests/unit/test-emu-table \
	tests/unit/test-emu-template

tests_unit_test_emu_flow_SOURCES = \
	tests/unit/emu-device-fixture.h \
	tests/unit/test-emu-flow.c
tests_unit_test_emu_flow_CPPFLAGS = $(EMU_TEST_CPPFLAGS)
tests_unit_test_emu_flow_CFLAGS = $(EMU_TEST_CFLAGS)
tests_unit_test_emu_flow_LDADD = $(EMU_TEST_LIBS)

tests_unit_test_emu_template_SOURCES = \
	tests/unit/emu-fixture.h \
	tests/unit/emu-switch-fixture.h \
	tests/unit/test-emu-template.c
tests_unit_test_emu_template_CPPFLAGS = $(EMU_TEST_CPPFLAGS)
tests_unit_test_emu_template_CFLAGS = $(EMU_TEST_CFLAGS)
# Memory may run out at each step, and nothing be left of it.
tests_unit_test_emu_template_LDFLAGS = $(AM_LDFLAGS) \
	-Wl,--wrap=malloc,--wrap=calloc,--wrap=aligned_alloc \
	-Wl,--wrap=realloc,--wrap=free
tests_unit_test_emu_template_LDADD = $(EMU_TEST_LIBS)

tests_unit_test_emu_connection_SOURCES = \
	tests/unit/emu-fixture.h \
	tests/unit/emu-switch-fixture.h \
	tests/unit/test-emu-connection.c
tests_unit_test_emu_connection_CPPFLAGS = $(EMU_TEST_CPPFLAGS)
tests_unit_test_emu_connection_CFLAGS = $(EMU_TEST_CFLAGS)
tests_unit_test_emu_connection_LDADD = $(EMU_TEST_LIBS)

tests_unit_test_emu_hash_SOURCES = tests/unit/test-emu-hash.c
tests_unit_test_emu_hash_CPPFLAGS = $(EMU_TEST_CPPFLAGS)
tests_unit_test_emu_hash_CFLAGS = $(EMU_TEST_CFLAGS)
tests_unit_test_emu_hash_LDADD = $(EMU_TEST_LIBS)

tests_unit_test_emu_packet_SOURCES = \
	tests/unit/emu-fixture.h \
	tests/unit/test-emu-packet.c
tests_unit_test_emu_packet_CPPFLAGS = $(EMU_TEST_CPPFLAGS)
tests_unit_test_emu_packet_CFLAGS = $(EMU_TEST_CFLAGS)
tests_unit_test_emu_packet_LDADD = $(EMU_TEST_LIBS)

# What it costs to offload a megaflow, without a device.
BENCHES += tests/bench/bench-flow
EXTRA_PROGRAMS += tests/bench/bench-flow
tests_bench_bench_flow_SOURCES = \
	tests/bench/bench-device.c \
	tests/bench/bench-device.h \
	tests/bench/bench-flow.c
tests_bench_bench_flow_CPPFLAGS = $(DPU_OVS_CPPFLAGS)
tests_bench_bench_flow_CFLAGS = $(DPU_OVS_CFLAGS)
tests_bench_bench_flow_LDFLAGS = $(AM_LDFLAGS) $(OVS_LDFLAGS)
tests_bench_bench_flow_LDADD = \
	tests/bench/libbench.la \
	ofproto-dpif-dpu/libofproto-dpif-dpu.la \
	$(OVS_BUILDDIR)/lib/libopenvswitch.la

# What it costs to offload megaflows, with our ports and with those of Open
# vSwitch's own type "dpdk": compare.py runs both.
bench_programs = \
	tests/bench/bench-offload \
	tests/bench/bench-offload-upstream
EXTRA_PROGRAMS += $(bench_programs)
EXTRA_DIST += tests/bench/compare.py
CLEANFILES += $(bench_programs) bench.json bench-*.png
BENCH_OFFLOAD_CPPFLAGS = $(DPU_OVS_CPPFLAGS) \
	-DBENCH_PROFILES='"$(abs_top_srcdir)/emulator/profiles"' \
	-DBENCH_EMULATOR='"$(abs_top_builddir)/emulator/.libs/librte_net_dpu_emu.so"'
BENCH_OFFLOAD_WRAP = \
	-Wl,--wrap=rte_flow_create \
	-Wl,--wrap=rte_flow_destroy \
	-Wl,--wrap=rte_flow_query

tests_bench_bench_offload_SOURCES = \
	tests/bench/bench-offload.c \
	ofproto-dpif-dpu/ovs-hooks.c \
	ofproto-dpif-dpu/ovs-hooks.h
tests_bench_bench_offload_CPPFLAGS = \
	$(BENCH_OFFLOAD_CPPFLAGS) -DBENCH_PORT_TYPE='"dpu"'
tests_bench_bench_offload_CFLAGS = $(DPU_OVS_CFLAGS)
tests_bench_bench_offload_LDFLAGS = \
	$(AM_LDFLAGS) $(OVS_LDFLAGS) $(DPU_WRAP) $(BENCH_OFFLOAD_WRAP)
tests_bench_bench_offload_LDADD = \
	tests/bench/libbench.la \
	ofproto-dpif-dpu/libofproto-dpif-dpu.la \
	netdev-dpu/libnetdev-dpu.la \
	lib/libdpu.la \
	$(OVS_BUILDDIR)/lib/libsflow.la \
	$(OVS_BUILDDIR)/lib/libopenvswitch.la

tests_bench_bench_offload_upstream_SOURCES = tests/bench/bench-offload.c
tests_bench_bench_offload_upstream_CPPFLAGS = \
	$(BENCH_OFFLOAD_CPPFLAGS) -DBENCH_PORT_TYPE='"dpdk"'
tests_bench_bench_offload_upstream_CFLAGS = $(DPU_OVS_CFLAGS)
tests_bench_bench_offload_upstream_LDFLAGS = \
	$(AM_LDFLAGS) $(OVS_LDFLAGS) $(BENCH_OFFLOAD_WRAP)
tests_bench_bench_offload_upstream_LDADD = \
	tests/bench/libbench.la \
	$(OVS_BUILDDIR)/lib/libopenvswitch.la

# What connections in hardware cost, without a device.
BENCHES += tests/bench/bench-ct
EXTRA_PROGRAMS += tests/bench/bench-ct
tests_bench_bench_ct_SOURCES = \
	tests/bench/bench-conntrack.c \
	tests/bench/bench-conntrack.h \
	tests/bench/bench-device.c \
	tests/bench/bench-device.h \
	tests/bench/bench-ct.c
tests_bench_bench_ct_CPPFLAGS = $(DPU_OVS_CPPFLAGS) \
	-DBENCH_PROFILE_DIR='"$(abs_top_srcdir)/emulator/profiles"' \
	-DBENCH_DRIVER='"$(abs_top_builddir)/emulator/.libs/librte_net_dpu_emu.so"'
tests_bench_bench_ct_CFLAGS = $(DPU_OVS_CFLAGS)
tests_bench_bench_ct_LDFLAGS = $(AM_LDFLAGS) $(OVS_LDFLAGS)
tests_bench_bench_ct_LDADD = \
	tests/bench/libbench.la \
	ofproto-dpif-dpu/libofproto-dpif-dpu.la \
	$(OVS_BUILDDIR)/lib/libopenvswitch.la

# Connections per second onto the emulated device.
BENCHES += tests/bench/bench-connections
EXTRA_PROGRAMS += tests/bench/bench-connections
tests_bench_bench_connections_SOURCES = \
	tests/bench/bench-conntrack.c \
	tests/bench/bench-conntrack.h \
	tests/bench/bench-connections.c
tests_bench_bench_connections_CPPFLAGS = $(DPU_OVS_CPPFLAGS) \
	-DBENCH_DRIVER='"$(abs_builddir)/$(DPU_EMU)"' \
	-DBENCH_PROFILE_DIR='"$(abs_top_srcdir)/emulator/profiles"'
tests_bench_bench_connections_CFLAGS = $(DPU_OVS_CFLAGS)
tests_bench_bench_connections_LDFLAGS = \
	$(AM_LDFLAGS) $(OVS_LDFLAGS) \
	-Wl,--wrap=rte_flow_async_create -Wl,--wrap=rte_flow_async_destroy \
	-Wl,--wrap=rte_flow_push -Wl,--wrap=rte_flow_pull \
	-Wl,--wrap=rte_flow_query
tests_bench_bench_connections_LDADD = \
	tests/bench/libbench.la \
	ofproto-dpif-dpu/libofproto-dpif-dpu.la \
	$(OVS_BUILDDIR)/lib/libopenvswitch.la -lrte_bus_vdev
tests_bench_bench_connections_DEPENDENCIES = \
	tests/bench/libbench.la \
	ofproto-dpif-dpu/libofproto-dpif-dpu.la \
	emulator/librte_net_dpu_emu.la

# The translation of megaflows.
translate_tests = \
	tests/unit/test-dpu-action \
	tests/unit/test-dpu-action-copy \
	tests/unit/test-dpu-action-ct \
	tests/unit/test-dpu-action-header \
	tests/unit/test-dpu-branch \
	tests/unit/test-dpu-caps \
	tests/unit/test-dpu-ct-rule \
	tests/unit/test-dpu-match \
	tests/unit/test-dpu-match-tunnel \
	tests/unit/test-dpu-plan \
	tests/unit/test-dpu-prometheus \
	tests/unit/test-dpu-reason \
	tests/unit/test-dpu-set \
	tests/unit/test-dpu-spec \
	tests/unit/test-dpu-stats \
	tests/unit/test-dpu-translate \
	tests/unit/test-dpu-tunnel
check_PROGRAMS += $(translate_tests)
TESTS += $(translate_tests)

translate_test_ldflags = $(AM_LDFLAGS) $(OVS_LDFLAGS)
translate_test_ldadd = \
	ofproto-dpif-dpu/libofproto-dpif-dpu.la \
	$(OVS_BUILDDIR)/lib/libopenvswitch.la \
	$(CMOCKA_LIBS)

tests_unit_test_dpu_action_SOURCES = \
	tests/unit/megaflow.c \
	tests/unit/megaflow.h \
	tests/unit/test-dpu-action.c
tests_unit_test_dpu_action_CPPFLAGS = $(DPU_OVS_CPPFLAGS)
tests_unit_test_dpu_action_CFLAGS = $(DPU_OVS_CFLAGS) $(CMOCKA_CFLAGS)
tests_unit_test_dpu_action_LDFLAGS = $(translate_test_ldflags)
tests_unit_test_dpu_action_LDADD = $(translate_test_ldadd)

tests_unit_test_dpu_action_copy_SOURCES = \
	tests/unit/megaflow.c \
	tests/unit/megaflow.h \
	tests/unit/test-dpu-action-copy.c
tests_unit_test_dpu_action_copy_CPPFLAGS = $(DPU_OVS_CPPFLAGS)
tests_unit_test_dpu_action_copy_CFLAGS = $(DPU_OVS_CFLAGS) $(CMOCKA_CFLAGS)
tests_unit_test_dpu_action_copy_LDFLAGS = $(translate_test_ldflags)
tests_unit_test_dpu_action_copy_LDADD = $(translate_test_ldadd)

tests_unit_test_dpu_action_ct_SOURCES = \
	tests/unit/megaflow.c \
	tests/unit/megaflow.h \
	tests/unit/test-dpu-action-ct.c
tests_unit_test_dpu_action_ct_CPPFLAGS = $(DPU_OVS_CPPFLAGS)
tests_unit_test_dpu_action_ct_CFLAGS = $(DPU_OVS_CFLAGS) $(CMOCKA_CFLAGS)
tests_unit_test_dpu_action_ct_LDFLAGS = $(translate_test_ldflags)
tests_unit_test_dpu_action_ct_LDADD = $(translate_test_ldadd)

tests_unit_test_dpu_action_header_SOURCES = \
	tests/unit/megaflow.c \
	tests/unit/megaflow.h \
	tests/unit/test-dpu-action-header.c
tests_unit_test_dpu_action_header_CPPFLAGS = $(DPU_OVS_CPPFLAGS)
tests_unit_test_dpu_action_header_CFLAGS = $(DPU_OVS_CFLAGS) $(CMOCKA_CFLAGS)
tests_unit_test_dpu_action_header_LDFLAGS = $(translate_test_ldflags)
tests_unit_test_dpu_action_header_LDADD = $(translate_test_ldadd)

tests_unit_test_dpu_caps_SOURCES = tests/unit/test-dpu-caps.c
tests_unit_test_dpu_caps_CPPFLAGS = $(DPU_OVS_CPPFLAGS)
tests_unit_test_dpu_caps_CFLAGS = $(DPU_OVS_CFLAGS) $(CMOCKA_CFLAGS)
tests_unit_test_dpu_caps_LDFLAGS = \
	$(translate_test_ldflags) \
	-Wl,--wrap=rte_flow_validate -Wl,--wrap=rte_mtr_capabilities_get \
	-Wl,--wrap=rte_eth_dev_info_get
tests_unit_test_dpu_caps_LDADD = $(translate_test_ldadd)

tests_unit_test_dpu_ct_rule_SOURCES = tests/unit/test-dpu-ct-rule.c
tests_unit_test_dpu_ct_rule_CPPFLAGS = $(DPU_OVS_CPPFLAGS)
tests_unit_test_dpu_ct_rule_CFLAGS = $(DPU_OVS_CFLAGS) $(CMOCKA_CFLAGS)
tests_unit_test_dpu_ct_rule_LDFLAGS = $(translate_test_ldflags)
tests_unit_test_dpu_ct_rule_LDADD = $(translate_test_ldadd)

tests_unit_test_dpu_match_SOURCES = \
	tests/unit/megaflow.c \
	tests/unit/megaflow.h \
	tests/unit/test-dpu-match.c
tests_unit_test_dpu_match_CPPFLAGS = $(DPU_OVS_CPPFLAGS)
tests_unit_test_dpu_match_CFLAGS = $(DPU_OVS_CFLAGS) $(CMOCKA_CFLAGS)
tests_unit_test_dpu_match_LDFLAGS = $(translate_test_ldflags)
tests_unit_test_dpu_match_LDADD = $(translate_test_ldadd)

tests_unit_test_dpu_branch_SOURCES = \
	tests/unit/megaflow.c \
	tests/unit/megaflow.h \
	tests/unit/test-dpu-branch.c
tests_unit_test_dpu_branch_CPPFLAGS = $(DPU_OVS_CPPFLAGS)
tests_unit_test_dpu_branch_CFLAGS = $(DPU_OVS_CFLAGS) $(CMOCKA_CFLAGS)
tests_unit_test_dpu_branch_LDFLAGS = $(translate_test_ldflags)
tests_unit_test_dpu_branch_LDADD = $(translate_test_ldadd)

tests_unit_test_dpu_match_tunnel_SOURCES = \
	tests/unit/megaflow.c \
	tests/unit/megaflow.h \
	tests/unit/test-dpu-match-tunnel.c
tests_unit_test_dpu_match_tunnel_CPPFLAGS = $(DPU_OVS_CPPFLAGS)
tests_unit_test_dpu_match_tunnel_CFLAGS = $(DPU_OVS_CFLAGS) $(CMOCKA_CFLAGS)
tests_unit_test_dpu_match_tunnel_LDFLAGS = $(translate_test_ldflags)
tests_unit_test_dpu_match_tunnel_LDADD = $(translate_test_ldadd)

tests_unit_test_dpu_prometheus_SOURCES = tests/unit/test-dpu-prometheus.c
tests_unit_test_dpu_prometheus_CPPFLAGS = $(DPU_OVS_CPPFLAGS)
tests_unit_test_dpu_prometheus_CFLAGS = $(DPU_OVS_CFLAGS) $(CMOCKA_CFLAGS)
tests_unit_test_dpu_prometheus_LDFLAGS = $(translate_test_ldflags)
tests_unit_test_dpu_prometheus_LDADD = $(translate_test_ldadd)

tests_unit_test_dpu_reason_SOURCES = tests/unit/test-dpu-reason.c
tests_unit_test_dpu_reason_CPPFLAGS = $(DPU_OVS_CPPFLAGS)
tests_unit_test_dpu_reason_CFLAGS = $(DPU_OVS_CFLAGS) $(CMOCKA_CFLAGS)
tests_unit_test_dpu_reason_LDFLAGS = $(translate_test_ldflags)
tests_unit_test_dpu_reason_LDADD = $(translate_test_ldadd)

tests_unit_test_dpu_set_SOURCES = \
	tests/unit/megaflow.c \
	tests/unit/megaflow.h \
	tests/unit/test-dpu-set.c
tests_unit_test_dpu_set_CPPFLAGS = $(DPU_OVS_CPPFLAGS)
tests_unit_test_dpu_set_CFLAGS = $(DPU_OVS_CFLAGS) $(CMOCKA_CFLAGS)
tests_unit_test_dpu_set_LDFLAGS = $(translate_test_ldflags)
tests_unit_test_dpu_set_LDADD = $(translate_test_ldadd)

tests_unit_test_dpu_spec_SOURCES = tests/unit/test-dpu-spec.c
tests_unit_test_dpu_spec_CPPFLAGS = $(DPU_OVS_CPPFLAGS)
tests_unit_test_dpu_spec_CFLAGS = $(DPU_OVS_CFLAGS) $(CMOCKA_CFLAGS)
tests_unit_test_dpu_spec_LDFLAGS = $(translate_test_ldflags)
tests_unit_test_dpu_spec_LDADD = $(translate_test_ldadd)

tests_unit_test_dpu_stats_SOURCES = tests/unit/test-dpu-stats.c
tests_unit_test_dpu_stats_CPPFLAGS = $(DPU_OVS_CPPFLAGS)
tests_unit_test_dpu_stats_CFLAGS = $(DPU_OVS_CFLAGS) $(CMOCKA_CFLAGS)
tests_unit_test_dpu_stats_LDFLAGS = $(translate_test_ldflags)
tests_unit_test_dpu_stats_LDADD = $(translate_test_ldadd)

# Real megaflows are read as ovs-dpuctl reads them.
tests_unit_test_dpu_plan_SOURCES = \
	tests/unit/test-dpu-plan.c \
	utilities/dpuctl-daemon.c \
	utilities/dpuctl-daemon.h \
	utilities/dpuctl-dump.c \
	utilities/dpuctl-dump.h \
	utilities/dpuctl-trace.c \
	utilities/dpuctl-trace.h
tests_unit_test_dpu_plan_CPPFLAGS = $(DPU_OVS_CPPFLAGS) \
	-DOVN_MEGAFLOWS=\"$(abs_top_srcdir)/tests/data/ovn-megaflows.txt\"
tests_unit_test_dpu_plan_CFLAGS = $(DPU_OVS_CFLAGS) $(CMOCKA_CFLAGS)
tests_unit_test_dpu_plan_LDFLAGS = $(translate_test_ldflags)
tests_unit_test_dpu_plan_LDADD = $(translate_test_ldadd)

tests_unit_test_dpu_translate_SOURCES = \
	tests/unit/megaflow.c \
	tests/unit/megaflow.h \
	tests/unit/rule-model.c \
	tests/unit/rule-model.h \
	tests/unit/test-dpu-translate.c
tests_unit_test_dpu_translate_CPPFLAGS = $(DPU_OVS_CPPFLAGS)
tests_unit_test_dpu_translate_CFLAGS = $(DPU_OVS_CFLAGS) $(CMOCKA_CFLAGS)
tests_unit_test_dpu_translate_LDFLAGS = $(translate_test_ldflags)
tests_unit_test_dpu_translate_LDADD = $(translate_test_ldadd)

tests_unit_test_dpu_tunnel_SOURCES = \
	tests/unit/megaflow.c \
	tests/unit/megaflow.h \
	tests/unit/test-dpu-tunnel.c
tests_unit_test_dpu_tunnel_CPPFLAGS = $(DPU_OVS_CPPFLAGS)
tests_unit_test_dpu_tunnel_CFLAGS = $(DPU_OVS_CFLAGS) $(CMOCKA_CFLAGS)
tests_unit_test_dpu_tunnel_LDFLAGS = $(translate_test_ldflags)
tests_unit_test_dpu_tunnel_LDADD = $(translate_test_ldadd)

# With all of the driver, which registers itself.
tests_unit_test_emu_device_SOURCES = tests/unit/test-emu-device.c
tests_unit_test_emu_device_CPPFLAGS = $(EMU_TEST_CPPFLAGS)
tests_unit_test_emu_device_CFLAGS = $(EMU_TEST_CFLAGS)
tests_unit_test_emu_device_LDFLAGS = $(AM_LDFLAGS) -Wl,--undefined=emu_logtype
tests_unit_test_emu_device_LDADD = $(EMU_TEST_LIBS)

tests_unit_test_emu_segment_SOURCES = \
	tests/unit/emu-fixture.h \
	tests/unit/test-emu-segment.c
tests_unit_test_emu_segment_CPPFLAGS = $(EMU_TEST_CPPFLAGS)
tests_unit_test_emu_segment_CFLAGS = $(EMU_TEST_CFLAGS)
tests_unit_test_emu_segment_LDADD = $(EMU_TEST_LIBS)

tests_unit_test_emu_devargs_SOURCES = tests/unit/test-emu-devargs.c
tests_unit_test_emu_devargs_CPPFLAGS = $(EMU_TEST_CPPFLAGS)
tests_unit_test_emu_devargs_CFLAGS = $(EMU_TEST_CFLAGS)
tests_unit_test_emu_devargs_LDADD = $(EMU_TEST_LIBS)

tests_unit_test_emu_representor_SOURCES = tests/unit/test-emu-representor.c
tests_unit_test_emu_representor_CPPFLAGS = $(EMU_TEST_CPPFLAGS)
tests_unit_test_emu_representor_CFLAGS = $(EMU_TEST_CFLAGS)
tests_unit_test_emu_representor_LDADD = $(EMU_TEST_LIBS)

# The emulator's actions and pipeline, with tables, wires and rings that are
# the test's own: not libemu.
emu_program_tests = \
	tests/unit/test-emu-action \
	tests/unit/test-emu-pipeline
check_PROGRAMS += $(emu_program_tests)
TESTS += $(emu_program_tests)

emu_program_sources = \
	tests/unit/emu-fixture.h \
	tests/unit/emu-switch-fixture.h \
	emulator/emu-action-class.c \
	emulator/emu-action.c \
	emulator/emu-bind.c \
	emulator/emu-counter.c \
	emulator/emu-encap.c \
	emulator/emu-error.c \
	emulator/emu-indirect.c \
	emulator/emu-memory.c \
	emulator/emu-meter-policy.c \
	emulator/emu-meter.c \
	emulator/emu-modify.c \
	emulator/emu-packet.c \
	emulator/emu-parse.c \
	emulator/emu-pipeline.c \
	emulator/emu-policer.c \
	emulator/emu-rewrite.c \
	emulator/emu-set.c

tests_unit_test_emu_action_SOURCES = \
	tests/unit/test-emu-action.c $(emu_program_sources)
tests_unit_test_emu_action_CPPFLAGS = $(EMU_TEST_CPPFLAGS)
tests_unit_test_emu_action_CFLAGS = $(EMU_TEST_CFLAGS)
tests_unit_test_emu_action_LDADD = $(EMU_LIBS) $(CMOCKA_LIBS)

tests_unit_test_emu_pipeline_SOURCES = \
	tests/unit/test-emu-pipeline.c $(emu_program_sources)
tests_unit_test_emu_pipeline_CPPFLAGS = $(EMU_TEST_CPPFLAGS)
tests_unit_test_emu_pipeline_CFLAGS = $(EMU_TEST_CFLAGS)
tests_unit_test_emu_pipeline_LDADD = $(EMU_LIBS) $(CMOCKA_LIBS)

tests_unit_test_emu_item_SOURCES = \
	tests/unit/emu-device-fixture.h \
	tests/unit/test-emu-item.c
tests_unit_test_emu_item_CPPFLAGS = $(EMU_TEST_CPPFLAGS)
tests_unit_test_emu_item_CFLAGS = $(EMU_TEST_CFLAGS)
tests_unit_test_emu_item_LDADD = $(EMU_TEST_LIBS)

tests_unit_test_emu_profile_SOURCES = \
	tests/unit/emu-device-fixture.h \
	tests/unit/test-emu-profile.c
tests_unit_test_emu_profile_CPPFLAGS = $(EMU_TEST_CPPFLAGS)
tests_unit_test_emu_profile_CFLAGS = $(EMU_TEST_CFLAGS)
tests_unit_test_emu_profile_LDADD = $(EMU_TEST_LIBS)

tests_unit_test_emu_table_SOURCES = \
	tests/unit/emu-device-fixture.h \
	tests/unit/test-emu-table.c
tests_unit_test_emu_table_CPPFLAGS = $(EMU_TEST_CPPFLAGS)
tests_unit_test_emu_table_CFLAGS = $(EMU_TEST_CFLAGS)
tests_unit_test_emu_table_LDADD = $(EMU_TEST_LIBS)

# The emulator's packets against those of Open vSwitch.
check_PROGRAMS += tests/unit/test-emu-oracle
TESTS += tests/unit/test-emu-oracle
tests_unit_test_emu_oracle_SOURCES = \
	tests/unit/emu-fixture.h \
	tests/unit/test-emu-oracle.c
tests_unit_test_emu_oracle_CPPFLAGS = \
	$(DPU_OVS_CPPFLAGS) -I$(top_srcdir)/tests/unit \
	-I$(top_srcdir)/emulator $(DPDK_DRIVER_CPPFLAGS)
tests_unit_test_emu_oracle_CFLAGS = $(DPU_OVS_CFLAGS) $(CMOCKA_CFLAGS)
tests_unit_test_emu_oracle_LDFLAGS = $(AM_LDFLAGS) $(OVS_LDFLAGS)
tests_unit_test_emu_oracle_LDADD = \
	emulator/libemu.la $(EMU_LIBS) \
	$(OVS_BUILDDIR)/lib/libopenvswitch.la $(CMOCKA_LIBS)

# The emulated device's tables.
BENCHES += tests/bench/bench-emu-table
EXTRA_PROGRAMS += tests/bench/bench-emu-table
tests_bench_bench_emu_table_SOURCES = tests/bench/bench-emu-table.c
tests_bench_bench_emu_table_CPPFLAGS = $(EMU_CPPFLAGS)
tests_bench_bench_emu_table_CFLAGS = $(EMU_CFLAGS)
tests_bench_bench_emu_table_LDADD = \
	tests/bench/libbench.la emulator/libemu.la $(EMU_LIBS)

# The emulated device's template API.
BENCHES += tests/bench/bench-emu-async
EXTRA_PROGRAMS += tests/bench/bench-emu-async
tests_bench_bench_emu_async_SOURCES = tests/bench/bench-emu-async.c
tests_bench_bench_emu_async_CPPFLAGS = $(EMU_CPPFLAGS) \
	-DBENCH_PROFILE_DIR='"$(abs_top_srcdir)/emulator/profiles"'
tests_bench_bench_emu_async_CFLAGS = $(EMU_CFLAGS)
tests_bench_bench_emu_async_LDADD = \
	tests/bench/libbench.la emulator/libemu.la $(EMU_LIBS)

# What a packet costs in the emulated embedded switch.
BENCHES += tests/bench/bench-emu-pipeline
EXTRA_PROGRAMS += tests/bench/bench-emu-pipeline
tests_bench_bench_emu_pipeline_SOURCES = \
	tests/bench/bench-emu-pipeline.c $(emu_program_sources) \
	emulator/emu-cache.c \
	emulator/emu-group.c \
	emulator/emu-hash.c \
	emulator/emu-integrity.c \
	emulator/emu-item-class.c \
	emulator/emu-item-field.c \
	emulator/emu-item-special.c \
	emulator/emu-item.c \
	emulator/emu-lookup.c \
	emulator/emu-pattern.c \
	emulator/emu-segment.c \
	emulator/emu-table.c
tests_bench_bench_emu_pipeline_CPPFLAGS = $(EMU_TEST_CPPFLAGS)
tests_bench_bench_emu_pipeline_CFLAGS = $(EMU_TEST_CFLAGS)
tests_bench_bench_emu_pipeline_LDADD = \
	tests/bench/libbench.la $(EMU_LIBS) $(CMOCKA_LIBS)

include tests/fuzz/automake.mk
