# SPDX-License-Identifier: Apache-2.0
# Copyright (c) 2026 The ovs-dpu authors

"""sFlow, version 5, of agents with IPv4 addresses."""

import struct

PORT = 6343
FLOW_SAMPLE = 1
HEADER = 28                 # Bytes of a datagram before its samples.
FLOW_HEADER = 32            # The same of a sample, before its records.


def blocks(data, at, n):
    """The 'n' pairs of a number and its bytes that begin at 'at'."""
    for _ in range(n):
        number, size = struct.unpack_from('!II', data, at)
        at += 8
        yield number, data[at:at + size]
        at += size


class Reader:
    """Finds the samples of packets in datagrams."""

    def read(self, datagram):
        """Yields of each sample its records: pairs of a number and bytes.  1
        is the packet, 1001 is about VLANs, 1024 to 1030 are about tunnels."""
        version, kind, _, _, _, _, n = struct.unpack_from('!7I', datagram)
        assert version == 5 and kind == 1
        for number, sample in blocks(datagram, HEADER, n):
            if number == FLOW_SAMPLE:
                n_records, = struct.unpack_from('!I', sample, FLOW_HEADER - 4)
                yield sorted(blocks(sample, FLOW_HEADER, n_records))
