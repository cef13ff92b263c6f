/* SPDX-License-Identifier: Apache-2.0
 * Copyright (c) 2026 The ovs-dpu authors
 *
 * A device of three vports (p0, vf0, vf1) whose wires and rings only note
 * what reaches them, for the unit tests of programs and the pipeline. */
#ifndef EMU_SWITCH_FIXTURE_H
#define EMU_SWITCH_FIXTURE_H

#include "emu-fixture.h"

#include <stdio.h>

#include <rte_eal.h>
#include <rte_errno.h>
#include <rte_ethdev.h>
#include <rte_flow.h>

#include "emu-action.h"
#include "emu-flow.h"
#include "emu-profile.h"

/* Shorthand for actions. */
#define CONF(TYPE, ...) \
	(&(const struct rte_flow_action_##TYPE) { __VA_ARGS__ })
#define A(NAME, CONF_) { RTE_FLOW_ACTION_TYPE_##NAME, CONF_ }
#define LIST(...) \
	((const struct rte_flow_action[]) { __VA_ARGS__, A(END, NULL) })
#define OUT(VPORT) \
	A(REPRESENTED_PORT, CONF(ethdev, vports[VPORT].eth_port_id))

#define N_VPORTS 3
#define MAX_SENT 64

/* What left, in order. */
static struct fx_sent {
	struct rte_mbuf *m;
	struct emu_vport *vport;
	bool up;			/* To software. */
} sent[MAX_SENT];
static unsigned int n_sent;

static struct emu_profile profile;
static struct emu_vport vports[N_VPORTS];
static struct emu_device device;
static struct rte_mempool *pool;

static void
note_sent(struct emu_vport *vport, struct rte_mbuf *m, bool up)
{
	assert_true(n_sent < MAX_SENT);
	sent[n_sent++] = (struct fx_sent) { m, vport, up };
}

void
emu_vport_transmit(struct emu_vport *vport, struct rte_mbuf *m)
{
	note_sent(vport, m, false);
}

void
emu_vport_receive(struct emu_vport *vport, struct rte_mbuf *m)
{
	note_sent(vport, m, true);
}

struct emu_vport *
emu_device_vport_by_ethdev(const struct emu_device *dev, uint16_t id)
{
	unsigned int i;

	for (i = 0; i < N_VPORTS; i++)
		if (dev->vports[i].eth_port_id == id)
			return &dev->vports[i];
	return NULL;
}

#ifndef FIXTURE_ENGINE
/* There is no engine. */
void
emu_flow_settle(struct emu_flow_engine *engine)
{
	RTE_SET_USED(engine);
	fail();
}
#endif

static void
forget_sent(void)
{
	while (n_sent)
		rte_pktmbuf_free(sent[--n_sent].m);
}

static uint16_t
make_ethdev(const char *name, void *dev_private)
{
	struct rte_eth_dev *dev = rte_eth_dev_allocate(name);

	assert_non_null(dev);
	dev->data->dev_private = dev_private;
	rte_eth_dev_probing_finish(dev);
	return dev->data->port_id;
}

/* The one ethdev of another device. */
static uint16_t stranger;

static int
fixture_setup(void **state)
{
	static const char *const names[] = { "p0", "pf0vf0", "pf0vf1" };
	char *argv[] = { (char *)"test", (char *)"--no-huge", (char *)"-m",
			 (char *)"64", (char *)"--no-pci",
			 (char *)"--no-shconf", (char *)"--no-telemetry",
			 (char *)"--log-level=*:error", NULL };
	unsigned int i;

	RTE_SET_USED(state);
	if (rte_eal_init(RTE_DIM(argv) - 1, argv) < 0)
		return -1;
	pool = rte_pktmbuf_pool_create("test", 255, 0, 0,
				       RTE_PKTMBUF_HEADROOM + FX_ROOM,
				       SOCKET_ID_ANY);
	if (!pool)
		return -1;

	profile = (struct emu_profile) {
		.name = "test",
		.items = { UINT64_MAX, UINT64_MAX },
		.actions = { UINT64_MAX, UINT64_MAX },
		.modify_fields = { UINT64_MAX },
		.max_rules = 1000, .max_groups = 100, .max_priority = 10,
		.max_counters = 2, .max_meters = 2,
		.max_rule_meters = 2, .n_tags = 4,
		.mark_bits = 24, .meta_bits = 32, .n_vlans = 2,
		.max_outputs = 4, .indirect = true, .sync_rules = true,
	};
	device = (struct emu_device) {
		.name = "net_dpu_emu0", .vports = vports,
		.n_vports = N_VPORTS, .n_uplinks = 1, .n_vfs = 2,
		.profile = &profile,
	};
	for (i = 0; i < N_VPORTS; i++) {
		vports[i] = (struct emu_vport) { .device = &device, .id = i };
		snprintf(vports[i].name, sizeof(vports[i].name), "%s",
			 names[i]);
		vports[i].eth_port_id = make_ethdev(names[i], &vports[i]);
	}
	stranger = make_ethdev("stranger", NULL);
	return 0;
}

static int
fixture_teardown(void **state)
{
	RTE_SET_USED(state);
	forget_sent();
	/* Nothing leaked. */
	if (rte_mempool_in_use_count(pool))
		return -1;
	rte_mempool_free(pool);
	return rte_eal_cleanup();
}

/* An mbuf of the pool with the frame 'f'. */
static struct rte_mbuf *
make_mbuf(const struct fx_frame *f)
{
	uint8_t data[FX_ROOM];
	uint16_t len = fx_build(f, data);
	struct rte_mbuf *m = rte_pktmbuf_alloc(pool);

	assert_non_null(m);
	memcpy(rte_pktmbuf_append(m, len), data, len);
	return m;
}

static inline uint8_t *
sent_bytes(unsigned int i)
{
	return rte_pktmbuf_mtod(sent[i].m, uint8_t *);
}

#endif /* EMU_SWITCH_FIXTURE_H */
