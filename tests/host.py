# SPDX-License-Identifier: Apache-2.0
# Copyright (c) 2026 The ovs-dpu authors

"""A host's interface, seen as bytes: sends frames on it and captures what
arrives there, VLAN tags of both kinds included.

Run as a program, it sends frames that are written in the language of
packet.py:

    host.py send NETNS DEVICE COUNT 'eth(ipv4(udp()))' ...

sends each of them COUNT times (0: as fast as it can until it is killed).
"""

import ctypes
import os
import select
import socket
import struct
import sys
import time

import packet

CLONE_NEWNET = 0x40000000
ETH_P_ALL = 3
SOL_PACKET = 263
PACKET_AUXDATA = 8
PACKET_IGNORE_OUTGOING = 23
SO_RCVBUFFORCE = 33
TP_STATUS_VLAN_VALID = 1 << 4
TP_STATUS_VLAN_TPID_VALID = 1 << 6

libc = ctypes.CDLL(None, use_errno=True)


class Namespace:
    """For "with": the calling thread is in network namespace 'name'."""

    def __init__(self, name):
        self.path = '/run/netns/' + name

    def enter(self, path):
        fd = os.open(path, os.O_RDONLY)
        try:
            if libc.setns(fd, CLONE_NEWNET):
                error = ctypes.get_errno()
                raise OSError(error, os.strerror(error), path)
        finally:
            os.close(fd)

    def __enter__(self):
        self.before = os.open('/proc/thread-self/ns/net', os.O_RDONLY)
        self.enter(self.path)

    def __exit__(self, *unused):
        self.enter('/proc/self/fd/%d' % self.before)
        os.close(self.before)


class Interface:
    """The interface 'device' of network namespace 'netns'."""

    def __init__(self, netns, device):
        with Namespace(netns):
            self.sock = socket.socket(socket.AF_PACKET, socket.SOCK_RAW, 0)
        self.sock.setsockopt(SOL_PACKET, PACKET_AUXDATA, 1)
        self.sock.setsockopt(SOL_PACKET, PACKET_IGNORE_OUTGOING, 1)
        self.sock.setsockopt(socket.SOL_SOCKET, SO_RCVBUFFORCE, 1 << 23)
        self.sock.bind((device, ETH_P_ALL))
        self.sock.setblocking(False)

    def fileno(self):
        return self.sock.fileno()

    def send(self, frame):
        while True:
            try:
                self.sock.send(frame)
                return
            except (BlockingIOError, InterruptedError):
                select.select([], [self.sock], [], 1)
            except OSError as error:
                if error.errno != 105:      # ENOBUFS: the queue is full.
                    raise
                time.sleep(0.001)

    def receive(self):
        """Returns the next frame that arrived, as it was on the wire, or None
        if there is none."""
        try:
            data, cmsgs, _, _ = self.sock.recvmsg(65536, 256)
        except (BlockingIOError, InterruptedError):
            return None
        for level, kind, value in cmsgs:
            if level == SOL_PACKET and kind == PACKET_AUXDATA:
                status, _, _, _, _, tci, tpid = struct.unpack('IIIHHHH',
                                                              value[:20])
                if status & TP_STATUS_VLAN_VALID:
                    if not status & TP_STATUS_VLAN_TPID_VALID:
                        tpid = 0x8100
                    data = (data[:12] + struct.pack('!HH', tpid, tci)
                            + data[12:])
        return data

    def drain(self):
        """Returns all that arrived and was not yet received."""
        return list(iter(self.receive, None))

    def close(self):
        self.sock.close()


def main(argv):
    if len(argv) < 5 or argv[0] != 'send':
        sys.exit(__doc__)
    interface = Interface(argv[1], argv[2])
    count = int(argv[3])
    frames = [eval(text, vars(packet)) for text in argv[4:]]
    sent = 0
    while not count or sent < count:
        for frame in frames:
            interface.send(frame)
        sent += 1


if __name__ == '__main__':
    main(sys.argv[1:])
