# SPDX-License-Identifier: Apache-2.0
# Copyright (c) 2026 The ovs-dpu authors

"""Writes Documentation/features.rst: features.py DPUCTL DRIVER

Each megaflow of tests/data/features.txt goes through "ovs-dpuctl translate"
for each profile.  What its rule has more than that of the megaflow it is
compared with is what the feature becomes.  Tests that are named must exist.
"""

import pathlib
import re
import subprocess
import sys

import case

PROFILES = ['full', 'basic', 'mlx5', 'sfc', 'bnxt', 'nfp', 'cnxk', 'ipn3ke']
TESTS = pathlib.Path(__file__).parent

HEAD = '''\
Features
========

.. Written by "make features" from tests/data/features.txt: do not edit.

What each match and each action of a megaflow becomes on devices with the
emulator's profiles (see emulator.rst), and the test that shows it.  A letter
is a form that the rule takes there, a number is a reason why the megaflow
stays in software: both stand at the end of the row; reasons.rst explains
reasons.  A ``p`` behind a number says that hardware matches it even so: it is
there in part (offload.rst).  A device may do more or less than a profile named
after it says: ``ovs-dpuctl translate --device=...`` asks the device itself.

Tests: ``case:`` is a case of ``differential``, in which software and hardware
must do the same with the same packets, on ``full`` and, wherever it has their
megaflows then, on ``mlx5`` and ``mlx5-hws``; ``suite:`` another group of the
daemon's suite; ``unit:`` a program in tests/unit.
'''


class Feature:
    def __init__(self, name, flow, base, test):
        self.name, self.flow, self.base, self.test = name, flow, base, test


def check_test(test):
    kind, _, name = test.partition(':')
    if kind == 'case':
        found = any(c.name.startswith(name) for c in case.CASES)
    elif kind == 'unit':
        found = (TESTS / 'unit' / (name + '.c')).exists()
    elif kind == 'suite':
        found = any('AT_SETUP([%s' % name in p.read_text()
                    for p in TESTS.glob('*.at'))
    else:
        found = False
    if not found:
        sys.exit('%s: there is no such test' % test)


def read_features():
    """Titles with their features."""
    tables, base = [], None
    for line in (TESTS / 'data' / 'features.txt').read_text().splitlines():
        if line.startswith('== '):
            tables.append((line[3:], []))
        elif line and not line.startswith('#'):
            name, match, actions, *test = line.split(' | ')
            flow = None if match == '-' else '%s actions:%s' % (match, actions)
            if name == 'base':
                base = flow
            else:
                check_test(test[0])
                tables[-1][1].append(Feature(name, flow, base, test[0]))
    return tables


# How "ovs-dpuctl translate" begins what it says of a megaflow whose match alone
# is in hardware.
PARTIAL = '# offloaded:partial, '


def translate(dpuctl, driver, profile, flows):
    """What becomes of each of 'flows': rule or refusal."""
    output = subprocess.run(
        [dpuctl, 'translate', '--driver=' + driver, '--profile=' + profile,
         '-'], input=''.join('%s\n' % f for f in flows),
        stdout=subprocess.PIPE, check=True, text=True).stdout
    results = {}
    for line in output.splitlines():
        if line.startswith(PARTIAL):
            results[flow] = line
        elif line.startswith('# '):
            flow = line[2:]
        elif not results.get(flow, '').startswith(PARTIAL):
            # The last of its lines, unless it has several rules.
            several = (line.startswith('flow create')
                       and results.get(flow, '').startswith('flow create'))
            results[flow] = (results[flow] + '\n' if several else '') + line
    return results


def elements(rules):
    """The items and actions of 'rules', but for COUNT."""
    elements = []
    for rule in rules.splitlines():
        pattern, _, actions = rule.partition(' end actions ')
        pattern = pattern.partition(' pattern ')[2]
        elements += [e.strip() for e in (pattern + actions).split(' / ')
                     if e.strip() not in ('', 'end', 'count')
                     and e.strip() not in elements]
    return elements


def element_name(element):
    words = element.split()
    name = words[0].upper()
    if name == 'MODIFY_FIELD':
        name += ' ' + words[words.index('dst_type') + 1]
    return name


def describe(result, base):
    """(whether there is a rule, what it is or why not)."""
    if not result.startswith('flow create'):
        return False, result.partition(': ')[2]
    rest = (elements(base)
            if base and base.startswith('flow create') else [])
    names = []
    for e in elements(result):
        if e in rest:
            rest.remove(e)
        elif element_name(e) not in names:
            names.append(element_name(e))
    if not names and 'group 0' not in result:
        names = ['group']
    return True, ', '.join(names) or 'nothing'


def row(feature, results):
    forms, refusals, cells = [], [], []
    for profile in PROFILES:
        r = results[profile]
        ok, text = describe(r[feature.flow],
                            r.get(feature.base))
        seen = forms if ok else refusals
        if text not in seen:
            seen.append(text)
        cells.append('abcdefgh'[seen.index(text)] if ok
                     else '%d%s' % (seen.index(text) + 1,
                                    'p' * r[feature.flow].startswith(PARTIAL)))
    notes = ['%s: %s' % ('abcdefgh'[i], f) for i, f in enumerate(forms)]
    notes += ['%d: %s' % (i + 1, f) for i, f in enumerate(refusals)]
    return [feature.name] + cells + [feature.test], notes


def table(features, results):
    header = ['feature'] + PROFILES + ['test', 'becomes']
    rows = []
    for feature in features:
        cells, notes = row(feature, results)
        rows.append(cells + [notes[0]])
        rows += [[r'\ '] + [''] * len(cells[1:]) + [n] for n in notes[1:]]
    for r in rows:
        if r[0] == r'\ ':
            r[0] = ''
    widths = [max(len(r[i]) for r in [header] + rows)
              for i in range(len(header))]
    rule = '  '.join('=' * w for w in widths)
    lines = [rule, '  '.join(c.ljust(w) for c, w in zip(header, widths)), rule]
    lines += ['  '.join(c.ljust(w) for c, w in zip(r, widths)) for r in rows]
    return [line.rstrip() for line in lines] + [rule]


def main():
    dpuctl, driver = sys.argv[1:]
    tables = read_features()
    flows = dict.fromkeys(f for _, features in tables for feature in features
                          for f in (feature.base, feature.flow) if f)
    results = {p: translate(dpuctl, driver, p, flows) for p in PROFILES}
    print(HEAD)
    for title, features in tables:
        print('%s\n%s\n' % (title, '-' * len(title)))
        # A note that is on a line of its own belongs to the row above it.
        print('::\n')
        for line in table(features, results):
            print(('    ' + line).rstrip())
        print()


if __name__ == '__main__':
    main()
