# SPDX-License-Identifier: Apache-2.0
# Copyright (c) 2026 The ovs-dpu authors

"""What hosts get of what others send.

    exchange.py PREFIX FILE HOSTS HOST FRAME [HOST FRAME] ...

sends each FRAME from its HOST (p0, vf0, ...), and writes to FILE, sorted, what
arrives at each of HOSTS (with commas): the host and the frame as hexadecimal,
but for the source port and the checksum of a tunnel's UDP.  Fails if a length
or a checksum of anything that arrives is wrong, outer or inner.

FRAME is in the language of packet.py, with outer(), vxlan(), geneve() and gre()
for tunnels.
"""

import struct
import sys
import time

import decap
import host
import packet
import tunnel

NEAR, FAR = decap.NEAR, decap.FAR
SETTLE = 0.3            # Seconds without a frame after which none will come.


def outer(l4, vid=None, src='172.31.0.2', dst='172.31.0.1', near=NEAR,
          **fields):
    """A frame of the underlay, from its far end to the near one, in VLAN
    'vid'."""
    l3 = (packet.ipv6 if ':' in src else packet.ipv4)(l4, src=src, dst=dst,
                                                      **fields)
    return packet.eth(packet.vlan(l3, vid=vid) if vid else l3,
                      src=FAR, dst=near)


def vni(n):
    return struct.pack('!I', n << 8)


def vxlan(inner, key=7, **fields):
    return decap.vxlan(inner, vni=vni(key), **fields)


def geneve(inner, key=7, options=b'', sport=50000):
    return packet.udp(struct.pack('!BBH', len(options) // 4, 0, 0x6558)
                      + vni(key) + options + inner, sport=sport, dport=6081)


def gre(inner, key=None):
    return decap.gre(inner, b'' if key is None else struct.pack('!I', key))


def main(argv):
    if len(argv) < 5 or len(argv) % 2 == 0:
        sys.exit(__doc__)
    prefix, file, hosts = argv[:3]
    language = {**vars(packet), 'outer': outer, 'vxlan': vxlan,
                'geneve': geneve, 'gre': gre}
    sends = [(name, eval(text, dict(language)))
             for name, text in zip(argv[3::2], argv[4::2])]
    names = set(hosts.split(',')) | {name for name, _ in sends}
    interfaces = {name: host.Interface(prefix + name, name) for name in names}
    for name, frame in sends:
        interfaces[name].send(frame)
        time.sleep(0.02)            # Hardware and software keep their order.
    lines = []
    deadline = time.monotonic() + SETTLE
    while time.monotonic() < deadline:
        for name in hosts.split(','):
            for frame in interfaces[name].drain():
                lines.append('%s %s\n' % (name,
                                          tunnel.normalize(frame).hex()))
                deadline = time.monotonic() + SETTLE
        time.sleep(0.002)
    with open(file, 'w') as f:
        f.writelines(sorted(lines))


if __name__ == '__main__':
    main(sys.argv[1:])
