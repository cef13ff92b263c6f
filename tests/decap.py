# SPDX-License-Identifier: Apache-2.0
# Copyright (c) 2026 The ovs-dpu authors

"""What arrives in a tunnel, sent by the host behind the uplink.

    decap.py send PREFIX TUNNEL FILE

sends one frame of each kind in TUNNEL and writes what VF 0 gets of them to
FILE, as hexadecimal lines.

    decap.py stream PREFIX TUNNEL COUNT

sends COUNT numbered frames and fails unless VF 0 gets each of them once, as
the flows of decap.at make it.
"""

import collections

import struct
import sys
import time

import host
from packet import arp, eth, ipv4, ipv6, nest, raw, tcp, udp

NEAR = '02:00:00:00:aa:01'
FAR = '02:00:00:00:aa:02'
VNI, OTHER_VNI = struct.pack('!I', 7 << 8), struct.pack('!I', 8 << 8)
SETTLE = 0.5            # Seconds without a frame after which none will come.

INNER = [
    eth(ipv4(udp(bytes(18)))),
    eth(ipv4(tcp(bytes(301)), tos=0x20)),
    eth(ipv6(udp(bytes(7)))),
    eth(arp()),
]
# Around 100 bytes, by both versions of IP.
LENGTHS = [
    eth(ipv4(udp(bytes(58)))),
    eth(ipv4(udp(bytes(59)))),
    eth(ipv6(udp(bytes(38)))),
    eth(ipv6(udp(bytes(39)))),
]
# What is looked up three times.
NESTED = [
    eth(nest(ipv4(udp(bytes(18))), 2)),
    eth(nest(ipv4(tcp(bytes(301)), tos=0x20), 2)),
]


def by_ipv4(l4, **fields):
    return eth(ipv4(l4, src='172.31.0.2', dst='172.31.0.1', **fields),
               src=FAR, dst=NEAR)


def by_ipv6(l4):
    return eth(ipv6(l4, src='fd31::2', dst='fd31::1'), src=FAR, dst=NEAR)


def vxlan(inner, flags=8, policy=0, vni=VNI, sport=50000, **fields):
    """With 'policy', the 24 bits behind the flags, of a group or reserved."""
    return udp(struct.pack('!I', flags << 24 | policy) + vni + inner,
               sport=sport, dport=4789, **fields)


def geneve(inner, options=b'', proto=0x6558, vni=VNI, sport=50000, flags=0,
           **fields):
    return udp(struct.pack('!BBH', len(options) // 4, flags, proto) + vni
               + options + inner, sport=sport, dport=6081, **fields)


def gre(inner, key=b'', flags=0, proto=0x6558):
    return raw(struct.pack('!HH', flags or (0x2000 if key else 0), proto)
               + key + inner, 47)


KEY = struct.pack('!I', 7)
OPTION = bytes.fromhex('ffff80010000000a')
TOP_BIT = bytes.fromhex('ffff80018000000a')
OTHER_OPTION = bytes.fromhex('0102030200112233aabbccdd')
OPTIONS = OTHER_OPTION + OPTION

# 'wrap' makes a frame of an inner one.  'others' are frames with different
# headers, or not the tunnel's.  'stream', if there is one, makes of a number a
# frame, and what it becomes.
Tunnel = collections.namedtuple('Tunnel', 'wrap others inner stream',
                                defaults=(INNER, None))


def stream_plain(wrap, i):
    frame = eth(ipv4(udp(struct.pack('!I', i))))
    return wrap(frame), frame


def stream_nested(i):
    """With two VNIs and seven connections, for the flows of decap_nested."""
    payload = udp(struct.pack('!I', i))
    frame = eth(nest(ipv4(payload), 2))
    outer = geneve(frame, OPTIONS, vni=(VNI, OTHER_VNI)[i % 2],
                   sport=50000 + i % 7)
    return by_ipv4(outer), eth(
        ipv4(payload, ttl=63, src='0.0.0.10', dst='172.31.0.2'),
        src='02:00:00:00:00:%02x' % (7 + i % 2))


OTHER_VXLAN = [
    by_ipv4(vxlan(INNER[0], flags=0)),
    by_ipv4(vxlan(INNER[0], flags=0x88)),
    by_ipv4(vxlan(INNER[0], vni=b'\0\0\1\0')),
    by_ipv4(vxlan(INNER[0]), options=bytes(4)),
    by_ipv4(vxlan(INNER[0][:10])),
]
# What not every NIC looks at.
RESERVED_VXLAN = [
    by_ipv4(vxlan(INNER[0], policy=1)),
    by_ipv4(vxlan(INNER[0], policy=1 << 23)),
    by_ipv4(vxlan(INNER[0], vni=b'\0\0\7\1')),
]

TUNNELS = {
    'vxlan': (lambda i: by_ipv4(vxlan(i)), OTHER_VXLAN),
    'vxlan-reserved': (lambda i: by_ipv4(vxlan(i)),
                       OTHER_VXLAN + RESERVED_VXLAN),
    'length': (lambda i: by_ipv4(vxlan(i)), [
        by_ipv4(vxlan(LENGTHS[1]), tos=4),
        by_ipv4(vxlan(LENGTHS[2], sport=50001)),
    ], LENGTHS),
    'vxlan-nocsum': (lambda i: by_ipv4(vxlan(i, csum=0)), []),
    'vxlan6': (lambda i: by_ipv6(vxlan(i)), []),
    'geneve': (lambda i: by_ipv4(geneve(i)), [
        by_ipv4(geneve(INNER[0], proto=0x0800)),
        by_ipv4(geneve(b'')),
    ]),
    'geneve-options': (
        lambda i: by_ipv4(geneve(i, OTHER_OPTION + OPTION)), [
            by_ipv4(geneve(INNER[0], OTHER_OPTION)),
            by_ipv4(geneve(INNER[0], OTHER_OPTION + OPTION[:7] + b'\x0b')),
        ]),
    'geneve6': (lambda i: by_ipv6(geneve(i)), []),
    'gre': (lambda i: by_ipv4(gre(i)), [
        by_ipv4(gre(INNER[0], KEY)),
        by_ipv4(gre(INNER[0], flags=0x4000)),
    ]),
    'gre-key': (lambda i: by_ipv4(gre(i, KEY)), [
        by_ipv4(gre(INNER[0])),
        by_ipv4(gre(INNER[0], struct.pack('!I', 8))),
        # A sequence number: software takes it off.
        by_ipv4(gre(INNER[0], KEY + bytes(4), flags=0x3000)),
    ]),
    'gre6': (lambda i: by_ipv6(gre(i, KEY)), []),
    'nested': (lambda i: by_ipv4(geneve(i, OPTIONS)), [
        by_ipv4(geneve(NESTED[0], OPTIONS, sport=50001), ttl=7),
        by_ipv4(geneve(NESTED[0], OPTIONS, vni=OTHER_VNI)),
        by_ipv4(geneve(NESTED[1], OPTIONS, vni=OTHER_VNI, sport=50002)),
        by_ipv4(geneve(NESTED[0], OPTIONS), tos=0x20),
        by_ipv4(geneve(NESTED[0], OPTIONS, csum=0)),
        by_ipv4(geneve(NESTED[0], OPTIONS, flags=0x80)),
        # A bit that no flow looks at, and options that none does.
        by_ipv4(geneve(NESTED[0], OTHER_OPTION + TOP_BIT)),
        by_ipv4(geneve(NESTED[1], OPTIONS + OTHER_OPTION)),
        by_ipv4(geneve(NESTED[1], OTHER_OPTION)),
        by_ipv4(geneve(eth(nest(ipv4(udp()), 3)), OPTIONS)),
    ], NESTED, stream_nested),
    'nested-vxlan': (lambda i: by_ipv6(vxlan(i)), [
        by_ipv6(vxlan(NESTED[0], sport=50001)),
        by_ipv6(vxlan(NESTED[1], vni=OTHER_VNI)),
    ], NESTED),
}
TUNNELS = {name: Tunnel(*fields) for name, fields in TUNNELS.items()}


def receive(vf):
    """All that arrives, until nothing does."""
    frames = []
    deadline = time.monotonic() + SETTLE
    while time.monotonic() < deadline:
        frame = vf.receive()
        if frame is None:
            time.sleep(0.001)
        else:
            frames.append(frame)
            deadline = time.monotonic() + SETTLE
    return frames


def send(prefix, tunnel, file):
    uplink = host.Interface(prefix + 'p0', 'p0')
    vf = host.Interface(prefix + 'vf0', 'vf0')
    t = TUNNELS[tunnel.removesuffix('+')]
    frames = [t.wrap(inner) for inner in t.inner]
    if tunnel.endswith('+'):
        frames += t.others
    for frame in frames:
        uplink.send(frame)
        time.sleep(0.02)        # Hardware and software keep their order.
    got = receive(vf)
    with open(file, 'w') as f:
        f.writelines(frame.hex() + '\n' for frame in got)


def stream(prefix, tunnel, count):
    uplink = host.Interface(prefix + 'p0', 'p0')
    vf = host.Interface(prefix + 'vf0', 'vf0')
    t = TUNNELS[tunnel]
    frames = [t.stream(i) if t.stream else stream_plain(t.wrap, i)
              for i in range(count)]
    for frame, _ in frames:
        uplink.send(frame)
        time.sleep(0.0005)
    got = receive(vf)
    expected = [frame for _, frame in frames]
    if sorted(got) != sorted(expected):
        strange = set(got) - set(expected)
        sys.exit('%d frames sent, %d arrived, %d of them for the first time, '
                 '%d are not as they should be: %s'
                 % (count, len(got), len(set(got) & set(expected)),
                    len(strange), ' '.join(f.hex() for f in strange)[:1000]))


def main(argv):
    if len(argv) != 4 or argv[0] not in ('send', 'stream'):
        sys.exit(__doc__)
    if argv[0] == 'send':
        send(*argv[1:])
    else:
        stream(argv[1], argv[2], int(argv[3]))


if __name__ == '__main__':
    main(sys.argv[1:])
