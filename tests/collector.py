# SPDX-License-Identifier: Apache-2.0
# Copyright (c) 2026 The ovs-dpu authors

"""usage: collector.py sflow|ipfix FILE

A collector at the protocol's port of 127.0.0.1.  Writes a line to FILE for each
sample of sFlow or record of IPFIX: its parts by their numbers, in hexadecimal.
FILE is there when it listens; its own number is in FILE.pid.  SIGTERM ends
it."""

import os
import signal
import socket
import sys

import ipfix
import sflow

PROTOCOLS = {'sflow': sflow, 'ipfix': ipfix}
SO_RCVBUFFORCE = 33


def main(argv):
    if len(argv) != 2 or argv[0] not in PROTOCOLS:
        sys.exit(__doc__)
    protocol, path = PROTOCOLS[argv[0]], argv[1]
    signal.signal(signal.SIGTERM, lambda *_: sys.exit())
    s = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
    s.setsockopt(socket.SOL_SOCKET, SO_RCVBUFFORCE, 1 << 24)
    s.bind(('127.0.0.1', protocol.PORT))
    with open(path + '.pid', 'w') as f:
        f.write('%d\n' % os.getpid())
    reader = protocol.Reader()
    with open(path, 'w', buffering=1) as f:
        while True:
            for parts in reader.read(s.recv(65536)):
                f.write(' '.join('%d:%s' % (number, data.hex())
                                 for number, data in parts) + '\n')


if __name__ == '__main__':
    main(sys.argv[1:])
