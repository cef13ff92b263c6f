noinst_LTLIBRARIES += ofproto-dpif-dpu/libofproto-dpif-dpu.la
ofproto_dpif_dpu_libofproto_dpif_dpu_la_SOURCES = \
	ofproto-dpif-dpu/ct/dpu-ct-admission.c \
	ofproto-dpif-dpu/ct/dpu-ct-admission.h \
	ofproto-dpif-dpu/ct/dpu-ct-burst.c \
	ofproto-dpif-dpu/ct/dpu-ct-burst.h \
	ofproto-dpif-dpu/ct/dpu-ct-class.c \
	ofproto-dpif-dpu/ct/dpu-ct-class.h \
	ofproto-dpif-dpu/ct/dpu-ct-config.c \
	ofproto-dpif-dpu/ct/dpu-ct-config.h \
	ofproto-dpif-dpu/ct/dpu-ct-conn.c \
	ofproto-dpif-dpu/ct/dpu-ct-conn.h \
	ofproto-dpif-dpu/ct/dpu-ct-device.c \
	ofproto-dpif-dpu/ct/dpu-ct-device.h \
	ofproto-dpif-dpu/ct/dpu-ct-install.c \
	ofproto-dpif-dpu/ct/dpu-ct-install.h \
	ofproto-dpif-dpu/ct/dpu-ct-learn.c \
	ofproto-dpif-dpu/ct/dpu-ct-learn.h \
	ofproto-dpif-dpu/ct/dpu-ct-life.c \
	ofproto-dpif-dpu/ct/dpu-ct-life.h \
	ofproto-dpif-dpu/ct/dpu-ct-next.c \
	ofproto-dpif-dpu/ct/dpu-ct-next.h \
	ofproto-dpif-dpu/ct/dpu-ct-number.c \
	ofproto-dpif-dpu/ct/dpu-ct-number.h \
	ofproto-dpif-dpu/ct/dpu-ct-packet.c \
	ofproto-dpif-dpu/ct/dpu-ct-packet.h \
	ofproto-dpif-dpu/ct/dpu-ct-queue.c \
	ofproto-dpif-dpu/ct/dpu-ct-queue.h \
	ofproto-dpif-dpu/ct/dpu-ct-rule.c \
	ofproto-dpif-dpu/ct/dpu-ct-rule.h \
	ofproto-dpif-dpu/ct/dpu-ct-shard.c \
	ofproto-dpif-dpu/ct/dpu-ct-shard.h \
	ofproto-dpif-dpu/ct/dpu-ct-show.c \
	ofproto-dpif-dpu/ct/dpu-ct-sweep.c \
	ofproto-dpif-dpu/ct/dpu-ct-sweep.h \
	ofproto-dpif-dpu/ct/dpu-ct-thread.c \
	ofproto-dpif-dpu/ct/dpu-ct-thread.h \
	ofproto-dpif-dpu/ct/dpu-ct-verdict.c \
	ofproto-dpif-dpu/ct/dpu-ct-verdict.h \
	ofproto-dpif-dpu/ct/dpu-ct.c \
	ofproto-dpif-dpu/ct/dpu-ct.h \
	ofproto-dpif-dpu/device/dpu-audit.c \
	ofproto-dpif-dpu/device/dpu-audit.h \
	ofproto-dpif-dpu/device/dpu-caps-action.c \
	ofproto-dpif-dpu/device/dpu-caps-chain.c \
	ofproto-dpif-dpu/device/dpu-caps-item.c \
	ofproto-dpif-dpu/device/dpu-caps-limits.c \
	ofproto-dpif-dpu/device/dpu-caps-limits.h \
	ofproto-dpif-dpu/device/dpu-caps-private.h \
	ofproto-dpif-dpu/device/dpu-caps.c \
	ofproto-dpif-dpu/device/dpu-caps.h \
	ofproto-dpif-dpu/device/dpu-chain.c \
	ofproto-dpif-dpu/device/dpu-chain.h \
	ofproto-dpif-dpu/device/dpu-ct-regs.c \
	ofproto-dpif-dpu/device/dpu-ct-regs.h \
	ofproto-dpif-dpu/device/dpu-ct-traits.c \
	ofproto-dpif-dpu/device/dpu-ct-traits.h \
	ofproto-dpif-dpu/device/dpu-ct-tuple.c \
	ofproto-dpif-dpu/device/dpu-ct-tuple.h \
	ofproto-dpif-dpu/device/dpu-ct-variant.c \
	ofproto-dpif-dpu/device/dpu-ct-variant.h \
	ofproto-dpif-dpu/device/dpu-insertion.c \
	ofproto-dpif-dpu/device/dpu-insertion.h \
	ofproto-dpif-dpu/device/dpu-mark.c \
	ofproto-dpif-dpu/device/dpu-mark.h \
	ofproto-dpif-dpu/device/dpu-meter.c \
	ofproto-dpif-dpu/device/dpu-meter.h \
	ofproto-dpif-dpu/device/dpu-miss.c \
	ofproto-dpif-dpu/device/dpu-miss.h \
	ofproto-dpif-dpu/device/dpu-reason.c \
	ofproto-dpif-dpu/device/dpu-reason.h \
	ofproto-dpif-dpu/device/dpu-rule-queue-private.h \
	ofproto-dpif-dpu/device/dpu-rule-queue.c \
	ofproto-dpif-dpu/device/dpu-rule-queue.h \
	ofproto-dpif-dpu/device/dpu-rule-template.c \
	ofproto-dpif-dpu/device/dpu-rule.c \
	ofproto-dpif-dpu/device/dpu-rule.h \
	ofproto-dpif-dpu/device/dpu-shape.c \
	ofproto-dpif-dpu/device/dpu-shape.h \
	ofproto-dpif-dpu/device/dpu-slab.c \
	ofproto-dpif-dpu/device/dpu-slab.h \
	ofproto-dpif-dpu/device/dpu-spec-format-item.c \
	ofproto-dpif-dpu/device/dpu-spec-format.c \
	ofproto-dpif-dpu/device/dpu-spec-private.h \
	ofproto-dpif-dpu/device/dpu-spec.c \
	ofproto-dpif-dpu/device/dpu-spec.h \
	ofproto-dpif-dpu/device/dpu-stats.c \
	ofproto-dpif-dpu/device/dpu-stats.h \
	ofproto-dpif-dpu/device/dpu-template-ask.c \
	ofproto-dpif-dpu/device/dpu-template-private.h \
	ofproto-dpif-dpu/device/dpu-template-table.c \
	ofproto-dpif-dpu/device/dpu-template.c \
	ofproto-dpif-dpu/device/dpu-template.h \
	ofproto-dpif-dpu/device/dpu-usdt.h \
	ofproto-dpif-dpu/dpu-flow-api.c \
	ofproto-dpif-dpu/dpu-flow-api.h \
	ofproto-dpif-dpu/flow/dpu-flow-private.h \
	ofproto-dpif-dpu/flow/dpu-flow-review.c \
	ofproto-dpif-dpu/flow/dpu-flow-rule.c \
	ofproto-dpif-dpu/flow/dpu-flow.c \
	ofproto-dpif-dpu/flow/dpu-flow.h \
	ofproto-dpif-dpu/flow/dpu-histogram.c \
	ofproto-dpif-dpu/flow/dpu-histogram.h \
	ofproto-dpif-dpu/flow/dpu-offload-map.c \
	ofproto-dpif-dpu/flow/dpu-offload-private.h \
	ofproto-dpif-dpu/flow/dpu-offload.c \
	ofproto-dpif-dpu/flow/dpu-offload.h \
	ofproto-dpif-dpu/flow/dpu-origin.c \
	ofproto-dpif-dpu/flow/dpu-origin.h \
	ofproto-dpif-dpu/flow/dpu-policer.c \
	ofproto-dpif-dpu/flow/dpu-policer.h \
	ofproto-dpif-dpu/flow/dpu-wake.c \
	ofproto-dpif-dpu/flow/dpu-wake.h \
	ofproto-dpif-dpu/show/dpu-dump.c \
	ofproto-dpif-dpu/show/dpu-dump.h \
	ofproto-dpif-dpu/show/dpu-explain.c \
	ofproto-dpif-dpu/show/dpu-explain.h \
	ofproto-dpif-dpu/show/dpu-explanation.c \
	ofproto-dpif-dpu/show/dpu-explanation.h \
	ofproto-dpif-dpu/show/dpu-megaflow-text.c \
	ofproto-dpif-dpu/show/dpu-megaflow-text.h \
	ofproto-dpif-dpu/show/dpu-metrics.c \
	ofproto-dpif-dpu/show/dpu-metrics.h \
	ofproto-dpif-dpu/show/dpu-prometheus.c \
	ofproto-dpif-dpu/show/dpu-prometheus.h \
	ofproto-dpif-dpu/show/dpu-unixctl-private.h \
	ofproto-dpif-dpu/show/dpu-unixctl.c \
	ofproto-dpif-dpu/show/dpu-unixctl.h \
	ofproto-dpif-dpu/translate/dpu-action-copy.c \
	ofproto-dpif-dpu/translate/dpu-action-ct.c \
	ofproto-dpif-dpu/translate/dpu-action-header.c \
	ofproto-dpif-dpu/translate/dpu-action-meter.c \
	ofproto-dpif-dpu/translate/dpu-action-mpls.c \
	ofproto-dpif-dpu/translate/dpu-action-output.c \
	ofproto-dpif-dpu/translate/dpu-action-private.h \
	ofproto-dpif-dpu/translate/dpu-action.c \
	ofproto-dpif-dpu/translate/dpu-action.h \
	ofproto-dpif-dpu/translate/dpu-branch.c \
	ofproto-dpif-dpu/translate/dpu-branch.h \
	ofproto-dpif-dpu/translate/dpu-match-ct.c \
	ofproto-dpif-dpu/translate/dpu-match-l3.c \
	ofproto-dpif-dpu/translate/dpu-match-l4.c \
	ofproto-dpif-dpu/translate/dpu-match-private.h \
	ofproto-dpif-dpu/translate/dpu-match-tunnel.c \
	ofproto-dpif-dpu/translate/dpu-match.c \
	ofproto-dpif-dpu/translate/dpu-match.h \
	ofproto-dpif-dpu/translate/dpu-megaflow.c \
	ofproto-dpif-dpu/translate/dpu-megaflow.h \
	ofproto-dpif-dpu/translate/dpu-partial.c \
	ofproto-dpif-dpu/translate/dpu-partial.h \
	ofproto-dpif-dpu/translate/dpu-set.c \
	ofproto-dpif-dpu/translate/dpu-set.h \
	ofproto-dpif-dpu/translate/dpu-translate.c \
	ofproto-dpif-dpu/translate/dpu-translate.h \
	ofproto-dpif-dpu/translate/dpu-tunnel.c \
	ofproto-dpif-dpu/translate/dpu-tunnel.h
ofproto_dpif_dpu_libofproto_dpif_dpu_la_CPPFLAGS = $(DPU_OVS_CPPFLAGS)
ofproto_dpif_dpu_libofproto_dpif_dpu_la_CFLAGS = $(DPU_OVS_CFLAGS)

# The daemon: Open vSwitch's own objects, linked anew with ours.
dpulib_PROGRAMS += ofproto-dpif-dpu/ovs-vswitchd-dpu
ofproto_dpif_dpu_ovs_vswitchd_dpu_SOURCES = \
	ofproto-dpif-dpu/ovs-hooks.c \
	ofproto-dpif-dpu/ovs-hooks.h
ofproto_dpif_dpu_ovs_vswitchd_dpu_CPPFLAGS = $(DPU_OVS_CPPFLAGS)
ofproto_dpif_dpu_ovs_vswitchd_dpu_CFLAGS = $(DPU_OVS_CFLAGS)
ofproto_dpif_dpu_ovs_vswitchd_dpu_LDFLAGS = \
	$(AM_LDFLAGS) $(OVS_LDFLAGS) $(DPU_WRAP)
ofproto_dpif_dpu_ovs_vswitchd_dpu_LDADD = \
	ofproto-dpif-dpu/libofproto-dpif-dpu.la \
	netdev-dpu/libnetdev-dpu.la \
	lib/libdpu.la \
	$(OVS_BUILDDIR)/vswitchd/bridge.o \
	$(OVS_BUILDDIR)/vswitchd/ovs-vswitchd.o \
	$(OVS_BUILDDIR)/vswitchd/system-stats.o \
	$(OVS_BUILDDIR)/ofproto/libofproto.la \
	$(OVS_BUILDDIR)/lib/libsflow.la \
	$(OVS_BUILDDIR)/lib/libopenvswitch.la

# One --wrap per function that ovs-hooks.c stands in front of.
DPU_WRAP = \
	-Wl,--wrap=netdev_register_provider \
	-Wl,--wrap=netdev_dpdk_register \
	-Wl,--wrap=netdev_register_flow_api_provider \
	-Wl,--wrap=netdev_set_config \
	-Wl,--wrap=dpif_operate \
	-Wl,--wrap=dpif_meter_set \
	-Wl,--wrap=dpif_meter_get \
	-Wl,--wrap=dpif_meter_del \
	-Wl,--wrap=mpsc_queue_insert \
	-Wl,--wrap=xnanosleep \
	-Wl,--wrap=id_fpool_free_id \
	-Wl,--wrap=ovsrec_interface_set_error \
	-Wl,--wrap=rte_pktmbuf_pool_create \
	-Wl,--wrap=rte_eth_dev_start \
	-Wl,--wrap=dpif_register_upcall_cb \
	-Wl,--wrap=netdev_set_flow_api_enabled \
	-Wl,--wrap=conntrack_init \
	-Wl,--wrap=conntrack_execute \
	-Wl,--wrap=conntrack_flush \
	-Wl,--wrap=conntrack_flush_tuple \
	-Wl,--wrap=conntrack_destroy
