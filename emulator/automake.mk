dpdkplugin_LTLIBRARIES = emulator/librte_net_dpu_emu.la

emulator_librte_net_dpu_emu_la_SOURCES = \
	emulator/emu-action.h \
	emulator/emu-device.h \
	emulator/emu-error.c \
	emulator/emu-error.h \
	emulator/emu-ethdev.c \
	emulator/emu-flow.h \
	emulator/emu-item.h \
	emulator/emu-packet.h \
	emulator/emu-profile.h \
	emulator/emu-table.h
emulator_librte_net_dpu_emu_la_CPPFLAGS = \
	-I$(srcdir)/emulator $(DPDK_DRIVER_CPPFLAGS) \
	-DEMU_PROFILE_DIR='"$(dpudatadir)/profiles"'
emulator_librte_net_dpu_emu_la_CFLAGS = $(AM_CFLAGS) $(DPDK_CFLAGS)
emulator_librte_net_dpu_emu_la_LDFLAGS = \
	$(AM_LDFLAGS) -module -avoid-version -shared
emulator_librte_net_dpu_emu_la_LIBADD = $(DPDK_LIBS) -lrte_bus_vdev

# What packets go through.
emulator_librte_net_dpu_emu_la_SOURCES += \
	emulator/emu-action.c \
	emulator/emu-counter.c \
	emulator/emu-counter.h \
	emulator/emu-encap.c \
	emulator/emu-indirect.c \
	emulator/emu-indirect.h \
	emulator/emu-meter.c \
	emulator/emu-meter.h \
	emulator/emu-modify.c \
	emulator/emu-op.h \
	emulator/emu-packet.c \
	emulator/emu-pipeline.c \
	emulator/emu-rewrite.c \
	emulator/emu-rewrite.h
