# The DPUs of a machine, as the kernel tells of them: what was recorded.

check_PROGRAMS += tests/unit/test-devlink
TESTS += tests/unit/test-devlink
EXTRA_DIST += \
	tests/data/netdevsim-list.netlink \
	tests/data/netdevsim-mac.netlink

netlink_replay_ldflags = \
	-Wl,--wrap=mnl_socket_open -Wl,--wrap=mnl_socket_bind \
	-Wl,--wrap=mnl_socket_close -Wl,--wrap=mnl_socket_setsockopt \
	-Wl,--wrap=mnl_socket_sendto -Wl,--wrap=mnl_socket_recvfrom

tests_unit_test_devlink_SOURCES = \
	tests/unit/netlink-replay.c \
	tests/unit/netlink-replay.h \
	tests/unit/test-devlink.c
tests_unit_test_devlink_CPPFLAGS = \
	$(DPU_OVS_CPPFLAGS) -DTEST_DATA='"$(abs_srcdir)/tests/data"'
tests_unit_test_devlink_CFLAGS = \
	$(DPU_OVS_CFLAGS) $(LIBMNL_CFLAGS) $(CMOCKA_CFLAGS)
tests_unit_test_devlink_LDFLAGS = $(AM_LDFLAGS) $(netlink_replay_ldflags)
tests_unit_test_devlink_LDADD = lib/libdpu.la $(LIBMNL_LIBS) $(CMOCKA_LIBS)
