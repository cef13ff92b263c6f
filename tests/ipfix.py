# SPDX-License-Identifier: Apache-2.0
# Copyright (c) 2026 The ovs-dpu authors

"""IPFIX (RFC 7011)."""

import struct

PORT = 4739
VERSION = 10
HEADER = 16                 # Bytes of a message before its sets.
TEMPLATES = 2               # The set that has them, and
OPTIONS = 3                 # the one with those for options.
ENTERPRISE = 0x8000         # In an element's number: whose it is follows.
VARIABLE = 0xffff           # In place of a size, which stands before the value.


def sets(message):
    """The pairs of a number and a body in 'message'."""
    at = HEADER
    while at < len(message):
        number, size = struct.unpack_from('!HH', message, at)
        yield number, message[at + 4:at + size]
        at += size


class Reader:
    """Finds the records of flows in messages, by templates that came before."""

    def __init__(self):
        self.templates = {}     # Lists of elements and their sizes.

    def learn(self, body):
        """Takes the templates in a set."""
        at = 0
        while at + 4 <= len(body):
            number, n_elements = struct.unpack_from('!HH', body, at)
            at += 4
            elements = []
            for _ in range(n_elements):
                elements.append(struct.unpack_from('!HH', body, at))
                at += 8 if elements[-1][0] & ENTERPRISE else 4
            self.templates[number] = elements

    def records(self, body, elements):
        """The records in a set: pairs of an element's number and bytes."""
        at = 0
        while at < len(body):
            record = []
            for element, size in elements:
                if size == VARIABLE:
                    size = body[at]
                    at += 1
                record.append((element, body[at:at + size]))
                at += size
            yield sorted(record)

    def read(self, message):
        """Yields each record of a flow: pairs of an element's number, with
        ENTERPRISE in it for those of an enterprise, and bytes."""
        assert struct.unpack_from('!HH', message) == (VERSION, len(message))
        for number, body in sets(message):
            if number == TEMPLATES:
                self.learn(body)
            elif number in self.templates:
                yield from self.records(body, self.templates[number])
