#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
# Copyright (c) 2026 The ovs-dpu authors
"""Does what a tutorial says, and compares what it shows.

usage: tutorial.py DOCUMENT

Commands are the lines "    # COMMAND"; below each stands what it prints, or a
part of it: "..." is any text, alone in a line any lines.  A line that starts
with "# ufid" or such is output if its command has been said to print it, that
is, if it does not start with a program's name."""

import re
import subprocess
import sys

PROGRAM = re.compile(r'(eval|ovs-[\w-]+) ')


def steps(path):
    """Pairs of a command and the lines that it is to print."""
    found = []
    for line in open(path):
        if not line.startswith('    '):
            continue
        line = line.rstrip('\n')[4:]
        if line.startswith('# ') and PROGRAM.match(line[2:]):
            found.append((line[2:], []))
        elif found:
            found[-1][1].append(line)
    return found


def expected(line):
    """'line' as a regular expression."""
    return '.*'.join(re.escape(part.strip(' ') if i else part.rstrip(' '))
                     for i, part in enumerate(line.split('...')))


def matches(lines, output):
    """Whether 'output' has the 'lines', in order."""
    rest = output.split('\n')
    for line in lines:
        pattern = re.compile(expected(line))
        while rest and not pattern.fullmatch(rest[0].rstrip()):
            rest = rest[1:]
        if not rest:
            return f'no line like: {line}'
        rest = rest[1:] if line != '...' else rest
    return None


def run(shell, command):
    """What 'command' prints in 'shell', and its status."""
    shell.stdin.write(command + ' 2>&1; echo "=== $?"\n')
    shell.stdin.flush()
    output = []
    for line in shell.stdout:
        if line.startswith('=== '):
            return ''.join(output), int(line[4:])
        output.append(line)
    return ''.join(output), -1


def main():
    found = steps(sys.argv[1])
    with subprocess.Popen(['bash'], stdin=subprocess.PIPE, text=True,
                          stdout=subprocess.PIPE) as shell:
        for command, lines in found:
            output, status = run(shell, command)
            wrong = (f'status {status}' if status else
                     matches(lines, output))
            if wrong:
                sys.exit(f'# {command}\n{output}{wrong}')
        shell.stdin.close()
    print(len(found), 'commands')


if __name__ == '__main__':
    main()
