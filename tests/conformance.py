#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
# Copyright (c) 2026 The ovs-dpu authors

"""Open vSwitch's own suites, with our daemon and with the stock one.

conformance.py unit FOLDER STOCK OURS [ARGUMENT...]
    The unit suite, with STOCK and with OURS.

conformance.py traffic FOLDER STOCK OURS SUITE [ARGUMENT...]
    The traffic suite on STOCK, its ports veths, and on OURS, its ports VFs of
    an emulated DPU, with offload off and with offload on.

conformance.py write FOLDER
    Documentation/conformance.rst, of what both left in FOLDER.

ARGUMENTs choose groups, as the suites themselves take them.  A group that fails
runs once more before that counts.  What passes with STOCK and does not with OURS
has failed.  The last line is "N passed, N failed".
"""

import collections
import datetime
import os
import pathlib
import re
import subprocess
import sys

TESTS = pathlib.Path(__file__).resolve().parent
GROUP = re.compile(r'^ *(\d+): (.*?) +(ok|FAILED|skipped|expected failure|'
                   r'UNEXPECTED PASS)(?: \((\S+)\))?\s*$')
MODES = {'software': 'the stock daemon, ports of type system',
         'off': 'ours, offload off',
         'on': 'ours, offload on'}

# Groups that ask more of a port than VFs have: a netdev on the side of the
# switch.
NOT_FOR_VFS = {
    'QoS - basic configuration': 'asks tc for the qdisc of a port',
}

# Hardware is to have MOST percent of the packets of a group that sends more than
# MANY, or it is said here why not.
MANY, MOST = 100, 90
WHY_SOFTWARE = [
    (re.compile('FTP'), 'software reads what FTP says (ct-alg)'),
    (re.compile('DNAT load balancing'),
     'connections of a dozen packets, which software opens and closes'),
]

Verdict = collections.namedtuple('Verdict', 'result where')
OK = Verdict('ok', '')
NONE = Verdict('-', '')


# -- Runs -------------------------------------------------------------------

def run(suite, vswitchd, folder, arguments, **environment):
    """Runs 'suite'; returns the names and the verdicts of its groups, by
    number.  Shows groups as they end."""
    names, verdicts = {}, {}
    process = subprocess.Popen(
        [TESTS / 'ovs-suite', suite, vswitchd, folder, *map(str, arguments)],
        env={**os.environ, **environment}, stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True,
        errors='replace')
    for line in process.stdout:
        match = GROUP.match(line)
        if match:
            number, name, result, where = match.groups()
            names[int(number)] = name
            verdicts[int(number)] = Verdict(result, where or '')
            print(line, end='', flush=True)
        elif line.startswith('ovs-suite: '):
            sys.exit(line.strip())
    process.wait()
    if not verdicts:
        sys.exit('%s: no group ran; see %s' % (suite, folder))
    return names, verdicts


def run_twice(suite, vswitchd, folder, arguments, **environment):
    """As run(), and once more, without the others, for groups that failed."""
    names, verdicts = run(suite, vswitchd, folder, arguments, **environment)
    failed = sorted(n for n, v in verdicts.items() if v.result == 'FAILED')
    if failed:
        print('Once more, what failed:')
        for n in failed:
            forget_record(environment.get('DPU_RECORDS'), n)
        verdicts.update(run(suite, vswitchd, f'{folder}-again', failed,
                            **environment)[1])
    return names, verdicts


def passing(verdicts):
    return {n for n, verdict in verdicts.items() if verdict == OK}


def summarize(what, verdicts, lost):
    """Prints what became of all groups; returns how many passed and how many
    of them 'lost' counts as failed."""
    count = collections.Counter(v.result for v in verdicts.values())
    print('%s: %s' % (what, ', '.join('%d %s' % (n, r)
                                      for r, n in sorted(count.items()))))
    for number in sorted(lost):
        print('%s: group %d passes with the stock daemon and not with ours'
              % (what, number))
    return len(passing(verdicts)), len(lost)


def run_unit(folder, stock, ours, *arguments):
    suite = os.environ['OVS_SRCDIR'] + '/tests/testsuite'
    print('With the stock daemon:')
    names, judged = run_twice(suite, stock, folder / 'unit-stock', arguments)
    print('With ours:')
    more, verdicts = run_twice(suite, ours, folder / 'unit-ours', arguments)
    names.update(more)
    with open(folder / 'unit.txt', 'w') as record:
        print(datetime.date.today().isoformat(), file=record)
        for n in sorted(names):
            print(n, judged.get(n, NONE).result, verdicts.get(n, NONE).result,
                  names[n], sep='\t', file=record)
    return summarize('unit suite', verdicts,
                     passing(judged) - passing(verdicts))


def run_traffic(folder, stock, ours, suite, *arguments):
    names, verdicts = {}, {}
    for mode in MODES:
        print('With %s:' % MODES[mode])
        records = folder / ('records-' + mode)
        records.mkdir(parents=True, exist_ok=True)
        for old in records.iterdir():
            old.unlink()
        more, verdicts[mode] = run_twice(
            suite, stock if mode == 'software' else ours,
            folder / ('traffic-' + mode), arguments,
            DPU_PORTS='veth' if mode == 'software' else 'vf',
            DPU_OFFLOAD='true' if mode == 'on' else 'false',
            DPU_RECORDS=str(records))
        names.update(more)
    with open(folder / 'traffic.txt', 'w') as record:
        print(datetime.date.today().isoformat(), file=record)
        for n in sorted(names):
            row = [n] + [' '.join(verdicts[mode].get(n, NONE)).strip()
                         for mode in MODES]
            print(*row, *read_record(folder / 'records-on' / str(n)),
                  names[n], sep='\t', file=record)
    software = {n for n in passing(verdicts['software'])
                if names[n] not in NOT_FOR_VFS}
    totals = [summarize('traffic suite, offload ' + mode, verdicts[mode],
                        software - passing(verdicts[mode]))
              for mode in ('off', 'on')]
    return tuple(map(sum, zip(*totals)))


def forget_record(records, number):
    if records:
        (pathlib.Path(records) / str(number)).unlink(missing_ok=True)


def read_record(path):
    """(packets in hardware, packets in software, refusals) of a group."""
    packets = collections.Counter()
    reasons = collections.Counter()
    text = path.read_text() if path.exists() else ''
    for counter, n in re.findall(r'^(\w+_packets)=(\d+)$', text, re.M):
        packets[counter] += int(n)
    for code, n in re.findall(r'^reason (\S+) (\d+)$', text, re.M):
        reasons[code] += int(n)
    return (packets['hw_packets'], packets['sw_rx_packets'],
            ', '.join(sorted(reasons)) or '-')


# -- The document -----------------------------------------------------------

HEAD = '''\
Open vSwitch's own suites
=========================

.. Written by "make update-conformance" from the last "make check-ovs" and
   "make check-dpu": do not edit.

Open vSwitch is tested by suites of its own.  We run them, unchanged and from
the source that is linked, with our daemon; the stock daemon, of the same build,
is the judge.  A group that passes with the stock daemon must pass with ours.  A
group that fails runs once more, without the others, before that counts.
'''

UNIT = '''
The unit suite
--------------

``make check-ovs`` runs it with the stock daemon and with ours.  Last run:
{date}.

{table}
{differences}
``make check`` runs those of its groups that have to do with datapaths, PMD
threads, offloading, ofproto-dpif, connection tracking and tunnels, with our
daemon.
'''

TRAFFIC = '''
The traffic suite
-----------------

``make check-dpu`` runs it three times: in *software*, with the stock daemon and
veths as ports; then with our daemon and each port a VF of the emulated DPU
(tests/dpu-traffic-macros.at), with offload *off* and *on*.  Last run:
{date}.

{count}
What passes in software alone asks more of a port than VFs have, as its note
says.

``make check`` runs some of its groups, with offload on.

``share`` is the share of hardware in the packets that entered at VFs, and
``packets`` their number, counted where a group ends.  Most groups send few, and
the first packets of each flow always come up to software.  ``note`` is why a
group does not run or fails, or else why megaflows of it stayed in software, by
the codes in reasons.rst.  Of a group that sends more than {many} packets, less
than {most} % of them in hardware, it says why.

'''


def rst_table(header, rows):
    widths = [max(len(str(r[i])) for r in [header] + rows)
              for i in range(len(header))]
    rule = '  '.join('=' * w for w in widths)

    def line(row):
        return '  '.join('%-*s' % (w, c) for w, c in
                         zip(widths, row)).rstrip()

    return '\n'.join([rule, line(header), rule, *map(line, rows), rule]) + '\n'


def read_rows(path):
    if not path.exists():
        sys.exit('%s is missing: "make check-ovs" and "make check-dpu" make '
                 'it' % path)
    date, *rows = path.read_text().splitlines()
    return date, [row.split('\t') for row in rows]


def read_notes():
    """[(pattern, note)]: see tests/data/conformance.txt."""
    notes = []
    for line in (TESTS / 'data' / 'conformance.txt').read_text().splitlines():
        if line and not line.startswith('#'):
            pattern, note = line.split(' | ')
            notes.append((re.compile(pattern), note))
    return notes


def source_line(where):
    """The line "file.at:N" of a suite."""
    name, _, number = where.partition(':')
    path = pathlib.Path(os.environ['OVS_SRCDIR']) / 'tests' / name
    if not path.exists():
        path = TESTS / name
    return path.read_text().splitlines()[int(number) - 1]


def find_note(notes, name, where):
    """Why the group 'name' ended at 'where'."""
    line = source_line(where)
    for pattern, note in notes:
        if pattern.search(name) or pattern.search(line):
            return note
    sys.exit('%s ended at %s: %s\n'
             'tests/data/conformance.txt has no reason for it'
             % (name, where, line))


def write_unit(folder):
    date, rows = read_rows(folder / 'unit.txt')
    count = collections.Counter((stock, ours) for _, stock, ours, _ in rows)
    table = rst_table(
        ('stock', 'ours', 'groups'),
        [(stock, ours, str(n)) for (stock, ours), n in count.most_common()])
    different = [(name, stock, ours) for _, stock, ours, name in rows
                 if stock != ours]
    differences = ('No group differs.\n' if not different else
                   rst_table(('group', 'stock', 'ours'), different))
    return UNIT.format(date=date, table=table, differences=differences)


def few_in_hardware(name, hw, sw):
    """Why hardware has less than MOST percent of many packets; empty if it has
    not."""
    if hw + sw <= MANY or 100 * hw >= MOST * (hw + sw):
        return ''
    for pattern, reason in WHY_SOFTWARE:
        if pattern.search(name):
            return reason
    sys.exit('%s: %d of %d packets in hardware, and no reason why'
             % (name, hw, hw + sw))


def traffic_note(notes, row):
    _, software, off, on, hw, sw, refused, name = row
    if name in NOT_FOR_VFS:
        return NOT_FOR_VFS[name]
    for verdict in software, off, on:
        if verdict != 'ok':
            where = verdict.split(' ')[-1]
            return find_note(notes, name, where)
    why = few_in_hardware(name, int(hw), int(sw))
    if refused != '-':
        return '; '.join(filter(None, [why, refused]))
    return why or ('first packets' if int(sw) else '')


def write_traffic(folder, notes):
    date, rows = read_rows(folder / 'traffic.txt')
    table = []
    for row in rows:
        _, software, off, on, hw, sw, _, name = row
        packets = int(hw) + int(sw)
        table.append((
            name, *(v.split(' ')[0] for v in (software, off, on)),
            '%d %%' % (100 * int(hw) // packets) if packets else '',
            str(packets) if packets else '', traffic_note(notes, row)))
    count = ['%d groups pass %s.' % (sum(r[i] == 'ok' for r in table), what)
             for i, what in ((1, 'in software'), (2, 'without offload'),
                             (3, 'with it'))]
    header = ('group', 'software', 'off', 'on', 'share', 'packets', 'note')
    return (TRAFFIC.format(many=MANY, most=MOST, date=date, count='\n'.join(count))
            + rst_table(header, table))


def write(folder):
    notes = read_notes()
    # What is written by hand, after "make fuzz" and the like.
    more = (TESTS / 'data' / 'robustness.rst').read_text()
    text = HEAD + write_unit(folder) + write_traffic(folder, notes) + more
    path = TESTS.parent / 'Documentation' / 'conformance.rst'
    path.write_text(text)


def main():
    if len(sys.argv) < 3:
        sys.exit(__doc__.strip())
    command, folder, *arguments = sys.argv[1:]
    folder = pathlib.Path(folder).resolve()
    folder.mkdir(parents=True, exist_ok=True)
    if command == 'write':
        write(folder)
        return
    passed, failed = {'unit': run_unit, 'traffic': run_traffic}[command](
        folder, *arguments)
    print('%d passed, %d failed' % (passed, failed))
    sys.exit(failed != 0)


if __name__ == '__main__':
    main()
