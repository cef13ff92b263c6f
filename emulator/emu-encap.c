/* SPDX-License-Identifier: Apache-2.0
 * Copyright (c) 2026 The ovs-dpu authors
 *
 * emu-encap: RAW_ENCAP, RAW_DECAP, VXLAN_ENCAP, VXLAN_DECAP.
 *
 * An encapsulation is a template of headers that is put before the packet.
 * Where it has IP, the lengths, IPv4's checksum and, if it is 0 there, UDP's
 * source port are filled in per packet.  UDP's checksum is computed if it is
 * not 0 in the template and the device says that it computes outer ones
 * (RTE_ETH_TX_OFFLOAD_OUTER_UDP_CKSUM); else it stays as it is there. */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include <netinet/in.h>

#include <rte_ether.h>
#include <rte_ip.h>
#include <rte_jhash.h>
#include <rte_udp.h>
#include <rte_vxlan.h>

#include "emu-memory.h"
#include "emu-op.h"

/* All headers of a tunnel: Ethernet, two VLANs, IPv6, UDP, GENEVE with its
 * longest options. */
#define MAX_ENCAP (14 + 8 + 40 + 8 + 8 + 252)

/* Headers that are no longer than this are of layer 2 alone. */
#define MAX_L2 (14 + 20)

struct emu_encap {
	uint16_t size;
	uint16_t ipv4, ipv6, udp;	/* Offsets, 0: has none. */
	bool udp_checksum;		/* To be computed. */
	uint8_t data[];
};

/* -- Templates ------------------------------------------------------------ */

/* Finds the headers of the template that depend on the packet. */
static void
encap_scan(struct emu_encap *e)
{
	uint16_t at = 2 * RTE_ETHER_ADDR_LEN, l4;
	rte_be16_t type;
	uint8_t proto;

	for (;; at += sizeof(struct rte_vlan_hdr)) {
		if (at + 2 > e->size)
			return;
		memcpy(&type, e->data + at, sizeof(type));
		if (type != RTE_BE16(RTE_ETHER_TYPE_VLAN) &&
		    type != RTE_BE16(RTE_ETHER_TYPE_QINQ))
			break;
	}
	at += sizeof(type);

	if (type == RTE_BE16(RTE_ETHER_TYPE_IPV4) &&
	    at + sizeof(struct rte_ipv4_hdr) <= e->size) {
		e->ipv4 = at;
		l4 = at + (e->data[at] & 0xf) * 4;
		proto = e->data[at + 9];
	} else if (type == RTE_BE16(RTE_ETHER_TYPE_IPV6) &&
		   at + sizeof(struct rte_ipv6_hdr) <= e->size) {
		e->ipv6 = at;
		l4 = at + sizeof(struct rte_ipv6_hdr);
		proto = e->data[at + 6];
	} else {
		return;
	}
	if (proto == IPPROTO_UDP &&
	    l4 + sizeof(struct rte_udp_hdr) <= e->size)
		e->udp = l4;
}

static bool
has_udp_checksum(const struct emu_encap *e)
{
	struct rte_udp_hdr udp;

	if (!e->udp)
		return false;
	memcpy(&udp, e->data + e->udp, sizeof(udp));
	return udp.dgram_cksum != 0;
}

static int
encap_create(struct emu_compile *c, const struct rte_flow_action *action,
	     const uint8_t *data, size_t size, struct emu_op *op)
{
	struct emu_encap *e = emu_calloc(1, sizeof(*e) + size);

	if (!e)
		return emu_action_refuse(c, ENOMEM, action,
					 "no memory for an encapsulation");
	e->size = size;
	memcpy(e->data, data, size);
	encap_scan(e);
	e->udp_checksum = c->profile->outer_udp_csum && has_udp_checksum(e);
	op->u.encap = e;
	c->encapsulated = true;
	c->ttl_set = true;
	return 0;
}

int
emu_raw_encap_check(struct emu_compile *c,
		    const struct rte_flow_action *action)
{
	const struct rte_flow_action_raw_encap *raw = action->conf;

	if (!raw->data)
		return emu_action_refuse(c, EINVAL, action,
					 "RAW_ENCAP without data");
	if (!raw->size || raw->size > MAX_ENCAP)
		return emu_action_refuse(c, EINVAL, action,
					 "RAW_ENCAP of %zu bytes: 1 to %d are "
					 "possible", raw->size, MAX_ENCAP);
	if (c->raw_decap_size && c->raw_decap_size <= MAX_L2
	    && raw->size <= MAX_L2 && !c->profile->l2_replace)
		return emu_action_refuse(c, ENOTSUP, action,
					 "profile %s does not replace headers "
					 "of layer 2: RAW_DECAP of %zu bytes, "
					 "RAW_ENCAP of %zu", c->profile->name,
					 c->raw_decap_size, raw->size);
	return 0;
}

int
emu_raw_encap_compile(struct emu_compile *c,
		      const struct rte_flow_action *action, struct emu_op *op)
{
	const struct rte_flow_action_raw_encap *raw = action->conf;

	return encap_create(c, action, raw->data, raw->size, op);
}

/* What each item of a VXLAN_ENCAP's definition adds, and its defaults. */
static const struct encap_item {
	enum rte_flow_item_type type;
	uint8_t size;
} encap_items[] = {
	{ RTE_FLOW_ITEM_TYPE_ETH, sizeof(struct rte_ether_hdr) },
	{ RTE_FLOW_ITEM_TYPE_VLAN, sizeof(struct rte_vlan_hdr) },
	{ RTE_FLOW_ITEM_TYPE_IPV4, sizeof(struct rte_ipv4_hdr) },
	{ RTE_FLOW_ITEM_TYPE_IPV6, sizeof(struct rte_ipv6_hdr) },
	{ RTE_FLOW_ITEM_TYPE_UDP, sizeof(struct rte_udp_hdr) },
	{ RTE_FLOW_ITEM_TYPE_VXLAN, sizeof(struct rte_vxlan_hdr) },
};

static const struct encap_item *
find_encap_item(enum rte_flow_item_type type)
{
	unsigned int i;

	for (i = 0; i < RTE_DIM(encap_items); i++)
		if (encap_items[i].type == type)
			return &encap_items[i];
	return NULL;
}

/* Fields that the application leaves at 0 for the driver to fill in. */
static void
complete_header(enum rte_flow_item_type type, uint8_t *h)
{
	struct rte_ipv4_hdr *ip = (void *)h;
	struct rte_ipv6_hdr *ip6 = (void *)h;
	struct rte_udp_hdr *udp = (void *)h;

	switch (type) {
	case RTE_FLOW_ITEM_TYPE_IPV4:
		ip->version_ihl = RTE_IPV4_VHL_DEF;
		ip->next_proto_id = IPPROTO_UDP;
		if (!ip->time_to_live)
			ip->time_to_live = 64;
		break;
	case RTE_FLOW_ITEM_TYPE_IPV6:
		ip6->vtc_flow |= RTE_BE32(6u << 28);
		ip6->proto = IPPROTO_UDP;
		if (!ip6->hop_limits)
			ip6->hop_limits = 64;
		break;
	case RTE_FLOW_ITEM_TYPE_UDP:
		udp->dgram_cksum = 0;
		if (!udp->dst_port)
			udp->dst_port = RTE_BE16(RTE_VXLAN_DEFAULT_PORT);
		break;
	case RTE_FLOW_ITEM_TYPE_VXLAN:
		h[0] |= EMU_VXLAN_FLAGS;
		break;
	default:
		break;
	}
}

/* An Ethernet type that the application left at 0 follows from what comes
 * next. */
static void
link_header(rte_be16_t *type, enum rte_flow_item_type next)
{
	if (*type)
		return;
	*type = next == RTE_FLOW_ITEM_TYPE_VLAN ? RTE_BE16(RTE_ETHER_TYPE_VLAN)
	      : next == RTE_FLOW_ITEM_TYPE_IPV4 ? RTE_BE16(RTE_ETHER_TYPE_IPV4)
	      : RTE_BE16(RTE_ETHER_TYPE_IPV6);
}

/* Writes the headers of 'definition' to 'data'; returns how many bytes. */
static size_t
vxlan_template(const struct rte_flow_item *definition, uint8_t *data)
{
	const struct rte_flow_item *item;
	size_t at = 0, type_at = 0;

	for (item = definition; item->type != RTE_FLOW_ITEM_TYPE_END; item++) {
		const struct encap_item *e = find_encap_item(item->type);
		rte_be16_t type;

		if (!e)
			continue;	/* VOID. */
		if (type_at) {
			memcpy(&type, data + type_at, sizeof(type));
			link_header(&type, item->type);
			memcpy(data + type_at, &type, sizeof(type));
			type_at = 0;
		}
		memcpy(data + at, item->spec, e->size);
		complete_header(item->type, data + at);
		at += e->size;
		if (item->type == RTE_FLOW_ITEM_TYPE_ETH ||
		    item->type == RTE_FLOW_ITEM_TYPE_VLAN)
			type_at = at - sizeof(type);
	}
	return at;
}

/* A definition is ETH, up to two VLANs, IPV4 or IPV6, UDP, VXLAN. */
int
emu_vxlan_encap_check(struct emu_compile *c,
		      const struct rte_flow_action *action)
{
	const struct rte_flow_action_vxlan_encap *vxlan = action->conf;
	const struct rte_flow_item *item;
	enum rte_flow_item_type last = RTE_FLOW_ITEM_TYPE_VOID;
	unsigned int n_vlans = 0;

	if (!vxlan->definition)
		return emu_action_refuse(c, EINVAL, action,
					 "VXLAN_ENCAP without a definition");
	for (item = vxlan->definition; item->type != RTE_FLOW_ITEM_TYPE_END;
	     item++) {
		bool fits;

		switch (item->type) {
		case RTE_FLOW_ITEM_TYPE_VOID:
			continue;
		case RTE_FLOW_ITEM_TYPE_ETH:
			fits = last == RTE_FLOW_ITEM_TYPE_VOID;
			break;
		case RTE_FLOW_ITEM_TYPE_VLAN:
			fits = (last == RTE_FLOW_ITEM_TYPE_ETH ||
				last == RTE_FLOW_ITEM_TYPE_VLAN) &&
			       ++n_vlans <= EMU_N_VLANS;
			break;
		case RTE_FLOW_ITEM_TYPE_IPV4:
		case RTE_FLOW_ITEM_TYPE_IPV6:
			fits = last == RTE_FLOW_ITEM_TYPE_ETH ||
			       last == RTE_FLOW_ITEM_TYPE_VLAN;
			break;
		case RTE_FLOW_ITEM_TYPE_UDP:
			fits = last == RTE_FLOW_ITEM_TYPE_IPV4 ||
			       last == RTE_FLOW_ITEM_TYPE_IPV6;
			break;
		case RTE_FLOW_ITEM_TYPE_VXLAN:
			fits = last == RTE_FLOW_ITEM_TYPE_UDP;
			break;
		default:
			fits = false;
			break;
		}
		if (!fits || !item->spec)
			return emu_action_refuse(c, EINVAL, action,
						 "item %d of the definition of "
						 "VXLAN_ENCAP: eth [vlan] "
						 "ipv4|ipv6 udp vxlan, each "
						 "with a spec, are right",
						 item->type);
		last = item->type;
	}
	if (last != RTE_FLOW_ITEM_TYPE_VXLAN)
		return emu_action_refuse(c, EINVAL, action,
					 "VXLAN_ENCAP's definition lacks "
					 "vxlan at its end");
	return 0;
}

int
emu_vxlan_encap_compile(struct emu_compile *c,
			const struct rte_flow_action *action,
			struct emu_op *op)
{
	const struct rte_flow_action_vxlan_encap *vxlan = action->conf;
	uint8_t data[MAX_ENCAP];
	size_t size = vxlan_template(vxlan->definition, data);

	return encap_create(c, action, data, size, op);
}

void
emu_encap_release(struct emu_op *op)
{
	free(op->u.encap);
}

/* -- Running -------------------------------------------------------------- */

/* A port of RFC 7348's range that is the same for all packets of a flow. */
static rte_be16_t
entropy_port(const struct emu_key_headers *k)
{
	uint32_t hash = rte_jhash(k->ip_src, sizeof(k->ip_src), k->ip_proto);

	hash = rte_jhash(k->ip_dst, sizeof(k->ip_dst), hash);
	hash = rte_jhash_3words(k->l4_src, k->l4_dst, k->present, hash);
	return rte_cpu_to_be_16(49152 + (hash & 0x3fff));
}

static void
fill_in(const struct emu_encap *e, uint8_t *frame, uint16_t len,
	rte_be16_t src_port)
{
	if (e->ipv4) {
		struct rte_ipv4_hdr *ip = (void *)(frame + e->ipv4);

		ip->total_length = rte_cpu_to_be_16(len - e->ipv4);
		ip->hdr_checksum = 0;
		ip->hdr_checksum = rte_ipv4_cksum(ip);
	}
	if (e->ipv6) {
		struct rte_ipv6_hdr *ip = (void *)(frame + e->ipv6);

		ip->payload_len = rte_cpu_to_be_16(len - e->ipv6 -
						   sizeof(*ip));
	}
	if (e->udp) {
		struct rte_udp_hdr *udp = (void *)(frame + e->udp);

		udp->dgram_len = rte_cpu_to_be_16(len - e->udp);
		if (!udp->src_port)
			udp->src_port = src_port;
		if (e->udp_checksum) {
			udp->dgram_cksum = 0;
			udp->dgram_cksum = e->ipv4
				? rte_ipv4_udptcp_cksum((void *)(frame +
								 e->ipv4), udp)
				: rte_ipv6_udptcp_cksum((void *)(frame +
								 e->ipv6), udp);
		}
	}
}

enum emu_step
emu_encap_run(const struct emu_op *op, struct emu_walk *w)
{
	const struct emu_encap *e = op->u.encap;
	struct emu_packet *p = w->p;
	rte_be16_t src_port = e->udp ? entropy_port(&p->key.outer) : 0;
	uint8_t *frame;

	if (!emu_packet_insert(p, 0, e->size))
		return emu_walk_drop(w);
	frame = rte_pktmbuf_mtod(p->m, uint8_t *);
	memcpy(frame, e->data, e->size);
	fill_in(e, frame, rte_pktmbuf_data_len(p->m), src_port);
	emu_packet_parse(p, true);
	return EMU_STEP_NEXT;
}

int
emu_raw_decap_check(struct emu_compile *c,
		    const struct rte_flow_action *action)
{
	const struct rte_flow_action_raw_decap *raw = action->conf;

	if (!raw->size || raw->size > MAX_ENCAP)
		return emu_action_refuse(c, EINVAL, action,
					 "RAW_DECAP of %zu bytes: 1 to %d are "
					 "possible", raw->size, MAX_ENCAP);
	c->raw_decap_size = raw->size;
	return 0;
}

int
emu_raw_decap_compile(struct emu_compile *c,
		      const struct rte_flow_action *action, struct emu_op *op)
{
	const struct rte_flow_action_raw_decap *raw = action->conf;

	op->u.size = raw->size;
	c->decapsulated = raw->size > sizeof(struct rte_ether_hdr) +
				      2 * sizeof(struct rte_vlan_hdr);
	return 0;
}

enum emu_step
emu_raw_decap_run(const struct emu_op *op, struct emu_walk *w)
{
	struct emu_packet *p = w->p;

	if (!emu_packet_remove(p, 0, op->u.size))
		return emu_walk_drop(w);
	emu_packet_parse(p, true);
	return EMU_STEP_NEXT;
}

int
emu_vxlan_decap_compile(struct emu_compile *c,
			const struct rte_flow_action *action,
			struct emu_op *op)
{
	RTE_SET_USED(action);
	RTE_SET_USED(op);
	c->decapsulated = true;
	if (!c->encapsulated)
		c->program->needs_vxlan = true;
	return 0;
}

enum emu_step
emu_vxlan_decap_run(const struct emu_op *op, struct emu_walk *w)
{
	struct emu_packet *p = w->p;

	RTE_SET_USED(op);
	if (!p->inner.l2 || !emu_packet_remove(p, 0, p->inner.l2))
		return emu_walk_drop(w);
	emu_packet_parse(p, true);
	return EMU_STEP_NEXT;
}
