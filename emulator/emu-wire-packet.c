/* SPDX-License-Identifier: Apache-2.0
 * Copyright (c) 2026 The ovs-dpu authors
 *
 * emu-wire-packet: an existing interface of Linux, through a packet socket
 * (packet(7), Documentation/networking/packet_mmap.rst).
 *
 * What a NIC would put on the wire is made of what the kernel hands over: a
 * VLAN tag that it has taken off goes back in with its own TPID, a checksum
 * that it left to the device is completed, and a frame larger than the wire's
 * is segmented, as virtio's header of the frame tells.  What the kernel alone
 * knows how to segment (tunnels, UFO) is dropped and counted. */
#include <errno.h>
#include <linux/if_ether.h>
#include <linux/if_packet.h>
#include <linux/virtio_net.h>
#include <net/if.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <sys/uio.h>
#include <unistd.h>

#include <rte_byteorder.h>
#include <rte_ip.h>
#include <rte_string_fns.h>
#include <rte_tcp.h>
#include <rte_udp.h>

#include "emu-log.h"
#include "emu-netns.h"
#include "emu-segment.h"
#include "emu-wire.h"

#ifndef VIRTIO_NET_HDR_GSO_UDP_L4	/* Linux before 6.2. */
#define VIRTIO_NET_HDR_GSO_UDP_L4 5
#endif

/* The largest frame that the kernel ever hands over: a large one, of 64 KiB
 * with headers. */
#define EMU_PACKET_LARGE (65536 + 256)

/* Frames that segmentation makes of one large frame, at most. */
#define EMU_PACKET_MAX_SEGMENTS 256

/* A frame on its way in. */
struct emu_packet_slot {
	struct virtio_net_hdr vnet;
	struct iovec iov[3];		/* vnet, mbuf, what does not fit. */
	union {
		struct cmsghdr header;	/* For alignment. */
		uint8_t bytes[CMSG_SPACE(sizeof(struct tpacket_auxdata))];
	} control;
	struct rte_mbuf *m;
};

struct emu_wire_packet {
	struct emu_wire wire;
	int ifindex;
	int ctl;			/* For ioctls; in the namespace. */
	char ifname[IFNAMSIZ];
	bool warned;			/* About a frame of unknown kind. */

	/* Frames to be handed over: segments of a large one may be more
	 * than were asked for. */
	struct rte_mbuf *ready[EMU_BURST * EMU_PACKET_MAX_SEGMENTS];
	uint16_t n_ready, next_ready;

	struct emu_packet_slot slots[EMU_BURST];
	struct mmsghdr msgs[EMU_BURST];
	uint8_t *large;			/* Of EMU_PACKET_LARGE each. */
};

static struct emu_wire_packet *
emu_wire_packet_cast(const struct emu_wire *wire)
{
	return container_of(wire, struct emu_wire_packet, wire);
}

/* -- Opening ------------------------------------------------------------ */

struct emu_packet_open {
	const struct emu_wire_config *config;
	struct emu_wire_packet *packet;
};

static int
emu_packet_fail(const struct emu_wire_config *config, const char *what)
{
	const int error = errno;

	EMU_LOG(ERR, "%s: %s: af_packet \"%s\": %s: %s", config->device,
		config->vport, config->spec->path, what, strerror(error));
	return -error;
}

static int
emu_packet_options(const struct emu_wire_config *config, int fd, int ifindex)
{
	const struct packet_mreq promiscuous = {
		.mr_ifindex = ifindex,
		.mr_type = PACKET_MR_PROMISC,
	};
	const int on = 1;
	const int size = 4 << 20;
	const struct {
		int level, option;
		const void *value;
		socklen_t size;
		const char *what;
	} options[] = {
		{ SOL_PACKET, PACKET_AUXDATA, &on, sizeof(on),
		  "PACKET_AUXDATA" },
		{ SOL_PACKET, PACKET_VNET_HDR, &on, sizeof(on),
		  "PACKET_VNET_HDR" },
		{ SOL_PACKET, PACKET_IGNORE_OUTGOING, &on, sizeof(on),
		  "PACKET_IGNORE_OUTGOING" },
		{ SOL_PACKET, PACKET_ADD_MEMBERSHIP, &promiscuous,
		  sizeof(promiscuous), "cannot become promiscuous" },
		{ SOL_SOCKET, SO_RCVBUFFORCE, &size, sizeof(size),
		  "SO_RCVBUFFORCE" },
		{ SOL_SOCKET, SO_SNDBUFFORCE, &size, sizeof(size),
		  "SO_SNDBUFFORCE" },
	};
	size_t i;

	for (i = 0; i < RTE_DIM(options); i++)
		if (setsockopt(fd, options[i].level, options[i].option,
			       options[i].value, options[i].size) < 0)
			return emu_packet_fail(config, options[i].what);
	return 0;
}

static int
emu_packet_bind(struct emu_wire_packet *packet,
		const struct emu_wire_config *config)
{
	struct sockaddr_ll sll = { .sll_family = AF_PACKET };
	struct ifreq ifr = { .ifr_ifindex = 0 };
	int ret;

	strlcpy(ifr.ifr_name, config->spec->path, sizeof(ifr.ifr_name));
	if (ioctl(packet->ctl, SIOCGIFINDEX, &ifr) < 0)
		return emu_packet_fail(config, "no such interface");
	packet->ifindex = ifr.ifr_ifindex;
	if (ioctl(packet->ctl, SIOCGIFHWADDR, &ifr) < 0)
		return emu_packet_fail(config, "cannot read its address");
	memcpy(&packet->wire.mac, ifr.ifr_hwaddr.sa_data,
	       sizeof(packet->wire.mac));

	ret = emu_packet_options(config, packet->wire.fd, packet->ifindex);
	if (ret < 0)
		return ret;
	/* Frames are received from now on, and not from all interfaces. */
	sll.sll_ifindex = packet->ifindex;
	sll.sll_protocol = RTE_BE16(ETH_P_ALL);
	if (bind(packet->wire.fd, (struct sockaddr *)&sll, sizeof(sll)) < 0)
		return emu_packet_fail(config, "cannot bind");
	return 0;
}

/* Runs in the interface's network namespace. */
static int
emu_packet_open(void *open_)
{
	struct emu_packet_open *open = open_;
	struct emu_wire_packet *packet = open->packet;
	int ret;

	packet->wire.fd = socket(AF_PACKET, SOCK_RAW | SOCK_NONBLOCK |
				 SOCK_CLOEXEC, 0);
	if (packet->wire.fd < 0)
		return emu_packet_fail(open->config, "cannot open a socket");
	packet->ctl = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);
	if (packet->ctl < 0) {
		ret = emu_packet_fail(open->config, "cannot open a socket");
		goto close_fd;
	}
	ret = emu_packet_bind(packet, open->config);
	if (ret < 0)
		goto close_ctl;
	return 0;

close_ctl:
	close(packet->ctl);
close_fd:
	close(packet->wire.fd);
	return ret;
}

/* Makes message 'i' ready to receive a frame into an mbuf. */
static void
emu_packet_arm(struct emu_wire_packet *packet, unsigned int i)
{
	struct emu_packet_slot *slot = &packet->slots[i];
	struct msghdr *msg = &packet->msgs[i].msg_hdr;

	slot->iov[0].iov_base = &slot->vnet;
	slot->iov[0].iov_len = sizeof(slot->vnet);
	slot->iov[1].iov_base = rte_pktmbuf_mtod(slot->m, void *);
	slot->iov[1].iov_len = EMU_MAX_FRAME;
	slot->iov[2].iov_base = packet->large + (size_t)i * EMU_PACKET_LARGE;
	slot->iov[2].iov_len = EMU_PACKET_LARGE;
	memset(msg, 0, sizeof(*msg));
	msg->msg_iov = slot->iov;
	msg->msg_iovlen = RTE_DIM(slot->iov);
	msg->msg_control = &slot->control;
	msg->msg_controllen = sizeof(slot->control);
}

static int
emu_wire_packet_open(const struct emu_wire_config *config,
		     struct emu_wire **wirep)
{
	struct emu_packet_open open = { .config = config };
	struct emu_wire_packet *packet;
	int ret = -ENOMEM;

	packet = calloc(1, sizeof(*packet));
	if (packet == NULL)
		return -ENOMEM;
	packet->large = malloc((size_t)EMU_BURST * EMU_PACKET_LARGE);
	if (packet->large == NULL)
		goto free_packet;
	strlcpy(packet->ifname, config->spec->path, sizeof(packet->ifname));
	open.packet = packet;
	ret = emu_netns_call(config->spec->netns, emu_packet_open, &open);
	if (ret < 0)
		goto free_large;
	*wirep = &packet->wire;
	return 0;

free_large:
	free(packet->large);
free_packet:
	free(packet);
	return ret;
}

static void
emu_wire_packet_close(struct emu_wire *wire)
{
	struct emu_wire_packet *packet = emu_wire_packet_cast(wire);
	unsigned int i;

	close(packet->ctl);
	close(wire->fd);
	for (i = 0; i < EMU_BURST; i++)
		rte_pktmbuf_free(packet->slots[i].m);
	rte_pktmbuf_free_bulk(packet->ready + packet->next_ready,
			      packet->n_ready - packet->next_ready);
	free(packet->large);
	free(packet);
}

/* -- Frames from the interface ------------------------------------------ */

/* The VLAN tag that the kernel took off, as it stood in the frame; false if
 * there was none. */
static bool
emu_packet_vlan(struct msghdr *msg, struct rte_vlan_hdr *tag)
{
	struct cmsghdr *cmsg;
	struct tpacket_auxdata aux;

	for (cmsg = CMSG_FIRSTHDR(msg); cmsg; cmsg = CMSG_NXTHDR(msg, cmsg)) {
		if (cmsg->cmsg_level != SOL_PACKET ||
		    cmsg->cmsg_type != PACKET_AUXDATA)
			continue;
		memcpy(&aux, CMSG_DATA(cmsg), sizeof(aux));
		if (!(aux.tp_status & TP_STATUS_VLAN_VALID))
			return false;
		/* Here 'eth_proto' stands for the tag's own TPID, which
		 * comes first once it is in the frame. */
		tag->vlan_tci = rte_cpu_to_be_16(aux.tp_vlan_tci);
		tag->eth_proto = rte_cpu_to_be_16(
			aux.tp_status & TP_STATUS_VLAN_TPID_VALID
			? aux.tp_vlan_tpid : RTE_ETHER_TYPE_VLAN);
		return true;
	}
	return false;
}

static void
emu_packet_insert_vlan(struct rte_mbuf *m, const struct rte_vlan_hdr *tag)
{
	uint8_t *data = (uint8_t *)rte_pktmbuf_prepend(m, sizeof(*tag));

	if (data == NULL)
		return;
	memmove(data, data + sizeof(*tag), 2 * RTE_ETHER_ADDR_LEN);
	data += 2 * RTE_ETHER_ADDR_LEN;
	memcpy(data, &tag->eth_proto, sizeof(tag->eth_proto));
	memcpy(data + 2, &tag->vlan_tci, sizeof(tag->vlan_tci));
}

/* Where the segmentation of a large frame puts its frames. */
struct emu_packet_emit {
	struct emu_wire_packet *packet;
	const struct rte_vlan_hdr *tag;	/* NULL: none. */
};

static void
emu_packet_ready(struct rte_mbuf *m, void *emit_)
{
	struct emu_packet_emit *emit = emit_;
	struct emu_wire_packet *packet = emit->packet;

	if (packet->n_ready == RTE_DIM(packet->ready)) {
		packet->wire.rx_dropped++;
		rte_pktmbuf_free(m);
		return;
	}
	if (emit->tag != NULL)
		emu_packet_insert_vlan(m, emit->tag);
	packet->ready[packet->n_ready++] = m;
}

static void
emu_packet_copy(const void *slot_, uint32_t offset, uint32_t length, void *to)
{
	const struct emu_packet_slot *slot = slot_;
	const uint8_t *first = slot->iov[1].iov_base;
	uint32_t n = 0;

	if (offset < EMU_MAX_FRAME) {
		n = RTE_MIN(length, EMU_MAX_FRAME - offset);
		memcpy(to, first + offset, n);
		offset += n;
	}
	memcpy((uint8_t *)to + n, (const uint8_t *)slot->iov[2].iov_base +
	       (offset - EMU_MAX_FRAME), length - n);
}

/* Finds the headers of the large frame in 'slot'. */
static bool
emu_packet_layout(const struct emu_packet_slot *slot,
		  struct emu_segment_layout *layout)
{
	const uint8_t *data = slot->iov[1].iov_base;
	const struct virtio_net_hdr *vnet = &slot->vnet;
	const uint8_t *p = data + 2 * RTE_ETHER_ADDR_LEN;
	rte_be16_t type;

	switch (vnet->gso_type & ~VIRTIO_NET_HDR_GSO_ECN) {
	case VIRTIO_NET_HDR_GSO_TCPV4:
	case VIRTIO_NET_HDR_GSO_TCPV6:
		layout->tcp = true;
		break;
	case VIRTIO_NET_HDR_GSO_UDP_L4:
		layout->tcp = false;
		break;
	default:
		return false;
	}
	if (!(vnet->flags & VIRTIO_NET_HDR_F_NEEDS_CSUM) ||
	    vnet->csum_start > 512)
		return false;

	for (;; p += sizeof(struct rte_vlan_hdr)) {
		memcpy(&type, p, sizeof(type));
		p += sizeof(type);
		if (type != RTE_BE16(RTE_ETHER_TYPE_VLAN) &&
		    type != RTE_BE16(RTE_ETHER_TYPE_QINQ))
			break;
		p -= sizeof(type);
		if (p - data > vnet->csum_start)
			return false;
	}
	if (type != RTE_BE16(RTE_ETHER_TYPE_IPV4) &&
	    type != RTE_BE16(RTE_ETHER_TYPE_IPV6))
		return false;
	layout->ipv6 = type == RTE_BE16(RTE_ETHER_TYPE_IPV6);
	layout->l3 = p - data;
	layout->l4 = vnet->csum_start;
	layout->size = vnet->gso_size;
	layout->payload = layout->l4 + (layout->tcp
		? (data[layout->l4 + 12] >> 4) * 4
		: sizeof(struct rte_udp_hdr));
	return true;
}

/* Takes in the frame of 'length' bytes in 'slot', whose mbuf is used up if
 * that is set to NULL.  Returns false if it has to be dropped. */
static bool
emu_packet_take(struct emu_wire_packet *packet, struct emu_packet_slot *slot,
		struct msghdr *msg, uint32_t length)
{
	struct rte_vlan_hdr tag;
	struct emu_packet_emit emit = { .packet = packet };
	struct emu_segment_layout layout;
	struct rte_mbuf *m = slot->m;

	if (emu_packet_vlan(msg, &tag))
		emit.tag = &tag;
	if (slot->vnet.gso_type != VIRTIO_NET_HDR_GSO_NONE)
		return emu_packet_layout(slot, &layout) &&
		       emu_segment(slot, length, emu_packet_copy, &layout,
				   packet->wire.pool, emu_packet_ready,
				   &emit) > 0;

	if (length > EMU_MAX_FRAME || length < sizeof(struct rte_ether_hdr))
		return false;
	if ((slot->vnet.flags & VIRTIO_NET_HDR_F_NEEDS_CSUM) &&
	    !emu_checksum_complete(rte_pktmbuf_mtod(m, void *), length,
				   slot->vnet.csum_start,
				   slot->vnet.csum_offset))
		return false;
	m->data_len = m->pkt_len = length;
	slot->m = NULL;
	emu_packet_ready(m, &emit);
	return true;
}

/* Counts a frame that was dropped, and says so the first time. */
static void
emu_packet_refuse(struct emu_wire_packet *packet,
		  const struct emu_packet_slot *slot, uint32_t length)
{
	packet->wire.rx_dropped++;
	if (packet->warned)
		return;
	packet->warned = true;
	EMU_LOG(WARNING, "%s: interface %s hands over a frame of %u bytes "
		"(gso type 0x%x) that cannot be made into frames of a wire; "
		"such frames are dropped (vport_rx_errors).  Turn off what "
		"makes them at the sender: ethtool -K IFACE tso off gso off",
		packet->wire.name, packet->ifname, length,
		slot->vnet.gso_type);
}

/* Receives a burst into packet->ready. */
static void
emu_packet_receive(struct emu_wire_packet *packet)
{
	int i, n;

	packet->n_ready = packet->next_ready = 0;
	for (i = 0; i < EMU_BURST; i++) {
		struct emu_packet_slot *slot = &packet->slots[i];

		if (slot->m == NULL)
			slot->m = rte_pktmbuf_alloc(packet->wire.pool);
		if (slot->m == NULL)
			break;
		emu_packet_arm(packet, i);
	}
	n = recvmmsg(packet->wire.fd, packet->msgs, i, MSG_DONTWAIT, NULL);
	for (i = 0; i < n; i++) {
		struct emu_packet_slot *slot = &packet->slots[i];
		uint32_t length = packet->msgs[i].msg_len;

		if (length < sizeof(slot->vnet))
			continue;
		length -= sizeof(slot->vnet);
		if (!emu_packet_take(packet, slot, &packet->msgs[i].msg_hdr,
				     length))
			emu_packet_refuse(packet, slot, length);
	}
}

static uint16_t
emu_wire_packet_rx(struct emu_wire *wire, struct rte_mbuf **pkts, uint16_t n)
{
	struct emu_wire_packet *packet = emu_wire_packet_cast(wire);

	if (packet->next_ready == packet->n_ready)
		emu_packet_receive(packet);
	n = RTE_MIN(n, packet->n_ready - packet->next_ready);
	memcpy(pkts, packet->ready + packet->next_ready, n * sizeof(*pkts));
	packet->next_ready += n;
	wire->more = packet->next_ready != packet->n_ready;
	return n;
}

/* -- Frames to the interface -------------------------------------------- */

static uint16_t
emu_wire_packet_tx(struct emu_wire *wire, struct rte_mbuf **pkts, uint16_t n,
		   uint64_t *bytes)
{
	static const struct virtio_net_hdr vnet;
	struct iovec iov[EMU_BURST][2];
	struct mmsghdr msgs[EMU_BURST];
	uint16_t i, sent = 0;

	*bytes = 0;
	memset(msgs, 0, n * sizeof(msgs[0]));
	for (i = 0; i < n; i++) {
		iov[i][0].iov_base = (void *)(uintptr_t)&vnet;
		iov[i][0].iov_len = sizeof(vnet);
		iov[i][1].iov_base = rte_pktmbuf_mtod(pkts[i], void *);
		iov[i][1].iov_len = pkts[i]->data_len;
		msgs[i].msg_hdr.msg_iov = iov[i];
		msgs[i].msg_hdr.msg_iovlen = RTE_DIM(iov[i]);
	}
	for (i = 0; i < n;) {
		int done = sendmmsg(wire->fd, msgs + i, n - i, MSG_DONTWAIT);

		if (done <= 0) {
			/* This one is too long, or the interface down. */
			i++;
			continue;
		}
		for (; done > 0; done--, i++, sent++)
			*bytes += pkts[i]->pkt_len;
	}
	rte_pktmbuf_free_bulk(pkts, n);
	return sent;
}

static bool
emu_wire_packet_link(const struct emu_wire *wire)
{
	const struct emu_wire_packet *packet = emu_wire_packet_cast(wire);
	struct ifreq ifr = { .ifr_ifindex = packet->ifindex };

	/* By its index: it may have been renamed. */
	return ioctl(packet->ctl, SIOCGIFNAME, &ifr) == 0 &&
	       ioctl(packet->ctl, SIOCGIFFLAGS, &ifr) == 0 &&
	       (ifr.ifr_flags & (IFF_UP | IFF_RUNNING)) ==
	       (IFF_UP | IFF_RUNNING);
}

const struct emu_wire_class emu_wire_packet_class = {
	.kind = EMU_WIRE_AF_PACKET,
	.open = emu_wire_packet_open,
	.close = emu_wire_packet_close,
	.rx = emu_wire_packet_rx,
	.tx = emu_wire_packet_tx,
	.link = emu_wire_packet_link,
};
