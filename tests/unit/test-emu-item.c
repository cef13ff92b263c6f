/* SPDX-License-Identifier: Apache-2.0
 * Copyright (c) 2026 The ovs-dpu authors
 *
 * Tests that rte_flow items become the match that they stand for, and that
 * what cannot be matched is refused where it stands. */
#include "emu-device-fixture.h"

#include <netinet/in.h>

#include "emu-item.h"

static const struct rte_flow_attr transfer = { .transfer = 1 };
static const struct rte_flow_attr ingress = { .ingress = 1 };
static struct rte_flow_error error;
static struct emu_match match;

static int
setup(void **state __rte_unused)
{
	fixture_device_init("full");
	return 0;
}

static int
setup_basic(void **state __rte_unused)
{
	fixture_device_init("basic");
	return 0;
}

static int
setup_mlx5(void **state __rte_unused)
{
	fixture_device_init("mlx5");
	return 0;
}

static int
teardown(void **state __rte_unused)
{
	fixture_device_uninit();
	return 0;
}

#define MAX_ITEMS 10

struct pattern {
	struct rte_flow_item items[MAX_ITEMS];
};

#define ITEM(TYPE, ...) { .type = RTE_FLOW_ITEM_TYPE_##TYPE, __VA_ARGS__ }
#define SPEC(TYPE, ...) \
	.spec = &(const struct rte_flow_item_##TYPE){ __VA_ARGS__ }
#define MASK(TYPE, ...) \
	.mask = &(const struct rte_flow_item_##TYPE){ __VA_ARGS__ }
#define LAST(TYPE, ...) \
	.last = &(const struct rte_flow_item_##TYPE){ __VA_ARGS__ }

static int
compile(const struct rte_flow_attr *attr, const struct pattern *p)
{
	memset(&error, 0, sizeof(error));
	/* Items after the given ones are zero, which is END. */
	return emu_match_compile(&fixture_vports[1], attr, p->items, &match,
				 &error);
}

static void
check_printed(const char *file, int line, const char *expected)
{
	char *text = NULL;
	size_t size;
	FILE *stream = open_memstream(&text, &size);

	emu_match_print(stream, &fixture_device, &match);
	fclose(stream);
	if (strcmp(text, expected)) {
		print_error("%s:%d:\n  got      '%s'\n  expected '%s'\n", file,
			    line, text, expected);
		fail();
	}
	free(text);
}

/* The items after 'EXPECTED' are matched as 'EXPECTED' says. */
#define ACCEPT(EXPECTED, ...) do { \
	const struct pattern p = { { __VA_ARGS__ } }; \
	if (compile(&transfer, &p)) \
		fail_msg("%s: %s", EXPECTED, error.message); \
	check_printed(__FILE__, __LINE__, EXPECTED); \
} while (0)

/* Item number 'INDEX' is refused, with 'TYPE' and a message that has
 * 'MESSAGE' in it. */
#define REFUSE(INDEX, TYPE, MESSAGE, ...) do { \
	const struct pattern p = { { __VA_ARGS__ } }; \
	assert_true(compile(&transfer, &p) < 0); \
	if (!error.message || !strstr(error.message, MESSAGE)) \
		fail_msg("message is '%s'", error.message); \
	assert_int_equal(error.type, RTE_FLOW_ERROR_TYPE_##TYPE); \
	assert_ptr_equal(error.cause, &p.items[INDEX]); \
} while (0)

#define IMPLIED " represented_port ethdev_port_id is 11 /"
#define U16 RTE_BE16(0xffff)
#define U32 RTE_BE32(0xffffffff)
#define ONES6 "\xff\xff\xff\xff\xff\xff"

/* Returns whether a packet with 'key' is matched. */
static bool
matches(const struct emu_key *key)
{
	const uint8_t *k = (const uint8_t *)key;
	const uint8_t *v = (const uint8_t *)&match.key;
	const uint8_t *m = (const uint8_t *)&match.mask;
	size_t i;

	for (i = 0; i < sizeof(*key); i++) {
		if ((k[i] ^ v[i]) & m[i])
			return false;
	}
	for (i = 0; i < match.n_ranges; i++) {
		if (!emu_range_contains(&match.ranges[i], key))
			return false;
	}
	return true;
}

static void
test_source(void **state __rte_unused)
{
	struct emu_key key;

	ACCEPT(IMPLIED " eth /", ITEM(ETH));
	memset(&key, 0, sizeof(key));
	key.vport = 1;
	key.origin = EMU_FROM_FUNCTION;
	key.outer.present = 1u << EMU_HDR_ETH;
	assert_true(matches(&key));
	key.origin = EMU_FROM_SOFTWARE;
	assert_false(matches(&key));
	assert_false(emu_match_is_software(&match));

	ACCEPT(" represented_port ethdev_port_id is 12 / eth /",
	       ITEM(REPRESENTED_PORT, SPEC(ethdev, .port_id = 12)), ITEM(ETH));
	ACCEPT(" represented_port / eth /", ITEM(REPRESENTED_PORT), ITEM(ETH));
	key.origin = EMU_FROM_FUNCTION;
	assert_true(matches(&key));
	ACCEPT(" port_representor port_id is 10 / eth /", ITEM(VOID),
	       ITEM(ETH), ITEM(PORT_REPRESENTOR, SPEC(ethdev, .port_id = 10)));
	assert_true(emu_match_is_software(&match));
	assert_false(matches(&key));
	ACCEPT(" represented_port ethdev_port_id is 10 /",
	       ITEM(PORT_ID, SPEC(port_id, .id = 10)));
	ACCEPT(" represented_port /",
	       ITEM(PORT_ID, SPEC(port_id, .id = 10), MASK(port_id, .id = 0)));

	REFUSE(1, ITEM, "one source", ITEM(PORT_ID), ITEM(REPRESENTED_PORT));
	REFUSE(0, ITEM_SPEC, "ethdev 13 is not of device net_dpu_emu0",
	       ITEM(REPRESENTED_PORT, SPEC(ethdev, .port_id = 13)));
	REFUSE(0, ITEM_SPEC, "ethdev 65546",
	       ITEM(PORT_ID, SPEC(port_id, .id = 65546)));
	REFUSE(0, ITEM_MASK, "mask 0xff",
	       ITEM(PORT_ID, SPEC(port_id, .id = 11),
		    MASK(port_id, .id = 0xff)));
	REFUSE(0, ITEM_LAST, "no ranges",
	       ITEM(PORT_ID, SPEC(port_id, .id = 10),
		    LAST(port_id, .id = 11)));
}

static void
test_ingress(void **state __rte_unused)
{
	static const struct pattern plain = { { ITEM(ETH) } };
	static const struct pattern source = {
		{ ITEM(ETH), ITEM(REPRESENTED_PORT) },
	};

	assert_int_equal(compile(&ingress, &plain), 0);
	check_printed(__FILE__, __LINE__, IMPLIED " eth /");
	assert_int_equal(compile(&ingress, &source), -ENOTSUP);
	assert_ptr_equal(error.cause, &source.items[1]);
}

static void
test_eth(void **state __rte_unused)
{
	struct emu_key key;

	ACCEPT(IMPLIED " eth dst is 02:00:00:00:00:01 "
	       "src is 00:00:00:00:00:00 /",
	       ITEM(ETH, SPEC(eth, .hdr.dst_addr.addr_bytes = {2, [5] = 1},
			      .hdr.ether_type = RTE_BE16(0x800))));
	ACCEPT(IMPLIED " eth dst spec 01:00:00:00:00:00 "
	       "dst mask 01:00:00:00:00:00 type is 0x806 /",
	       ITEM(ETH, SPEC(eth, .hdr.dst_addr.addr_bytes = {1, 2},
			      .hdr.ether_type = RTE_BE16(0x806)),
		    MASK(eth, .hdr.dst_addr.addr_bytes = {1},
			 .hdr.ether_type = U16)));
	ACCEPT(IMPLIED " eth has_vlan is 0 /",
	       ITEM(ETH, SPEC(eth, .has_vlan = 0), MASK(eth, .has_vlan = 1)));
	memset(&key, 0, sizeof(key));
	key.vport = 1;
	key.outer.present = 1u << EMU_HDR_ETH;
	assert_true(matches(&key));
	key.outer.present |= 1u << EMU_HDR_VLAN0;
	assert_false(matches(&key));
	ACCEPT(IMPLIED " eth / vlan /",
	       ITEM(ETH, SPEC(eth, .has_vlan = 1), MASK(eth, .has_vlan = 1)));
	assert_true(matches(&key));
	REFUSE(0, ITEM_MASK, "item eth",
	       ITEM(ETH, SPEC(eth, .reserved = 0), MASK(eth, .reserved = 1)));
	REFUSE(0, ITEM_SPEC, "no spec", ITEM(ETH, MASK(eth, .has_vlan = 1)));
}

static void
test_vlan(void **state __rte_unused)
{
	struct emu_key key;

	ACCEPT(IMPLIED " eth / vlan vid is 5 /", ITEM(ETH),
	       ITEM(VLAN, SPEC(vlan, .hdr.vlan_tci = RTE_BE16(0x6005))));
	ACCEPT(IMPLIED " eth / vlan pcp is 3 vid is 5 inner_type is 0x800 "
	       "has_more_vlan is 0 /", ITEM(ETH),
	       ITEM(VLAN, SPEC(vlan, .hdr.vlan_tci = RTE_BE16(0x6005),
			       .hdr.eth_proto = RTE_BE16(0x800)),
		    MASK(vlan, .hdr.vlan_tci = RTE_BE16(0xefff),
			 .hdr.eth_proto = U16, .has_more_vlan = 1)));
	ACCEPT(IMPLIED " eth / vlan vid is 5 / vlan vid is 6 "
	       "has_more_vlan is 0 /", ITEM(ETH),
	       ITEM(VLAN, SPEC(vlan, .hdr.vlan_tci = RTE_BE16(5))),
	       ITEM(VLAN, SPEC(vlan, .hdr.vlan_tci = RTE_BE16(6)),
		    MASK(vlan, .hdr.vlan_tci = RTE_BE16(0xfff),
			 .has_more_vlan = 1)));
	memset(&key, 0, sizeof(key));
	key.vport = 1;
	key.outer.present = 1u << EMU_HDR_ETH | 1u << EMU_HDR_VLAN0
			  | 1u << EMU_HDR_VLAN1;
	key.outer.vlan[0].tci = RTE_BE16(0xf005);
	key.outer.vlan[1].tci = RTE_BE16(0x1006);
	assert_true(matches(&key));
	key.outer.present |= 1u << EMU_HDR_VLAN_MORE;
	assert_false(matches(&key));
	ACCEPT(IMPLIED " eth / vlan vid spec 16 vid mask 4080 /", ITEM(ETH),
	       ITEM(VLAN, SPEC(vlan, .hdr.vlan_tci = RTE_BE16(0x01f)),
		    MASK(vlan, .hdr.vlan_tci = RTE_BE16(0xff0))));
	REFUSE(3, ITEM, "2 VLAN headers", ITEM(ETH), ITEM(VLAN), ITEM(VLAN),
	       ITEM(VLAN));
	REFUSE(1, ITEM_MASK, "item vlan", ITEM(ETH),
	       ITEM(VLAN, SPEC(vlan, .reserved = 0),
		    MASK(vlan, .reserved = 1)));
}

static void
test_ipv4(void **state __rte_unused)
{
	struct emu_key key;

	ACCEPT(IMPLIED " eth / ipv4 src is 10.0.0.1 dst is 10.0.0.2 /",
	       ITEM(ETH),
	       ITEM(IPV4, SPEC(ipv4, .hdr.src_addr = RTE_BE32(0x0a000001),
			       .hdr.dst_addr = RTE_BE32(0x0a000002),
			       .hdr.next_proto_id = 6)));
	ACCEPT(IMPLIED " eth / ipv4 version_ihl is 0x45 tos spec 0x8 "
	       "tos mask 0xfc length is 100 packet_id is 0x7 ttl is 64 "
	       "proto is 6 dst spec 10.0.0.0 dst mask 255.255.255.0 /",
	       ITEM(ETH),
	       ITEM(IPV4, SPEC(ipv4, .hdr.version_ihl = 0x45,
			       .hdr.type_of_service = 0xb,
			       .hdr.total_length = RTE_BE16(100),
			       .hdr.packet_id = RTE_BE16(7),
			       .hdr.time_to_live = 64, .hdr.next_proto_id = 6,
			       .hdr.dst_addr = RTE_BE32(0x0a000002)),
		    MASK(ipv4, .hdr.version_ihl = 0xff,
			 .hdr.type_of_service = 0xfc, .hdr.total_length = U16,
			 .hdr.packet_id = U16, .hdr.time_to_live = 0xff,
			 .hdr.next_proto_id = 0xff,
			 .hdr.dst_addr = RTE_BE32(0xffffff00))));
	REFUSE(1, ITEM_MASK, "hdr_checksum", ITEM(ETH),
	       ITEM(IPV4, SPEC(ipv4, .hdr.hdr_checksum = 0),
		    MASK(ipv4, .hdr.hdr_checksum = 1)));

	/* As Open vSwitch matches later fragments. */
	ACCEPT(IMPLIED " eth / ipv4 fragment_offset spec 0x1 "
	       "fragment_offset last 0x1fff fragment_offset mask 0x1fff /",
	       ITEM(ETH),
	       ITEM(IPV4, SPEC(ipv4, .hdr.fragment_offset = RTE_BE16(1)),
		    LAST(ipv4, .hdr.fragment_offset = RTE_BE16(0x1fff)),
		    MASK(ipv4, .hdr.fragment_offset = RTE_BE16(0x1fff))));
	memset(&key, 0, sizeof(key));
	key.vport = 1;
	key.outer.present = 1u << EMU_HDR_ETH | 1u << EMU_HDR_IPV4;
	assert_false(matches(&key));
	key.outer.ip_frag = RTE_BE16(0x2000);
	assert_false(matches(&key));
	key.outer.ip_frag = RTE_BE16(0x2001);
	assert_true(matches(&key));
	key.outer.ip_frag = RTE_BE16(0x1fff);
	assert_true(matches(&key));
}

static void
test_ranges(void **state __rte_unused)
{
	struct emu_key key;

	ACCEPT(IMPLIED " eth / ipv4 / tcp src is 5 dst spec 1000 "
	       "dst last 2000 dst mask 65535 /", ITEM(ETH), ITEM(IPV4),
	       ITEM(TCP, SPEC(tcp, .hdr.src_port = RTE_BE16(5),
			      .hdr.dst_port = RTE_BE16(1000)),
		    LAST(tcp, .hdr.src_port = RTE_BE16(5),
			 .hdr.dst_port = RTE_BE16(2000))));
	memset(&key, 0, sizeof(key));
	key.vport = 1;
	key.outer.present = 1u << EMU_HDR_ETH | 1u << EMU_HDR_IPV4
			  | 1u << EMU_HDR_TCP;
	key.outer.l4_src = RTE_BE16(5);
	key.outer.l4_dst = RTE_BE16(999);
	assert_false(matches(&key));
	key.outer.l4_dst = RTE_BE16(1000);
	assert_true(matches(&key));
	key.outer.l4_dst = RTE_BE16(2000);
	assert_true(matches(&key));
	key.outer.l4_dst = RTE_BE16(2001);
	assert_false(matches(&key));
	REFUSE(0, ITEM_LAST, "dst is less",
	       ITEM(UDP, SPEC(udp, .hdr.dst_port = RTE_BE16(2)),
		    LAST(udp, .hdr.dst_port = RTE_BE16(1))));

	/* Registers are compared as numbers, whatever the byte order. */
	ACCEPT(IMPLIED " meta data spec 0xff data last 0x1000 "
	       "data mask 0xffffffff /",
	       ITEM(META, SPEC(meta, .data = 0xff),
		    LAST(meta, .data = 0x1000)));
	memset(&key, 0, sizeof(key));
	key.vport = 1;
	key.meta = 0x0f01;
	assert_true(matches(&key));
	key.meta = 0x1001;
	assert_false(matches(&key));
}

static void
test_ipv6(void **state __rte_unused)
{
	ACCEPT(IMPLIED " eth / ipv6 tc spec 0x8 tc mask 0xfc flow is 0x12345 "
	       "payload_len is 20 proto is 17 hop is 9 has_frag_ext is 0 /",
	       ITEM(ETH),
	       ITEM(IPV6, SPEC(ipv6, .hdr.vtc_flow = RTE_BE32(0x60b12345),
			       .hdr.payload_len = RTE_BE16(20),
			       .hdr.proto = 17, .hdr.hop_limits = 9),
		    MASK(ipv6, .hdr.vtc_flow = RTE_BE32(0xffcfffff),
			 .hdr.payload_len = U16, .hdr.proto = 0xff,
			 .hdr.hop_limits = 0xff, .has_frag_ext = 1)));
}

static void
test_ipv6_proto(void **state __rte_unused)
{
	ACCEPT(IMPLIED " eth / ipv6 src spec fd00:: src mask ffff:: "
	       "proto is 44 /", ITEM(ETH),
	       ITEM(IPV6, SPEC(ipv6, .hdr.proto = 44,
			       .hdr.src_addr = {0xfd, 0, 1}),
		    MASK(ipv6, .hdr.proto = 0xff,
			 .hdr.src_addr = {0xff, 0xff})));
	assert_int_equal(match.mask.outer.ip6_next, 0xff);
	assert_int_equal(match.mask.outer.ip_proto, 0);
	ACCEPT(IMPLIED " eth / ipv6 proto is 6 /", ITEM(ETH),
	       ITEM(IPV6, SPEC(ipv6, .hdr.proto = 6),
		    MASK(ipv6, .hdr.proto = 0xff)));
	assert_int_equal(match.mask.outer.ip6_next, 0);
	assert_int_equal(match.key.outer.ip_proto, 6);
	REFUSE(1, ITEM_SPEC, "version 0x4 would never match", ITEM(ETH),
	       ITEM(IPV6, SPEC(ipv6, .hdr.vtc_flow = RTE_BE32(0x40000000)),
		    MASK(ipv6, .hdr.vtc_flow = RTE_BE32(0xf0000000))));
	REFUSE(1, ITEM_MASK, "extension header", ITEM(ETH),
	       ITEM(IPV6, SPEC(ipv6, .has_hop_ext = 1),
		    MASK(ipv6, .has_hop_ext = 1)));
}

static void
test_ipv6_frag(void **state __rte_unused)
{
	ACCEPT(IMPLIED " eth / ipv6 / ipv6_frag_ext next_hdr is 6 "
	       "frag_data spec 0x1 frag_data mask 0xfff9 packet_id is 0x5 / "
	       "tcp /",
	       ITEM(ETH),
	       ITEM(IPV6, SPEC(ipv6, .has_frag_ext = 1),
		    MASK(ipv6, .has_frag_ext = 1)),
	       ITEM(IPV6_FRAG_EXT,
		    SPEC(ipv6_frag_ext, .hdr.next_header = 6,
			 .hdr.frag_data = RTE_BE16(1),
			 .hdr.id = RTE_BE32(5)),
		    MASK(ipv6_frag_ext, .hdr.next_header = 0xff,
			 .hdr.frag_data = RTE_BE16(0xfff9), .hdr.id = U32)),
	       ITEM(TCP));
	REFUSE(2, ITEM_MASK, "reserved", ITEM(ETH), ITEM(IPV6),
	       ITEM(IPV6_FRAG_EXT, SPEC(ipv6_frag_ext, .hdr.reserved = 0),
		    MASK(ipv6_frag_ext, .hdr.reserved = 1)));
}

static void
test_l4(void **state __rte_unused)
{
	ACCEPT(IMPLIED " ipv4 / tcp src is 1 dst is 2 /", ITEM(IPV4),
	       ITEM(TCP, SPEC(tcp, .hdr.src_port = RTE_BE16(1),
			      .hdr.dst_port = RTE_BE16(2))));
	ACCEPT(IMPLIED " ipv4 / tcp data_off is 0x50 flags spec 0x2 "
	       "flags mask 0x7 /", ITEM(IPV4),
	       ITEM(TCP, SPEC(tcp, .hdr.data_off = 0x50, .hdr.tcp_flags = 2),
		    MASK(tcp, .hdr.data_off = 0xff, .hdr.tcp_flags = 7)));
	ACCEPT(IMPLIED " ipv6 / udp src is 1 dst is 2 /", ITEM(IPV6),
	       ITEM(UDP, SPEC(udp, .hdr.src_port = RTE_BE16(1),
			      .hdr.dst_port = RTE_BE16(2))));
	ACCEPT(IMPLIED " ipv4 / sctp src is 1 dst is 2 /", ITEM(IPV4),
	       ITEM(SCTP, SPEC(sctp, .hdr.src_port = RTE_BE16(1),
			       .hdr.dst_port = RTE_BE16(2))));
	ACCEPT(IMPLIED " ipv4 / icmp type is 8 code is 0 ident is 1 "
	       "seq is 2 /", ITEM(IPV4),
	       ITEM(ICMP, SPEC(icmp, .hdr.icmp_type = 8,
			       .hdr.icmp_ident = RTE_BE16(1),
			       .hdr.icmp_seq_nb = RTE_BE16(2)),
		    MASK(icmp, .hdr.icmp_type = 0xff, .hdr.icmp_code = 0xff,
			 .hdr.icmp_ident = U16, .hdr.icmp_seq_nb = U16)));
	ACCEPT(IMPLIED " ipv6 / icmp6 type is 128 code is 1 /", ITEM(IPV6),
	       ITEM(ICMP6, SPEC(icmp6, .type = 128, .code = 1)));
	REFUSE(0, ITEM_MASK, "sent_seq",
	       ITEM(TCP, SPEC(tcp, .hdr.sent_seq = 0),
		    MASK(tcp, .hdr.sent_seq = 1)));
	REFUSE(0, ITEM_MASK, "tcp_urp",
	       ITEM(TCP, SPEC(tcp, .hdr.tcp_urp = 0),
		    MASK(tcp, .hdr.tcp_urp = 1)));
	REFUSE(0, ITEM_MASK, "dgram_len",
	       ITEM(UDP, SPEC(udp, .hdr.dgram_len = 0),
		    MASK(udp, .hdr.dgram_len = 1)));
	REFUSE(0, ITEM_MASK, "cksum",
	       ITEM(SCTP, SPEC(sctp, .hdr.cksum = 0),
		    MASK(sctp, .hdr.cksum = 1)));
	REFUSE(0, ITEM_MASK, "icmp_cksum",
	       ITEM(ICMP, SPEC(icmp, .hdr.icmp_cksum = 0),
		    MASK(icmp, .hdr.icmp_cksum = 1)));
	REFUSE(0, ITEM_MASK, "checksum",
	       ITEM(ICMP6, SPEC(icmp6, .checksum = 0),
		    MASK(icmp6, .checksum = 1)));
}

/* Bytes behind ICMPv6's header. */
static void
test_raw(void **state __rte_unused)
{
	static const uint8_t bytes[] = { 0x12, 0x34, 0x56, 0x78, 0x9a };
	static const uint8_t mask[] = { 0xff, 0xf0, 0, 0, 0 };
	struct emu_key key;

#define RAW(MORE, ...) \
	ITEM(RAW, SPEC(raw, .relative = 1, .pattern = bytes, __VA_ARGS__), \
	     MORE)
#define BYTES(...) RAW(.mask = NULL, __VA_ARGS__)
	ACCEPT(IMPLIED " ipv6 / icmp6 type is 128 / raw relative is 1 "
	       "offset is 0 pattern_hex spec 1234 pattern_hex mask ffff /",
	       ITEM(IPV6), ITEM(ICMP6, SPEC(icmp6, .type = 128),
				MASK(icmp6, .type = 0xff)),
	       BYTES(.length = 2));
	key = match.key;
	assert_true(matches(&key));
	assert_int_equal(key.outer.icmp_ident, RTE_BE16(0x1234));
	key.outer.icmp_seq = RTE_BE16(7);
	assert_true(matches(&key));
	key.outer.icmp_ident = RTE_BE16(0x1235);
	assert_false(matches(&key));
	ACCEPT(IMPLIED " ipv6 / icmp6 / raw relative is 1 offset is 2 "
	       "pattern_hex spec 1230 pattern_hex mask fff0 /",
	       ITEM(IPV6), ITEM(ICMP6),
	       RAW(MASK(raw, .relative = 1, .offset = -1, .length = UINT16_MAX,
			.pattern = mask), .offset = 2, .length = 2));
	/* Within a tunnel; one behind the other; nothing at all. */
	ACCEPT(IMPLIED " udp / vxlan / icmp6 / raw relative is 1 offset is 0 "
	       "pattern_hex spec 1212 pattern_hex mask ffff /", ITEM(UDP),
	       ITEM(VXLAN), ITEM(ICMP6), BYTES(.length = 1),
	       BYTES(.length = 1), BYTES(.length = 0));
	REFUSE(1, ITEM, "raw cannot follow udp, but: icmp6, raw", ITEM(UDP),
	       BYTES(.length = 2));
	REFUSE(1, ITEM_SPEC, "needs a spec", ITEM(ICMP6), ITEM(RAW));
	REFUSE(1, ITEM_SPEC, "4 bytes from 1 on", ITEM(ICMP6),
	       BYTES(.offset = 1, .length = 4));
	REFUSE(2, ITEM_SPEC, "2 bytes from 3 on", ITEM(ICMP6),
	       BYTES(.length = 3), BYTES(.length = 2));
	REFUSE(1, ITEM_SPEC, "1 bytes from -1 on", ITEM(ICMP6),
	       BYTES(.offset = -1, .length = 1));
	REFUSE(1, ITEM_SPEC, "does not search", ITEM(ICMP6),
	       BYTES(.search = 1, .length = 2));
	REFUSE(1, ITEM_SPEC, "relative has to be 1", ITEM(ICMP6),
	       ITEM(RAW, SPEC(raw, .offset = 58, .length = 2,
			      .pattern = bytes)));
	REFUSE(1, ITEM_SPEC, "reserved", ITEM(ICMP6),
	       BYTES(.reserved = 1, .length = 2));
	REFUSE(1, ITEM_MASK, "matched whole", ITEM(ICMP6),
	       RAW(MASK(raw, .relative = 1, .length = 1), .length = 2));
	REFUSE(1, ITEM_SPEC, "no pattern", ITEM(ICMP6),
	       ITEM(RAW, SPEC(raw, .relative = 1, .length = 2)));
	REFUSE(1, ITEM_LAST, "no ranges", ITEM(ICMP6),
	       RAW(LAST(raw, .relative = 1), .length = 2));
#undef BYTES
#undef RAW
}

static void
test_arp(void **state __rte_unused)
{
	ACCEPT(IMPLIED " eth / arp_eth_ipv4 op is 1 sha is 02:00:00:00:00:00 "
	       "spa is 10.0.0.1 tpa spec 10.0.0.0 tpa mask 255.0.0.0 /",
	       ITEM(ETH),
	       ITEM(ARP_ETH_IPV4,
		    SPEC(arp_eth_ipv4, .hrd = RTE_BE16(1), .pln = 4,
			 .op = RTE_BE16(1), .sha.addr_bytes = {2},
			 .spa = RTE_BE32(0x0a000001),
			 .tpa = RTE_BE32(0x0a000001)),
		    MASK(arp_eth_ipv4, .hrd = U16, .pln = 0xff, .op = U16,
			 .sha.addr_bytes = ONES6, .spa = U32,
			 .tpa = RTE_BE32(0xff000000))));
	REFUSE(0, ITEM_SPEC, "hln 0x8 would never match",
	       ITEM(ARP_ETH_IPV4, SPEC(arp_eth_ipv4, .hln = 8),
		    MASK(arp_eth_ipv4, .hln = 0xff)));
}

static void
test_nd(void **state __rte_unused)
{
	ACCEPT(IMPLIED " ipv6 / icmp6_nd_ns target_addr is fd00::1 / "
	       "icmp6_nd_opt_sla_eth sla is 02:00:00:00:00:00 /", ITEM(IPV6),
	       ITEM(ICMP6_ND_NS,
		    SPEC(icmp6_nd_ns, .target_addr = {0xfd, [15] = 1})),
	       ITEM(ICMP6_ND_OPT_SLA_ETH,
		    SPEC(icmp6_nd_opt_sla_eth, .sla.addr_bytes = {2})));
	ACCEPT(IMPLIED " ipv6 / icmp6 type is 136 / icmp6_nd_na / "
	       "icmp6_nd_opt_tla_eth tla is 02:00:00:00:00:00 /",
	       ITEM(IPV6), ITEM(ICMP6, SPEC(icmp6, .type = 136),
				MASK(icmp6, .type = 0xff)),
	       ITEM(ICMP6_ND_NA, SPEC(icmp6_nd_na, .type = 136),
		    MASK(icmp6_nd_na, .type = 0xff)),
	       ITEM(ICMP6_ND_OPT_TLA_ETH,
		    SPEC(icmp6_nd_opt_tla_eth, .tla.addr_bytes = {2})));
	REFUSE(0, ITEM_SPEC, "type 0x88 would never match",
	       ITEM(ICMP6_ND_NS, SPEC(icmp6_nd_ns, .type = 136),
		    MASK(icmp6_nd_ns, .type = 0xff)));
	REFUSE(0, ITEM_MASK, "rso_reserved",
	       ITEM(ICMP6_ND_NA, SPEC(icmp6_nd_na, .type = 136),
		    MASK(icmp6_nd_na, .rso_reserved = 1)));
}

static void
test_registers(void **state __rte_unused)
{
	ACCEPT(IMPLIED " tag data is 0x5 index is 2 / meta data spec 0x1 "
	       "data mask 0xff / mark id is 0x7 /",
	       ITEM(MARK, SPEC(mark, .id = 7)),
	       ITEM(TAG, SPEC(tag, .data = 5, .index = 2)),
	       ITEM(META, SPEC(meta, .data = 0x101),
		    MASK(meta, .data = 0xff)));
	assert_int_equal(match.key.tag[2], 5);
	REFUSE(0, ITEM_SPEC, "TAG registers 0 to 15",
	       ITEM(TAG, SPEC(tag, .index = 16)));
	REFUSE(0, ITEM_SPEC, "needs a spec", ITEM(TAG));
	REFUSE(0, ITEM_MASK, "index",
	       ITEM(TAG, SPEC(tag, .index = 1), MASK(tag, .data = 1)));
}

static void
test_register_widths(void **state __rte_unused)
{
	ACCEPT(IMPLIED " mark id spec 0xffffff id mask 0xffffff /",
	       ITEM(MARK, SPEC(mark, .id = 0xffffff)));
	REFUSE(0, ITEM_SPEC, "24 bits of profile mlx5",
	       ITEM(MARK, SPEC(mark, .id = 0x1000000)));
	REFUSE(0, ITEM_SPEC, "TAG registers 0 to 3",
	       ITEM(TAG, SPEC(tag, .index = 4)));
}

static void
test_tunnels(void **state __rte_unused)
{
	rte_be32_t key = RTE_BE32(77);
	uint32_t data = RTE_BE32(0xabcd0000), data_mask = RTE_BE32(0xffff0000);

	ACCEPT(IMPLIED " eth / ipv4 / udp dst is 4789 / vxlan flags is 0x8 "
	       "vni is 100 / eth / vlan vid is 3 / ipv4 / tcp /",
	       ITEM(ETH), ITEM(IPV4),
	       ITEM(UDP, SPEC(udp, .hdr.dst_port = RTE_BE16(4789)),
		    MASK(udp, .hdr.dst_port = U16)),
	       ITEM(VXLAN, SPEC(vxlan, .flags = 8, .vni = {0, 0, 100}),
		    MASK(vxlan, .flags = 0xff, .vni = {0xff, 0xff, 0xff})),
	       ITEM(ETH),
	       ITEM(VLAN, SPEC(vlan, .hdr.vlan_tci = RTE_BE16(3))),
	       ITEM(IPV4), ITEM(TCP));
	assert_true(emu_match_is_tunnel(&match));
	assert_int_equal(match.key.tun_vni, RTE_BE32(100 << 8));
	assert_int_equal(match.key.inner.vlan[0].tci, RTE_BE16(3));
	ACCEPT(IMPLIED " ipv6 / udp / geneve optlen is 2 oc is 0x1 "
	       "protocol is 0x6558 vni is 5 / geneve-opt class is 0x102 "
	       "type is 0x80 length is 1 data 0xabcd0000/0xffff0000 / ipv4 /",
	       ITEM(IPV6), ITEM(UDP),
	       ITEM(GENEVE, SPEC(geneve,
				 .ver_opt_len_o_c_rsvd0 = RTE_BE16(0x0240),
				 .protocol = RTE_BE16(0x6558),
				 .vni = {0, 0, 5}),
		    MASK(geneve, .ver_opt_len_o_c_rsvd0 = RTE_BE16(0xffc0),
			 .protocol = U16, .vni = {0xff, 0xff, 0xff})),
	       ITEM(GENEVE_OPT,
		    SPEC(geneve_opt, .option_class = RTE_BE16(0x102),
			 .option_type = 0x80, .option_len = 1, .data = &data),
		    MASK(geneve_opt, .option_class = U16, .option_type = 0xff,
			 .option_len = 0xff, .data = &data_mask)),
	       ITEM(IPV4));
	ACCEPT(IMPLIED " ipv4 / gre c_rsvd0_ver spec 0x2000 "
	       "c_rsvd0_ver mask 0x2000 protocol is 0x800 / gre_key "
	       "value is 77 / ipv4 /", ITEM(IPV4),
	       ITEM(GRE, SPEC(gre, .protocol = RTE_BE16(0x800))),
	       ITEM(GRE_KEY, .spec = &key), ITEM(IPV4));
	/* A group policy. */
	ACCEPT(IMPLIED " ipv4 / udp / vxlan flags is 0x88 rsvd0 is 0x481234 "
	       "last_rsvd is 0x1 /", ITEM(IPV4), ITEM(UDP),
	       ITEM(VXLAN, SPEC(vxlan, .flags = 0x88,
				.rsvd0 = {0x48, 0x12, 0x34}, .rsvd1 = 1),
		    MASK(vxlan, .flags = 0xff, .rsvd0 = {0xff, 0xff, 0xff},
			 .rsvd1 = 0xff)));
	assert_int_equal(match.key.vxlan_rsvd, RTE_BE32(0x48123401));
	assert_int_equal(match.mask.vxlan_rsvd, UINT32_MAX);
	REFUSE(3, ITEM, "tunnel", ITEM(UDP), ITEM(VXLAN), ITEM(UDP),
	       ITEM(VXLAN));
	REFUSE(2, ITEM_SPEC, "16 words", ITEM(UDP), ITEM(GENEVE),
	       ITEM(GENEVE_OPT, SPEC(geneve_opt, .option_len = 16)));
}

static void
test_order(void **state __rte_unused)
{
	ACCEPT(IMPLIED " eth / mpls label_tc_s spec 0x000640 "
	       "label_tc_s mask 0xfffff0 / ipv4 /", ITEM(ETH),
	       ITEM(MPLS, SPEC(mpls, .label_tc_s = {0, 6, 0x4f})),
	       ITEM(IPV4));
	ACCEPT(IMPLIED " eth / mpls label_tc_s spec 0x000640 "
	       "label_tc_s mask 0xfffff0 / mpls / mpls ttl is 9 /",
	       ITEM(ETH),
	       ITEM(MPLS, SPEC(mpls, .label_tc_s = {0, 6, 0x4f})),
	       ITEM(MPLS),
	       ITEM(MPLS, SPEC(mpls, .ttl = 9), MASK(mpls, .ttl = 0xff)));
	REFUSE(4, ITEM, "first 3 labels", ITEM(ETH), ITEM(MPLS), ITEM(MPLS),
	       ITEM(MPLS), ITEM(MPLS));
	ACCEPT(IMPLIED " tcp /", ITEM(ANY), ITEM(TCP));
	REFUSE(2, ITEM, "tcp cannot follow arp_eth_ipv4", ITEM(ETH),
	       ITEM(ARP_ETH_IPV4), ITEM(TCP));
	REFUSE(1, ITEM, "eth cannot follow ipv4", ITEM(IPV4), ITEM(ETH));
	REFUSE(1, ITEM, "icmp cannot follow ipv6", ITEM(IPV6), ITEM(ICMP));
	REFUSE(1, ITEM, "ipv6_frag_ext cannot follow ipv4", ITEM(IPV4),
	       ITEM(IPV6_FRAG_EXT));
	REFUSE(0, ITEM, "gre_key cannot follow the pattern's start, but: gre",
	       ITEM(GRE_KEY));
	REFUSE(0, ITEM_SPEC, "number of layers",
	       ITEM(ANY, SPEC(any, .num = 1), MASK(any, .num = 0xff)));
	REFUSE(1, ITEM, "item NVGRE", ITEM(ETH), ITEM(NVGRE));
	REFUSE(0, ITEM, "no item has type -1", { .type = -1 });
}

static void
test_profile_limits(void **state __rte_unused)
{
	ACCEPT(IMPLIED " eth / ipv4 dst spec 10.0.0.0 dst mask 255.0.0.0 /",
	       ITEM(ETH),
	       ITEM(IPV4, SPEC(ipv4, .hdr.dst_addr = RTE_BE32(0x0a000000)),
		    MASK(ipv4, .hdr.dst_addr = RTE_BE32(0xff000000))));
	ACCEPT(IMPLIED " ipv4 fragment_offset spec 0x0 "
	       "fragment_offset mask 0x3fff /",
	       ITEM(IPV4, SPEC(ipv4, .hdr.fragment_offset = 0),
		    MASK(ipv4, .hdr.fragment_offset = RTE_BE16(0x3fff))));
	REFUSE(1, ITEM_MASK, "dst", ITEM(ETH),
	       ITEM(IPV4, SPEC(ipv4, .hdr.dst_addr = RTE_BE32(0x0a000001)),
		    MASK(ipv4, .hdr.dst_addr = RTE_BE32(0xff0000ff))));
	REFUSE(0, ITEM_MASK, "flags",
	       ITEM(TCP, SPEC(tcp, .hdr.tcp_flags = 1),
		    MASK(tcp, .hdr.tcp_flags = 1)));
	REFUSE(0, ITEM_LAST, "profile basic has no such ranges",
	       ITEM(UDP, SPEC(udp, .hdr.dst_port = RTE_BE16(1)),
		    LAST(udp, .hdr.dst_port = RTE_BE16(2))));
	REFUSE(2, ITEM, "1 VLAN headers", ITEM(ETH), ITEM(VLAN), ITEM(VLAN));
	REFUSE(0, ITEM, "profile of this device does not match item vxlan",
	       ITEM(VXLAN));
}

static void
test_fragment_ranges(void **state __rte_unused)
{
	ACCEPT(IMPLIED " ipv4 fragment_offset spec 0x1 "
	       "fragment_offset last 0x3fff fragment_offset mask 0x3fff /",
	       ITEM(IPV4, SPEC(ipv4, .hdr.fragment_offset = RTE_BE16(1)),
		    LAST(ipv4, .hdr.fragment_offset = RTE_BE16(0x3fff)),
		    MASK(ipv4, .hdr.fragment_offset = RTE_BE16(0x3fff))));
	REFUSE(0, ITEM_LAST, "profile mlx5 has no such ranges",
	       ITEM(UDP, SPEC(udp, .hdr.dst_port = RTE_BE16(1)),
		    LAST(udp, .hdr.dst_port = RTE_BE16(2))));
	REFUSE(0, ITEM, "the emulated device does not match item ESP",
	       ITEM(ESP));
}

/* A device that knows VXLAN's flags without being told. */
static void
test_no_vxlan_flags(void **state __rte_unused)
{
	ACCEPT(IMPLIED " ipv4 / udp / vxlan flags is 0x8 /", ITEM(IPV4),
	       ITEM(UDP), ITEM(VXLAN));
	REFUSE(0, ITEM_MASK, "profile mlx5 does not match flags of item vxlan",
	       ITEM(VXLAN, SPEC(vxlan, .flags = 8), MASK(vxlan, .flags = 8)));
	REFUSE(0, ITEM_MASK, "profile mlx5 does not match rsvd0 of item vxlan",
	       ITEM(VXLAN, SPEC(vxlan), MASK(vxlan, .rsvd0 = {0, 0, 1})));
	REFUSE(0, ITEM_MASK, "does not match last_rsvd of item vxlan",
	       ITEM(VXLAN, SPEC(vxlan), MASK(vxlan, .rsvd1 = 1)));
}

/* Some fragments alone: the first ones, the others. */
static void
test_any_fragment(void **state __rte_unused)
{
	ACCEPT(IMPLIED " ipv4 fragment_offset spec 0x0 "
	       "fragment_offset mask 0x1fff /",
	       ITEM(IPV4, SPEC(ipv4),
		    MASK(ipv4, .hdr.fragment_offset = RTE_BE16(0x1fff))));
	ACCEPT(IMPLIED " ipv6_frag_ext frag_data spec 0x0 "
	       "frag_data mask 0xfff9 /",
	       ITEM(IPV6_FRAG_EXT, SPEC(ipv6_frag_ext),
		    MASK(ipv6_frag_ext, .hdr.frag_data = RTE_BE16(0xfff9))));
	REFUSE(0, ITEM_SPEC, "profile mlx5 does not match some fragments",
	       ITEM(IPV4, SPEC(ipv4, .hdr.fragment_offset = RTE_BE16(0x2000)),
		    MASK(ipv4, .hdr.fragment_offset = RTE_BE16(0x3fff))));
	REFUSE(0, ITEM_SPEC, "profile mlx5 does not match some fragments",
	       ITEM(IPV4, SPEC(ipv4, .hdr.fragment_offset = RTE_BE16(1)),
		    LAST(ipv4, .hdr.fragment_offset = RTE_BE16(0x1fff)),
		    MASK(ipv4, .hdr.fragment_offset = RTE_BE16(0x1fff))));
	REFUSE(0, ITEM_SPEC, "ipv6_frag_ext has frag_data 0x1",
	       ITEM(IPV6_FRAG_EXT, SPEC(ipv6_frag_ext,
					.hdr.frag_data = RTE_BE16(1)),
		    LAST(ipv6_frag_ext, .hdr.frag_data = RTE_BE16(0xfff9)),
		    MASK(ipv6_frag_ext, .hdr.frag_data = RTE_BE16(0xfff9))));
}

static void
test_no_lengths(void **state __rte_unused)
{
	REFUSE(0, ITEM_MASK, "profile mlx5 does not match length of item ipv4",
	       ITEM(IPV4, SPEC(ipv4, .hdr.total_length = RTE_BE16(100)),
		    MASK(ipv4, .hdr.total_length = RTE_BE16(0xff00))));
	REFUSE(0, ITEM_MASK,
	       "profile mlx5 does not match payload_len of item ipv6",
	       ITEM(IPV6, SPEC(ipv6, .hdr.payload_len = RTE_BE16(100)),
		    MASK(ipv6, .hdr.payload_len = U16)));
}

/* Through templates, which do more. */
static void
test_ip6_lengths(void **state __rte_unused)
{
	fixture_device_init("mlx5-hws");
	REFUSE(0, ITEM_MASK,
	       "profile mlx5-hws does not match length of item ipv4",
	       ITEM(IPV4, SPEC(ipv4, .hdr.total_length = RTE_BE16(100)),
		    MASK(ipv4, .hdr.total_length = RTE_BE16(0xff00))));
	ACCEPT(IMPLIED " ipv6 payload_len spec 1280 payload_len mask 65280 /",
	       ITEM(IPV6, SPEC(ipv6, .hdr.payload_len = RTE_BE16(0x0500)),
		    MASK(ipv6, .hdr.payload_len = RTE_BE16(0xff00))));
	fixture_device_uninit();
}

#define CHECKS(...) \
	ITEM(INTEGRITY, SPEC(integrity, __VA_ARGS__), \
	     MASK(integrity, __VA_ARGS__))

static void
test_integrity(void **state __rte_unused)
{
	ACCEPT(IMPLIED " integrity level is 0 value spec 0x60 value mask 0x60 "
	       "/ eth / ipv4 / tcp /",
	       CHECKS(.level = 1, .ipv4_csum_ok = 1, .l4_csum_ok = 1),
	       ITEM(ETH), ITEM(IPV4), ITEM(TCP));
	assert_int_equal(emu_match_verify(&match), EMU_LEVEL_OUTER);
	ACCEPT(IMPLIED " integrity level is 2 value spec 0xc value mask 0xc / "
	       "ipv4 / udp / vxlan / ipv6 / icmp6 /", ITEM(IPV4), ITEM(UDP),
	       ITEM(VXLAN), ITEM(IPV6), ITEM(ICMP6),
	       CHECKS(.level = 2, .l3_ok = 1, .l4_ok = 1));
	assert_int_equal(emu_match_verify(&match), EMU_LEVEL_INNER);
	ACCEPT(IMPLIED " integrity level is 0 value spec 0x40 value mask 0x40 "
	       "/ ipv4 / icmp /", CHECKS(.l4_csum_ok = 1), ITEM(IPV4),
	       ITEM(ICMP));
	/* Without a mask, nothing is asked. */
	ACCEPT(IMPLIED " eth /", ITEM(ETH),
	       ITEM(INTEGRITY, SPEC(integrity, .l3_ok = 1)));
	assert_int_equal(emu_match_verify(&match), 0);

	REFUSE(0, ITEM_SPEC, "needs a spec with a level", ITEM(INTEGRITY));
	REFUSE(0, ITEM_SPEC, "level 3",
	       CHECKS(.level = 3, .l3_ok = 1), ITEM(IPV4));
	REFUSE(0, ITEM_MASK, "only l3_ok", CHECKS(.l2_crc_ok = 1), ITEM(ETH));
	REFUSE(0, ITEM_SPEC, "fails cannot be matched",
	       ITEM(INTEGRITY, SPEC(integrity, .l3_ok = 0),
		    MASK(integrity, .l3_ok = 1)), ITEM(IPV4));
	REFUSE(2, ITEM, "second item", CHECKS(.l3_ok = 1), ITEM(IPV4),
	       CHECKS(.level = 1, .ipv4_csum_ok = 1));
	REFUSE(0, ITEM, "needs an item ipv4 of its level",
	       CHECKS(.ipv4_csum_ok = 1), ITEM(IPV6));
	REFUSE(3, ITEM, "ipv4 or ipv6 of its level", ITEM(IPV4), ITEM(UDP),
	       ITEM(VXLAN), CHECKS(.level = 2, .l3_ok = 1));
	REFUSE(0, ITEM, "tcp, udp, sctp, icmp and icmp6",
	       CHECKS(.l4_csum_ok = 1), ITEM(IPV4));
}

static void
test_integrity_of_mlx5(void **state __rte_unused)
{
	ACCEPT(IMPLIED " integrity level is 0 value spec 0x60 value mask 0x60 "
	       "/ eth / ipv4 / udp /",
	       CHECKS(.ipv4_csum_ok = 1, .l4_csum_ok = 1),
	       ITEM(ETH), ITEM(IPV4), ITEM(UDP));
	REFUSE(0, ITEM, "items tcp and udp of its level alone",
	       CHECKS(.l4_csum_ok = 1), ITEM(IPV4), ITEM(ICMP));
}

int
main(void)
{
#define TEST(NAME, SETUP) \
	cmocka_unit_test_setup_teardown(test_##NAME, SETUP, teardown)
	static const struct CMUnitTest tests[] = {
		TEST(source, setup),
		TEST(ingress, setup),
		TEST(eth, setup),
		TEST(vlan, setup),
		TEST(ipv4, setup),
		TEST(ranges, setup),
		TEST(ipv6, setup),
		TEST(ipv6_proto, setup),
		TEST(ipv6_frag, setup),
		TEST(l4, setup),
		TEST(raw, setup),
		TEST(arp, setup),
		TEST(nd, setup),
		TEST(registers, setup),
		TEST(register_widths, setup_mlx5),
		TEST(tunnels, setup),
		TEST(order, setup),
		TEST(profile_limits, setup_basic),
		TEST(fragment_ranges, setup_mlx5),
		TEST(any_fragment, setup_mlx5),
		TEST(no_lengths, setup_mlx5),
		TEST(no_vxlan_flags, setup_mlx5),
		cmocka_unit_test(test_ip6_lengths),
		TEST(integrity, setup),
		TEST(integrity_of_mlx5, setup_mlx5),
	};

	fixture_eal_init();
	return cmocka_run_group_tests(tests, NULL, NULL);
}
