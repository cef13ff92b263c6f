# The programs of cmocka.  What one is made of is said where that is more than
# its own file, what it is built with where that is not what Makefile.am says.

# The ports.
unit_tests += \
	tests/unit/test-config \
	tests/unit/test-port \
	tests/unit/test-probe \
	tests/unit/test-representor \
	tests/unit/test-switchdev

tests_unit_test_representor_LDADD = lib/libdpu.la $(CMOCKA_LIBS)

tests_unit_test_switchdev_SOURCES = \
	tests/unit/fake-sysfs.c \
	tests/unit/fake-sysfs.h \
	tests/unit/test-switchdev.c
tests_unit_test_switchdev_LDADD = lib/libdpu.la $(CMOCKA_LIBS)

tests_unit_test_config_LDADD = netdev-dpu/libnetdev-dpu.la lib/libdpu.la \
	$(OVS_BUILDDIR)/lib/libopenvswitch.la $(CMOCKA_LIBS)

tests_unit_test_port_CPPFLAGS = $(AM_CPPFLAGS) \
	-DEMU_DRIVER='"$(abs_builddir)/emulator/.libs/librte_net_dpu_emu.so"' \
	-DEMU_PROFILES='"$(abs_srcdir)/emulator/profiles"'
tests_unit_test_port_LDADD = netdev-dpu/libnetdev-dpu.la lib/libdpu.la \
	$(OVS_BUILDDIR)/lib/libopenvswitch.la $(CMOCKA_LIBS)

tests_unit_test_probe_LDADD = netdev-dpu/libnetdev-dpu.la lib/libdpu.la \
	$(OVS_BUILDDIR)/lib/libopenvswitch.la $(CMOCKA_LIBS)

# The wake-up of offload threads.
unit_tests += tests/unit/test-dpu-wake

# The memory of their queues.
unit_tests += tests/unit/test-dpu-backlog
tests_unit_test_dpu_backlog_LDFLAGS = $(AM_LDFLAGS) -Wl,--wrap=malloc_trim

# Rules, on a fake device.
unit_tests += tests/unit/test-dpu-rule

# Rules through templates, on a fake device.
unit_tests += tests/unit/test-dpu-rule-queue
tests_unit_test_dpu_rule_queue_LDFLAGS = \
	$(AM_LDFLAGS) -Wl,--wrap=time_msec \
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

# The life of megaflows, on a fake device.
unit_tests += \
	tests/unit/test-dpu-flow \
	tests/unit/test-dpu-flow-review \
	tests/unit/test-dpu-flow-order \
	tests/unit/test-dpu-flow-rule \
	tests/unit/test-dpu-minimum \
	tests/unit/test-dpu-rank

flow_test_ldflags = $(AM_LDFLAGS) -Wl,--wrap=dpu_translate

tests_unit_test_dpu_flow_SOURCES = \
	tests/unit/flow-fixture.c \
	tests/unit/flow-fixture.h \
	tests/unit/test-dpu-flow.c
tests_unit_test_dpu_flow_LDFLAGS = $(flow_test_ldflags)

tests_unit_test_dpu_flow_review_SOURCES = \
	tests/unit/flow-fixture.c \
	tests/unit/flow-fixture.h \
	tests/unit/test-dpu-flow-review.c
tests_unit_test_dpu_flow_review_LDFLAGS = $(flow_test_ldflags)

tests_unit_test_dpu_flow_order_SOURCES = \
	tests/unit/flow-fixture.c \
	tests/unit/flow-fixture.h \
	tests/unit/test-dpu-flow-order.c
tests_unit_test_dpu_flow_order_LDFLAGS = $(flow_test_ldflags)

tests_unit_test_dpu_flow_rule_SOURCES = \
	tests/unit/flow-fixture.c \
	tests/unit/flow-fixture.h \
	tests/unit/test-dpu-flow-rule.c
tests_unit_test_dpu_flow_rule_LDFLAGS = $(flow_test_ldflags)

rank_fixture = \
	tests/unit/flow-fixture.c \
	tests/unit/flow-fixture.h \
	tests/unit/rank-fixture.c \
	tests/unit/rank-fixture.h

tests_unit_test_dpu_minimum_SOURCES = \
	$(rank_fixture) \
	tests/unit/test-dpu-minimum.c
tests_unit_test_dpu_minimum_LDFLAGS = $(flow_test_ldflags) -Wl,--wrap=time_msec

tests_unit_test_dpu_rank_SOURCES = \
	$(rank_fixture) \
	tests/unit/test-dpu-rank.c
tests_unit_test_dpu_rank_LDFLAGS = $(flow_test_ldflags) -Wl,--wrap=time_msec

# Variants of ct() and classes of connections; megaflows with ct(), on a fake
# device.
unit_tests += \
	tests/unit/test-dpu-ct-class \
	tests/unit/test-dpu-ct-flow \
	tests/unit/test-dpu-ct-number \
	tests/unit/test-dpu-ct-variant
tests_unit_test_dpu_ct_class_LDFLAGS = $(AM_LDFLAGS) -Wl,--wrap=time_msec
tests_unit_test_dpu_ct_flow_SOURCES = \
	tests/unit/megaflow.c \
	tests/unit/megaflow.h \
	tests/unit/test-dpu-ct-flow.c

# Chains, on a fake device; packets that missed, in a fake datapath.
unit_tests += \
	tests/unit/test-dpu-chain \
	tests/unit/test-dpu-chain-flow \
	tests/unit/test-dpu-miss
tests_unit_test_dpu_chain_SOURCES = \
	tests/unit/chain-fixture.c \
	tests/unit/chain-fixture.h \
	tests/unit/megaflow.c \
	tests/unit/megaflow.h \
	tests/unit/test-dpu-chain.c

tests_unit_test_dpu_chain_flow_SOURCES = \
	tests/unit/chain-fixture.c \
	tests/unit/chain-fixture.h \
	tests/unit/megaflow.c \
	tests/unit/megaflow.h \
	tests/unit/test-dpu-chain-flow.c

tests_unit_test_dpu_miss_LDFLAGS = \
	$(AM_LDFLAGS) -Wl,--wrap=dpif_execute \
	-Wl,--wrap=time_msec -Wl,--wrap=netdev_ports_get \
	-Wl,--wrap=netdev_has_tunnel_push_pop -Wl,--wrap=netdev_pop_header \
	-Wl,--wrap=netdev_close

# Megaflows of which hardware does the match alone, and their marks.
unit_tests += \
	tests/unit/test-dpu-mark \
	tests/unit/test-dpu-partial
tests_unit_test_dpu_mark_LDFLAGS = $(AM_LDFLAGS) -Wl,--wrap=time_msec

tests_unit_test_dpu_partial_SOURCES = \
	tests/unit/chain-fixture.c \
	tests/unit/chain-fixture.h \
	tests/unit/megaflow.c \
	tests/unit/megaflow.h \
	tests/unit/test-dpu-partial.c

# Connections, on a fake device with software's own connection tracking.
unit_tests += \
	tests/unit/test-dpu-ct \
	tests/unit/test-dpu-ct-admission \
	tests/unit/test-dpu-ct-device \
	tests/unit/test-dpu-ct-random
ct_life_test_sources = \
	tests/unit/ct-fixture.c \
	tests/unit/ct-fixture.h \
	tests/unit/ct-talk.c \
	tests/unit/ct-talk.h
ct_life_test_ldflags = $(AM_LDFLAGS) -Wl,--wrap=time_msec
tests_unit_test_dpu_ct_SOURCES = \
	$(ct_life_test_sources) tests/unit/test-dpu-ct.c
tests_unit_test_dpu_ct_LDFLAGS = $(ct_life_test_ldflags)
tests_unit_test_dpu_ct_admission_SOURCES = \
	$(ct_life_test_sources) tests/unit/test-dpu-ct-admission.c
tests_unit_test_dpu_ct_admission_LDFLAGS = $(ct_life_test_ldflags)
tests_unit_test_dpu_ct_device_SOURCES = \
	$(ct_life_test_sources) tests/unit/test-dpu-ct-device.c
tests_unit_test_dpu_ct_device_LDFLAGS = $(ct_life_test_ldflags)
tests_unit_test_dpu_ct_random_SOURCES = \
	$(ct_life_test_sources) tests/unit/test-dpu-ct-random.c
tests_unit_test_dpu_ct_random_LDFLAGS = $(ct_life_test_ldflags)

# Meters, on a fake device.
unit_tests += tests/unit/test-dpu-meter
meter_test_ldflags = \
	$(AM_LDFLAGS) \
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

# Audits, on a fake device whose tables are damaged.
unit_tests += tests/unit/test-dpu-offload-audit
tests_unit_test_dpu_offload_audit_SOURCES = \
	tests/unit/chain-fixture.c \
	tests/unit/chain-fixture.h \
	tests/unit/megaflow.c \
	tests/unit/megaflow.h \
	tests/unit/test-dpu-offload-audit.c
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
EMU_TEST_LIBS = emulator/libemu.la $(EMU_LIBS) $(CMOCKA_LIBS)

unit_tests += \
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
tests_unit_test_emu_template_LDFLAGS = $(emu_template_ldflags)
tests_unit_test_emu_template_LDADD = $(EMU_TEST_LIBS)
tests_unit_test_emu_template_age_SOURCES = $(emu_template_fixture) \
	tests/unit/test-emu-template-age.c
tests_unit_test_emu_template_age_CPPFLAGS = $(EMU_TEST_CPPFLAGS)
tests_unit_test_emu_template_age_LDFLAGS = $(emu_template_ldflags)
tests_unit_test_emu_template_age_LDADD = $(EMU_TEST_LIBS)
tests_unit_test_emu_template_fault_SOURCES = $(emu_template_fixture) \
	tests/unit/emu-fault-fixture.h \
	tests/unit/test-emu-template-fault.c
tests_unit_test_emu_template_fault_CPPFLAGS = $(EMU_TEST_CPPFLAGS)
tests_unit_test_emu_template_fault_LDFLAGS = $(emu_template_ldflags)
tests_unit_test_emu_template_fault_LDADD = $(EMU_TEST_LIBS)
tests_unit_test_emu_template_memory_SOURCES = $(emu_template_fixture) \
	tests/unit/test-emu-template-memory.c
tests_unit_test_emu_template_memory_CPPFLAGS = $(EMU_TEST_CPPFLAGS)
tests_unit_test_emu_template_memory_LDFLAGS = $(emu_template_ldflags)
tests_unit_test_emu_template_memory_LDADD = $(EMU_TEST_LIBS)

tests_unit_test_emu_connection_SOURCES = \
	tests/unit/emu-fixture.h \
	tests/unit/emu-switch-fixture.h \
	tests/unit/test-emu-connection.c
tests_unit_test_emu_connection_CPPFLAGS = $(EMU_TEST_CPPFLAGS)
tests_unit_test_emu_connection_LDADD = $(EMU_TEST_LIBS)

tests_unit_test_emu_hash_CPPFLAGS = $(EMU_TEST_CPPFLAGS)
tests_unit_test_emu_hash_LDADD = $(EMU_TEST_LIBS)

tests_unit_test_emu_packet_SOURCES = \
	tests/unit/emu-fixture.h \
	tests/unit/test-emu-packet.c
tests_unit_test_emu_packet_CPPFLAGS = $(EMU_TEST_CPPFLAGS)
tests_unit_test_emu_packet_LDADD = $(EMU_TEST_LIBS)

# The translation of megaflows.
unit_tests += \
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

tests_unit_test_dpu_action_SOURCES = \
	tests/unit/megaflow.c \
	tests/unit/megaflow.h \
	tests/unit/test-dpu-action.c

tests_unit_test_dpu_action_copy_SOURCES = \
	tests/unit/megaflow.c \
	tests/unit/megaflow.h \
	tests/unit/test-dpu-action-copy.c

tests_unit_test_dpu_action_ct_SOURCES = \
	tests/unit/megaflow.c \
	tests/unit/megaflow.h \
	tests/unit/test-dpu-action-ct.c

tests_unit_test_dpu_action_header_SOURCES = \
	tests/unit/megaflow.c \
	tests/unit/megaflow.h \
	tests/unit/test-dpu-action-header.c

tests_unit_test_dpu_caps_LDFLAGS = \
	$(translate_test_ldflags) \
	-Wl,--wrap=rte_flow_validate -Wl,--wrap=rte_mtr_capabilities_get \
	-Wl,--wrap=rte_eth_dev_info_get

tests_unit_test_dpu_match_SOURCES = \
	tests/unit/megaflow.c \
	tests/unit/megaflow.h \
	tests/unit/test-dpu-match.c

tests_unit_test_dpu_branch_SOURCES = \
	tests/unit/megaflow.c \
	tests/unit/megaflow.h \
	tests/unit/test-dpu-branch.c

tests_unit_test_dpu_match_tunnel_SOURCES = \
	tests/unit/megaflow.c \
	tests/unit/megaflow.h \
	tests/unit/test-dpu-match-tunnel.c

tests_unit_test_dpu_set_SOURCES = \
	tests/unit/megaflow.c \
	tests/unit/megaflow.h \
	tests/unit/test-dpu-set.c

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
tests_unit_test_dpu_plan_CPPFLAGS = $(AM_CPPFLAGS) \
	-DOVN_MEGAFLOWS=\"$(abs_top_srcdir)/tests/data/ovn-megaflows.txt\"

tests_unit_test_dpu_translate_SOURCES = \
	tests/unit/megaflow.c \
	tests/unit/megaflow.h \
	tests/unit/rule-model.c \
	tests/unit/rule-model.h \
	tests/unit/test-dpu-translate.c

tests_unit_test_dpu_tunnel_SOURCES = \
	tests/unit/megaflow.c \
	tests/unit/megaflow.h \
	tests/unit/test-dpu-tunnel.c

# With all of the driver, which registers itself.
tests_unit_test_emu_device_CPPFLAGS = $(EMU_TEST_CPPFLAGS)
tests_unit_test_emu_device_LDFLAGS = $(AM_LDFLAGS) -Wl,--undefined=emu_logtype
tests_unit_test_emu_device_LDADD = $(EMU_TEST_LIBS)

tests_unit_test_emu_segment_SOURCES = \
	tests/unit/emu-fixture.h \
	tests/unit/test-emu-segment.c
tests_unit_test_emu_segment_CPPFLAGS = $(EMU_TEST_CPPFLAGS)
tests_unit_test_emu_segment_LDADD = $(EMU_TEST_LIBS)

tests_unit_test_emu_devargs_CPPFLAGS = $(EMU_TEST_CPPFLAGS)
tests_unit_test_emu_devargs_LDADD = $(EMU_TEST_LIBS)

tests_unit_test_emu_representor_CPPFLAGS = $(EMU_TEST_CPPFLAGS)
tests_unit_test_emu_representor_LDADD = $(EMU_TEST_LIBS)

# The emulator's actions and pipeline, with tables, wires and rings that are
# the test's own: not libemu.
unit_tests += \
	tests/unit/test-emu-action \
	tests/unit/test-emu-action-rewrite \
	tests/unit/test-emu-action-state \
	tests/unit/test-emu-pipeline

emu_program_sources = \
	tests/unit/emu-fixture.h \
	tests/unit/emu-lookup-fixture.h \
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
	tests/unit/emu-action-fixture.h \
	tests/unit/test-emu-action.c \
	$(emu_program_sources)
tests_unit_test_emu_action_CPPFLAGS = $(EMU_TEST_CPPFLAGS)
tests_unit_test_emu_action_LDADD = $(EMU_LIBS) $(CMOCKA_LIBS)

tests_unit_test_emu_action_rewrite_SOURCES = \
	tests/unit/emu-action-fixture.h \
	tests/unit/test-emu-action-rewrite.c \
	$(emu_program_sources)
tests_unit_test_emu_action_rewrite_CPPFLAGS = $(EMU_TEST_CPPFLAGS)
tests_unit_test_emu_action_rewrite_LDADD = $(EMU_LIBS) $(CMOCKA_LIBS)

tests_unit_test_emu_action_state_SOURCES = \
	tests/unit/emu-action-fixture.h \
	tests/unit/test-emu-action-state.c \
	$(emu_program_sources)
tests_unit_test_emu_action_state_CPPFLAGS = $(EMU_TEST_CPPFLAGS)
tests_unit_test_emu_action_state_LDADD = $(EMU_LIBS) $(CMOCKA_LIBS)

tests_unit_test_emu_pipeline_SOURCES = \
	tests/unit/test-emu-pipeline.c $(emu_program_sources)
tests_unit_test_emu_pipeline_CPPFLAGS = $(EMU_TEST_CPPFLAGS)
tests_unit_test_emu_pipeline_LDADD = $(EMU_LIBS) $(CMOCKA_LIBS)

tests_unit_test_emu_item_SOURCES = \
	tests/unit/emu-device-fixture.h \
	tests/unit/test-emu-item.c
tests_unit_test_emu_item_CPPFLAGS = $(EMU_TEST_CPPFLAGS)
tests_unit_test_emu_item_LDADD = $(EMU_TEST_LIBS)

tests_unit_test_emu_profile_SOURCES = \
	tests/unit/emu-device-fixture.h \
	tests/unit/test-emu-profile.c
tests_unit_test_emu_profile_CPPFLAGS = $(EMU_TEST_CPPFLAGS)
tests_unit_test_emu_profile_LDADD = $(EMU_TEST_LIBS)

tests_unit_test_emu_table_SOURCES = \
	tests/unit/emu-device-fixture.h \
	tests/unit/test-emu-table.c
tests_unit_test_emu_table_CPPFLAGS = $(EMU_TEST_CPPFLAGS)
tests_unit_test_emu_table_LDADD = $(EMU_TEST_LIBS)

# The emulator's packets against those of Open vSwitch.
unit_tests += tests/unit/test-emu-oracle
tests_unit_test_emu_oracle_SOURCES = \
	tests/unit/emu-fixture.h \
	tests/unit/test-emu-oracle.c
tests_unit_test_emu_oracle_CPPFLAGS = \
	$(DPU_OVS_CPPFLAGS) -I$(top_srcdir)/tests/unit \
	-I$(top_srcdir)/emulator $(DPDK_DRIVER_CPPFLAGS)
tests_unit_test_emu_oracle_LDADD = \
	emulator/libemu.la $(EMU_LIBS) \
	$(OVS_BUILDDIR)/lib/libopenvswitch.la $(CMOCKA_LIBS)

# What a host may change in the DPU's database.
unit_tests += tests/unit/test-guard
tests_unit_test_guard_LDADD = utilities/guard/libguard.la \
	$(OVS_BUILDDIR)/lib/libopenvswitch.la $(CMOCKA_LIBS)
