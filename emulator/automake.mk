# All of the driver, for the driver itself and for tests of its parts.
noinst_LTLIBRARIES += emulator/libemu.la
emulator_libemu_la_SOURCES = \
	emulator/emu-action-class.c \
	emulator/emu-action-copy.c \
	emulator/emu-action.c \
	emulator/emu-action.h \
	emulator/emu-age.c \
	emulator/emu-age.h \
	emulator/emu-bind.c \
	emulator/emu-cache.c \
	emulator/emu-cache.h \
	emulator/emu-counter.c \
	emulator/emu-counter.h \
	emulator/emu-devargs.c \
	emulator/emu-devargs.h \
	emulator/emu-device.c \
	emulator/emu-device.h \
	emulator/emu-driver.c \
	emulator/emu-encap.c \
	emulator/emu-error.c \
	emulator/emu-error.h \
	emulator/emu-eswitch.c \
	emulator/emu-eswitch.h \
	emulator/emu-ethdev.c \
	emulator/emu-ethdev.h \
	emulator/emu-fault.c \
	emulator/emu-fault.h \
	emulator/emu-flow-dump.c \
	emulator/emu-flow-dump.h \
	emulator/emu-flow-engine.c \
	emulator/emu-flow-queue.c \
	emulator/emu-flow-queue.h \
	emulator/emu-flow.c \
	emulator/emu-flow.h \
	emulator/emu-group.c \
	emulator/emu-hash.c \
	emulator/emu-hash.h \
	emulator/emu-indirect.c \
	emulator/emu-indirect.h \
	emulator/emu-ingress.c \
	emulator/emu-ingress.h \
	emulator/emu-integrity.c \
	emulator/emu-item-class.c \
	emulator/emu-item-class.h \
	emulator/emu-item-compile.h \
	emulator/emu-item-field.c \
	emulator/emu-item-print.c \
	emulator/emu-item-raw.c \
	emulator/emu-item-special.c \
	emulator/emu-item.c \
	emulator/emu-item.h \
	emulator/emu-link.c \
	emulator/emu-link.h \
	emulator/emu-log.h \
	emulator/emu-lookup.c \
	emulator/emu-memory.c \
	emulator/emu-memory.h \
	emulator/emu-meter-policy.c \
	emulator/emu-meter-private.h \
	emulator/emu-meter.c \
	emulator/emu-meter.h \
	emulator/emu-modify.c \
	emulator/emu-netns.c \
	emulator/emu-netns.h \
	emulator/emu-op.h \
	emulator/emu-packet.c \
	emulator/emu-packet.h \
	emulator/emu-parse.c \
	emulator/emu-pattern.c \
	emulator/emu-pattern.h \
	emulator/emu-pipeline.c \
	emulator/emu-policer.c \
	emulator/emu-policer.h \
	emulator/emu-profile.c \
	emulator/emu-profile.h \
	emulator/emu-queue.c \
	emulator/emu-queue.h \
	emulator/emu-representor.c \
	emulator/emu-representor.h \
	emulator/emu-rewrite.c \
	emulator/emu-rewrite.h \
	emulator/emu-segment.c \
	emulator/emu-segment.h \
	emulator/emu-set.c \
	emulator/emu-slab.c \
	emulator/emu-slab.h \
	emulator/emu-stats.c \
	emulator/emu-stats.h \
	emulator/emu-table-private.h \
	emulator/emu-table.c \
	emulator/emu-table.h \
	emulator/emu-template-private.h \
	emulator/emu-template-table.c \
	emulator/emu-template-table.h \
	emulator/emu-template-walk.c \
	emulator/emu-template.c \
	emulator/emu-template.h \
	emulator/emu-vport.h \
	emulator/emu-wire-null.c \
	emulator/emu-wire-packet.c \
	emulator/emu-wire-tap.c \
	emulator/emu-wire-vdev.c \
	emulator/emu-wire.c \
	emulator/emu-wire.h
emulator_libemu_la_CPPFLAGS = $(EMU_CPPFLAGS)
emulator_libemu_la_CFLAGS = $(DPU_CFLAGS)
emulator_libemu_la_LIBADD = $(EMU_LIBS)

# What the driver, and a test of a part of it, is compiled and linked with.
EMU_CPPFLAGS = \
	-D_GNU_SOURCE -I$(srcdir)/emulator $(DPDK_DRIVER_CPPFLAGS) \
	$(INSTRUMENT_EMU_CPPFLAGS) \
	-DEMU_PROFILE_DIR='"$(profiledir)"'
EMU_LIBS = $(DPDK_LIBS) -lrte_bus_vdev

dpdkplugin_LTLIBRARIES = emulator/librte_net_dpu_emu.la
emulator_librte_net_dpu_emu_la_SOURCES =
emulator_librte_net_dpu_emu_la_LDFLAGS = \
	$(DPU_LDFLAGS) -module -avoid-version -shared
emulator_librte_net_dpu_emu_la_LIBADD = emulator/libemu.la

profiledir = $(dpudatadir)/profiles
dist_profile_DATA = \
	emulator/profiles/basic.ini \
	emulator/profiles/bnxt.ini \
	emulator/profiles/cnxk.ini \
	emulator/profiles/full.ini \
	emulator/profiles/ipn3ke.ini \
	emulator/profiles/mlx5-hws.ini \
	emulator/profiles/mlx5.ini \
	emulator/profiles/nfp.ini \
	emulator/profiles/sfc.ini
