# SPDX-License-Identifier: Apache-2.0
# Copyright (c) 2026 The ovs-dpu authors

"""What comes and goes in a daemon, by the traffic of its hosts.

    churn.py PREFIX ROUND COUNT [tracked]

In the lab whose namespaces start with PREFIX, sends COUNT frames of each kind,
each with another source, and none that another ROUND sent: from VF 0 to VF 1
what is forwarded (UDP port 2000) and what is tracked (port 3000), the latter
with answers, and then all that a second time; from VF 0 into the tunnel (port
4000) and from the far end of the tunnel to VF 0.  With "tracked", what is
tracked once more, and nothing else.  Fails if frames between VFs do not
arrive."""

import ipaddress
import sys
import time

import exchange
import host
from packet import eth, ipv4, udp

BURST = 200
SECONDS = 60            # For all of them.


def deliver(sender, receiver, frames, deadline):
    """Sends 'frames' until all of them have arrived."""
    for start in range(0, len(frames), BURST):
        missing = set(frames[start:start + BURST])
        while missing:
            if time.monotonic() > deadline:
                sys.exit('%d frames of %d do not arrive: %s' % (
                    len(missing), len(frames), missing.pop().hex()))
            for frame in missing:
                sender.send(frame)
            settled = time.monotonic() + 0.5
            while missing and time.monotonic() < settled:
                missing.difference_update(receiver.drain())
                time.sleep(0.0005)


def main(prefix, number, count, kind='all'):
    vf0, vf1, p0 = (host.Interface(prefix + name, name)
                    for name in ('vf0', 'vf1', 'p0'))
    deadline = time.monotonic() + SECONDS
    base = int(ipaddress.ip_address('20.0.0.0')) + number * count
    hosts = [str(ipaddress.ip_address(base + i)) for i in range(count)]

    def there(source, port):
        return eth(ipv4(udp(b'there', dport=port), src=source))

    def back(source, port):
        return eth(ipv4(udp(b'back', sport=port, dport=1000),
                        src='10.0.0.2', dst=source))

    def track():
        deliver(vf0, vf1, [there(h, 3000) for h in hosts], deadline)
        deliver(vf1, vf0, [back(h, 3000) for h in hosts], deadline)

    if kind == 'tracked':
        track()
        return
    for _ in range(2):
        deliver(vf0, vf1, [there(h, 2000) for h in hosts], deadline)
        track()
    for h in hosts:
        vf0.send(there(h, 4000))
        p0.send(exchange.outer(exchange.vxlan(there(h, 5000))))
        time.sleep(0.0002)


if __name__ == '__main__':
    main(sys.argv[1], int(sys.argv[2]), int(sys.argv[3]), *sys.argv[4:])
