dist_sbin_SCRIPTS = utilities/ovs-dpu-host utilities/ovs-dpu-lab
dist_man8_MANS = \
	utilities/ovs-dpu-guard.8 \
	utilities/ovs-dpu-host.8 \
	utilities/ovs-dpu-lab.8 \
	utilities/ovs-dpuctl.8 \
	utilities/ovs-vswitchd-dpu.8
# They are copied to where what calls them looks.
hostdir = $(dpudatadir)/host
dist_host_SCRIPTS = \
	utilities/host/ifupdown \
	utilities/host/libvirt \
	utilities/host/xapi
dist_host_DATA = utilities/host/ovs-dpu-host@.service
hostmoduledir = $(hostdir)/ovs_dpu_host
dist_hostmodule_DATA = \
	utilities/host/ovs_dpu_host/__init__.py \
	utilities/host/ovs_dpu_host/certificates.py \
	utilities/host/ovs_dpu_host/config.py \
	utilities/host/ovs_dpu_host/database.py \
	utilities/host/ovs_dpu_host/device.py \
	utilities/host/ovs_dpu_host/hooks.py \
	utilities/host/ovs_dpu_host/steps.py
mininetdir = $(dpudatadir)/mininet
dist_mininet_DATA = utilities/mininet/dpu.py
bashcompletiondir = $(datadir)/bash-completion/completions
dist_bashcompletion_DATA = \
	utilities/bash-completion/ovs-dpu-guard \
	utilities/bash-completion/ovs-dpu-host \
	utilities/bash-completion/ovs-dpu-lab \
	utilities/bash-completion/ovs-dpuctl
grafanadir = $(dpudatadir)/grafana
dist_grafana_DATA = utilities/grafana/ovs-dpu.json
EXTRA_DIST += \
	utilities/debian-packages \
	utilities/demo \
	utilities/prepare-ovs \
	utilities/setup-clone

demo: all
	@$(srcdir)/utilities/demo
.PHONY: demo

# What can be done without the daemon.
sbin_PROGRAMS = utilities/ovs-dpuctl
utilities_ovs_dpuctl_SOURCES = \
	utilities/dpuctl-daemon.c \
	utilities/dpuctl-daemon.h \
	utilities/dpuctl-device.c \
	utilities/dpuctl-device.h \
	utilities/dpuctl-dry-run.c \
	utilities/dpuctl-dry-run.h \
	utilities/dpuctl-dump.c \
	utilities/dpuctl-dump.h \
	utilities/dpuctl-dump-action.c \
	utilities/dpuctl-dump-action.h \
	utilities/dpuctl-dump-port.c \
	utilities/dpuctl-dump-port.h \
	utilities/dpuctl-eswitch.c \
	utilities/dpuctl-eswitch.h \
	utilities/dpuctl-explain.c \
	utilities/dpuctl-explain.h \
	utilities/dpuctl-kernel.c \
	utilities/dpuctl-kernel.h \
	utilities/dpuctl-list.c \
	utilities/dpuctl-list.h \
	utilities/dpuctl-memory.c \
	utilities/dpuctl-memory.h \
	utilities/dpuctl-metrics.c \
	utilities/dpuctl-metrics.h \
	utilities/dpuctl-ovsdb.c \
	utilities/dpuctl-ovsdb.h \
	utilities/dpuctl-ports.c \
	utilities/dpuctl-ports.h \
	utilities/dpuctl-probe.c \
	utilities/dpuctl-probe.h \
	utilities/dpuctl-remember.c \
	utilities/dpuctl-setup-options.c \
	utilities/dpuctl-setup-private.h \
	utilities/dpuctl-setup.c \
	utilities/dpuctl-setup.h \
	utilities/dpuctl-step.c \
	utilities/dpuctl-step.h \
	utilities/dpuctl-sums.c \
	utilities/dpuctl-sums.h \
	utilities/dpuctl-top.c \
	utilities/dpuctl-trace.c \
	utilities/dpuctl-trace.h \
	utilities/dpuctl-translate.c \
	utilities/dpuctl-translate.h \
	utilities/dpuctl-undo.c \
	utilities/ovs-dpuctl.c
utilities_ovs_dpuctl_CPPFLAGS = \
	$(DPU_OVS_CPPFLAGS) -DDPU_VERSION='"$(PACKAGE_VERSION)"'
utilities_ovs_dpuctl_CFLAGS = $(DPU_CFLAGS)
utilities_ovs_dpuctl_LDFLAGS = $(DPU_OVS_LDFLAGS)
utilities_ovs_dpuctl_LDADD = \
	ofproto-dpif-dpu/libofproto-dpif-dpu.la \
	lib/libdpu.la \
	$(OVS_BUILDDIR)/lib/libopenvswitch.la
