# SPDX-License-Identifier: Apache-2.0
# Copyright (c) 2026 The ovs-dpu authors

"""usage: fuzz.py SOFTWARE HARDWARE[:HARDWARE...] run SECONDS SEED [stalls]
       fuzz.py SOFTWARE HARDWARE[:HARDWARE...] replay FILE...

Runs pipelines through a lab in which software forwards and one or more in
which a device does, each "RUNDIR,NETNS-PREFIX", and compares what leaves each
port, byte by byte, the counters of OpenFlow flows and groups, and connections.

"run" makes pipelines by chance, from SEED on: pipeline number N of a run with
seed S is the same as the first one of a run with seed S + N.  Where a device
does something else the pipeline is made small and printed, as a file for
tests/data/fuzz: "replay" runs such files.  With "stalls" threads of the
daemons in which a device forwards stand still now and then, as on a busy
machine.

Prints the failures, now and then how many pipelines there were since the last
one, and in the end "N pipelines, N failed"; fails if there was one, or none
was run.  SIGTERM ends a run early, in good order."""

import collections
import concurrent.futures
import contextlib
import itertools
import json
import os
import signal
import sys
import time

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)),
                                '..'))

import differential
import generate
import pipeline as pipelines
import rig
import shrink
import stall

SHRINK = 40.0           # Seconds for a failing pipeline.
IMPATIENCE = 1.0        # How long to wait for what is expected, meanwhile.
AGAIN = 3               # Runs in which it should fail again, before that.
MAX_FAILED = 5          # A run ends with as many.
PROGRESS = 500          # Pipelines after which a run says how it goes.


# What Open vSwitch does with a pipeline where software forwards.
Expected = collections.namedtuple('Expected',
                                  'received connections counters groups')


def expect(software, pipeline):
    """Runs 'pipeline' through the lab 'software'; returns the Expected."""
    received = software.run_pipeline(pipeline)
    connections = software.connections()
    software.appctl('revalidator/purge')
    return Expected(received, connections, software.counters(),
                    software.group_counters() if pipeline.groups else None)


def compare(expected, hardware, pipeline):
    """Raises Failure unless 'hardware' does what is 'expected'."""
    received = hardware.run_pipeline(pipeline, expected.received)
    if received != expected.received:
        raise differential.Failure(
            'outputs differ:\n'
            + differential.difference(expected.received, received)
            + ''.join('\n  %s: %s, not %s' % loss
                      for loss in hardware.losses()))

    # Hardware's part is told to software from time to time.
    if not differential.wait(
            lambda: hardware.connections() == expected.connections):
        raise differential.Failure(
            'connections differ:\n  software %s\n  hardware %s'
            % (expected.connections, hardware.connections()))

    counters, groups = expected.counters, expected.groups

    def same():
        hardware.appctl('revalidator/purge')
        return (hardware.counters() == counters
                and (groups is None or hardware.group_counters() == groups))
    if not differential.wait(same):
        there = hardware.counters()
        lines = ['  %s: software %s, hardware %s'
                 % (flow, counters.get(flow), there.get(flow))
                 for flow in sorted(set(counters) | set(there))
                 if counters.get(flow) != there.get(flow)]
        if groups is not None:
            lines += ['  software %s\n  hardware %s' % both for both in
                      zip(groups, hardware.group_counters())
                      if both[0] != both[1]]
        raise differential.Failure('counters differ:\n' + '\n'.join(lines))


def failure_of(expected, hardware, pipeline):
    """Returns the Failure of 'pipeline' on 'hardware', or None."""
    try:
        compare(expected, hardware, pipeline)
    except differential.Failure as failure:
        return failure
    except OSError as error:
        return differential.Failure('its daemon does not answer: %s' % error)
    return None


def fails(software, hardware, pipeline, kind):
    """Whether 'pipeline' fails in the same way, "outputs differ" for one."""
    try:
        failure = failure_of(expect(software, pipeline), hardware, pipeline)
    except rig.Invalid:
        return False
    return str(failure).split(':')[0] == kind


def again(software, hardware, pipeline, expected, kind):
    """Runs 'pipeline' some times more.  Returns whether it has failed in the
    same way, and whether software has always done what was 'expected'."""
    steady = True
    for _ in range(AGAIN):
        now = expect(software, pipeline)
        if str(failure_of(now, hardware, pipeline)).split(':')[0] == kind:
            return True, steady
        steady = steady and now == expected
    return False, steady


def report(labs, number, pipeline, expected, failure):
    """Prints what is wrong with 'pipeline', and a small one that fails.
    Returns false if nothing is: 'expected' is not what software does when it
    is asked again."""
    software, hardware = labs
    kind = str(failure).split(':')[0]
    print('FAILED seed %d on %s\n%s' % (number, hardware.name, failure),
          flush=True)
    if not hardware.is_alive():
        sys.exit('Its daemon has died.\n' + pipelines.dump(pipeline))
    patience, differential.PATIENCE = differential.PATIENCE, IMPATIENCE
    failed, steady = again(software, hardware, pipeline, expected, kind)
    if failed:
        pipeline = shrink.shrink(
            pipeline,
            lambda smaller: fails(software, hardware, smaller, kind), SHRINK)
    else:
        print('It did not fail again%s.' % (
            '' if steady else ', and software did something else itself'))
    differential.PATIENCE = patience
    print(pipelines.dump(pipeline._replace(what='seed %d on %s: %s' % (
        number, hardware.name, kind))), flush=True)
    return failed or steady


def left_behind(lab):
    """Describes what is left on the device once all flows have gone."""
    try:
        lab.quiesce()
    except differential.Failure as failure:
        return str(failure)
    wanted = ('chains: 0 ', 'contexts: 0,')
    differential.wait(lambda: all(word in lab.appctl('dpu/show')
                                  for word in wanted))
    shown = lab.appctl('dpu/show')
    left = [word for word in wanted if word not in shown]
    if left:
        return 'not %s:\n%s' % (' nor '.join(left), shown)
    return differences(json.loads(lab.appctl('dpu/audit', '-f', 'json')))


def differences(audit):
    """Describes what an audit found that was not as it should be."""
    kinds = [*audit['devices'].values(), audit['references']]
    found = {kind: numbers for section in kinds
             for kind, numbers in section.items()
             if any(numbers.get(name) for name in ('put-back', 'lost',
                                                   'leaked', 'missing'))}
    return 'an audit found %s' % found if found else ''


def outcomes(labs, items):
    """Runs each of 'items', pairs of a name and a pipeline; yields the two,
    what was Expected, or the Invalid that Open vSwitch has raised, and a list
    of pairs of a lab and the Failure there.  All labs work at once: software
    is one pipeline ahead of the devices."""
    software, *devices = labs
    with concurrent.futures.ThreadPoolExecutor(len(labs)) as pool:
        def ahead():
            for name, pipeline in items:
                return name, pipeline, pool.submit(expect, software, pipeline)
            return None
        items = iter(items)
        now = ahead()
        while now:
            name, pipeline, promise = now
            try:
                expected = promise.result()
            except rig.Invalid as invalid:
                yield name, pipeline, invalid, []
                now = ahead()
                continue
            now = ahead()
            failures = list(pool.map(
                lambda lab: (lab, failure_of(expected, lab, pipeline)),
                devices))
            if now:
                concurrent.futures.wait([now[2]])
            yield name, pipeline, expected, [
                (lab, failure) for lab, failure in failures if failure]


def run(labs, seconds, seed):
    """Runs pipelines made by chance; returns how many, and how many
    failed."""
    deadline = time.monotonic() + seconds
    n = n_failed = n_invalid = n_unsteady = n_in_a_row = 0
    stopped = []
    signal.signal(signal.SIGTERM, lambda *_: stopped.append(True))

    def made():
        for number in itertools.count(seed):
            if (stopped or time.monotonic() > deadline
                    or n_failed >= MAX_FAILED):
                return
            yield number, generate.pipeline(number)
    for number, pipeline, expected, failures in outcomes(labs, made()):
        if isinstance(expected, rig.Invalid):
            n_invalid += 1
            print('seed %d: %s' % (number, expected), flush=True)
            continue
        wrong = [report((labs[0], hardware), number, pipeline, expected,
                        failure) for hardware, failure in failures]
        n_failed += sum(wrong)
        if failures and not any(wrong):
            n_unsteady += 1
            continue
        n += 1
        n_in_a_row = 0 if failures else n_in_a_row + 1
        if not n % PROGRESS:
            print('seed %d: %d pipelines, %d in a row without a difference'
                  % (number, n, n_in_a_row), flush=True)
    print('%d more software has not done the same way twice' % n_unsteady)
    print('%d more were not taken by Open vSwitch' % n_invalid)
    return n, n_failed


def replay(labs, files):
    n_failed = 0
    for file, _, _, failures in outcomes(
            labs, ((file, pipelines.load(file)) for file in files)):
        for hardware, failure in failures:
            n_failed += 1
            print('FAILED %s on %s\n%s' % (file, hardware.name, failure),
                  flush=True)
    return len(files), n_failed


def main(argv):
    if len(argv) < 4 or argv[2] not in ('run', 'replay'):
        sys.exit(__doc__)
    labs = [rig.Rig(argv[0])] + [rig.Rig(where)
                                 for where in argv[1].split(':')]
    for lab in labs:
        lab.prepare()
    if argv[2] == 'run':
        with contextlib.ExitStack() as stack:
            stalls = [stack.enter_context(stall.Stalls(lab.pid(), argv[4]))
                      for lab in labs[1:] if argv[5:] == ['stalls']]
            n, n_failed = run(labs, float(argv[3]), int(argv[4]))
        for lab, of_lab in zip(labs[1:], stalls):
            print('%s: threads stood still %d times' % (lab.name, of_lab.n))
    else:
        n, n_failed = replay(labs, argv[3:])
    for lab in labs[1:]:
        left = left_behind(lab)
        if left:
            n_failed += 1
            print('FAILED %s\n%s' % (lab.name, left))
        print('%s: hardware forwarded %d %% of what came after the first '
              'round' % (lab.name, lab.share()))
    for lab in labs:
        lab.bridge.close()
    print('%d pipelines, %d failed' % (n, n_failed))
    return 1 if n_failed or not n else 0


if __name__ == '__main__':
    sys.exit(main(sys.argv[1:]))
