noinst_LTLIBRARIES += netdev-dpu/libnetdev-dpu.la
netdev_dpu_libnetdev_dpu_la_SOURCES = \
	netdev-dpu/dpu-config.c \
	netdev-dpu/dpu-config.h \
	netdev-dpu/dpu-device.c \
	netdev-dpu/dpu-device.h \
	netdev-dpu/dpu-ethdev.c \
	netdev-dpu/dpu-ethdev.h \
	netdev-dpu/dpu-port.c \
	netdev-dpu/dpu-port.h \
	netdev-dpu/dpu-probe-log.c \
	netdev-dpu/dpu-probe-log.h \
	netdev-dpu/dpu-probe.c \
	netdev-dpu/dpu-probe.h \
	netdev-dpu/dpu-vport.c \
	netdev-dpu/dpu-vport.h \
	netdev-dpu/netdev-dpu-config.c \
	netdev-dpu/netdev-dpu-private.h \
	netdev-dpu/netdev-dpu-stats.c \
	netdev-dpu/netdev-dpu.c \
	netdev-dpu/netdev-dpu.h
netdev_dpu_libnetdev_dpu_la_CPPFLAGS = $(DPU_OVS_CPPFLAGS)
netdev_dpu_libnetdev_dpu_la_CFLAGS = $(DPU_CFLAGS)
