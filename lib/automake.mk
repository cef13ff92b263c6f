noinst_LTLIBRARIES += lib/libdpu.la
lib_libdpu_la_SOURCES = \
	lib/dpu-devlink.c \
	lib/dpu-devlink.h \
	lib/dpu-error.c \
	lib/dpu-error.h \
	lib/dpu-link.c \
	lib/dpu-link.h \
	lib/dpu-netlink.c \
	lib/dpu-netlink.h \
	lib/dpu-representor.c \
	lib/dpu-representor.h \
	lib/dpu-switchdev.c \
	lib/dpu-switchdev.h \
	lib/dpu-sysfs.c \
	lib/dpu-sysfs.h \
	lib/dpu-topology.c \
	lib/dpu-topology.h
lib_libdpu_la_CPPFLAGS = $(DPU_OVS_CPPFLAGS)
lib_libdpu_la_CFLAGS = $(DPU_CFLAGS) $(LIBMNL_CFLAGS) $(LIBNL_CFLAGS)
lib_libdpu_la_LIBADD = $(LIBMNL_LIBS) $(LIBNL_LIBS)
