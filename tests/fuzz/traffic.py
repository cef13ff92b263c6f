# SPDX-License-Identifier: Apache-2.0
# Copyright (c) 2026 The ovs-dpu authors

"""The packets of a pipeline, made by chance: single ones of many kinds,
conversations between two ports for connection tracking, and what arrives in
tunnels."""

import collections

import decap
import exchange
from packet import (MAC, arp, eth, icmp, icmp6, ipv4, ipv6, ipv6_frag, mpls,
                    other, raw, sctp, tcp, udp, vlan)

PORTS = [7, 53, 80, 1000, 2000]

# What flows are made from: 'port' is where the frame enters, 'peer' the port
# of the other side or None; 'vlans' has pairs of id and priority.
Packet = collections.namedtuple(
    'Packet', 'port peer frame again src dst vlans labels version proto '
    'ip_src ip_dst tos ttl sport dport')


def l4(r, proto, sport, dport, payload, **fields):
    if proto == 6:
        return tcp(payload, sport=sport, dport=dport, **fields)
    if proto == 17:
        return udp(payload, sport=sport, dport=dport,
                   **({'csum': 0} if r.random() < 0.1 else {}))
    if proto == 132:
        return sctp(b'\0\3\0\x14' + payload[:16], sport=sport, dport=dport)
    if proto == 1:
        return icmp(payload, type=sport)
    if proto == 58:
        return icmp6(b'\0\1\0\1' + payload, type=sport)
    return raw(payload, proto)


def headers(r, l3, vlans, labels, src, dst):
    for i, label in enumerate(labels):
        l3 = mpls(l3, label=label, ttl=r.choice([64, 9]))
    for i, (vid, pcp) in enumerate(reversed(vlans)):
        outer = i == len(vlans) - 1
        l3 = vlan(l3, vid=vid, pcp=pcp, tpid=r.choice(
            [0x8100, 0x88a8] if outer and len(vlans) > 1 else
            [0x8100] * 9 + [0x88a8]))
    return eth(l3, src=src, dst=dst)


def single(r, with_mpls):
    """A packet that has to do with no other."""
    version = r.choice([4] * 6 + [6] * 4 + ['arp', 0x88b5])
    proto = sport = dport = 0
    src, dst = MAC % r.choice([1, 1, 2]), MAC % r.choice([2, 2, 3])
    tos, ttl = r.choice([0, 0, 0x88, 3]), r.choice([64, 64, 64, 63, 255, 2])
    payload = bytes(range(r.choice([26, 58, 64, 64, 120])))
    if version == 4:
        ip_src, ip_dst = '10.0.0.%d' % r.choice([1, 3]), '10.0.0.2'
        proto = r.choice([6, 6, 17, 17, 1, 132, 47, 253])
        if proto == 1:
            sport = r.choice([8, 0, 3])
        else:
            sport, dport = r.choice(PORTS), r.choice(PORTS)
        extra = {}
        if r.random() < 0.08:
            extra = r.choice([{'flags': 1}, {'flags': 2},
                              {'options': b'\x94\4\0\0\1\1\1\0'}])
        inner = l4(r, proto, sport, dport, payload)
        if r.random() < 0.04:
            # Not of UDP or TCP: Open vSwitch 3.1 writes a checksum into the
            # payload of a later fragment.
            proto = 253
            inner, extra = raw(payload, 253), {'frag': 9}
        l3 = ipv4(inner, src=ip_src, dst=ip_dst, ttl=ttl, tos=tos, **extra)
    elif version == 6:
        ip_src, ip_dst = 'fd00::%d' % r.choice([1, 3]), 'fd00::2'
        proto = r.choice([6, 17, 17, 58, 132, 253])
        if proto == 58:
            sport = r.choice([128, 129])
        else:
            sport, dport = r.choice(PORTS), r.choice(PORTS)
        extensions = []
        if r.random() < 0.06:
            extensions = [r.choice([(0, b'\0\0\1\4\0\0\0\0'),
                                    ipv6_frag(0, True)])]
        l3 = ipv6(l4(r, proto, sport, dport, payload), src=ip_src, dst=ip_dst,
                  hlim=ttl, tclass=tos, extensions=extensions,
                  label=r.choice([0, 0, 0x12345]))
    elif version == 'arp':
        ip_src, ip_dst = '10.0.0.1', '10.0.0.2'
        l3 = arp(op=r.choice([1, 2]))
    else:
        ip_src = ip_dst = None
        l3 = other(payload, version)
    vlans = [(r.choice([10, 10, 11, 20, 0]), r.choice([0, 0, 3]))
             for _ in range(r.choice([0] * 6 + [1] * 3 + [2]))]
    labels = []
    if with_mpls and version in (4, 6) and r.random() < 0.6:
        labels = [r.choice([5, 6]) for _ in range(r.choice([1, 1, 2]))]
    return Packet(1 if r.random() < 0.7 else r.choice([2, 3, 100]), None,
                  headers(r, l3, vlans, labels, src, dst), True, src, dst,
                  vlans, labels[::-1], version, proto, ip_src, ip_dst, tos,
                  ttl, sport, dport)


def broken(r, p):
    """A frame that is cut, or has a wrong byte."""
    at = r.randrange(14, min(len(p.frame), 80))
    if r.random() < 0.5:
        return p._replace(frame=p.frame[:at])
    return p._replace(frame=p.frame[:at] + bytes([r.randrange(256)])
                      + p.frame[at + 1:])


TCP_OPENING = [(0, 0x02, False), (1, 0x12, False), (0, 0x10, True)]
TCP_DATA = [(0, 0x18, True), (1, 0x18, True), (1, 0x10, True)]
TCP_CLOSING = [[(0, 0x11, False), (1, 0x11, False), (0, 0x10, False)],
               [(1, 0x04, False)]]


def conversation(r):
    """The packets of a connection between ports 1 and 2, or the uplink.
    Answers go to addresses of before and of after a translation."""
    ports = r.choice([(1, 2), (1, 2), (1, 100), (100, 3)])
    version = r.choice([4, 4, 4, 6])
    proto = r.choice([6, 6, 17, 17, 1 if version == 4 else 58])
    if version == 4:
        client = r.choice(['10.0.0.1', '10.0.0.1', '10.0.0.3'])
        server, others = '10.0.0.2', ['10.7.7.7', '10.9.9.9']
        ip = ipv4
    else:
        client, server, others = 'fd00::1', 'fd00::2', ['fd00::3', 'fd09::9']
        ip = ipv6
    sport, dport = r.choice([1000, 1001]), r.choice([80, 2000, 53])
    vlans = [(10, 0)] if r.random() < 0.1 else []
    ttl = r.choice([64, 64, 2])
    payload = bytes(range(r.choice([26, 64])))
    back_from, back_to = server, client
    if r.random() < 0.3:
        back_to = r.choice(others)
    if r.random() < 0.2:
        back_from = r.choice(others)

    if proto == 6:
        steps = TCP_OPENING + TCP_DATA
        if r.random() < 0.15:
            steps = steps + r.choice(TCP_CLOSING)
        if r.random() < 0.1:
            steps = steps[2:]
    else:
        steps = [(0, 0, True), (1, 0, True), (0, 0, True)]
        if r.random() < 0.2:
            steps = steps[:1]
    sequence = [1000, 5000]
    for direction, flags, again in steps:
        a, b = ((client, server), (back_from, back_to))[direction]
        s, d = (sport, dport)[::1 if direction == 0 else -1]
        if proto == 6:
            data = payload if flags & 8 else b''
            inner = tcp(data, sport=s, dport=d, flags=flags,
                        seq=sequence[direction],
                        ack=sequence[1 - direction] if flags & 0x10 else 0)
            sequence[direction] += len(data) + bool(flags & 3)
        elif proto == 17:
            inner = udp(payload, sport=s, dport=d)
        else:
            s = ((8, 0) if proto == 1 else (128, 129))[direction]
            d = 0
            inner = l4(r, proto, s, d, payload)
        src, dst = ((MAC % 1, MAC % 2), (MAC % 2, MAC % 1))[direction]
        l3 = ip(inner, src=a, dst=b, **{'ttl' if version == 4 else 'hlim':
                                        ttl})
        yield Packet(ports[direction], ports[1 - direction],
                     headers(r, l3, vlans, [], src, dst), again, src, dst,
                     vlans, [], version, proto, a, b, 0, ttl, s, d)


def tunneled(r, p):
    """'p' as it comes out of a tunnel of rig.TUNNELS."""
    key, kind = r.choice([7, 7, 8]), r.randrange(3)
    if kind == 0:
        port, l4_ = 50, exchange.vxlan(p.frame, key)
    elif kind == 1:
        port, l4_ = 51, exchange.geneve(p.frame, key)
    else:
        port, l4_ = 52, exchange.gre(p.frame, key)
    frame = (decap.by_ipv6 if port == 51 else decap.by_ipv4)(l4_)
    return p._replace(port=100, frame=frame), port


def packets(r, stateful, tunnels, with_mpls):
    """Makes them with the random.Random 'r'."""
    made = []
    if stateful:
        for _ in range(r.choice([1, 1, 2])):
            made += conversation(r)
    if not stateful or r.random() < 0.3:
        for _ in range(r.randint(2, 8) if not stateful else r.randint(1, 3)):
            p = single(r, with_mpls)
            made.append(broken(r, p) if r.random() < 0.03 else p)
    if tunnels:
        # Flows are made from what they are inside.
        for i, p in enumerate(made):
            if r.random() < 0.4:
                outer, port = tunneled(r, p)
                made[i] = outer._replace(port=100)
    return made
