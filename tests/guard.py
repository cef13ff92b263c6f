#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
# Copyright (c) 2026 The ovs-dpu authors
"""Says to ovs-dpu-guard what no ovs-vsctl says, as host "one", to whom
Interface and Port "a" are.

usage: guard.py GUARD DB   sockets of the guard and of ovsdb-server
"""

import json
import socket
import sys

SECONDS = 60            # How long an answer may take.
MAX_SESSIONS = 16       # Of a host.


class Client:
    def __init__(self, path):
        self.sock = socket.socket(socket.AF_UNIX)
        self.sock.settimeout(SECONDS)
        self.sock.connect(path)
        self.buffer = ""

    def send(self, text):
        self.sock.sendall(text.encode())

    def receive(self):
        """The next message, or None if there is none any more."""
        while True:
            try:
                value, end = json.JSONDecoder().raw_decode(self.buffer)
                self.buffer = self.buffer[end:].lstrip()
                return value
            except ValueError:
                pass
            try:
                data = self.sock.recv(65536)
            except ConnectionError:
                return None
            if not data:
                return None
            self.buffer += data.decode()

    def call(self, method, *params):
        self.send(json.dumps({"method": method, "params": params,
                              "id": method}))
        while True:
            answer = self.receive()
            if answer is None or answer.get("id") == method:
                return answer

    def transact(self, *ops):
        return self.call("transact", "Open_vSwitch", *ops)["result"]


def uuids(db, table):
    """The rows of 'table' by name."""
    rows = db.transact({"op": "select", "table": table, "where": [],
                        "columns": ["name", "_uuid"]})[0]["rows"]
    return {row["name"]: row["_uuid"] for row in rows}


def contents(db):
    """All that somebody could change."""
    return [db.transact({"op": "select", "table": table, "where": []})
            for table in ("Open_vSwitch", "Bridge", "Port", "Interface",
                          "Manager")]


def update(table, uuid, row):
    return {"op": "update", "table": table, "row": row,
            "where": [["_uuid", "==", uuid]]}


def transactions(interfaces, ports):
    """What a host may not."""
    own = update("Port", ports["a"], {"tag": 5})
    ids = {"op": "mutate", "table": "Interface",
           "where": [["_uuid", "==", interfaces["b"]]],
           "mutations": [["external_ids", "insert",
                          ["map", [["iface-id", "mine"]]]]]}
    return [
        # Rows of another by their UUIDs, also behind one of its own.
        [update("Port", ports["b"], {"tag": 5})],
        [ids],
        [own, ids],
        [{"op": "wait", "table": "Interface", "timeout": 0, "until": "==",
          "where": [["_uuid", "==", interfaces["b"]]], "columns": ["name"],
          "rows": [{"name": "b"}]}],
        # All of them.
        [dict(own, where=[])],
        [dict(own, where=[["tag", "!=", 3]])],
        [own, {"op": "delete", "table": "Port", "where": []}],
        [own, {"op": "insert", "table": "Manager",
               "row": {"target": "ptcp:1"}}],
        [{"op": "select", "table": "Manager", "where": []}],
        # For ever.
        [{"op": "wait", "table": "Port", "until": "==", "rows": [],
          "columns": ["tag"], "where": [["_uuid", "==", ports["a"]]]}],
    ]


def check_refused(answer):
    error = (answer["error"] if answer.get("error")
             else next(r for r in answer["result"] if r and "error" in r))
    assert error["error"] == "permission error", answer
    assert error["details"], answer


def check_dropped(path, text):
    """A client that says 'text' is not heard of any more."""
    client = Client(path)
    try:
        client.send(text)
        client.sock.shutdown(socket.SHUT_WR)
    except OSError:
        pass                    # It is gone already.
    assert client.receive() is None


def check_view(path):
    """A monitor has what is the host's own, also when it is changed."""
    client = Client(path)
    tables = {"Interface": [{"columns": ["name"]}],
              "Manager": [{"columns": ["target"]}],
              "Bridge": [{"columns": ["name", "ports"]}]}
    seen = client.call("monitor_cond", "Open_vSwitch", "_Server",
                       tables)["result"]
    rows = {table: [row["initial"] for row in seen[table].values()]
            for table in seen}
    assert rows == {"Interface": [{"name": "a"}],
                    "Bridge": [{"name": "br0"}]}, rows
    answer = client.call("monitor_cond_change", "_Server", "_Server",
                         {"Interface": [{"where": [True]}]})
    assert answer["error"] is None, answer
    # What came before the answer to this would have been more rows.
    client.send(json.dumps({"method": "echo", "params": [], "id": "e"}))
    client.send(json.dumps({"method": "list_dbs", "params": [], "id": "l"}))
    got = [client.receive(), client.receive()]
    assert {g.get("id") for g in got} == {"e", "l"}, got


def named(db, table, name, owner):
    """Has row 'name' of 'table' be the host's that is called 'owner'."""
    db.transact({"op": "mutate", "table": table,
                 "where": [["name", "==", name]],
                 "mutations": [
                     ["external_ids", "delete", ["set", ["ovs-dpu-owner"]]],
                     ["external_ids", "insert",
                      ["map", [["ovs-dpu-owner", owner]]]]]})


def check_references(path, db, ports):
    """A bridge has the ports that the host sees, as they come and go, and no
    others', whatever the host says that it knows."""
    client = Client(path)
    tables = {"Bridge": [{"columns": ["name", "ports"]}],
              "Port": [{"columns": ["name"]}]}
    a, b = ([["uuid", ports[name][1]]] for name in ("a", "b"))

    found, last, seen = client.call("monitor_cond_since", "Open_vSwitch", "m",
                                    tables, ports["b"][1])["result"]
    (bridge, row), = seen["Bridge"].items()
    assert not found and row == {
        "initial": {"name": "br0", "ports": ["set", a]}}, seen
    # Of its own, and again of another.
    for owner, kind in ("one", "insert"), ("two", "delete"):
        named(db, "Port", "b", owner)
        update = client.receive()
        assert update["method"] == "update3", update
        name, _, seen = update["params"]
        assert seen["Bridge"] == {
            bridge: {"modify": {"ports": ["set", b]}}}, seen
        assert kind in seen["Port"][ports["b"][1]], seen
    # Nobody's: nothing is told but that the bridge changed somehow.
    uuid = db.transact(
        {"op": "insert", "table": "Interface", "uuid-name": "i",
         "row": {"name": "c"}},
        {"op": "insert", "table": "Port", "uuid-name": "p",
         "row": {"name": "c", "interfaces": ["named-uuid", "i"]}},
        {"op": "mutate", "table": "Bridge", "where": [],
         "mutations": [["ports", "insert", ["named-uuid", "p"]]]})[1]["uuid"]
    update = client.receive()
    assert update["params"][2] == {"Bridge": {bridge: {"modify": {}}}}, update
    # A second monitor, of another session of the same name, knows no more.
    other = Client(path)
    seen = other.call("monitor_cond", "Open_vSwitch", "m", tables)["result"]
    assert seen["Bridge"] == {bridge: row}, seen
    # Nor does who asks once more, after the port has gone.
    db.transact({"op": "mutate", "table": "Bridge", "where": [],
                 "mutations": [["ports", "delete", uuid]]})
    for c in client, other:
        assert c.receive()["params"][-1] == {
            "Bridge": {bridge: {"modify": {}}}}
    assert other.call("monitor_cancel", "m")["error"] is None
    seen = other.call("monitor_cond", "Open_vSwitch", "m", tables)["result"]
    assert seen["Bridge"] == {bridge: row}, seen
    # By "select", a host gets none.
    seen = other.transact({"op": "select", "table": "Bridge",
                           "where": [["_uuid", "==", ["uuid", bridge]]]})
    assert "ports" not in seen[0]["rows"][0], seen
    for c in client, other:
        c.sock.close()


def check_sessions(path):
    """One host has so many sessions, and not one more."""
    clients = [Client(path) for _ in range(MAX_SESSIONS)]
    for client in clients:
        assert client.call("list_dbs")["result"]
    assert Client(path).receive() is None
    for client in clients:
        client.sock.close()


def check_flood(path):
    """One that asks and never reads is not read from for ever; the guard goes
    on."""
    client = Client(path)
    client.sock.settimeout(1)
    request = json.dumps({"method": "get_schema", "params": ["Open_vSwitch"],
                          "id": 0}) * 100
    sent = 0
    try:
        while sent < 1 << 25:
            client.send(request)
            sent += len(request)
    except (socket.timeout, OSError):
        return client           # Still there, and not listened to.
    raise AssertionError("it listens to all")


def main():
    path = sys.argv[1]
    db = Client(sys.argv[2])
    interfaces, ports = uuids(db, "Interface"), uuids(db, "Port")
    before = contents(db)
    client = Client(path)
    refused = 0

    for ops in transactions(interfaces, ports):
        check_refused(client.call("transact", "Open_vSwitch", *ops))
        refused += 1
    for method in "lock", "steal", "unlock", "convert", "monitor":
        check_refused(client.call(method, "Open_vSwitch", None, {}))
        refused += 1
    assert contents(db) == before

    flood = check_flood(path)
    for text in ("{", "[]", "nonsense", '{"method":"x"}', "[" * 2000,
                 '{"method":"update","params":[],"id":null}',
                 '{"a":"' + "x" * 70000, '["' + "\\ud800" * 20 + '"]'):
        check_dropped(path, text)
    check_view(path)
    client.sock.close()
    flood.sock.close()
    check_sessions(path)
    assert contents(db) == before
    # An "a" is still one's to change.
    result = Client(path).transact(update("Port", ports["a"], {"tag": 6}))
    assert result == [{"count": 1}], result
    check_references(path, db, ports)
    print(f"{refused} refused, nobody hurt")


if __name__ == "__main__":
    main()
