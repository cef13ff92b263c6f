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
	tests/ct-lab.at \
	tests/conntrack.at \
	tests/ct-class.at \
	tests/ct-echo.at \
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
	tests/guard.at \
	tests/offloads.at \
	tests/fuzz.at

EXTRA_DIST += \
	$(TESTSUITE_AT) \
	tests/atlocal.in \
	tests/capture.py \
	tests/collector.py \
	tests/case.py \
	tests/chaos.py \
	tests/churn.py \
	tests/conformance.py \
	tests/coverage \
	tests/ctlab.py \
	tests/data/conformance.txt \
	tests/data/features.txt \
	tests/data/ovn-coverage.txt \
	tests/data/ovn-megaflows.txt \
	tests/decap.py \
	tests/dissect.py \
	tests/differential.py \
	tests/dpu-traffic-macros.at \
	tests/dpu-traffic.at \
	tests/exchange.py \
	tests/features.py \
	tests/guard.py \
	tests/host.py \
	tests/metrics.py \
	tests/ovs-suite \
	tests/packet.py \
	tests/probes.py \
	tests/reference.py \
	tests/ipfix.py \
	tests/sflow.py \
	tests/summary \
	tests/tsan.h \
	tests/tsan.supp \
	tests/vf-bin/ovs-appctl \
	tests/vf-bin/tcpdump \
	tests/tunnel.py \
	tests/tutorial.py

# Counts what a daemon has on its heap.
check_LTLIBRARIES = tests/heap-count.la
tests_heap_count_la_SOURCES = tests/heap-count.c
tests_heap_count_la_CPPFLAGS =
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

# Connections in each combination alone, for CT_SECONDS, and the table with the
# results.
CT_SECONDS = 10
CT_TABLE = $(abs_builddir)/conntrack.txt
check-conntrack: all $(TESTSUITE) tests/atlocal
	rm -f $(CT_TABLE)
	CT_SECONDS=$(CT_SECONDS) CT_TABLE=$(CT_TABLE) \
	  $(SHELL) $(TESTSUITE) -C tests -k ct-lab
	@cat $(CT_TABLE)
update-conntrack:
	$(AM_V_GEN)$(PYTHON3) -B $(srcdir)/tests/ctlab.py write $(CT_TABLE)
.PHONY: check-conntrack update-conntrack
CLEANFILES += conntrack.txt

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
	tests/unit/test-dpu-ct-variant \
	tests/unit/test-dpu-flow \
	tests/unit/test-dpu-wake \
	tests/unit/test-emu-device \
	tests/unit/test-emu-hash \
	tests/unit/test-emu-template-fault
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

include tests/unit/automake.mk
include tests/bench/automake.mk
include tests/fuzz/automake.mk
include tests/devlink/automake.mk
include tests/mininet/automake.mk
include tests/ovn/automake.mk
