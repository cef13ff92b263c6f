# SPDX-License-Identifier: Apache-2.0
# Copyright (c) 2026 The ovs-dpu authors

"""Pipelines: what the fuzzer runs, as values that can be written down.

A Pipeline stands in a file as a JSON object.  Its flows are kept in parts, so
that a part of them can be left out: [table, priority, match, actions], the
latter two lists of texts in ovs-ofctl's syntax."""

import collections
import json

FIELDS = ('what', 'flows', 'groups', 'frames', 'serial', 'vlan_limit',
          'mirror')


class Pipeline(collections.namedtuple('Pipeline', FIELDS)):
    """'what' says in a sentence what went wrong, or is empty.  'groups' are
    OpenFlow groups.  'frames' are lists of the port where one enters, the
    frame as hexadecimal, and whether it is sent in each round or in the first
    one only.  With 'serial' each waits until the one before it was dealt
    with.  'mirror' is the name of one of rig.MIRRORS, or empty."""

    def name(self):
        return self.what or 'pipeline'

    def texts(self):
        """The flows, as ovs-ofctl reads them."""
        return [','.join(['table=%d' % table, 'priority=%d' % priority]
                         + match + ['actions=%s' % (','.join(actions)
                                                    or 'drop')])
                for table, priority, match, actions in self.flows]

    def packets(self, again=False):
        """Pairs of port and bytes: those of the first round, or of the
        others."""
        return [(port, bytes.fromhex(data))
                for port, data, repeated in self.frames
                if repeated or not again]

    def size(self):
        return (len(self.flows) + len(self.groups) + len(self.frames)
                + sum(len(match) + len(actions)
                      for _, _, match, actions in self.flows))


def plain(flows, frames, groups=(), what='', serial=False, vlan_limit=1,
          mirror=''):
    return Pipeline(what, flows, list(groups), frames, serial, vlan_limit,
                    mirror)


def dump(pipeline):
    """'pipeline' as a file has it: one line for each flow and frame."""
    lines = []
    for field in FIELDS:
        value = getattr(pipeline, field)
        if isinstance(value, list) and value:
            text = '[\n    %s]' % ',\n    '.join(map(json.dumps, value))
        else:
            text = json.dumps(value)
        lines.append('  "%s": %s' % (field, text))
    return '{\n%s\n}\n' % ',\n'.join(lines)


def load(path):
    with open(path) as f:
        return Pipeline(**json.load(f))
