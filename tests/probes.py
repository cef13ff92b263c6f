#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
# Copyright (c) 2026 The ovs-dpu authors
"""Compares the probes (USDT) of a program with what is documented.

usage: probes.py PROGRAM PAGE    prints each difference"""

import pathlib
import re
import subprocess
import sys


def notes(program):
    """The probes in the ELF notes of 'program': {name: numbers of
    arguments}."""
    out = subprocess.run(["readelf", "-nW", program], text=True, check=True,
                         stdout=subprocess.PIPE).stdout
    found = {}
    for name, arguments in re.findall(
            r"Provider: ovs_dpu\s+Name: (\w+)\s+Location: .*\s+"
            r"Arguments:(.*)", out):
        found.setdefault(name, set()).add(len(arguments.split()))
    return found


def documented(page):
    """The probes in the table of 'page'."""
    return {name: {len(arguments.split(","))} for name, arguments in
            re.findall(r"^``(\w+)``\s+``(\w+(?:, \w+)+)``",
                       pathlib.Path(page).read_text(), re.M)}


def main():
    in_program, in_page = notes(sys.argv[1]), documented(sys.argv[2])
    for name in sorted(in_program.keys() | in_page.keys()):
        if in_program.get(name) != in_page.get(name):
            print(f"{name}: {in_program.get(name, 'no')} arguments in the "
                  f"program, {in_page.get(name, 'no')} in the page")
    print(f"{len(in_program)} probes")


if __name__ == "__main__":
    main()
