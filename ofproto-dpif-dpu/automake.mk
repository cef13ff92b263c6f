noinst_LTLIBRARIES += ofproto-dpif-dpu/libofproto-dpif-dpu.la
ofproto_dpif_dpu_libofproto_dpif_dpu_la_SOURCES = \
	ofproto-dpif-dpu/dpu-action-copy.c \
	ofproto-dpif-dpu/dpu-action-ct.c \
	ofproto-dpif-dpu/dpu-action-header.c \
	ofproto-dpif-dpu/dpu-action-meter.c \
	ofproto-dpif-dpu/dpu-action-mpls.c \
	ofproto-dpif-dpu/dpu-action-output.c \
	ofproto-dpif-dpu/dpu-action-private.h \
	ofproto-dpif-dpu/dpu-action.c \
	ofproto-dpif-dpu/dpu-action.h \
	ofproto-dpif-dpu/dpu-audit.c \
	ofproto-dpif-dpu/dpu-audit.h \
	ofproto-dpif-dpu/dpu-branch.c \
	ofproto-dpif-dpu/dpu-branch.h \
	ofproto-dpif-dpu/dpu-caps-action.c \
	ofproto-dpif-dpu/dpu-caps-chain.c \
	ofproto-dpif-dpu/dpu-caps-item.c \
	ofproto-dpif-dpu/dpu-caps-limits.c \
	ofproto-dpif-dpu/dpu-caps-limits.h \
	ofproto-dpif-dpu/dpu-caps-private.h \
	ofproto-dpif-dpu/dpu-caps.c \
	ofproto-dpif-dpu/dpu-caps.h \
	ofproto-dpif-dpu/dpu-chain.c \
	ofproto-dpif-dpu/dpu-chain.h \
	ofproto-dpif-dpu/dpu-ct-class.c \
	ofproto-dpif-dpu/dpu-ct-class.h \
	ofproto-dpif-dpu/dpu-ct-burst.c \
	ofproto-dpif-dpu/dpu-ct-burst.h \
	ofproto-dpif-dpu/dpu-ct-config.c \
	ofproto-dpif-dpu/dpu-ct-config.h \
	ofproto-dpif-dpu/dpu-ct-conn.c \
	ofproto-dpif-dpu/dpu-ct-conn.h \
	ofproto-dpif-dpu/dpu-ct-device.c \
	ofproto-dpif-dpu/dpu-ct-device.h \
	ofproto-dpif-dpu/dpu-ct-install.c \
	ofproto-dpif-dpu/dpu-ct-install.h \
	ofproto-dpif-dpu/dpu-ct-learn.c \
	ofproto-dpif-dpu/dpu-ct-learn.h \
	ofproto-dpif-dpu/dpu-ct-life.c \
	ofproto-dpif-dpu/dpu-ct-life.h \
	ofproto-dpif-dpu/dpu-ct-next.c \
	ofproto-dpif-dpu/dpu-ct-next.h \
	ofproto-dpif-dpu/dpu-ct-packet.c \
	ofproto-dpif-dpu/dpu-ct-packet.h \
	ofproto-dpif-dpu/dpu-ct-queue.c \
	ofproto-dpif-dpu/dpu-ct-queue.h \
	ofproto-dpif-dpu/dpu-ct-rule.c \
	ofproto-dpif-dpu/dpu-ct-rule.h \
	ofproto-dpif-dpu/dpu-ct-shard.c \
	ofproto-dpif-dpu/dpu-ct-shard.h \
	ofproto-dpif-dpu/dpu-ct-show.c \
	ofproto-dpif-dpu/dpu-ct-sweep.c \
	ofproto-dpif-dpu/dpu-ct-sweep.h \
	ofproto-dpif-dpu/dpu-ct-thread.c \
	ofproto-dpif-dpu/dpu-ct-thread.h \
	ofproto-dpif-dpu/dpu-ct-traits.c \
	ofproto-dpif-dpu/dpu-ct-traits.h \
	ofproto-dpif-dpu/dpu-ct-tuple.c \
	ofproto-dpif-dpu/dpu-ct-tuple.h \
	ofproto-dpif-dpu/dpu-ct.c \
	ofproto-dpif-dpu/dpu-ct.h \
	ofproto-dpif-dpu/dpu-ct-regs.c \
	ofproto-dpif-dpu/dpu-ct-regs.h \
	ofproto-dpif-dpu/dpu-ct-variant.c \
	ofproto-dpif-dpu/dpu-ct-variant.h \
	ofproto-dpif-dpu/dpu-ct-verdict.c \
	ofproto-dpif-dpu/dpu-ct-verdict.h \
	ofproto-dpif-dpu/dpu-dump.c \
	ofproto-dpif-dpu/dpu-dump.h \
	ofproto-dpif-dpu/dpu-explain.c \
	ofproto-dpif-dpu/dpu-explain.h \
	ofproto-dpif-dpu/dpu-explanation.c \
	ofproto-dpif-dpu/dpu-explanation.h \
	ofproto-dpif-dpu/dpu-flow-api.c \
	ofproto-dpif-dpu/dpu-flow-api.h \
	ofproto-dpif-dpu/dpu-flow-private.h \
	ofproto-dpif-dpu/dpu-flow-review.c \
	ofproto-dpif-dpu/dpu-flow-rule.c \
	ofproto-dpif-dpu/dpu-flow.c \
	ofproto-dpif-dpu/dpu-flow.h \
	ofproto-dpif-dpu/dpu-histogram.c \
	ofproto-dpif-dpu/dpu-histogram.h \
	ofproto-dpif-dpu/dpu-mark.c \
	ofproto-dpif-dpu/dpu-mark.h \
	ofproto-dpif-dpu/dpu-match.c \
	ofproto-dpif-dpu/dpu-match.h \
	ofproto-dpif-dpu/dpu-insertion.c \
	ofproto-dpif-dpu/dpu-insertion.h \
	ofproto-dpif-dpu/dpu-match-ct.c \
	ofproto-dpif-dpu/dpu-match-l3.c \
	ofproto-dpif-dpu/dpu-match-l4.c \
	ofproto-dpif-dpu/dpu-match-private.h \
	ofproto-dpif-dpu/dpu-match-tunnel.c \
	ofproto-dpif-dpu/dpu-megaflow-text.c \
	ofproto-dpif-dpu/dpu-megaflow-text.h \
	ofproto-dpif-dpu/dpu-megaflow.c \
	ofproto-dpif-dpu/dpu-megaflow.h \
	ofproto-dpif-dpu/dpu-meter.c \
	ofproto-dpif-dpu/dpu-meter.h \
	ofproto-dpif-dpu/dpu-metrics.c \
	ofproto-dpif-dpu/dpu-metrics.h \
	ofproto-dpif-dpu/dpu-miss.c \
	ofproto-dpif-dpu/dpu-miss.h \
	ofproto-dpif-dpu/dpu-origin.c \
	ofproto-dpif-dpu/dpu-origin.h \
	ofproto-dpif-dpu/dpu-offload-map.c \
	ofproto-dpif-dpu/dpu-offload-private.h \
	ofproto-dpif-dpu/dpu-offload.c \
	ofproto-dpif-dpu/dpu-offload.h \
	ofproto-dpif-dpu/dpu-partial.c \
	ofproto-dpif-dpu/dpu-partial.h \
	ofproto-dpif-dpu/dpu-prometheus.c \
	ofproto-dpif-dpu/dpu-prometheus.h \
	ofproto-dpif-dpu/dpu-reason.c \
	ofproto-dpif-dpu/dpu-reason.h \
	ofproto-dpif-dpu/dpu-rule-queue-private.h \
	ofproto-dpif-dpu/dpu-rule-queue.c \
	ofproto-dpif-dpu/dpu-rule-queue.h \
	ofproto-dpif-dpu/dpu-rule-template.c \
	ofproto-dpif-dpu/dpu-rule.c \
	ofproto-dpif-dpu/dpu-rule.h \
	ofproto-dpif-dpu/dpu-set.c \
	ofproto-dpif-dpu/dpu-set.h \
	ofproto-dpif-dpu/dpu-shape.c \
	ofproto-dpif-dpu/dpu-shape.h \
	ofproto-dpif-dpu/dpu-slab.c \
	ofproto-dpif-dpu/dpu-slab.h \
	ofproto-dpif-dpu/dpu-spec-format-item.c \
	ofproto-dpif-dpu/dpu-spec-format.c \
	ofproto-dpif-dpu/dpu-spec-private.h \
	ofproto-dpif-dpu/dpu-spec.c \
	ofproto-dpif-dpu/dpu-spec.h \
	ofproto-dpif-dpu/dpu-stats.c \
	ofproto-dpif-dpu/dpu-stats.h \
	ofproto-dpif-dpu/dpu-template-ask.c \
	ofproto-dpif-dpu/dpu-template-private.h \
	ofproto-dpif-dpu/dpu-template-table.c \
	ofproto-dpif-dpu/dpu-template.c \
	ofproto-dpif-dpu/dpu-template.h \
	ofproto-dpif-dpu/dpu-translate.c \
	ofproto-dpif-dpu/dpu-translate.h \
	ofproto-dpif-dpu/dpu-tunnel.c \
	ofproto-dpif-dpu/dpu-tunnel.h \
	ofproto-dpif-dpu/dpu-unixctl-private.h \
	ofproto-dpif-dpu/dpu-unixctl.c \
	ofproto-dpif-dpu/dpu-unixctl.h \
	ofproto-dpif-dpu/dpu-wake.c \
	ofproto-dpif-dpu/dpu-wake.h
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
