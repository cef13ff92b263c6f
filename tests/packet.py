# SPDX-License-Identifier: Apache-2.0
# Copyright (c) 2026 The ovs-dpu authors

"""Ethernet frames for tests, made from the inside out:

    eth(vlan(ipv4(udp(b'payload'), ttl=3), vid=10))

Lengths, checksums, Ethertypes and protocol numbers follow from what is
within; every one of them can be given a wrong value by name.
"""

import collections
import ipaddress
import struct

# What an outer layer has to know of an inner one.  'build' makes a layer 4
# header once the pseudo header of its checksum is known.
L3 = collections.namedtuple('L3', 'ethertype data')
L4 = collections.namedtuple('L4', 'proto build')

MAC = '02:00:00:00:00:%02x'


def mac(text):
    return bytes.fromhex(text.replace(':', ''))


def checksum(data):
    """The internet checksum (RFC 1071) of 'data'."""
    if len(data) % 2:
        data += b'\0'
    total = sum(struct.unpack('!%dH' % (len(data) // 2), data))
    while total >> 16:
        total = (total & 0xffff) + (total >> 16)
    return ~total & 0xffff


def crc32c(data):
    """SCTP's checksum (RFC 9260, appendix A)."""
    crc = 0xffffffff
    for byte in data:
        crc ^= byte
        for _ in range(8):
            crc = crc >> 1 ^ (0x82f63b78 if crc & 1 else 0)
    return crc ^ 0xffffffff


# Layer 4.

def tcp(payload=b'', sport=1000, dport=2000, flags=0x10, seq=1, ack=1,
        window=512, options=b'', csum=None, offset=None, reserved=0):
    def build(pseudo):
        if len(options) % 4:
            raise ValueError('TCP options must be a multiple of 4 bytes')
        words = 5 + len(options) // 4 if offset is None else offset
        head = struct.pack('!HHIIBBHHH', sport, dport, seq, ack,
                           words << 4 | reserved, flags, window, 0, 0)
        data = head + options + payload
        value = checksum(pseudo(len(data), 6) + data)
        if csum is not None:
            value = csum
        return data[:16] + struct.pack('!H', value) + data[18:]
    return L4(6, build)


def udp(payload=b'', sport=1000, dport=2000, csum=None, length=None):
    def build(pseudo):
        n = 8 + len(payload)
        head = struct.pack('!HHHH', sport, dport,
                           n if length is None else length, 0)
        value = checksum(pseudo(n, 17) + head + payload) or 0xffff
        if csum is not None:
            value = csum
        return head[:6] + struct.pack('!H', value) + payload
    return L4(17, build)


def sctp(payload=b'\0\0\0\4', sport=1000, dport=2000, tag=7, csum=None):
    def build(pseudo):
        head = struct.pack('!HHII', sport, dport, tag, 0)
        value = crc32c(head + payload) if csum is None else csum
        return head[:8] + struct.pack('<I', value) + payload
    return L4(132, build)


def icmp(payload=b'', type=8, code=0, ident=1, seq=1, csum=None):
    def build(pseudo):
        data = struct.pack('!BBHHH', type, code, 0, ident, seq) + payload
        value = checksum(data) if csum is None else csum
        return data[:2] + struct.pack('!H', value) + data[4:]
    return L4(1, build)


def icmp6(body=b'\0\1\0\1', type=128, code=0, csum=None):
    def build(pseudo):
        data = struct.pack('!BBH', type, code, 0) + body
        value = checksum(pseudo(len(data), 58) + data)
        if csum is not None:
            value = csum
        return data[:2] + struct.pack('!H', value) + data[4:]
    return L4(58, build)


def nd_solicit(target='fd00::2', sll=MAC % 1, options=b''):
    """Without an option of its own if 'sll' is empty."""
    return icmp6(bytes(4) + ipaddress.ip_address(target).packed
                 + (b'\1\1' + mac(sll) if sll else b'') + options, type=135)


def nd_advert(target='fd00::1', tll=MAC % 1, flags=0x60000000, options=b''):
    """Without an option of its own if 'tll' is empty."""
    return icmp6(struct.pack('!I', flags)
                 + ipaddress.ip_address(target).packed
                 + (b'\2\1' + mac(tll) if tll else b'') + options, type=136)


def raw(data, proto):
    """Bytes in place of a layer 4 header."""
    return L4(proto, lambda pseudo: data)


# Layer 3.

def ipv4(inner, src='10.0.0.1', dst='10.0.0.2', ttl=64, tos=0, ident=1,
         flags=0, frag=0, options=b'', csum=None, ihl=None, version=4,
         length=None, proto=None):
    """'frag' is the fragment's offset in units of 8 bytes, 'flags' 1 for more
    fragments, 2 for don't fragment."""
    s, d = (ipaddress.ip_address(a).packed for a in (src, dst))
    data = inner.build(lambda n, p: s + d + struct.pack('!BBH', 0, p, n))
    words = 5 + len(options) // 4
    head = struct.pack('!BBHHHBBH4s4s',
                       version << 4 | (words if ihl is None else ihl), tos,
                       4 * words + len(data) if length is None else length,
                       ident, flags << 13 | frag, ttl,
                       inner.proto if proto is None else proto, 0, s, d)
    head += options
    value = checksum(head) if csum is None else csum
    head = head[:10] + struct.pack('!H', value) + head[12:]
    return L3(0x0800, head + data)


def ipv6(inner, src='fd00::1', dst='fd00::2', hlim=64, tclass=0, label=0,
         extensions=(), length=None, version=6):
    """'extensions' are pairs of a protocol number and the bytes of the
    header, whose first byte becomes the next header's number."""
    s, d = (ipaddress.ip_address(a).packed for a in (src, dst))
    data = inner.build(lambda n, p: s + d + struct.pack('!II', n, p))
    proto = inner.proto
    for number, body in reversed(extensions):
        data = bytes([proto]) + body[1:] + data
        proto = number
    head = struct.pack('!IHBB', version << 28 | tclass << 20 | label,
                       len(data) if length is None else length, proto, hlim)
    return L3(0x86dd, head + s + d + data)


def ipv6_frag(offset=0, more=True, ident=1):
    """The fragment extension header, for ipv6(extensions=...); 'offset' is in
    units of 8 bytes."""
    return 44, struct.pack('!BBHI', 0, 0, offset << 3 | more, ident)


def arp(op=1, sha=MAC % 1, spa='10.0.0.1', tha='00:00:00:00:00:00',
        tpa='10.0.0.2', ethertype=0x0806):
    return L3(ethertype, struct.pack(
        '!HHBBH6s4s6s4s', 1, 0x0800, 6, 4, op,
        mac(sha), ipaddress.ip_address(spa).packed,
        mac(tha), ipaddress.ip_address(tpa).packed))


def other(data, ethertype):
    """Bytes in place of a layer 3 header."""
    return L3(ethertype, data)


# Layer 2.

def mpls(inner, label=5, tc=0, ttl=64, bos=None, ethertype=0x8847):
    """A label above layer 3 or above another label."""
    if bos is None:
        bos = inner.ethertype not in (0x8847, 0x8848)
    return L3(ethertype, struct.pack('!I', label << 12 | tc << 9 | bos << 8
                                     | ttl) + inner.data)


def vlan(inner, vid=10, pcp=0, cfi=0, tpid=0x8100):
    return L3(tpid, struct.pack('!HH', pcp << 13 | cfi << 12 | vid,
                                inner.ethertype) + inner.data)


def nest(inner, n):
    """'inner' behind 'n' labels.  What is found behind a label need not be layer
    3: it is a VLAN header with another label behind it, which cannot be seen
    before the packet is looked at anew.  The last label is 20, the VLAN header
    before it has id 11, the label before that is 21, and so on."""
    for i in range(n):
        if i:
            inner = vlan(inner, vid=10 + i)
        inner = mpls(inner, label=20 + i, bos=1)
    return inner


def eth(inner, src=MAC % 1, dst=MAC % 2):
    return mac(dst) + mac(src) + struct.pack('!H', inner.ethertype) \
        + inner.data
