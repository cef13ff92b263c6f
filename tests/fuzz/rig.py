# SPDX-License-Identifier: Apache-2.0
# Copyright (c) 2026 The ovs-dpu authors

"""A lab that runs one pipeline after the other.

br0 has VFs 0 to 3 as ports 1 to 4, the uplink as port 100 (a patch to br-phy,
where it is), tunnels of all types as TUNNELS, and meters 1 and 2.  fuzz.at
makes it.

What the tests know of a pipeline's end is a barrier: a frame that only
software forwards, to br0's own port, by a flow that always is there.  When it
arrives, software has dealt with all that entered before it at the same port;
when another one has arrived at all ports, this has left."""

import collections
import os
import re
import struct
import time
import zlib

import differential
import host
import openflow
import packet
from differential import Failure, wait

TUNNELS = {50: 'VXLAN', 51: 'GENEVE over IPv6', 52: 'GRE'}
MIRRORS = {
    'from vf0': ['select-src-port=@vf0', 'output-port=@vf3'],
    'to vf1': ['select-dst-port=@vf1', 'output-port=@vf3'],
    'to VLAN': ['select-all=true', 'output-vlan=77'],
}
LOCAL = 65534
ROUNDS = 3
SETTLE = 0.2            # Seconds that megaflows may take to reach hardware.
BARRIER = 0x88b6        # The Ethertypes of barriers, to br0's own port...
WIDE_BARRIER = 0x88b7   # ...and to all ports.
BARRIER_TYPES = [struct.pack('!H', BARRIER), struct.pack('!H', WIDE_BARRIER)]
COOKIE = 'COOKIE'       # Stands for the number by which flows are known.
BARRIER_FLOWS = [
    'table=0,priority=65535,dl_type=0x%x,actions=LOCAL' % BARRIER,
    'table=0,priority=65535,dl_type=0x%x,send_flow_rem,cookie=%s,'
    'actions=LOCAL,1,2,3,4,100,in_port' % (WIDE_BARRIER, COOKIE)]
BARRIER_WORD = b'this frame is a barrier, and none of a pipeline\'s'
FAR_END = packet.mac('02:00:00:00:aa:02')


class Invalid(Exception):
    """Open vSwitch does not take the pipeline."""


def without_entropy(frame):
    """'frame' without the source ports of tunnels' UDP, which hardware may
    choose in its own way, and without the checksums over them, if they are
    right.  A tunnel may be in a tunnel, and have a mirror's VLAN header."""
    if frame[:6] != FAR_END:
        return frame
    at = 12
    while frame[at:at + 2] in (b'\x81\x00', b'\x88\xa8'):
        at += 4
    ethertype, at = frame[at:at + 2], at + 2
    if ethertype == b'\x08\x00':
        l4, proto = at + (frame[at] & 15) * 4, frame[at + 9]
        addresses = frame[at + 12:at + 20]
    elif ethertype == b'\x86\xdd':
        l4, proto = at + 40, frame[at + 6]
        addresses = frame[at + 8:at + 40]
    else:
        return frame
    if proto == 47:
        inner = l4 + (8 if frame[l4] & 0x20 else 4)
        return frame[:inner] + without_entropy(frame[inner:])
    udp = frame[l4:]
    if proto != 17 or udp[2:4] not in (b'\x12\xb5', b'\x17\xc1'):
        return frame
    csum = udp[6:8]
    if csum != b'\0\0':
        good = not packet.checksum(addresses
                                   + struct.pack('!II', len(udp), 17) + udp)
        csum = b'\1\1' if good else b'\2\2'
    options = (udp[8] & 63) * 4 if udp[2:4] == b'\x17\xc1' else 0
    inner = 16 + options
    return (frame[:l4] + b'\0\0' + udp[2:6] + csum + udp[8:inner]
            + without_entropy(udp[inner:]))


def does(pipeline, words):
    """Whether one of 'words' is in the actions of 'pipeline'."""
    text = ' '.join(pipeline.groups
                    + [','.join(flow[3]) for flow in pipeline.flows])
    return any(word in text for word in words)


def learns(pipeline):
    return does(pipeline, ('learn(',))


def encapsulates(pipeline):
    """Whether 'pipeline' may send to TUNNELS, by a flood as well."""
    ports = '|'.join(['all', 'flood', *map(str, TUNNELS)])
    texts = ([re.sub('type=[a-z]+', '', group) for group in pipeline.groups]
             + [','.join(flow[3]) for flow in pipeline.flows])
    return any(re.search(r'(^|[(,=])(%s)([),]|$)' % ports, text)
               for text in texts)


class Rig(differential.Lab):
    def __init__(self, where):
        super().__init__(where)
        self.name, prefix = (os.path.basename(self.rundir),
                             where.split(',')[1])
        self.ports[LOCAL] = host.Interface(prefix + 'dpu', 'br0')
        self.bridge = openflow.Bridge(self.rundir + '/br0.mgmt')
        self.cookie = None              # Of the flows that are there.
        self.old_cookie = None          # Of those that may not be gone yet.
        self.mirror = ''
        self.n_barriers = 0
        self.n_software = self.n_again = 0
        self.encapsulates = False

    def prepare(self):
        """What has to be done once, before the first pipeline."""
        self.is_hardware = 'driver:' in self.appctl('dpu/show') and \
            'megaflows:' in self.appctl('dpu/show')
        self.set_mirror('')
        # As with connections in hardware.
        self.appctl('dpctl/ct-disable-tcp-seq-chk')
        # What waits for the rest of its fragments leaves 15 seconds later,
        # through ct() of another pipeline.
        for version in 'v4', 'v6':
            self.appctl('dpctl/ipf-set-disabled', version)
        for address in '172.31.0.2', 'fd31::2':
            self.appctl('tnl/neigh/set', 'br-phy', address,
                        '02:00:00:00:aa:02')

    def pid(self):
        with open(self.rundir + '/ovs-vswitchd.pid') as pid:
            return int(pid.read())

    def is_alive(self):
        """Whether the daemon is there."""
        try:
            os.kill(self.pid(), 0)
        except OSError:
            return False
        return True

    def share(self):
        """How much of what came after the first rounds software did not see,
        in percent."""
        return 100 * (1 - self.n_software / max(1, self.n_again))

    def loss_counters(self):
        """What a daemon counts where it loses packets: of its datapath, of
        ports, and of those that hardware gave back, but for those that went on
        (see dpu-miss.h)."""
        counters = re.findall(
            r'^(datapath_drop_(?!hw_miss_recover)\w+) .* total: (\d+)',
            self.appctl('coverage/show'), re.M)
        for port, text in re.findall(r'^  port \d+: (\S+)(.*?)(?=^  port|\Z)',
                                     self.appctl('dpctl/show', '-s'),
                                     re.M | re.S):
            counters += [('%s, %s %s' % (port, way, what), n)
                         for way, numbers in
                         re.findall('([RT]X) packets:(.*)', text)
                         for what, n in re.findall(r'(errors|dropped):(\d+)',
                                                   numbers)]
        counters += re.findall(r'^  (stale|failed): (\d+)',
                               self.appctl('dpu/show'), re.M)
        return {name: int(n) for name, n in counters}

    def losses(self):
        """Which counters of losses have grown since configure(): tuples of
        name, value and the one before."""
        return [(name, n, self.lost.get(name, 0))
                for name, n in sorted(self.loss_counters().items())
                if n != self.lost.get(name, 0)]

    def set_mirror(self, name):
        command = ['ovs-vsctl', 'clear', 'Bridge', 'br0', 'mirrors']
        if name:
            settings = MIRRORS[name]
            for port in sorted(set(re.findall('@(vf.)', ' '.join(settings)))):
                command += ['--', '--id=@' + port, 'get', 'Port', port]
            command += ['--', '--id=@m', 'create', 'Mirror', 'name=m',
                        *settings, '--', 'set', 'Bridge', 'br0', 'mirrors=@m']
        self.run(*command)
        self.mirror = name

    def configure(self, pipeline):
        """Starts anew with 'pipeline'."""
        self.encapsulates = encapsulates(pipeline)
        self.quiesce(['group add ' + group for group in pipeline.groups]
                     + ['flow add ' + flow for flow in pipeline.texts()])
        if pipeline.vlan_limit != self.vlan_limit:
            self.run('ovs-vsctl', 'set', 'Open_vSwitch', '.',
                     'other_config:vlan-limit=%d' % pipeline.vlan_limit)
            self.vlan_limit = pipeline.vlan_limit
        if pipeline.mirror != self.mirror:
            self.set_mirror(pipeline.mirror)
        for port in self.ports.values():
            port.drain()
        self.lost = self.loss_counters()
        self.received = collections.defaultdict(collections.Counter)

    def quiesce(self, then=()):
        """Takes all flows off but the barriers', and what there is of them on
        the device, and has the flows and groups 'then'."""
        self.replace(then)
        self.appctl('dpctl/flush-conntrack')
        self.purge()
        if not wait(lambda: not self.rules()):
            raise Failure('rules are left:\n  ' + '\n  '.join(self.rules()))
        self.appctl('fdb/flush')
        self.await_removal()

    def replace(self, lines):
        """The flows and groups of 'lines' in place of all there are."""
        text = '\n'.join(
            ['flow delete', 'group delete']
            + ['flow add ' + flow for flow in BARRIER_FLOWS] + list(lines))
        cookie = zlib.crc32(text.encode())
        text = text.replace(COOKIE, str(cookie))
        try:
            self.bridge.apply(openflow.compiled(text + '\n'))
        except openflow.Error as error:
            if lines:
                # Open vSwitch may have taken a part of it.
                self.replace([])
            raise Invalid(error) from None
        self.old_cookie, self.cookie = self.cookie, cookie

    def await_removal(self):
        """Waits until the flows that were replaced are gone.  They take no
        packet any more, but as long as they are there upcalls look at them:
        megaflows then match what they matched, too."""
        if self.old_cookie is not None:
            self.bridge.await_removal(self.old_cookie)
            self.old_cookie = None

    def barrier(self, ports, kind=BARRIER):
        """Waits until software has dealt with what was sent to 'ports'."""
        ends = [LOCAL] if kind == BARRIER else list(self.ports)
        missing = set()
        for port in ports:
            self.n_barriers += 1
            frame = packet.eth(packet.other(
                struct.pack('!II', self.n_barriers, port) + BARRIER_WORD,
                kind))
            missing |= {(end, frame) for end in ends}
            self.ports[port].send(frame)

        def arrived():
            missing.difference_update(self.collect())
            return not missing
        if not wait(arrived):
            raise Failure('of the barriers of the ports %s none arrived at '
                          '%s' % (sorted(ports),
                                  sorted({end for end, _ in missing})))

    def collect(self):
        """Keeps what left, and returns the barriers that arrived, with their
        ports."""
        barriers = []
        for number, port in self.ports.items():
            for frame in port.drain():
                if frame[12:14] in BARRIER_TYPES:
                    barriers.append((number, frame))
                elif BARRIER_WORD not in frame:     # As mirrors send them.
                    frame = without_entropy(frame)
                    self.received[number][frame] += 1
        return barriers

    def round(self, pipeline, again, anew=False):
        """Sends the frames, and waits until they were dealt with.  With
        'anew', none meets a megaflow that another one has made."""
        frames = pipeline.packets(again)
        if pipeline.serial:
            for port, frame in frames:
                self.ports[port].send(frame)
                self.barrier([port])
                if anew:
                    self.purge()
        else:
            for port, frame in frames:
                self.ports[port].send(frame)
            self.barrier({port for port, _ in frames})

    def undecided(self):
        """Whether there are megaflows that are neither in hardware nor
        refused."""
        flows = [line for line in
                 self.appctl('dpctl/dump-flows', '-m').splitlines()
                 if re.search(r'in_port\((?!br)', line)
                 and 'offloaded:yes' not in line]
        return flows and len(flows) > sum(
            int(words[2]) for words in map(
                str.split, self.appctl('dpu/reasons').splitlines())
            if len(words) > 2 and words[2].isdigit())

    def settle(self, pipeline):
        """Waits until megaflows and connections are in hardware, for as long
        as it makes sense."""
        if not self.is_hardware:
            return
        start = time.monotonic()
        while self.undecided() and time.monotonic() < start + SETTLE:
            time.sleep(0.002)
        if does(pipeline, ('ct(',)):
            before, now = None, ''
            while now != before and time.monotonic() < start + SETTLE:
                time.sleep(0.01)
                before, now = now, self.appctl('dpu/conntrack')

    def run_pipeline(self, pipeline, expected=None):
        """Returns what left at each port, after all rounds.  Waits until as
        much has left as in 'expected', for a moment."""
        self.configure(pipeline)
        if learns(pipeline):
            # What is learned changes megaflows at some time, and soon.
            self.round(pipeline, False, True)
            self.round(pipeline, True)
        else:
            self.round(pipeline, False)
        self.settle(pipeline)
        before = self.software_packets()
        barriers = self.n_barriers
        for _ in range(ROUNDS - 1):
            self.round(pipeline, True)
        self.n_again += (ROUNDS - 1) * len(pipeline.packets(True))
        self.n_software += (self.software_packets() - before
                            - (self.n_barriers - barriers))
        if expected is None:
            self.barrier([1], WIDE_BARRIER)
        else:
            # Barriers come by another way than what hardware has sent.
            def all_there():
                self.collect()
                return not any((frames - self.received[port])
                               for port, frames in expected.items())
            wait(all_there)
            time.sleep(differential.SETTLE)
            self.collect()
        return {port: +frames for port, frames in self.received.items()
                if +frames}

    def counters(self):
        """Packets and bytes of the OpenFlow flows, without barriers' and
        the bridge's own.  Where packets go to tunnels, Open vSwitch is not of
        one mind about bytes: it may count what it puts on.  Then they are
        0."""
        counters = {}
        for line in self.appctl('bridge/dump-flows', 'br0').splitlines():
            found = re.match(r'(table_id=\d+, )?.*?n_packets=(\d+), '
                             r'n_bytes=(\d+), (.*)', line)
            if (found and 'priority=65535' not in line
                    and 'table_id=254' not in line):
                table, packets, n_bytes, flow = found.groups()
                counters[table or '', flow] = (
                    int(packets), 0 if self.encapsulates else int(n_bytes))
        return counters

    def group_counters(self):
        groups = self.bridge.groups()
        if self.encapsulates:
            groups = [[number, refs, packets, [n for n, _ in buckets]]
                      for number, refs, packets, _, *buckets in groups]
        return groups

    def connections(self):
        """What Open vSwitch's connection tracking has, without ids and
        times."""
        return sorted(re.sub(r',(id|timeout)=\d+', '', line)
                      for line in self.appctl('dpctl/dump-conntrack')
                      .splitlines())
