#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
# Copyright (c) 2026 The ovs-dpu authors
"""Checks metrics in Prometheus' text format, strictly.

usage: metrics.py FILE DOCUMENT DASHBOARD
           FILE is well-formed, DOCUMENT names what is in it, with type and
           labels, and no more, and DASHBOARD names nothing else"""

import collections
import json
import math
import re
import sys

NAME = r'[a-zA-Z_:][a-zA-Z0-9_:]*'
LABEL = r'([a-zA-Z_][a-zA-Z0-9_]*)="((?:[^"\\\n]|\\\\|\\"|\\n)*)"'
SAMPLE = re.compile(r'(%s)(?:\{((?:%s)(?:,%s)*)\})? (\S+)$'
                    % (NAME, LABEL, LABEL))

TYPES = ('gauge', 'counter', 'histogram')

Family = collections.namedtuple('Family', 'type samples')


class Bad(Exception):
    """What is wrong with the metrics."""


def parse_sample(line):
    """The name, the labels and the value of the sample in 'line'."""
    match = SAMPLE.match(line)
    if not match:
        raise Bad(f'not a sample: {line}')
    labels = re.findall(LABEL, match.group(2) or '')
    if len(dict(labels)) != len(labels):
        raise Bad(f'a label twice: {line}')
    return match.group(1), dict(labels), float(match.group(match.lastindex))


def family_name(name, families):
    """The family that the sample 'name' belongs to."""
    base = re.sub(r'_(bucket|sum|count)$', '', name)
    if base in families and families[base].type == 'histogram':
        return base
    return name


def parse(text):
    """Families by name."""
    if not text.endswith('\n'):
        raise Bad('the last line has no end')
    families, helped, current, seen = {}, None, None, set()
    for line in text[:-1].split('\n'):
        word = line.split(' ', 3)
        if line.startswith('# HELP '):
            helped = word[2]
            if helped in families or len(word) < 4 or not word[3]:
                raise Bad(f'second or empty: {line}')
        elif line.startswith('# TYPE '):
            current = word[2]
            if current != helped or word[3] not in TYPES:
                raise Bad(f'unexpected: {line}')
            families[current] = Family(word[3], [])
        else:
            name, labels, value = parse_sample(line)
            if family_name(name, families) != current:
                raise Bad(f'not among its like: {line}')
            key = (name, tuple(sorted(labels.items())))
            if key in seen:
                raise Bad(f'twice: {line}')
            seen.add(key)
            families[current].samples.append((name, labels, value))
    return families


def check_histogram(name, samples):
    """Buckets are cumulative and end in +Inf, which is the count."""
    series = collections.defaultdict(list)
    counts = {}
    for sample, labels, value in samples:
        rest = {k: v for k, v in labels.items() if k != 'le'}
        key = tuple(sorted(rest.items()))
        if sample == name + '_bucket':
            series[key].append((float(labels['le']), value))
        elif sample == name + '_count':
            counts[key] = value
    for key, buckets in series.items():
        if buckets != sorted(buckets) or buckets[-1][0] != math.inf \
           or [v for _, v in buckets] != sorted(v for _, v in buckets) \
           or buckets[-1][1] != counts.get(key):
            raise Bad(f'{name}: wrong buckets: {buckets}')


def check(families):
    """What promtool finds fault with as well."""
    for name, family in families.items():
        if (family.type == 'counter') != name.endswith('_total'):
            raise Bad(f'{name} is a {family.type}')
        if family.type == 'histogram':
            check_histogram(name, family.samples)
        for _, _, value in family.samples:
            if value < 0 or math.isnan(value):
                raise Bad(f'{name} is {value}')


def shape(families):
    """Type and labels by name."""
    return {name: (family.type,
                   sorted({label for _, labels, _ in family.samples
                           for label in labels if label != 'le'}))
            for name, family in families.items()}


def documented(path):
    """The same, of the table in the document."""
    shapes = {}
    for line in open(path):
        if line.startswith('``ovs_dpu_'):
            name, kind, labels = line[:40], line[40:50], line[50:65]
            if kind.strip() in TYPES:
                shapes[name.strip('` ')] = (kind.strip(), sorted(
                    label for label in labels.strip().split(', ') if label))
    return shapes


def drawn(path):
    """Names in the expressions of the dashboard."""
    dashboard = json.load(open(path))
    text = json.dumps([[target['expr'] for target in panel['targets']]
                       for panel in dashboard['panels']]
                      + dashboard['templating']['list'])
    return set(re.findall(r'ovs_dpu_\w+', text))


def main():
    path, document, dashboard = sys.argv[1:]
    families = parse(open(path).read())
    check(families)
    if shape(families) != documented(document):
        for difference in sorted(set(map(str, shape(families).items()))
                                 ^ set(map(str, documented(document)
                                           .items()))):
            print(difference)
        raise Bad(f'{document} describes others')
    samples = {name for family in families.values()
               for name, _, _ in family.samples}
    unknown = drawn(dashboard) - samples
    if unknown:
        raise Bad(f'{dashboard} has others: {unknown}')
    print(len(families), 'metrics')


if __name__ == '__main__':
    try:
        main()
    except Bad as bad:
        sys.exit(f'{sys.argv[1]}: {bad}')
