# SPDX-License-Identifier: Apache-2.0
# Copyright (c) 2026 The ovs-dpu authors

"""usage: dissect.py < FRAMES

What scapy sees in tunneled frames, hexadecimal lines: prints each way of
encapsulation that there is once.  Fails if scapy, which computes lengths and
checksums anew, would write another frame than it read."""

import sys

from scapy.contrib.geneve import GENEVE
from scapy.layers.inet import IP, UDP
from scapy.layers.inet6 import IPv6
from scapy.layers.l2 import GRE, Ether
from scapy.layers.vxlan import VXLAN
from scapy.packet import NoPayload

COMPUTED = 'chksum', 'len', 'plen', 'optionlen'
SHOWN = {
    IP: ('src', 'dst', 'tos', 'ttl', 'flags'),
    IPv6: ('src', 'dst', 'tc', 'hlim'),
    UDP: ('dport', ),
    GRE: ('key_present', 'key', 'chksum_present'),
    VXLAN: ('flags', 'vni'),
    GENEVE: ('vni', ),
}


def layers(packet):
    while not isinstance(packet, NoPayload):
        yield packet
        packet = packet.payload


def rebuilt(packet):
    """The bytes of 'packet' with all that follows from the rest computed."""
    packet = packet.copy()
    for layer in layers(packet):
        for name in COMPUTED:
            # No checksum is not a wrong one.
            if layer.fields.get(name):
                del layer.fields[name]
    packet.clear_cache()
    return bytes(packet)


def outer(packet):
    """The layers that encapsulate the second Ethernet header, in words."""
    words = []
    for layer in list(layers(packet))[1:]:
        if isinstance(layer, Ether):
            return ' / '.join(words)
        values = ['%s=%s' % (name, layer.getfieldval(name))
                  for name in SHOWN.get(type(layer), ())
                  if layer.getfieldval(name) is not None]
        if isinstance(layer, GENEVE):
            values += ['option=%#x/%#x:%s' % (o.classid, o.type, o.data.hex())
                       for o in layer.options]
        elif isinstance(layer, VXLAN) and layer.flags.G:
            values += ['group=%#x/%s' % (layer.gpid, layer.gpflags)]
        elif isinstance(layer, UDP):
            values.append('checksum' if layer.chksum else 'no checksum')
        words.append(' '.join([layer.name] + values))
    sys.exit('no frame within %s' % bytes(packet).hex())


def main(argv):
    if argv:
        sys.exit(__doc__)
    seen = set()
    for line in sys.stdin:
        frame = bytes.fromhex(line)
        packet = Ether(frame)
        if rebuilt(packet) != frame:
            sys.exit('%s\nis, to scapy, %r,\nwhich is\n%s'
                     % (frame.hex(), packet, rebuilt(packet).hex()))
        seen.add(outer(packet))
    print('\n'.join(sorted(seen)))


if __name__ == '__main__':
    main(sys.argv[1:])
