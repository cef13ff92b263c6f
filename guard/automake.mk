# The daemon that lets hosts change their own ports, and what it judges them
# by, which tests use as well.
noinst_LTLIBRARIES += guard/libguard.la
guard_libguard_la_SOURCES = \
	guard/guard-change.c \
	guard/guard-change.h \
	guard/guard-json.c \
	guard/guard-json.h \
	guard/guard-owner.c \
	guard/guard-owner.h \
	guard/guard-request.c \
	guard/guard-request.h \
	guard/guard-transaction.c \
	guard/guard-transaction.h
guard_libguard_la_CPPFLAGS = $(DPU_OVS_CPPFLAGS)
guard_libguard_la_CFLAGS = $(DPU_OVS_CFLAGS)

sbin_PROGRAMS += guard/ovs-dpu-guard
guard_ovs_dpu_guard_SOURCES = \
	guard/guard-host.c \
	guard/guard-host.h \
	guard/guard-session.c \
	guard/guard-session.h \
	guard/ovs-dpu-guard.c
guard_ovs_dpu_guard_CPPFLAGS = \
	$(DPU_OVS_CPPFLAGS) -DDPU_VERSION='"$(PACKAGE_VERSION)"'
guard_ovs_dpu_guard_CFLAGS = $(DPU_OVS_CFLAGS)
guard_ovs_dpu_guard_LDFLAGS = $(AM_LDFLAGS) $(OVS_LDFLAGS)
guard_ovs_dpu_guard_LDADD = \
	guard/libguard.la \
	$(OVS_BUILDDIR)/lib/libopenvswitch.la
