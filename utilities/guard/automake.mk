# The daemon that lets hosts change their own ports, and what it judges them
# by, which tests use as well.
noinst_LTLIBRARIES += utilities/guard/libguard.la
utilities_guard_libguard_la_SOURCES = \
	utilities/guard/guard-change.c \
	utilities/guard/guard-change.h \
	utilities/guard/guard-json.c \
	utilities/guard/guard-json.h \
	utilities/guard/guard-owner.c \
	utilities/guard/guard-owner.h \
	utilities/guard/guard-reference.c \
	utilities/guard/guard-reference.h \
	utilities/guard/guard-request.c \
	utilities/guard/guard-request.h \
	utilities/guard/guard-transaction.c \
	utilities/guard/guard-transaction.h
utilities_guard_libguard_la_CPPFLAGS = $(DPU_OVS_CPPFLAGS)
utilities_guard_libguard_la_CFLAGS = $(DPU_CFLAGS)

sbin_PROGRAMS += utilities/guard/ovs-dpu-guard
utilities_guard_ovs_dpu_guard_SOURCES = \
	utilities/guard/guard-host.c \
	utilities/guard/guard-host.h \
	utilities/guard/guard-pending.c \
	utilities/guard/guard-pending.h \
	utilities/guard/guard-session.c \
	utilities/guard/guard-session.h \
	utilities/guard/ovs-dpu-guard.c
utilities_guard_ovs_dpu_guard_CPPFLAGS = \
	$(DPU_OVS_CPPFLAGS) -DDPU_VERSION='"$(PACKAGE_VERSION)"'
utilities_guard_ovs_dpu_guard_CFLAGS = $(DPU_CFLAGS)
utilities_guard_ovs_dpu_guard_LDFLAGS = $(DPU_OVS_LDFLAGS)
utilities_guard_ovs_dpu_guard_LDADD = \
	utilities/guard/libguard.la \
	$(OVS_BUILDDIR)/lib/libopenvswitch.la
