/* SPDX-License-Identifier: Apache-2.0
 * Copyright (c) 2026 The ovs-dpu authors
 *
 * emu-action: what is refused and why, and where packets go. */
#include "emu-action-fixture.h"

/* -- Refusals ------------------------------------------------------------- */

static void
test_refused_configurations(void **state)
{
	refused(LIST(A(COUNT, NULL), A(JUMP, NULL)), 1, "configuration");
	refused(LIST(A(JUMP, CONF(jump, 5))), 0, "itself");
	refused(LIST(A(JUMP, CONF(jump, 100))), 0, "beyond the last one, 99");
	refused(LIST(A(REPRESENTED_PORT, CONF(ethdev, 77))), 0, "ethdev 77");
	refused(LIST(A(REPRESENTED_PORT, CONF(ethdev, stranger))), 0,
		"does not belong to net_dpu_emu0");
	refused(LIST(A(PORT_ID, CONF(port_id, .id = stranger))), 0,
		"does not belong");
	refused(LIST(A(SET_TAG, CONF(set_tag, .index = 4)), DROP), 0,
		"no TAG 4");
	refused(LIST(A(MARK, CONF(mark, 1 << 24)), DROP), 0, "24 bits");
	refused(LIST(A(OF_PUSH_VLAN, CONF(of_push_vlan, RTE_BE16(0x9100))),
		     OUT(0)), 0, "0x9100");
	refused(LIST(A(OF_SET_VLAN_VID,
		       CONF(of_set_vlan_vid, RTE_BE16(4096))), OUT(0)), 0,
		"4096");
	refused(LIST(A(OF_SET_VLAN_PCP, CONF(of_set_vlan_pcp, 8)), OUT(0)), 0,
		"above 7");
	refused(LIST(A(RAW_DECAP, CONF(raw_decap, .size = 0)), OUT(0)), 0,
		"0 bytes");
	refused(LIST(A(RAW_ENCAP, CONF(raw_encap, .size = 14)), OUT(0)), 0,
		"without data");
	refused(LIST(A(METER, CONF(meter, 9)), OUT(0)), 0, "no meter 9");
	refused(LIST(A(INDIRECT, &device), OUT(0)), 0, "no such indirect");
	refused(LIST(A(QUEUE, NULL), OUT(0)), 0, "not emulated");
	refused(LIST(A(RSS, NULL)), 0, "ingress");
	refused(LIST(A(AGE, CONF(age, .reserved = 1)), OUT(0)), 0, "reserved");
}

static void
test_refused_lists(void **state)
{
	const struct rte_flow_action *nested;

	refused(LIST(A(COUNT, NULL)), 0, "nothing decides");
	refused(LIST(DROP, A(JUMP, CONF(jump, 1))), 1, "second fate");
	refused(LIST(A(JUMP, CONF(jump, 1)), OUT(0)), 1, "second fate");
	refused(LIST(OUT(0), DROP), 1, "was sent");
	refused(LIST(OUT(0), A(OF_POP_VLAN, NULL)), 1, "after the packet");
	refused(LIST(OUT(0), OUT(1), OUT(2), OUT(0), OUT(1)), 4,
		"more than 4");
	refused(LIST(A(SAMPLE, CONF(sample, .ratio = 0,
				    .actions = LIST(OUT(0)))), OUT(0)), 0,
		"ratio 0");

	/* Within a SAMPLE the cause is the inner action. */
	nested = LIST(A(SAMPLE, CONF(sample, 1, LIST(OUT(0)))), OUT(0));
	{
		struct rte_flow_error error;
		const struct rte_flow_action *list = LIST(
			A(SAMPLE, CONF(sample, 1, nested)), OUT(0));

		assert_true(emu_program_compile(&vports[1], 0, list, true,
						NULL, &error) < 0);
		assert_ptr_equal(error.cause, &nested[0]);
	}
}

static void
test_refused_by_profile(void **state)
{
	profile.actions[RTE_FLOW_ACTION_TYPE_DEC_TTL / 64] &=
		~(UINT64_C(1) << RTE_FLOW_ACTION_TYPE_DEC_TTL % 64);
	refused(LIST(A(DEC_TTL, NULL), OUT(0)), 0,
		"profile test does not have the action DEC_TTL");
	profile.actions[RTE_FLOW_ACTION_TYPE_DEC_TTL / 64] = UINT64_MAX;
}

/* What was taken for a rule that is refused half-way is given back. */
static void
test_unwind(void **state)
{
	struct rte_flow_error error;
	struct emu_program *program = NULL;

	assert_int_equal(emu_program_compile(&vports[1], 0,
		LIST(A(COUNT, CONF(count, 1)), A(COUNT, CONF(count, 2)),
		     A(COUNT, CONF(count, 3)), DROP), false, &program,
		&error), -ENOSPC);
	assert_non_null(strstr(error.message, "all 2 counters"));
	assert_int_equal(device.n_counters, 0);
}

/* -- Ports ---------------------------------------------------------------- */

static void
test_outputs(void **state)
{
	/* Each output sends the packet as it is at that point. */
	run(LIST(OUT(0), A(OF_PUSH_VLAN, CONF(of_push_vlan, RTE_BE16(0x8100))),
		 A(OF_SET_VLAN_VID, CONF(of_set_vlan_vid, RTE_BE16(7))),
		 UP(2), A(OF_POP_VLAN, NULL), A(PORT_ID, CONF(port_id,
			.id = vports[1].eth_port_id)), A(COUNT, NULL)), &tcp);
	assert_int_equal(n_sent, 3);
	assert_ptr_equal(sent[0].vport, &vports[0]);
	assert_false(sent[0].up);
	assert_ptr_equal(sent[1].vport, &vports[2]);
	assert_true(sent[1].up);
	assert_ptr_equal(sent[2].vport, &vports[1]);
	assert_int_equal(sent[1].m->data_len, sent[0].m->data_len + 4);
	assert_memory_equal(sent_bytes(1) + 12, "\x81\x00\x00\x07\x08\x00", 6);
	assert_memory_equal(sent_bytes(2), sent_bytes(0), sent[0].m->data_len);
	assert_true(p.went_up);
}

static void
test_port_id_original(void **state)
{
	run(LIST(A(PORT_ID, CONF(port_id, .original = 1))), &tcp);
	assert_ptr_equal(sent[0].vport, &vports[1]);
}

static void
test_drop(void **state)
{
	uint64_t dropped = vports[1].stats.rx_dropped;

	assert_int_equal(run(LIST(DROP), &tcp), EMU_FATE_DONE);
	assert_int_equal(n_sent, 0);
	assert_int_equal(vports[1].stats.rx_dropped, dropped + 1);
}

static void
test_jump(void **state)
{
	struct emu_program *program = compile(
		LIST(A(SET_TAG, CONF(set_tag, 0xffff, 0xff, 2)),
		     A(SET_META, CONF(set_meta, 5, UINT32_MAX)),
		     A(JUMP, CONF(jump, 42))));
	uint32_t next = 0;

	assert_int_equal(run_program(program, &tcp, &next), EMU_FATE_JUMP);
	assert_int_equal(next, 42);
	assert_int_equal(p.key.tag[2], 0xff);
	assert_int_equal(p.key.meta, 5);
	rte_pktmbuf_free(p.m);
	emu_program_free(program);
}

static void
test_mark_goes_up(void **state)
{
	run(LIST(A(MARK, CONF(mark, 0xabcdef)), UP(0)), &tcp);
	assert_true(sent[0].m->ol_flags & RTE_MBUF_F_RX_FDIR_ID);
	assert_int_equal(sent[0].m->hash.fdir.hi, 0xabcdef);
	run(LIST(UP(0)), &tcp);
	assert_false(sent[0].m->ol_flags & RTE_MBUF_F_RX_FDIR_ID);
}

static void
test_sample(void **state)
{
	const struct rte_flow_action *mirror = LIST(
		A(OF_PUSH_VLAN, CONF(of_push_vlan, RTE_BE16(0x8100))), OUT(0));
	struct emu_program *program;
	unsigned int i, copies = 0;
	uint32_t next;

	run(LIST(A(SAMPLE, CONF(sample, 1, mirror)), OUT(2)), &tcp);
	assert_int_equal(n_sent, 2);
	assert_int_equal(sent[0].m->data_len, sent[1].m->data_len + 4);
	assert_false(p.went_up);

	program = compile(LIST(A(SAMPLE, CONF(sample, 4, LIST(UP(0)))),
			       OUT(2)));
	rte_srand(1);
	for (i = 0; i < 1000; i++) {
		forget_sent();
		run_program(program, &tcp, &next);
		copies += n_sent - 1;
	}
	emu_program_free(program);
	assert_in_range(copies, 150, 350);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_refused_configurations),
		cmocka_unit_test(test_refused_lists),
		cmocka_unit_test(test_refused_by_profile),
		cmocka_unit_test(test_unwind),
		cmocka_unit_test(test_outputs),
		cmocka_unit_test(test_port_id_original),
		cmocka_unit_test(test_drop),
		cmocka_unit_test(test_jump),
		cmocka_unit_test(test_mark_goes_up),
		cmocka_unit_test(test_sample),
	};

	return cmocka_run_group_tests(tests, fixture_setup, fixture_teardown);
}
