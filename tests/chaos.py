# SPDX-License-Identifier: Apache-2.0
# Copyright (c) 2026 The ovs-dpu authors

"""Conversations between two hosts that nothing may end.

    chaos.py PREFIX COUNT STATUS

COUNT conversations of UDP and, every second one, of TCP, from vf0 to vf1 of the
lab whose namespaces start with PREFIX.  Each round sends a packet and an answer
of each.  STATUS holds the number of rounds, and of those in which all packets
arrived.  Ends when the file STATUS.stop is there."""

import os
import sys
import time

import host
from packet import eth, ipv4, tcp, udp


def make(i):
    """The frames of conversation 'i': there and back."""
    l4 = tcp if i % 2 else udp
    text = b'%08d' % i * 4
    return (eth(ipv4(l4(text, sport=1000 + i))),
            eth(ipv4(l4(text, sport=2000, dport=1000 + i),
                     src='10.0.0.2', dst='10.0.0.1')))


def handshake(i, there, back):
    """Opens it, if it is of TCP."""
    if i % 2 == 0:
        return
    there.send(eth(ipv4(tcp(sport=1000 + i, flags=2))))
    if wait(back, {eth(ipv4(tcp(sport=1000 + i, flags=2)))}):
        return
    back.send(eth(ipv4(tcp(sport=2000, dport=1000 + i, flags=0x12),
                       src='10.0.0.2', dst='10.0.0.1')))
    wait(there, set())


def wait(interface, missing):
    """Returns those of 'missing' that do not arrive within 0.2 s."""
    deadline = time.monotonic() + 0.2
    while missing and time.monotonic() < deadline:
        missing = missing - set(interface.drain())
        time.sleep(0.001)
    return missing


def main(prefix, count, status):
    there, back = (host.Interface(prefix + n, n) for n in ('vf0', 'vf1'))
    frames = [make(i) for i in range(int(count))]
    rounds = complete = 0
    for i in range(int(count)):
        handshake(i, there, back)
    while not os.path.exists(status + '.stop'):
        lost = False
        for sender, receiver, way in (there, back, 0), (back, there, 1):
            sent = {f[way] for f in frames}
            receiver.drain()
            for frame in sent:
                sender.send(frame)
            lost |= bool(wait(receiver, sent))
        rounds += 1
        complete += not lost
        with open(status + '.new', 'w') as f:
            f.write('%d %d\n' % (rounds, complete))
        os.rename(status + '.new', status)
        time.sleep(0.02)


if __name__ == '__main__':
    main(*sys.argv[1:])
