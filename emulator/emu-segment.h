/* SPDX-License-Identifier: Apache-2.0
 * Copyright (c) 2026 The ovs-dpu authors
 *
 * emu-segment: checksums and segmentation, which hosts and software leave to
 * the device.
 *
 * librte_gso segments neither TCP over IPv6 nor UDP into datagrams, returns
 * chains of mbufs where the embedded switch wants frames of one segment, and
 * leaves checksums to others: hence our own.
 *
 * Thread-safety: pure functions of their packets. */
#ifndef EMU_SEGMENT_H
#define EMU_SEGMENT_H

#include <stdbool.h>
#include <stdint.h>

#include <rte_mbuf.h>

/* Where the headers of a large frame stand, in bytes from its start. */
struct emu_segment_layout {
	uint16_t l3;			/* IPv4 or IPv6 header. */
	uint16_t l4;			/* TCP or UDP header. */
	uint16_t payload;
	uint16_t size;			/* Payload bytes of a segment. */
	bool ipv6;
	bool tcp;			/* Else UDP. */
};

/* Where a frame comes from: its bytes, which need not lie together. */
typedef void emu_segment_copy(const void *frame, uint32_t offset,
			      uint32_t length, void *to);

/* Makes frames of at most 'layout->size' bytes of payload out of 'frame' of
 * 'length' bytes, which 'copy' reads, with lengths, sequence numbers, flags
 * and checksums as they should be (RFC 9293; RFC 768).  They are allocated
 * from 'pool', and given to 'emit' one by one.  Returns how many, or a
 * negative errno. */
int emu_segment(const void *frame, uint32_t length, emu_segment_copy *copy,
		const struct emu_segment_layout *layout,
		struct rte_mempool *pool,
		void (*emit)(struct rte_mbuf *m, void *aux), void *aux);

/* Does what the tx offload flags of 'm' ask for but TSO, i.e. the checksums
 * of IPv4, TCP, UDP and SCTP, and of a tunnel's UDP; 'm' is of a single
 * segment and writable.
 * Returns false if its headers don't fit into it. */
bool emu_checksum_fill(struct rte_mbuf *m);

/* Completes the checksum of a frame of 'length' bytes at 'data', for which
 * the pseudo-header's sum stands at 'start' + 'offset' (virtio: NEEDS_CSUM).
 * Returns false if that is not within the frame. */
bool emu_checksum_complete(void *data, uint32_t length, uint16_t start,
			   uint16_t offset);

/* True if the checksum of 'protocol' (TCP, UDP, SCTP, ICMP or ICMPv6), whose
 * header and payload, 'length' bytes, are at 'l4', is right.  'l3' is the IP
 * header.  UDP over IPv4 may go without one. */
bool emu_l4_is_right(const void *l3, bool ipv6, uint8_t protocol,
		     const void *l4, uint32_t length);

/* Returns the rx checksum flags for 'm', of a single segment, each of which
 * was checked, and sets the hash of its addresses and ports for 'm' (Toeplitz
 * with the key that is the same in all ports).  'check' asks for checksums,
 * 'hash' may be NULL. */
uint64_t emu_receive_offload(const struct rte_mbuf *m, bool check,
			     uint32_t *hash);

#endif /* EMU_SEGMENT_H */
