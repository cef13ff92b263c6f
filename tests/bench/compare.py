#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
# Copyright (c) 2026 The ovs-dpu authors
"""Compares what it costs to offload megaflows with ours and with upstream's.

usage: compare.py [--rounds=N] [--output=DIR] OURS UPSTREAM [SIZE...]

Runs the programs OURS and UPSTREAM (bench-offload, bench-offload-upstream) in
turn, N times each (9), prints the medians of what they measured, and writes
all of it to DIR/bench.json (DIR: .) and, if gnuplot is there, the plots
DIR/bench-*.png.  Documentation/performance.rst explains each figure.
"""

import argparse
import collections
import json
import os
import shutil
import statistics
import subprocess
import sys

# What is measured for each number of megaflows: the name, what it is, and in
# what.
FIGURES = [
    ('verb-put-ns', 'flow_put, on a device that takes no time', 'ns'),
    ('verb-get-ns', 'flow_get, on a device that takes no time', 'ns'),
    ('read-ns', 'flow_get, on the emulated device', 'ns'),
    ('verb-del-ns', 'flow_del, on a device that takes no time', 'ns'),
    ('verb-bytes', 'memory of a megaflow, in the plugin alone', 'bytes'),
    ('burst-ns', 'CPU time of thread "hw_offload"', 'ns'),
    ('device-ns', '... of it in the device', 'ns'),
    ('burst-null-ns', 'The same, on a device that takes no time', 'ns'),
    ('burst-bytes-queued', 'resident while queued', 'bytes'),
    ('burst-bytes-after', 'resident 3 s after the burst', 'bytes'),
]
SIDES = ('ours', 'upstream')


def run(program, sizes):
    """What 'program' measured: {name: {size: [values]}}."""
    # A process for each burst: one begins with what the last one has left.
    runs = [['verbs'] + sizes, ['latency']] + [['burst', s] for s in sizes]
    results = collections.defaultdict(lambda: collections.defaultdict(list))
    for arguments in runs:
        output = subprocess.run([program] + arguments, check=True, text=True,
                                stdout=subprocess.PIPE).stdout
        for line in output.splitlines():
            name, value = line.split()
            name, _, size = name.partition('/')
            results[name][size].append(float(value))
    return results


def percentile(values, percent):
    values = sorted(values)
    return values[min(len(values) - 1, len(values) * percent // 100)]


def summarize(rounds):
    """The medians over 'rounds', and all latencies."""
    figures = {}
    for name, _, _ in FIGURES:
        figures[name] = {
            size: statistics.median(v for r in rounds for v in r[name][size])
            for size in rounds[0][name]}
    latency = sorted(v for r in rounds for v in r['latency-us'][''])
    return {'figures': figures, 'latency_us': latency}


def row(what, unit, ours, upstream):
    print('%-46s %-6s %10.1f %10.1f %8.2f' % (
        what, unit, ours, upstream, upstream / ours if ours else 0))


def show(summary):
    """Prints the table."""
    ours, upstream = (summary[side] for side in SIDES)
    print('%-46s %-6s %10s %10s %8s' % ('', '', 'ours', 'upstream', 'ratio'))
    for percent in 50, 90, 99:
        row('flow to rule when idle, %d%% within' % percent, 'us',
            *(percentile(s['latency_us'], percent) for s in (ours, upstream)))
    for name, what, unit in FIGURES:
        for size in sorted(ours['figures'][name], key=int):
            row('%s (%s)' % (what, format(int(size), ',')), unit,
                ours['figures'][name][size], upstream['figures'][name][size])


# The plots: file, title, label of y, and the figures in it.
PLOTS = [
    ('bench-rate', 'Megaflows at once', 'CPU time per megaflow, ns',
     ['burst-ns', 'device-ns', 'burst-null-ns']),
    ('bench-memory', 'Resident memory', 'bytes per megaflow',
     ['burst-bytes-queued', 'burst-bytes-after']),
    ('bench-statistics', 'Reading the counts of a megaflow', 'ns',
     ['verb-get-ns', 'read-ns']),
]


def gnuplot(script):
    subprocess.run(['gnuplot'], input=script, text=True, check=True)


def plot_figures(summary, folder, name, title, label, figures):
    curves, data = [], []
    for figure in figures:
        for side in SIDES:
            points = summary[side]['figures'][figure]
            curves.append("'-' with linespoints title '%s, %s'"
                          % (figure, side))
            data += ['%s %f' % (size, points[size])
                     for size in sorted(points, key=int)] + ['e']
    gnuplot("set terminal pngcairo size 800,500\n"
            "set output '%s/%s.png'\nset title '%s'\nset logscale x\n"
            "set xlabel 'megaflows'\nset ylabel '%s'\nset yrange [0:*]\n"
            "set key outside bottom\nplot %s\n%s\n"
            % (folder, name, title, label, ', '.join(curves),
               '\n'.join(data)))


def plot_latency(summary, folder):
    curves, data = [], []
    for side in SIDES:
        values = summary[side]['latency_us']
        curves.append("'-' with steps title '%s'" % side)
        data += ['%f %f' % (v, 100 * (i + 1) / len(values))
                 for i, v in enumerate(values)] + ['e']
    gnuplot("set terminal pngcairo size 800,500\n"
            "set output '%s/bench-latency.png'\n"
            "set title 'Flow to rule, when idle'\nset logscale x\n"
            "set xlabel 'us'\nset ylabel '%% of megaflows within'\n"
            "set key bottom right\nplot %s\n%s\n"
            % (folder, ', '.join(curves), '\n'.join(data)))


def plot(summary, folder):
    if not shutil.which('gnuplot'):
        print('no plots: gnuplot (package gnuplot-nox) is not installed')
        return
    for name, title, label, figures in PLOTS:
        plot_figures(summary, folder, name, title, label, figures)
    plot_latency(summary, folder)


def main():
    parser = argparse.ArgumentParser(usage=__doc__.split('\n\n')[1][7:])
    parser.add_argument('--rounds', type=int, default=9)
    parser.add_argument('--output', default='.')
    parser.add_argument('ours')
    parser.add_argument('upstream')
    parser.add_argument('sizes', nargs='*',
                        default=['1000', '10000', '50000'])
    args = parser.parse_args()
    rounds = {side: [] for side in SIDES}
    for i in range(args.rounds):
        for side in SIDES:
            rounds[side].append(run(getattr(args, side), args.sizes))
        if sys.stderr.isatty():
            print('round %d of %d' % (i + 1, args.rounds), file=sys.stderr)
    summary = {side: summarize(rounds[side]) for side in SIDES}
    summary['rounds'] = args.rounds
    with open(os.path.join(args.output, 'bench.json'), 'w') as f:
        json.dump(summary, f, indent=1)
        f.write('\n')
    show(summary)
    plot(summary, args.output)


if __name__ == '__main__':
    main()
