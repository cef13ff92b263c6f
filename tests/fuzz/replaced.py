# SPDX-License-Identifier: Apache-2.0
# Copyright (c) 2026 The ovs-dpu authors

"""usage: replaced.py LAB

Runs two pipelines through LAB, "RUNDIR,NETNS-PREFIX", and has its daemon take
long to remove the flows of the first one, as on a busy machine.  What those
match, megaflows of the second one must not match.

What Open vSwitch does to labels shows it: to change one, it writes all of it
as it was in the packet that made the megaflow.  Of two packets whose labels
have different times to live, both leave with that of the first one, unless
they are of two megaflows.

Exits with 77, a test that was skipped, where it may not stop a thread."""

import os
import sys
import threading
import time

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)),
                                '..'))

import pipeline as pipelines
import rig
import stall
from packet import MAC, eth, ipv4, mpls, udp

STALL = 0.5                     # Seconds.
FRAMES = [[1, eth(mpls(ipv4(udp(b'label')), label=5, ttl=ttl), dst=MAC % host
                  ).hex(), True] for host, ttl in ((2, 64), (3, 9))]
FIRST = pipelines.plain([[0, 19, ['dl_dst=' + MAC % 4], ['2']]], FRAMES)
SECOND = pipelines.plain([[0, 18, ['dl_type=0x8847', 'mpls_label=5'],
                           ['set_field:6->mpls_label', '3']]], FRAMES)


def main(argv):
    if len(argv) != 1:
        sys.exit(__doc__)
    lab = rig.Rig(argv[0])
    lab.prepare()
    expected = lab.run_pipeline(SECOND)
    lab.purge()
    lab.run_pipeline(FIRST)
    lab.purge()
    received = []
    again = threading.Thread(
        target=lambda: received.append(lab.run_pipeline(SECOND)))
    try:
        with stall.Stalled(*stall.threads(lab.pid(), 'urcu')):
            again.start()
            time.sleep(STALL)
    except PermissionError:
        lab.bridge.close()
        return 77
    again.join()
    lab.bridge.close()
    if received != [expected]:
        print('Megaflows match what flows that are gone have matched:\n%s'
              % lab.appctl('dpctl/dump-flows'))
        return 1
    return 0


if __name__ == '__main__':
    sys.exit(main(sys.argv[1:]))
