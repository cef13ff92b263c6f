/* SPDX-License-Identifier: Apache-2.0
 * Copyright (c) 2026 The ovs-dpu authors
 *
 * Lists of actions, and what they do to a packet, without any rules but the
 * program at hand. */
#ifndef EMU_ACTION_FIXTURE_H
#define EMU_ACTION_FIXTURE_H

#include "emu-lookup-fixture.h"
#include "emu-switch-fixture.h"

#include <rte_cycles.h>

const struct emu_rule *
emu_table_lookup(const struct emu_flow_engine *engine, uint32_t group,
		 const struct emu_packet *p)
{
	return NULL;
}

#define UP(VPORT) \
	A(PORT_REPRESENTOR, CONF(ethdev, vports[VPORT].eth_port_id))
#define DROP A(DROP, NULL)

static struct emu_packet p;
static const struct fx_frame tcp = { .proto = IPPROTO_TCP, .payload = 10 };

static struct emu_program *
compile(const struct rte_flow_action *actions)
{
	struct rte_flow_error error = { 0 };
	struct emu_program *program = NULL;
	int ret = emu_program_compile(&vports[1], 0, actions, false, &program,
				      &error);

	if (ret)
		print_error("%s\n", error.message);
	assert_int_equal(ret, 0);
	assert_int_equal(emu_program_compile(&vports[1], 0, actions, true,
					     NULL, &error), 0);
	return program;
}

static enum emu_fate
run_program(const struct emu_program *program, const struct fx_frame *f,
	    uint32_t *next)
{
	memset(&p, 0, sizeof(p));
	p.vport = &vports[1];
	p.m = make_mbuf(f);
	emu_packet_parse(&p, true);
	return emu_program_run(program, NULL, &p, rte_rdtsc(), next);
}

static inline enum emu_fate
run(const struct rte_flow_action *actions, const struct fx_frame *f)
{
	struct emu_program *program = compile(actions);
	enum emu_fate fate;
	uint32_t next;

	forget_sent();
	fate = run_program(program, f, &next);
	if (fate != EMU_FATE_DONE)
		rte_pktmbuf_free(p.m);
	emu_program_free(program);
	return fate;
}

/* 'cause' of 'actions' is refused with a message that contains 'words'. */
static inline void
refused(const struct rte_flow_action *actions, unsigned int cause,
	const char *words)
{
	int dry;

	for (dry = 0; dry < 2; dry++) {
		struct rte_flow_error error = { 0 };
		struct emu_program *program = NULL;
		int ret = emu_program_compile(&vports[1], 5, actions, dry,
					      &program, &error);

		assert_true(ret < 0);
		assert_int_equal(rte_errno, -ret);
		assert_null(program);
		assert_ptr_equal(error.cause, &actions[cause]);
		assert_true(error.type == RTE_FLOW_ERROR_TYPE_ACTION ||
			    error.type == RTE_FLOW_ERROR_TYPE_ACTION_CONF);
		if (!strstr(error.message, words))
			fail_msg("\"%s\" lacks \"%s\"", error.message, words);
	}
}

#endif /* EMU_ACTION_FIXTURE_H */
