# SPDX-License-Identifier: Apache-2.0
# Copyright (c) 2026 The ovs-dpu authors

"""Makes a failing pipeline small: delta debugging (Zeller and Hildebrandt,
"Simplifying and Isolating Failure-Inducing Input", 2002) over its frames,
flows, groups, and the parts of each flow."""

import time


def reduce(items, fails):
    """Returns a part of the list 'items' for which 'fails' still is true."""
    n = 2
    while items:
        size = max(1, len(items) // n)
        for start in range(0, len(items), size):
            rest = items[:start] + items[start + size:]
            if fails(rest):
                items, n = rest, max(n - 1, 2)
                break
        else:
            if size == 1:
                break
            n = min(n * 2, len(items))
    return items


def with_part(flows, i, part, value):
    """'flows' with 'value' as part number 'part' of the one with index 'i'."""
    flow = list(flows[i])
    flow[part] = value
    return flows[:i] + [flow] + flows[i + 1:]


def shrink(pipeline, fails, seconds):
    """Returns the smallest pipeline that was found in 'seconds' for which
    'fails' is true, as it is for 'pipeline'."""
    deadline = time.monotonic() + seconds

    def tried(**changes):
        nonlocal pipeline
        if time.monotonic() > deadline:
            return False
        smaller = pipeline._replace(**changes)
        if not fails(smaller):
            return False
        pipeline = smaller
        return True

    size = None
    while pipeline.size() != size and time.monotonic() < deadline:
        size = pipeline.size()
        for field in 'frames', 'flows', 'groups':
            reduce(getattr(pipeline, field),
                   lambda items, field=field: tried(**{field: items}))
        for part in 3, 2:
            for i in range(len(pipeline.flows)):
                reduce(pipeline.flows[i][part],
                       lambda items, i=i, part=part: tried(flows=with_part(
                           pipeline.flows, i, part, items)))
        for change in {'mirror': ''}, {'serial': False}, {'vlan_limit': 1}:
            if pipeline != pipeline._replace(**change):
                tried(**change)
    return pipeline
