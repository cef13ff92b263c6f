# Measurements: programs that `make bench` builds and runs, one after another.
# Each prints what it measured, with units.
BENCHES =
EXTRA_PROGRAMS =

bench: $(BENCHES) $(bench_programs)
	@rc=0; for b in $(BENCHES); do \
	    echo "== $$b"; \
	    ./$$b || rc=1; \
	done; \
	echo "== instructions per megaflow"; \
	if command -v valgrind >/dev/null; then \
	    $(MAKE) $(AM_MAKEFLAGS) bench-instructions || rc=1; \
	else \
	    echo "not counted: valgrind (package valgrind) is not installed"; \
	fi; \
	echo "== compared with Open vSwitch's own offload"; \
	$(PYTHON3) $(srcdir)/tests/bench/compare.py $(BENCHFLAGS) \
	    $(bench_programs) || rc=1; \
	exit $$rc

# What it costs to translate and keep a megaflow, to read its counts and to
# take it away, in instructions: they are the same each time.  bench-flow does
# each of them to 2,000 megaflows 51 times, the first one twice as often and the
# second one five times.
bench-instructions: tests/bench/bench-flow
	@command -v valgrind >/dev/null || \
	    { echo "valgrind is not installed (package valgrind)" >&2; exit 1; }
	@for f in put:204000 get:510000 del:102000; do \
	    valgrind --tool=callgrind --callgrind-out-file=/dev/null \
	      --toggle-collect=dpu_flow_$${f%:*} \
	      ./tests/bench/bench-flow 2000 2>&1 | \
	    awk -v f="$$f" '/Collected/ { n = $$4 } \
	         END { if (!n) exit 1; split(f, a, ":"); \
	               printf "%-10s %6d\n", a[1], n / a[2] }' || exit 1; \
	done
.PHONY: bench bench-instructions
CLEANFILES += $(BENCHES) $(EXTRA_LTLIBRARIES)

# What they share.
EXTRA_LTLIBRARIES = tests/bench/libbench.la
tests_bench_libbench_la_SOURCES = \
	tests/bench/bench.c \
	tests/bench/bench.h
tests_bench_libbench_la_CFLAGS = $(DPU_CFLAGS)
tests_bench_libbench_la_LIBADD = $(DPDK_LIBS)

# What it costs to offload a megaflow, without a device.
BENCHES += tests/bench/bench-flow
EXTRA_PROGRAMS += tests/bench/bench-flow
tests_bench_bench_flow_SOURCES = \
	tests/bench/bench-device.c \
	tests/bench/bench-device.h \
	tests/bench/bench-flow.c
tests_bench_bench_flow_CPPFLAGS = $(DPU_OVS_CPPFLAGS)
tests_bench_bench_flow_CFLAGS = $(DPU_CFLAGS)
tests_bench_bench_flow_LDFLAGS = $(DPU_OVS_LDFLAGS)
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
tests_bench_bench_offload_CFLAGS = $(DPU_CFLAGS)
tests_bench_bench_offload_LDFLAGS = \
	$(DPU_OVS_LDFLAGS) $(DPU_WRAP) $(BENCH_OFFLOAD_WRAP)
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
tests_bench_bench_offload_upstream_CFLAGS = $(DPU_CFLAGS)
tests_bench_bench_offload_upstream_LDFLAGS = \
	$(DPU_OVS_LDFLAGS) $(BENCH_OFFLOAD_WRAP)
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
tests_bench_bench_ct_CFLAGS = $(DPU_CFLAGS)
tests_bench_bench_ct_LDFLAGS = $(DPU_OVS_LDFLAGS)
tests_bench_bench_ct_LDADD = \
	tests/bench/libbench.la \
	ofproto-dpif-dpu/libofproto-dpif-dpu.la \
	$(OVS_BUILDDIR)/lib/libopenvswitch.la

# Connections per second onto the emulated device.
BENCHES += tests/bench/bench-connections
EXTRA_PROGRAMS += tests/bench/bench-connections
tests_bench_bench_connections_SOURCES = \
	tests/bench/bench-async.c \
	tests/bench/bench-async.h \
	tests/bench/bench-conntrack.c \
	tests/bench/bench-conntrack.h \
	tests/bench/bench-connections.c
tests_bench_bench_connections_CPPFLAGS = $(DPU_OVS_CPPFLAGS) \
	-DBENCH_DRIVER='"$(abs_builddir)/$(DPU_EMU)"' \
	-DBENCH_PROFILE_DIR='"$(abs_top_srcdir)/emulator/profiles"'
tests_bench_bench_connections_CFLAGS = $(DPU_CFLAGS)
tests_bench_bench_connections_LDFLAGS = \
	$(DPU_OVS_LDFLAGS) \
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

# The emulated device's tables.
BENCHES += tests/bench/bench-emu-table
EXTRA_PROGRAMS += tests/bench/bench-emu-table
tests_bench_bench_emu_table_SOURCES = tests/bench/bench-emu-table.c
tests_bench_bench_emu_table_CPPFLAGS = $(EMU_CPPFLAGS)
tests_bench_bench_emu_table_CFLAGS = $(DPU_CFLAGS)
tests_bench_bench_emu_table_LDADD = \
	tests/bench/libbench.la emulator/libemu.la $(EMU_LIBS)

# The emulated device's template API.
BENCHES += tests/bench/bench-emu-async
EXTRA_PROGRAMS += tests/bench/bench-emu-async
tests_bench_bench_emu_async_SOURCES = tests/bench/bench-emu-async.c
tests_bench_bench_emu_async_CPPFLAGS = $(EMU_CPPFLAGS) \
	-DBENCH_PROFILE_DIR='"$(abs_top_srcdir)/emulator/profiles"'
tests_bench_bench_emu_async_CFLAGS = $(DPU_CFLAGS)
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
	emulator/emu-item-raw.c \
	emulator/emu-item-special.c \
	emulator/emu-item.c \
	emulator/emu-lookup.c \
	emulator/emu-pattern.c \
	emulator/emu-segment.c \
	emulator/emu-table.c
tests_bench_bench_emu_pipeline_CPPFLAGS = $(EMU_TEST_CPPFLAGS)
tests_bench_bench_emu_pipeline_LDADD = \
	tests/bench/libbench.la $(EMU_LIBS) $(CMOCKA_LIBS)
