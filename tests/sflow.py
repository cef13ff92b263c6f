# SPDX-License-Identifier: Apache-2.0
# Copyright (c) 2026 The ovs-dpu authors

"""usage: sflow.py FILE

A collector of sFlow, version 5, from agents with IPv4 addresses, at
127.0.0.1:6343.  Writes a line to FILE for each sample that was taken of a
packet: its records by their numbers, in hexadecimal (1 is the packet, 1001 is
about VLANs, 1024 to 1030 are about tunnels).  FILE is there when it listens;
its own number is in FILE.pid.  SIGTERM ends it."""

import os
import signal
import socket
import struct
import sys

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


def samples(datagram):
    version, kind, _, _, _, _, n = struct.unpack_from('!7I', datagram)
    assert version == 5 and kind == 1
    for number, sample in blocks(datagram, HEADER, n):
        if number == FLOW_SAMPLE:
            n_records, = struct.unpack_from('!I', sample, FLOW_HEADER - 4)
            yield sorted(blocks(sample, FLOW_HEADER, n_records))


def main(argv):
    if len(argv) != 1:
        sys.exit(__doc__)
    signal.signal(signal.SIGTERM, lambda *_: sys.exit())
    s = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
    s.bind(('127.0.0.1', 6343))
    with open(argv[0] + '.pid', 'w') as f:
        f.write('%d\n' % os.getpid())
    with open(argv[0], 'w', buffering=1) as f:
        while True:
            for records in samples(s.recv(65536)):
                f.write(' '.join('%d:%s' % (number, data.hex())
                                 for number, data in records) + '\n')


if __name__ == '__main__':
    main(sys.argv[1:])
