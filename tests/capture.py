# SPDX-License-Identifier: Apache-2.0
# Copyright (c) 2026 The ovs-dpu authors

"""What arrives at a host under load, byte by byte.

    capture.py NETNS DEVICE KIND COUNT

waits until COUNT frames of KIND, "tunnel" (UDP with a frame in it, or GRE) or
"tcp", have arrived at DEVICE, and fails unless all lengths and checksums of
everything that arrives meanwhile are right, outer and inner ones.
"""

import select
import sys
import time

import host
import tunnel

SECONDS = 20            # For all of them.


def main(argv):
    if len(argv) != 4 or argv[2] not in ('tunnel', 'tcp'):
        sys.exit(__doc__)
    interface = host.Interface(*argv[:2])
    wanted = int(argv[3])
    n = {'tunnel': 0, 'tcp': 0, 'other': 0}
    deadline = time.monotonic() + SECONDS
    while n[argv[2]] < wanted and time.monotonic() < deadline:
        select.select([interface], [], [], 0.1)
        for frame in interface.drain():
            n[tunnel.kind(frame)] += 1
    if n[argv[2]] < wanted:
        sys.exit('after %d seconds: %s' % (SECONDS, n))


if __name__ == '__main__':
    main(sys.argv[1:])
