# The DPUs of a machine, as the kernel tells of them: quick, with what was
# recorded; and for real, with a kernel that has netdevsim.

unit_tests += tests/unit/test-devlink
EXTRA_DIST += \
	tests/data/netdevsim-list.netlink \
	tests/data/netdevsim-mac.netlink \
	tests/data/netdevsim-refusal.netlink

netlink_replay_ldflags = \
	-Wl,--wrap=mnl_socket_open -Wl,--wrap=mnl_socket_bind \
	-Wl,--wrap=mnl_socket_close -Wl,--wrap=mnl_socket_setsockopt \
	-Wl,--wrap=mnl_socket_sendto -Wl,--wrap=mnl_socket_recvfrom

tests_unit_test_devlink_SOURCES = \
	tests/unit/fake-netlink.c \
	tests/unit/fake-netlink.h \
	tests/unit/fake-sysfs.c \
	tests/unit/fake-sysfs.h \
	tests/unit/netlink-replay.c \
	tests/unit/netlink-replay.h \
	tests/unit/test-devlink.c
tests_unit_test_devlink_CPPFLAGS = \
	$(AM_CPPFLAGS) -DTEST_DATA='"$(abs_srcdir)/tests/data"'
tests_unit_test_devlink_CFLAGS = $(AM_CFLAGS) $(LIBMNL_CFLAGS)
tests_unit_test_devlink_LDFLAGS = $(AM_LDFLAGS) $(netlink_replay_ldflags)
tests_unit_test_devlink_LDADD = lib/libdpu.la $(LIBMNL_LIBS) $(CMOCKA_LIBS)

# Sysfs.
unit_tests += tests/unit/test-dpu-sysfs
tests_unit_test_dpu_sysfs_SOURCES = \
	tests/unit/fake-sysfs.c \
	tests/unit/fake-sysfs.h \
	tests/unit/test-dpu-sysfs.c
tests_unit_test_dpu_sysfs_LDADD = lib/libdpu.la $(CMOCKA_LIBS)

# Open vSwitch's ports, of what ovs-vsctl prints.
unit_tests += tests/unit/test-dpuctl-ports
tests_unit_test_dpuctl_ports_SOURCES = \
	tests/unit/test-dpuctl-ports.c \
	utilities/dpuctl-memory.c \
	utilities/dpuctl-ovsdb.c \
	utilities/dpuctl-ports.c
tests_unit_test_dpuctl_ports_LDADD = \
	lib/libdpu.la $(OVS_BUILDDIR)/lib/libopenvswitch.la $(CMOCKA_LIBS)

# Subfunctions, with a kernel that is made up.
unit_tests += tests/unit/test-dpuctl-eswitch
tests_unit_test_dpuctl_eswitch_SOURCES = \
	tests/unit/fake-netlink.c \
	tests/unit/fake-netlink.h \
	tests/unit/test-dpuctl-eswitch.c \
	utilities/dpuctl-eswitch.c \
	utilities/dpuctl-kernel.c \
	utilities/dpuctl-ovsdb.c \
	utilities/dpuctl-step.c
tests_unit_test_dpuctl_eswitch_CFLAGS = $(AM_CFLAGS) $(LIBMNL_CFLAGS)
tests_unit_test_dpuctl_eswitch_LDFLAGS = \
	$(AM_LDFLAGS) $(netlink_replay_ldflags)
tests_unit_test_dpuctl_eswitch_LDADD = \
	lib/libdpu.la $(OVS_BUILDDIR)/lib/libopenvswitch.la \
	$(LIBMNL_LIBS) $(CMOCKA_LIBS)

# What ovs-dpuctl and a kernel with netdevsim say to each other, under QEMU.
EXTRA_DIST += \
	tests/devlink/guest \
	tests/devlink/kernel \
	tests/devlink/kernel.config \
	tests/devlink/run

DEVLINK_CACHE = tests/devlink-cache
check-devlink: utilities/ovs-dpuctl
	@$(srcdir)/tests/devlink/run . $(OVS_BUILDDIR) $(DEVLINK_CACHE)
.PHONY: check-devlink
