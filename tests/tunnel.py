# SPDX-License-Identifier: Apache-2.0
# Copyright (c) 2026 The ovs-dpu authors

"""What comes out of a tunnel's near end, byte by byte.

    tunnel.py send PREFIX FILE FRAME ...

sends each FRAME, in the language of packet.py, from VF 0 and writes what
arrives at the uplink for the tunnel's far end to FILE, as hexadecimal lines.

    tunnel.py compare SOFTWARE HARDWARE

compares two such files: all but the value of an outer UDP source port has to
be the same, and every length and checksum right.
"""

import struct
import sys
import time

import host
import packet

TUNNEL_PORTS = {4789: 'vxlan', 6081: 'geneve'}
FAR_END = bytes.fromhex('02000000aa02')
IP_PROTOCOL = {0x800: 23, 0x86dd: 20}     # Where it is, without VLAN tags.


def check(condition, what, frame):
    if not condition:
        sys.exit('%s: %s' % (what, frame.hex()))


def is_right(pseudo, data):
    return packet.checksum(pseudo + data) == 0


def is_tunneled(frame):
    """Whether 'frame' is for the far end, and no ARP or the like."""
    at = IP_PROTOCOL.get(struct.unpack('!H', frame[12:14])[0])
    return frame[:6] == FAR_END and at is not None and frame[at] in (17, 47)


def parse(frame):
    """Checks the lengths and checksums of 'frame' and of all frames that are
    within, and returns where the source port of a tunnel's UDP is, or None."""
    at = 12
    while frame[at:at + 2] in (b'\x81\x00', b'\x88\xa8'):
        at += 4
    ethertype, ip = struct.unpack('!H', frame[at:at + 2])[0], at + 2
    if ethertype == 0x800:
        l4 = ip + (frame[ip] & 15) * 4
        length, proto = struct.unpack('!H', frame[ip + 2:ip + 4])[0], \
            frame[ip + 9]
        check(is_right(b'', frame[ip:l4]), 'IPv4 checksum', frame)
        check(ip + length == len(frame), 'IPv4 length', frame)
        addresses = frame[ip + 12:ip + 20]
    elif ethertype == 0x86dd:
        l4, proto = ip + 40, frame[ip + 6]
        length, = struct.unpack('!H', frame[ip + 4:ip + 6])
        check(l4 + length == len(frame), 'IPv6 length', frame)
        addresses = frame[ip + 8:ip + 40]
    else:
        return None
    data = frame[l4:]
    pseudo = addresses + struct.pack('!II', len(data), proto)
    if proto == 47:
        flags, protocol = struct.unpack('!HH', data[:4])
        check(protocol == 0x6558 and not flags & ~0x2000, 'GRE', frame)
        parse(data[8 if flags & 0x2000 else 4:])
    elif proto == 17:
        port, length, csum = struct.unpack('!HHH', data[2:8])
        check(length == len(data), 'UDP length', frame)
        check(ethertype == 0x800 and not csum or is_right(pseudo, data),
              'UDP checksum', frame)
        if port in TUNNEL_PORTS:
            options = data[8] & 63 if TUNNEL_PORTS[port] == 'geneve' else 0
            parse(data[16 + 4 * options:])
            return l4
    elif proto == 6:
        check(is_right(pseudo, data), 'TCP checksum', frame)
    return None


def kind(frame):
    """Checks 'frame' as parse() does: 'tunnel', 'tcp' or 'other'."""
    if parse(frame) is not None:
        return 'tunnel'
    at = IP_PROTOCOL.get(struct.unpack('!H', frame[12:14])[0])
    return {6: 'tcp', 47: 'tunnel'}.get(at and frame[at], 'other')


def normalize(frame):
    """'frame' without what hardware may do in its own way."""
    at = parse(frame)
    if at is None:
        return frame
    port, = struct.unpack('!H', frame[at:at + 2])
    check(port >= 32768, 'UDP source port', frame)
    has_checksum = frame[at + 6:at + 8] != b'\0\0'
    return (frame[:at] + b'\0\0' + frame[at + 2:at + 6]
            + bytes([has_checksum]) * 2 + frame[at + 8:])


def send(prefix, name, frames):
    vf0 = host.Interface(prefix + 'vf0', 'vf0')
    p0 = host.Interface(prefix + 'p0', 'p0')
    frames = [eval(text, vars(packet)) for text in frames]
    arrived = []
    for frame in frames:
        vf0.send(frame)
    deadline = time.monotonic() + 10
    while len(arrived) < len(frames) and time.monotonic() < deadline:
        arrived += [frame for frame in p0.drain() if is_tunneled(frame)]
        time.sleep(0.01)
    with open(name, 'w') as out:
        out.writelines(frame.hex() + '\n' for frame in arrived)
    if len(arrived) != len(frames):
        sys.exit('%d of %d frames arrived' % (len(arrived), len(frames)))


def compare(*names):
    software, hardware = ([normalize(bytes.fromhex(line)) for line in
                           open(name)] for name in names)
    for s, h in zip(software, hardware, strict=True):
        if s != h:
            sys.exit('software: %s\nhardware: %s' % (s.hex(), h.hex()))
    if not software:
        sys.exit('no frames')


if __name__ == '__main__':
    if sys.argv[1:2] == ['send'] and len(sys.argv) > 4:
        send(sys.argv[2], sys.argv[3], sys.argv[4:])
    elif sys.argv[1:2] == ['compare'] and len(sys.argv) == 4:
        compare(*sys.argv[2:])
    else:
        sys.exit(__doc__)
