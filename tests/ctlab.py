# SPDX-License-Identifier: Apache-2.0
# Copyright (c) 2026 The ovs-dpu authors

"""Connections in hardware, in each combination of protocol, family and NAT.

    ctlab.py run PREFIX PEER SECONDS TIMEOUT [TABLE]

talks in the lab whose namespaces start with PREFIX, from vf0 to PEER ("vf1",
or "p0" behind a tunnel), with the addresses and zones of ct-lab.at: in each
combination alone for SECONDS, unless these are 0, and then in all at once for
three times TIMEOUT, in seconds, which is that of connections in all zones.
Fails unless

- hardware has 99 % of the packets: alone from the first one to the last, at
  once from when all connections are in hardware;
- software has each connection as established;
- none leaves hardware while that carries it;
- each ends within 1.1 TIMEOUT of its last packet, at the second try.

Appends what it measured to the file TABLE.

    ctlab.py write TABLE

puts TABLE, of both peers, into Documentation/conntrack.rst.
"""

import collections
import datetime
import os
import pathlib
import re
import socket
import struct
import subprocess
import sys
import time

import conformance
import host
import packet

SHARE = 0.99            # Of packets, that hardware has to have.
SIZE = 1200             # Bytes of data in a packet.
FAST, SLOW = 2000, 50   # Packets each second and way, alone and at once.
PATIENCE = 20           # Seconds for what should be there at once.
EARLY, LATE = 0.9, 1.1  # When a connection may end, in timeouts.
AGAIN = 200             # By how much ports differ in a second try.

PORTS = {'vf1': ['vf0', 'vf1'], 'p0': ['vf0', 'p0']}
PEERS = {'vf1': 'another VF', 'p0': 'across VXLAN'}
# What the client calls the server, what it is, and the zones on the way.
NATS = {'none': ('100', '100', [7]), 'SNAT': ('101', '101', [8]),
        'DNAT': ('88', '103', [9]), 'DNAT, SNAT': ('89', '104', [10, 11])}
NETS = {'IPv4': (socket.AF_INET, '10.0.0.'),
        'IPv6': (socket.AF_INET6, 'fd00::')}

Way = collections.namedtuple('Way', 'protocol family nat port both')
WAYS = [Way(protocol, family, nat, 0, True)
        for family in NETS for protocol in ('TCP', 'UDP') for nat in NATS]
WAYS = [way._replace(port=5000 + i) for i, way in enumerate(WAYS)]
# Only at once: packets of the client alone, once it has an answer; and echoes,
# with the identifier in place of the port.
ONE_WAY = [way._replace(port=way.port + 50, both=False) for way in WAYS
           if way.protocol == 'UDP']
ECHOES = [way._replace(protocol='ICMP', port=way.port + 60) for way in WAYS
          if way.protocol == 'UDP']


def title(way):
    return '%s over %s, %sNAT: %s' % (way.protocol, way.family,
                                      '' if way.both else 'one way, ', way.nat)


def keys(way):
    """The connections of 'way': the protocol, the client's idea of the port,
    the zone."""
    protocol = way.protocol.lower()
    if protocol == 'icmp' and way.family == 'IPv6':
        protocol = 'icmpv6'
    return {(protocol, way.port, zone)
            for zone in NATS[way.nat][2]}


# -- Open vSwitch -----------------------------------------------------------

def appctl(*command):
    return ('ovs-appctl', '-t', os.environ['OVS_RUNDIR'] + '/ovs-vswitchd.ctl',
            *command)


def output(*command):
    return subprocess.run(command, stdout=subprocess.PIPE, text=True,
                          check=True).stdout


CONNECTION = re.compile(
    r'^(\w+),orig=\(.*?,(?:dport|id)=(\d+).*,zone=(\d+)(.*)$', re.M)
AGE = re.compile(r',age=([0-9.]+)s.*,offloaded')


def connections(*command):
    """What 'command' of the daemon has on each connection."""
    return {(protocol, int(port), int(zone)): rest
            for protocol, port, zone, rest in CONNECTION.findall(
                output(*appctl(*command)))}


def ages():
    """Seconds for which each connection has been in hardware."""
    found = {key: AGE.search(rest) for key, rest in
             connections('dpu/conntrack', '-v').items()}
    return {key: float(age.group(1)) for key, age in found.items() if age}


def established():
    """Connections that software says are."""
    return {key for key, rest in
            connections('dpctl/dump-conntrack').items()
            if key[0] != 'tcp' or 'state=ESTABLISHED' in rest}


def count(ports):
    """Packets in hardware and in software that entered at 'ports'."""
    text = ''.join(output('ovs-ofctl', '-O', 'OpenFlow14', 'dump-ports',
                          output('ovs-vsctl', 'iface-to-br', port).strip(),
                          port)
                   for port in ports)
    return tuple(sum(map(int, re.findall(r'\b%s=(\d+)' % name, text)))
                 for name in ('hw_packets', 'sw_rx_packets'))


def count_at_rest(ports):
    """count(), when nothing changes any more."""
    before = None
    while before != (now := count(ports)):
        before = now
        time.sleep(0.6)         # Longer than between two updates.
    return now


def since(before, now):
    return tuple(b - a for a, b in zip(before, now))


def share(packets):
    hardware, software = packets
    return hardware / (hardware + software)


# -- Conversations ----------------------------------------------------------

class Talk:
    """A conversation of 'way', with both ends, if they are to send, at one
    rate."""

    def __init__(self, way, prefix, peer):
        self.way = way
        family, net = NETS[way.family]
        kind = (socket.SOCK_STREAM if way.protocol == 'TCP'
                else socket.SOCK_DGRAM)
        with host.Namespace(prefix + peer):
            server = socket.socket(family, kind)
        with host.Namespace(prefix + 'vf0'):
            client = socket.socket(family, kind)
        for end in server, client:
            end.settimeout(PATIENCE)
            end.setsockopt(socket.SOL_SOCKET, host.SO_RCVBUFFORCE, 1 << 22)
        called, is_, _ = NATS[way.nat]
        server.bind((net + is_, way.port))
        address = net + called, way.port
        if kind == socket.SOCK_STREAM:
            server.listen()
            client.connect(address)
            accepted = server.accept()[0]
            server.close()
            server = accepted
            for end in server, client:
                # Closed by a reset: no end waits for the other one.
                end.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER,
                               struct.pack('ii', 1, 0))
                end.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        else:
            client.connect(address)
            client.send(b'first')
            server.connect(server.recvfrom(SIZE)[1])
            server.send(b'answer')
        self.ends = client, server
        self.senders = self.ends if way.both else (client,)
        self.sent = self.received = 0
        for end in self.ends:
            end.setblocking(False)

    def send(self, n):
        """'n' packets each way."""
        for end in self.senders:
            for _ in range(n):
                try:
                    self.sent += end.send(bytes(SIZE))
                except BlockingIOError:
                    break

    def receive(self):
        """Returns whether there was anything."""
        before = self.received
        for end in self.ends:
            try:
                while data := end.recv(1 << 16):
                    self.received += len(data)
            except BlockingIOError:
                pass
        return self.received != before

    def close(self):
        for end in self.ends:
            end.close()


class Echo:
    """The same for echo requests, which the peer answers."""

    def __init__(self, way, prefix, peer):
        self.way = way
        family, net = NETS[way.family]
        self.ipv6 = family == socket.AF_INET6
        with host.Namespace(prefix + 'vf0'):
            self.end = socket.socket(family, socket.SOCK_RAW,
                                     socket.IPPROTO_ICMPV6 if self.ipv6
                                     else socket.IPPROTO_ICMP)
        self.end.setsockopt(socket.SOL_SOCKET, host.SO_RCVBUFFORCE, 1 << 22)
        self.end.setblocking(False)
        self.end.connect((net + NATS[way.nat][0], 0))
        self.sent = self.received = 0

    def send(self, n):
        # The kernel computes the checksum of ICMPv6.
        data = (struct.pack('!BBHHH', 128, 0, 0, self.way.port, 0)
                + bytes(SIZE) if self.ipv6 else
                packet.icmp(bytes(SIZE), ident=self.way.port).build(None))
        for _ in range(n):
            try:
                self.sent += self.end.send(data)
            except BlockingIOError:
                break

    def receive(self):
        before = self.received
        try:
            while data := self.end.recv(1 << 16):
                icmp = data if self.ipv6 else data[20:]
                if (icmp[0] == (129 if self.ipv6 else 0)
                        and icmp[4:6] == struct.pack('!H', self.way.port)):
                    self.received += len(icmp)
        except BlockingIOError:
            pass
        return self.received != before

    def close(self):
        self.end.close()


def converse(way, prefix, peer):
    return (Echo if way.protocol == 'ICMP' else Talk)(way, prefix, peer)


def carry(talks, rate, until):
    """Keeps all 'talks' up, until it is 'until' or that, called, says so."""
    start = time.monotonic()
    done = 0
    while not (until() if callable(until) else time.monotonic() >= until):
        due = int((time.monotonic() - start) * rate)
        for talk in talks:
            talk.send(due - done)
            talk.receive()
        done = due
        time.sleep(0.002)


def drain(talks):
    """Returns when the last packet came."""
    last = time.monotonic()
    while time.monotonic() < last + 0.3:
        if any([talk.receive() for talk in talks]):
            last = time.monotonic()
        time.sleep(0.002)
    return last


def check(right, *message):
    if not right:
        subprocess.run(appctl('dpu/conntrack', '-v'))
        subprocess.run(appctl('dpctl/dump-flows', '-m'))
        sys.exit(' '.join(map(str, message)))


def check_talk(talk, wanted):
    """It went both ways, and software knows its connections."""
    check(keys(talk.way) <= wanted, title(talk.way), 'is not established:',
          sorted(keys(talk.way) - wanted))
    check(talk.received >= SHARE * talk.sent, title(talk.way), '%d of %d '
          'bytes arrived' % (talk.received, talk.sent))


# -- What is measured -------------------------------------------------------

def check_share(what, packets):
    print('%s: %.2f %% of %d packets' % (what, 100 * share(packets),
                                         sum(packets)), flush=True)
    check(share(packets) >= SHARE, 'more than 1 % in software')


def run_alone(prefix, peer, seconds):
    """Returns packets in hardware and in software, of all of it, by way."""
    packets, before = {}, count_at_rest(PORTS[peer])
    for way in WAYS:
        # None is taken for one of those that come later.
        talk = Talk(way._replace(port=way.port + 100), prefix, peer)
        carry([talk], FAST, time.monotonic() + seconds)
        drain([talk])
        check_talk(talk, established())
        after = count_at_rest(PORTS[peer])
        talk.close()
        packets[way] = since(before, after)
        check_share(title(way), packets[way])
        before = after
    return packets


def carry_all(talks, peer, timeout):
    """All at once.  Returns when the last packet came."""
    every = set().union(*(keys(talk.way) for talk in talks))
    deadline = time.monotonic() + PATIENCE
    carry(talks, SLOW, lambda: every <= ages().keys()
          or time.monotonic() > deadline)
    check(every <= ages().keys(), 'not in hardware:',
          sorted(every - ages().keys()))
    start, before = time.monotonic(), count(PORTS[peer])
    carry(talks, SLOW, start + 3 * timeout)
    # The daemon rounds what it shows.
    elapsed, found = time.monotonic() - start - 0.1, ages()
    last = drain(talks)
    check(every <= found.keys() and min(found[k] for k in every) >= elapsed,
          'left hardware within %.1f s:' % elapsed,
          sorted(k for k in every if found.get(k, 0) < elapsed))
    wanted = established()
    for talk in talks:
        check_talk(talk, wanted)
    check_share('all at once', since(before, count_at_rest(PORTS[peer])))
    return last


def watch_end(every, last):
    """Returns by when each connection was gone after 'last', and when one was
    seen at last."""
    gone, seen, latest = {}, every, 0
    while seen:
        check(time.monotonic() < last + PATIENCE, 'still there:', sorted(seen))
        asked = time.monotonic() - last
        seen = connections('dpctl/dump-conntrack').keys() & every
        latest = asked if seen else latest
        for key in every - seen - gone.keys():
            gone[key] = time.monotonic() - last
        time.sleep(0.05)
    return gone, latest


def run_at_once(prefix, peer, timeout, again=0):
    """Returns after which time each connection had ended."""
    ways = [way._replace(port=way.port + again) for way in
            WAYS + ONE_WAY + ECHOES]
    talks = [converse(way, prefix, peer) for way in ways]
    last = carry_all(talks, peer, timeout)
    every = set().union(*(keys(way) for way in ways))
    gone, latest = watch_end(every, last)
    for talk in talks:
        talk.close()
    check(min(gone.values()) >= EARLY * timeout, 'too early:', gone)
    if latest >= LATE * timeout and not again:
        # A busy machine may be late once.
        print('late, once more: %.2f s' % latest, flush=True)
        return {(protocol, port - AGAIN, zone): after
                for (protocol, port, zone), after in
                run_at_once(prefix, peer, timeout, AGAIN).items()}
    check(latest < LATE * timeout, 'still there after %.2f s' % latest)
    print('all had ended %.2f to %.2f s after their last packets, with a '
          'timeout of %g s' % (min(gone.values()), max(gone.values()),
                               timeout))
    return gone


def run(prefix, peer, seconds, timeout, table=None):
    seconds, timeout = float(seconds), float(timeout)
    alone = run_alone(prefix, peer, seconds) if seconds else {}
    gone = run_at_once(prefix, peer, timeout)
    if not table:
        return
    with open(table, 'a') as f:
        for way, (hardware, software) in alone.items():
            print(PEERS[peer], way.family, way.protocol, way.nat, seconds,
                  hardware, software, timeout,
                  max(gone[key] for key in keys(way)), sep='\t', file=f)


# -- The document -----------------------------------------------------------

BEGIN = '.. Written by "make update-conntrack": do not edit.\n'
END = '.. What "make update-conntrack" writes ends here.\n'
TABLE = '''
Last run: {date}, {seconds:g} s for each row, with a timeout of {timeout:g} s.

{table}
'''


def write(table):
    path = pathlib.Path(table)
    if not path.exists():
        sys.exit('%s is missing: "make check-conntrack" makes it' % table)
    rows = [line.split('\t') for line in path.read_text().splitlines()]
    if len(rows) != len(PEERS) * len(WAYS):
        sys.exit('%s has %d rows of %d: run "make check-conntrack" once '
                 'more' % (table, len(rows), len(PEERS) * len(WAYS)))
    lines = []
    for peer, family, protocol, nat, _, hardware, software, _, gone in rows:
        packets = int(hardware), int(software)
        lines.append((peer, family, protocol, nat, str(sum(packets)),
                      # Not rounded up.
                      '%.2f %%' % (int(10000 * share(packets)) / 100),
                      '%.2f s' % float(gone)))
    text = TABLE.format(
        date=datetime.date.fromtimestamp(path.stat().st_mtime).isoformat(),
        seconds=float(rows[0][4]), timeout=float(rows[0][7]),
        table=conformance.rst_table(
            ('peer', 'family', 'protocol', 'NAT', 'packets', 'in hardware',
             'ended after'), lines))
    page = conformance.TESTS.parent / 'Documentation' / 'conntrack.rst'
    before, rest = page.read_text().split(BEGIN)
    page.write_text(before + BEGIN + text + END + rest.split(END)[1])


def main(argv):
    if len(argv) in (5, 6) and argv[0] == 'run':
        run(*argv[1:])
    elif len(argv) == 2 and argv[0] == 'write':
        write(argv[1])
    else:
        sys.exit(__doc__.strip())


if __name__ == '__main__':
    main(sys.argv[1:])
