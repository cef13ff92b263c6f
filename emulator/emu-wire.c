/* SPDX-License-Identifier: Apache-2.0
 * Copyright (c) 2026 The ovs-dpu authors
 *
 * emu-wire: the kinds of wires. */
#include "emu-wire.h"

#include <errno.h>
#include <stdio.h>

static const struct emu_wire_class *const emu_wire_classes[] = {
	[EMU_WIRE_TAP] = &emu_wire_tap_class,
	[EMU_WIRE_AF_PACKET] = &emu_wire_packet_class,
	[EMU_WIRE_VHOST] = &emu_wire_vhost_class,
	[EMU_WIRE_MEMIF] = &emu_wire_memif_class,
	[EMU_WIRE_PCAP] = &emu_wire_pcap_class,
	[EMU_WIRE_NULL] = &emu_wire_null_class,
	[EMU_WIRE_GEN] = &emu_wire_gen_class,
};

int
emu_wire_open(const struct emu_wire_config *config, struct emu_wire **wirep)
{
	const struct emu_wire_class *class =
		emu_wire_classes[config->spec->kind];
	struct emu_wire *wire = NULL;
	int ret;

	*wirep = NULL;
	ret = class->open(config, &wire);
	if (ret < 0)
		return ret;
	wire->class = class;
	wire->pool = config->pool;
	snprintf(wire->name, sizeof(wire->name), "%s %s", config->device,
		 config->vport);
	*wirep = wire;
	return 0;
}

void
emu_wire_close(struct emu_wire *wire)
{
	if (wire != NULL)
		wire->class->close(wire);
}

bool
emu_wire_link(const struct emu_wire *wire)
{
	return !__atomic_load_n(&wire->gone, __ATOMIC_RELAXED) &&
	       wire->class->link(wire);
}
