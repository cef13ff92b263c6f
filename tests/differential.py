# SPDX-License-Identifier: Apache-2.0
# Copyright (c) 2026 The ovs-dpu authors

"""usage: differential.py SOFTWARE HARDWARE [PATTERN [EXPLAIN]]

Runs the cases of case.py (those whose names match the regular expression
PATTERN) through two labs of this suite, one in which software forwards
(hw-offload=false) and one in which the device does.  SOFTWARE and HARDWARE
are "RUNDIR,NETNS-PREFIX".

Each case's frames are sent several times.  The first time makes the
megaflows.  Then the case waits until they are in hardware, and sends the rest,
of which vswitchd must see none.  What leaves each port must be the same
bytes in both labs, and so must the counters of the OpenFlow flows.  Of a case
of which software does a part vswitchd must see each frame once, or as many of
them as the case says.  A case that is not to be offloaded must be refused for
the reason that it names, and vswitchd must find its megaflows by the marks of
the frames, but for those that the case says software does alone.

EXPLAIN is a command that prints as JSON what a device would take of megaflows
that it reads, "ovs-dpuctl explain": with a device that has not all that cases
want, it says where each megaflow has to be, instead of the case.  What leaves
and what is counted must be the same wherever that is.

Prints the failures and "N passed, N failed"; fails if there was one."""

import collections
import json
import os
import re
import shlex
import socket
import subprocess
import sys
import time

import case
import host

ROUNDS = 3              # How often each frame is sent.
PATIENCE = 5.0          # Seconds that a condition may take to come true.
ATTEMPTS = 3            # To see only so many frames in software.
SETTLE = 0.008          # Seconds in which a surplus frame would arrive.
DEVICES = {1: 'vf0', 2: 'vf1', 3: 'vf2', 4: 'vf3', 100: 'p0'}


class Failure(Exception):
    pass


class Surplus(Failure):
    """Software saw another number of frames than it should."""


def wait(condition):
    """Returns the first true value of 'condition', or the last one."""
    deadline = time.monotonic() + PATIENCE
    pause = 0.0005
    while True:
        value = condition()
        if value or time.monotonic() > deadline:
            return value
        time.sleep(pause)
        pause = min(pause * 2, 0.02)


class Lab:
    def __init__(self, where):
        self.rundir, prefix = where.split(',')
        self.ports = {port: host.Interface(prefix + device, device)
                      for port, device in DEVICES.items()}
        self.control = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
        self.control.settimeout(30)
        self.control.connect(self.rundir + '/ovs-vswitchd.ctl')
        self.vlan_limit = 1

    def appctl(self, method, *params):
        """One call of vswitchd's JSON-RPC, as ovs-appctl makes it."""
        self.control.sendall(json.dumps({'id': 0, 'method': method,
                                         'params': params}).encode())
        decoder = json.JSONDecoder()
        text = ''
        while True:
            text += self.control.recv(1 << 20).decode()
            try:
                reply, _ = decoder.raw_decode(text)
                break
            except ValueError:
                continue
        if reply['error'] is not None:
            raise Failure('%s: %s' % (method, reply['error']))
        return reply['result']

    def run(self, *argv, text=None):
        result = subprocess.run(argv, input=text, capture_output=True,
                                text=True,
                                env=dict(os.environ, OVS_RUNDIR=self.rundir))
        if result.returncode:
            raise Failure('%s: %s' % (' '.join(argv), result.stderr.strip()))
        return result.stdout

    def purge(self):
        """Takes all megaflows away, and all that remembers them."""
        def gone():
            self.appctl('revalidator/purge')
            return not re.search('keys [1-9]', self.appctl('upcall/show'))
        if not wait(gone):
            raise Failure('megaflows are left:\n' + self.appctl('upcall/show'))

    def configure(self, a_case):
        """Starts anew with the flows of 'a_case'."""
        if a_case.vlan_limit != self.vlan_limit:
            self.run('ovs-vsctl', 'set', 'Open_vSwitch', '.',
                     'other_config:vlan-limit=%d' % a_case.vlan_limit)
            self.vlan_limit = a_case.vlan_limit
        self.run('ovs-ofctl', 'del-flows', 'br0')
        self.run('ovs-ofctl', '-OOpenFlow15', 'del-groups', 'br0')
        self.purge()
        self.appctl('dpctl/flush-conntrack')
        for what in 'group', 'flow':
            lines = [f + '\n' for f in a_case.flows
                     if f.startswith('group_id=') == (what == 'group')]
            if lines:
                self.run('ovs-ofctl', '-OOpenFlow15', 'add-%ss' % what, 'br0',
                         '-', text=''.join(lines))
        self.purge()
        if not wait(lambda: not self.rules()):
            raise Failure('rules are left:\n  ' + '\n  '.join(self.rules()))
        for port in self.ports.values():
            port.drain()
        self.received = collections.defaultdict(list)

    def software_packets(self):
        """Packets that vswitchd has received so far."""
        return sum(map(int, re.findall(
            r'packets received: *(\d+)',
            self.appctl('dpif-netdev/pmd-stats-show'))))

    def marked_packets(self):
        """Those of them whose megaflow was found by their mark."""
        return sum(map(int, re.findall(
            r'phwol hits: *(\d+)',
            self.appctl('dpif-netdev/pmd-stats-show'))))

    def megaflows(self):
        return [line for line in
                self.appctl('dpctl/dump-flows', '-m').splitlines()
                if re.search(r'in_port\((vf\d|p0)\)', line)]

    def rules(self):
        """Rules on the device."""
        return [line for line in self.appctl('dpu/rules').splitlines()
                if line.startswith('flow create')]

    def reasons(self):
        counts = collections.Counter()
        for line in self.appctl('dpu/reasons').splitlines():
            words = line.split()
            if len(words) > 1 and words[1].isdigit():
                counts[words[0]] += int(words[1])
        return counts

    def send(self, frames):
        for port, frame in frames:
            self.ports[port].send(frame)

    def receive(self):
        """What left since configure(), by port and frame."""
        for number, port in self.ports.items():
            self.received[number] += port.drain()
        return {number: collections.Counter(frames)
                for number, frames in self.received.items()}

    def counters(self):
        """n_packets and n_bytes of each OpenFlow flow."""
        counters = {}
        for line in self.run('ovs-ofctl', '-OOpenFlow14', 'dump-flows',
                             'br0', '--no-names').splitlines():
            found = re.search(r'(table=\d+), .*?n_packets=(\d+), '
                              r'n_bytes=(\d+), (.*)', line)
            if found:
                table, packets, n_bytes, flow = found.groups()
                counters[table, flow] = int(packets), int(n_bytes)
        return counters


def difference(software, hardware):
    """Describes in what two results of receive() differ."""
    lines = []
    for port in sorted(set(software) | set(hardware)):
        a = software.get(port, collections.Counter())
        b = hardware.get(port, collections.Counter())
        for who, frames in ('software', a - b), ('hardware', b - a):
            for frame, n in frames.items():
                lines.append('  port %d (%s): %s alone sent %d x %s'
                             % (port, DEVICES.get(port, 'br0'), who, n,
                                frame.hex()))
    return '\n'.join(lines)


def run_software(lab, a_case):
    """Returns what leaves and what is counted when software forwards."""
    lab.configure(a_case)
    before = lab.software_packets()
    for n in range(ROUNDS):
        lab.send(a_case.frames)
        goal = before + (n + 1) * len(a_case.frames)
        if not wait(lambda: lab.software_packets() >= goal):
            raise Failure('software received %d frames of %d'
                          % (lab.software_packets() - before, goal - before))
    # Outputs follow the counter of inputs.  What was sent ROUNDS times arrives
    # as often.
    def settled():
        before = lab.receive()
        time.sleep(SETTLE)
        after = lab.receive()
        return before == after and not any(
            n % ROUNDS for frames in after.values() for n in frames.values())
    wait(settled)
    received = lab.receive()
    lab.appctl('revalidator/purge')
    return received, lab.counters()


def software_frames(a_case):
    """How many frames of each round of 'a_case' are to come up to software
    once its megaflows are in hardware, or None if that is not said."""
    if isinstance(a_case.expect, int):
        return a_case.expect
    return {case.OFFLOADED: 0,
            case.COPIED: len(a_case.frames)}.get(a_case.expect)


def check_refused(lab, a_case, grown):
    """Waits until the megaflows of 'a_case' are refused for the reason that it
    names, and those that frames meet first are in hardware in part.
    'grown' tells what was refused so far."""
    code = a_case.expect.removeprefix(case.ALONE)
    place = 'dp:ovs' if code != a_case.expect else 'offloaded:partial'
    if not wait(lambda: grown()[code]):
        raise Failure('not refused for the reason %s, but %s:\n%s'
                      % (code, dict(grown()),
                         '\n'.join('  ' + f for f in lab.megaflows())))
    if not wait(lambda: all(place in f for f in lab.megaflows()
                            if 'recirc_id(0)' in f)):
        raise Failure('not all %s:\n%s'
                      % (place,
                         '\n'.join('  ' + f for f in lab.megaflows())))
    if any('offloaded:yes' in f for f in lab.megaflows()):
        raise Failure('in hardware, but %s' % code)


def is_partial(a_case):
    """Whether software finds the megaflows of 'a_case' by mark."""
    return (isinstance(a_case.expect, case.Marked)
            or (software_frames(a_case) is None
                and a_case.expect != case.EITHER
                and not a_case.expect.startswith(case.ALONE)))


def check_offloaded(lab, a_case, grown):
    """Waits until all megaflows are in hardware as a whole."""
    def offloaded():
        flows = lab.megaflows()
        return flows and all('offloaded:yes' in f for f in flows)
    if not wait(offloaded):
        raise Failure('not in hardware (%s):\n%s'
                      % (dict(grown()),
                         '\n'.join('  ' + f for f in lab.megaflows()
                                   if 'offloaded:yes' not in f)))


class Explainer:
    """What a command says of where megaflows belong."""

    def __init__(self, command):
        self.command = shlex.split(command)
        self.places = {}        # By megaflow.
        self.last = []          # Of the megaflows that were seen last.
        self.counts = collections.Counter()

    def ask(self, lab, flows):
        """Returns 'yes', 'partial' or 'no' for each of 'flows'."""
        keys = [re.sub(r'(, packets:.*), actions:', r', actions:', f)
                for f in flows]
        if not all(key in self.places for key in keys):
            answer = json.loads(subprocess.run(
                self.command, text=True, stdout=subprocess.PIPE, check=True,
                input=lab.appctl('dpctl/show') + '\n'.join(flows)).stdout)
            self.places = dict(zip(keys, (f['offloaded']
                                          for f in answer['flows'])))
        return [self.places[key] for key in keys]

    def check(self, lab):
        """Waits until each megaflow is where it belongs.  Returns whether all
        are in hardware as a whole."""
        def misplaced():
            flows = lab.megaflows()
            self.last = self.ask(lab, flows)
            found = [(re.findall('offloaded:([a-z]*)', f) or ['no'])[0]
                     for f in flows]
            return [(f, want) for f, want, is_ in zip(flows, self.last, found)
                    if is_ != want]
        if not wait(lambda: not misplaced()):
            raise Failure('not where explain has them:\n%s'
                          % '\n'.join('  %s: %s' % (want, f)
                                      for f, want in misplaced()))
        self.counts.update(self.last)
        return set(self.last) == {'yes'}


def run_hardware(lab, a_case, expected, explainer):
    """Does the same on hardware, with what software did as what is
    'expected' in each round."""
    lab.configure(a_case)
    reasons = lab.reasons()
    before = lab.software_packets()
    n_first = sum(sum(c.values()) for c in expected.values()) // ROUNDS

    lab.send(a_case.frames)
    if not wait(lambda: lab.software_packets() - before
                >= (1 if a_case.frames else 0)):
        raise Failure('no frame reached software')
    wait(lambda: sum(sum(c.values()) for c in lab.receive().values())
         >= n_first)

    n_up, partial = software_frames(a_case), is_partial(a_case)
    if explainer:
        if not explainer.check(lab):
            n_up, partial = None, False
    elif n_up is not None:
        check_offloaded(lab, a_case, lambda: lab.reasons() - reasons)
    elif a_case.expect != case.EITHER:
        check_refused(lab, a_case, lambda: lab.reasons() - reasons)

    def quiet():
        before = lab.software_packets()
        time.sleep(SETTLE)
        return lab.software_packets() == before
    wait(quiet)
    before, n_marked = lab.software_packets(), lab.marked_packets()
    for _ in range(ROUNDS - 1):
        lab.send(a_case.frames)
    wait(lambda: lab.receive() == expected)
    time.sleep(SETTLE)
    received = lab.receive()
    n_software = lab.software_packets() - before
    n_marked = lab.marked_packets() - n_marked
    if received != expected:
        raise Failure('outputs differ:\n' + difference(expected, received))
    if n_up is not None and n_software != n_up * (ROUNDS - 1):
        raise Surplus('software saw %d frames of %d, and not %d:\n%s'
                      % (n_software, (ROUNDS - 1) * len(a_case.frames),
                         n_up * (ROUNDS - 1),
                         '\n'.join('  ' + f for f in lab.megaflows())))
    if partial and n_marked != n_software:
        raise Failure('of %d frames %d had the mark of their megaflow:\n%s'
                      % (n_software, n_marked,
                         '\n'.join('  ' + f for f in lab.megaflows())))


def run_case(software, hardware, a_case, explainer):
    expected, counters = run_software(software, a_case)
    # Nothing tells when the last frame of the first round has come up.  On a
    # busy machine that may take so long that it is taken for one of a later
    # round: such a case has to do better when it starts anew.
    for _ in range(ATTEMPTS - 1):
        try:
            run_hardware(hardware, a_case, expected, explainer)
            break
        except Surplus as surplus:
            print('again: %s\n%s' % (a_case.name, surplus), flush=True)
    else:
        run_hardware(hardware, a_case, expected, explainer)

    def same():
        hardware.appctl('revalidator/purge')
        return hardware.counters() == counters
    if not wait(same):
        raise Failure('counters of flows differ:\n  software %s\n  hardware %s'
                      % (counters, hardware.counters()))


def main(argv):
    if len(argv) not in (2, 3, 4):
        sys.exit(__doc__)
    pattern = re.compile(argv[2] if len(argv) > 2 else '')
    explainer = Explainer(argv[3]) if len(argv) > 3 else None
    software, hardware = Lab(argv[0]), Lab(argv[1])
    cases = [c for c in case.CASES if pattern.search(c.name)]
    cases.sort(key=lambda c: c.vlan_limit)
    n_failed = 0
    for a_case in cases:
        try:
            run_case(software, hardware, a_case, explainer)
        except Failure as failure:
            n_failed += 1
            print('FAILED %s\n%s' % (a_case.name, failure), flush=True)
    if explainer:
        print('%(yes)d megaflows in hardware, %(partial)d in part, %(no)d not'
              % collections.defaultdict(int, explainer.counts))
    print('%d passed, %d failed' % (len(cases) - n_failed, n_failed))
    return 1 if n_failed or not cases else 0


if __name__ == '__main__':
    sys.exit(main(sys.argv[1:]))
