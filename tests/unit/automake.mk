# The programs of cmocka, each with what it is linked with.

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

# The memory of their queues.
check_PROGRAMS += tests/unit/test-dpu-backlog
TESTS += tests/unit/test-dpu-backlog
tests_unit_test_dpu_backlog_SOURCES = tests/unit/test-dpu-backlog.c
tests_unit_test_dpu_backlog_CPPFLAGS = $(DPU_OVS_CPPFLAGS)
tests_unit_test_dpu_backlog_CFLAGS = $(DPU_OVS_CFLAGS) $(CMOCKA_CFLAGS)
tests_unit_test_dpu_backlog_LDFLAGS = \
	$(AM_LDFLAGS) $(OVS_LDFLAGS) -Wl,--wrap=malloc_trim
tests_unit_test_dpu_backlog_LDADD = \
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
	tests/unit/test-dpu-flow-order \
	tests/unit/test-dpu-flow-rule \
	tests/unit/test-dpu-minimum \
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

tests_unit_test_dpu_flow_order_SOURCES = \
	tests/unit/flow-fixture.c \
	tests/unit/flow-fixture.h \
	tests/unit/test-dpu-flow-order.c
tests_unit_test_dpu_flow_order_CPPFLAGS = $(DPU_OVS_CPPFLAGS)
tests_unit_test_dpu_flow_order_CFLAGS = $(DPU_OVS_CFLAGS) $(CMOCKA_CFLAGS)
tests_unit_test_dpu_flow_order_LDFLAGS = $(flow_test_ldflags)
tests_unit_test_dpu_flow_order_LDADD = $(flow_test_ldadd)

tests_unit_test_dpu_flow_rule_SOURCES = \
	tests/unit/flow-fixture.c \
	tests/unit/flow-fixture.h \
	tests/unit/test-dpu-flow-rule.c
tests_unit_test_dpu_flow_rule_CPPFLAGS = $(DPU_OVS_CPPFLAGS)
tests_unit_test_dpu_flow_rule_CFLAGS = $(DPU_OVS_CFLAGS) $(CMOCKA_CFLAGS)
tests_unit_test_dpu_flow_rule_LDFLAGS = $(flow_test_ldflags)
tests_unit_test_dpu_flow_rule_LDADD = $(flow_test_ldadd)

rank_fixture = \
	tests/unit/flow-fixture.c \
	tests/unit/flow-fixture.h \
	tests/unit/rank-fixture.c \
	tests/unit/rank-fixture.h

tests_unit_test_dpu_minimum_SOURCES = \
	$(rank_fixture) \
	tests/unit/test-dpu-minimum.c
tests_unit_test_dpu_minimum_CPPFLAGS = $(DPU_OVS_CPPFLAGS)
tests_unit_test_dpu_minimum_CFLAGS = $(DPU_OVS_CFLAGS) $(CMOCKA_CFLAGS)
tests_unit_test_dpu_minimum_LDFLAGS = $(flow_test_ldflags) -Wl,--wrap=time_msec
tests_unit_test_dpu_minimum_LDADD = $(flow_test_ldadd)

tests_unit_test_dpu_rank_SOURCES = \
	$(rank_fixture) \
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
	-Wl,--wrap=time_msec -Wl,--wrap=netdev_ports_get \
	-Wl,--wrap=netdev_has_tunnel_push_pop -Wl,--wrap=netdev_pop_header \
	-Wl,--wrap=netdev_close
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
meter_test_ldflags = \
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
tests_unit_test_dpu_meter_LDFLAGS = $(meter_test_ldflags)
tests_unit_test_dpu_meter_LDADD = \
	ofproto-dpif-dpu/libofproto-dpif-dpu.la \
	$(OVS_BUILDDIR)/lib/libopenvswitch.la \
	$(CMOCKA_LIBS)

# Audits, on a fake device whose tables are damaged.
check_PROGRAMS += tests/unit/test-dpu-offload-audit
TESTS += tests/unit/test-dpu-offload-audit
tests_unit_test_dpu_offload_audit_SOURCES = \
	tests/unit/chain-fixture.c \
	tests/unit/chain-fixture.h \
	tests/unit/megaflow.c \
	tests/unit/megaflow.h \
	tests/unit/test-dpu-offload-audit.c
tests_unit_test_dpu_offload_audit_CPPFLAGS = $(DPU_OVS_CPPFLAGS)
tests_unit_test_dpu_offload_audit_CFLAGS = $(DPU_OVS_CFLAGS) $(CMOCKA_CFLAGS)
tests_unit_test_dpu_offload_audit_LDFLAGS = $(meter_test_ldflags)
tests_unit_test_dpu_offload_audit_LDADD = \
	ofproto-dpif-dpu/libofproto-dpif-dpu.la \
	netdev-dpu/libnetdev-dpu.la \
	lib/libdpu.la \
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
	tests/unit/test-emu-template \
	tests/unit/test-emu-template-age \
	tests/unit/test-emu-template-fault \
	tests/unit/test-emu-template-memory
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
	tests/unit/test-emu-template \
	tests/unit/test-emu-template-age \
	tests/unit/test-emu-template-fault \
	tests/unit/test-emu-template-memory

tests_unit_test_emu_flow_SOURCES = \
	tests/unit/emu-device-fixture.h \
	tests/unit/emu-fault-fixture.h \
	tests/unit/test-emu-flow.c
tests_unit_test_emu_flow_CPPFLAGS = $(EMU_TEST_CPPFLAGS)
tests_unit_test_emu_flow_CFLAGS = $(EMU_TEST_CFLAGS)
tests_unit_test_emu_flow_LDADD = $(EMU_TEST_LIBS)

# Memory may run out at each step, and nothing be left of it.
emu_template_ldflags = $(AM_LDFLAGS) \
	-Wl,--wrap=malloc,--wrap=calloc,--wrap=aligned_alloc \
	-Wl,--wrap=realloc,--wrap=free
emu_template_fixture = \
	tests/unit/emu-fixture.h \
	tests/unit/emu-switch-fixture.h \
	tests/unit/emu-template-fixture.h
tests_unit_test_emu_template_SOURCES = $(emu_template_fixture) \
	tests/unit/test-emu-template.c
tests_unit_test_emu_template_CPPFLAGS = $(EMU_TEST_CPPFLAGS)
tests_unit_test_emu_template_CFLAGS = $(EMU_TEST_CFLAGS)
tests_unit_test_emu_template_LDFLAGS = $(emu_template_ldflags)
tests_unit_test_emu_template_LDADD = $(EMU_TEST_LIBS)
tests_unit_test_emu_template_age_SOURCES = $(emu_template_fixture) \
	tests/unit/test-emu-template-age.c
tests_unit_test_emu_template_age_CPPFLAGS = $(EMU_TEST_CPPFLAGS)
tests_unit_test_emu_template_age_CFLAGS = $(EMU_TEST_CFLAGS)
tests_unit_test_emu_template_age_LDFLAGS = $(emu_template_ldflags)
tests_unit_test_emu_template_age_LDADD = $(EMU_TEST_LIBS)
tests_unit_test_emu_template_fault_SOURCES = $(emu_template_fixture) \
	tests/unit/emu-fault-fixture.h \
	tests/unit/test-emu-template-fault.c
tests_unit_test_emu_template_fault_CPPFLAGS = $(EMU_TEST_CPPFLAGS)
tests_unit_test_emu_template_fault_CFLAGS = $(EMU_TEST_CFLAGS)
tests_unit_test_emu_template_fault_LDFLAGS = $(emu_template_ldflags)
tests_unit_test_emu_template_fault_LDADD = $(EMU_TEST_LIBS)
tests_unit_test_emu_template_memory_SOURCES = $(emu_template_fixture) \
	tests/unit/test-emu-template-memory.c
tests_unit_test_emu_template_memory_CPPFLAGS = $(EMU_TEST_CPPFLAGS)
tests_unit_test_emu_template_memory_CFLAGS = $(EMU_TEST_CFLAGS)
tests_unit_test_emu_template_memory_LDFLAGS = $(emu_template_ldflags)
tests_unit_test_emu_template_memory_LDADD = $(EMU_TEST_LIBS)

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
	utilities/dpuctl-dump-action.c \
	utilities/dpuctl-dump-action.h \
	utilities/dpuctl-dump-port.c \
	utilities/dpuctl-dump-port.h \
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

# What a host may change in the DPU's database.
check_PROGRAMS += tests/unit/test-guard
TESTS += tests/unit/test-guard
tests_unit_test_guard_SOURCES = tests/unit/test-guard.c
tests_unit_test_guard_CPPFLAGS = $(DPU_OVS_CPPFLAGS)
tests_unit_test_guard_CFLAGS = $(DPU_OVS_CFLAGS) $(CMOCKA_CFLAGS)
tests_unit_test_guard_LDFLAGS = $(AM_LDFLAGS) $(OVS_LDFLAGS)
tests_unit_test_guard_LDADD = utilities/guard/libguard.la \
	$(OVS_BUILDDIR)/lib/libopenvswitch.la $(CMOCKA_LIBS)
