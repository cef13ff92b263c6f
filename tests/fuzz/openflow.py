# SPDX-License-Identifier: Apache-2.0
# Copyright (c) 2026 The ovs-dpu authors

"""OpenFlow 1.5 with a bridge over one connection that stays, for as long as
ovs-ofctl, a process for each request, takes longer than all else.

What flows and groups are as messages is still what ovs-ofctl says: compiled()
is the bridge that it talks to.  Message numbers and structures are those of
the OpenFlow Switch Specification, version 1.5.1."""

import functools
import os
import select
import socket
import struct
import subprocess
import tempfile

VERSION = 6
HEADER = struct.Struct('!BBHI')         # Version, type, length, xid.
HELLO, ERROR, ECHO_REQUEST, ECHO_REPLY = 0, 1, 2, 3
SET_CONFIG, FLOW_REMOVED, SET_ASYNC = 9, 11, 28
MULTIPART_REQUEST, MULTIPART_REPLY = 18, 19
BARRIER_REQUEST, BARRIER_REPLY = 20, 21
BUNDLE_CONTROL = 33
CONTROL = struct.Struct('!IHH')         # Bundle, type, flags.
COMMIT_REPLY = 5                        # Replies are requests plus 1.
GROUP_STATS, ALL_GROUPS, MORE = 6, 0xfffffffc, 1
GROUP = struct.Struct('!HxxIIxxxxQQII')
BUCKET = struct.Struct('!QQ')
REMOVED = struct.Struct('!8xQ')         # The flow's cookie, and more.
PATIENCE = 30.0                         # Seconds for an answer.

# Of what a bridge says unasked, that flows are removed, and nothing else.  A
# connection that is no controller's hears it if it wants parts of packets.
CONFIG = struct.pack('!HH', 0, 128)
ASYNC_PROPERTY = struct.Struct('!HHI')  # Type, length, mask of reasons.
PACKET_IN, PORT_STATUS, FLOW_REMOVAL = 1, 3, 5
DELETED = 1 << 2
ASYNC = b''.join(ASYNC_PROPERTY.pack(kind, ASYNC_PROPERTY.size, reasons)
                 for kind, reasons in ((PACKET_IN, 0), (PORT_STATUS, 0),
                                       (FLOW_REMOVAL, DELETED)))


class Error(Exception):
    """ovs-ofctl or the bridge does not take what it was given."""


class Stream:
    """Messages, as pairs of type and all bytes, on the socket 'sock'."""

    def __init__(self, sock):
        self.sock = sock
        self.sock.settimeout(PATIENCE)
        self.received = b''

    def send(self, kind, xid, body=b''):
        self.sock.sendall(HEADER.pack(VERSION, kind, HEADER.size + len(body),
                                      xid) + body)

    def receive(self):
        """Returns the next message, or None if there will be none."""
        while True:
            if len(self.received) >= HEADER.size:
                _, kind, length, _ = HEADER.unpack_from(self.received)
                if len(self.received) >= length:
                    message = self.received[:length]
                    self.received = self.received[length:]
                    return kind, message
            data = self.sock.recv(65536)
            if not data:
                return None
            self.received += data


def xid_of(message):
    return HEADER.unpack_from(message)[3]


def record(stream):
    """Returns what the client at 'stream' has sent, after its greeting, and
    tells it that all is well."""
    messages = b''
    stream.send(HELLO, 0)
    for kind, message in iter(stream.receive, None):
        if kind == ECHO_REQUEST:
            stream.send(ECHO_REPLY, xid_of(message))
        elif kind != HELLO:
            messages += message
        if kind == BARRIER_REQUEST:
            stream.send(BARRIER_REPLY, xid_of(message))
        elif kind == BUNDLE_CONTROL:
            bundle, request, flags = CONTROL.unpack_from(message, HEADER.size)
            stream.send(kind, xid_of(message),
                        CONTROL.pack(bundle, request + 1, flags))
    return messages


@functools.lru_cache(64)
def compiled(text):
    """Returns the messages by which "ovs-ofctl bundle" would give a bridge the
    lines of 'text'."""
    with tempfile.TemporaryDirectory() as folder, \
            socket.socket(socket.AF_UNIX) as listener, \
            tempfile.TemporaryFile('w+') as lines:
        path = os.path.join(folder, 'bridge')
        listener.bind(path)
        listener.listen()
        lines.write(text)
        lines.seek(0)
        messages = error = b''
        with subprocess.Popen(
                ['ovs-ofctl', '-OOpenFlow15', '--no-names', 'bundle',
                 'unix:' + path, '-'],
                stdin=lines, stderr=subprocess.PIPE) as ofctl:
            said = ofctl.stderr.fileno()
            while True:
                ready, _, _ = select.select([listener, said], [], [])
                if listener in ready:
                    client, _ = listener.accept()
                    with client:
                        messages = record(Stream(client))
                    continue
                more = os.read(said, 4096)
                if not more:
                    break               # It has come to its end.
                error += more
        if ofctl.returncode:
            raise Error(error.decode().strip())
        return messages


class Bridge:
    """The bridge with the management socket 'path'."""

    def __init__(self, path):
        self.path = path
        self.stream = None
        self.removed = []               # Cookies.

    def connect(self):
        if not self.stream:
            sock = socket.socket(socket.AF_UNIX)
            sock.connect(self.path)
            self.stream = Stream(sock)
            self.stream.send(HELLO, 0)
            self.stream.send(SET_CONFIG, 0, CONFIG)
            self.stream.send(SET_ASYNC, 0, ASYNC)
        return self.stream

    def close(self):
        """Ends the connection, if there is one.  What the bridge still has to
        say nobody wants to know, but to leave it unread would be to reset the
        connection."""
        if self.stream:
            self.stream.sock.shutdown(socket.SHUT_WR)
            while self.stream.receive():
                pass
            self.stream.sock.close()
            self.stream = None

    def replies(self):
        """Yields the messages of the bridge, until one is an error."""
        stream = self.connect()
        for kind, message in iter(stream.receive, None):
            if kind == FLOW_REMOVED:
                self.removed.append(REMOVED.unpack_from(message,
                                                        HEADER.size)[0])
            if kind == ECHO_REQUEST:
                stream.send(ECHO_REPLY, xid_of(message))
            elif kind == ERROR:
                self.close()
                raise Error('error %d, %d' % struct.unpack_from(
                    '!HH', message, HEADER.size))
            else:
                yield kind, message
        raise Error('the bridge has closed the connection')

    def apply(self, messages):
        """Has the bridge do what 'messages' say, a bundle of compiled()."""
        self.connect().sock.sendall(messages)
        for kind, message in self.replies():
            if kind == BUNDLE_CONTROL and CONTROL.unpack_from(
                    message, HEADER.size)[1] == COMMIT_REPLY:
                return

    def await_removal(self, cookie):
        """Waits until the flow with 'cookie', which was added with
        "send_flow_rem" and was deleted, is gone.  Open vSwitch says so when no
        thread can see it any more, nor those that were deleted with it."""
        if cookie not in self.removed:
            for kind, _ in self.replies():
                if kind == FLOW_REMOVED and cookie in self.removed:
                    break
        self.removed.clear()

    def groups(self):
        """Returns the counters of all groups: lists of the group's number, its
        references, packets, bytes, and pairs of both for each bucket."""
        self.connect().send(MULTIPART_REQUEST, 1, struct.pack(
            '!HHxxxxIxxxx', GROUP_STATS, 0, ALL_GROUPS))
        groups = []
        for kind, message in self.replies():
            if kind != MULTIPART_REPLY:
                continue
            at = HEADER.size + 8
            while at < len(message):
                length, number, refs, packets, n_bytes, _, _ = \
                    GROUP.unpack_from(message, at)
                buckets = BUCKET.iter_unpack(
                    message[at + GROUP.size:at + length])
                groups.append([number, refs, packets, n_bytes, *buckets])
                at += length
            if not struct.unpack_from('!HH', message, HEADER.size)[1] & MORE:
                return sorted(groups)
