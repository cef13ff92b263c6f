#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
# Copyright (c) 2026 The ovs-dpu authors
"""Compares what the code knows with what the documents say it does.

usage: reference.py TOP    the top of the source; prints each difference"""

import pathlib
import re
import sys

# What Open vSwitch's macros add to options.
SSL_OPTIONS = {'private-key', 'certificate', 'ca-cert'}


def code(top, pattern, *regexes):
    """What 'regexes' find in the files of 'top' that match 'pattern'."""
    text = '\n'.join(path.read_text() for path in sorted(top.glob(pattern)))
    return {found for regex in regexes for found in re.findall(regex, text)}


def section(page, title):
    """The first column of the tables below 'title', without arguments."""
    match = re.search(r'^%s\n-+\n(.*?)(?=^[^\n]+\n---|\Z)' % re.escape(title),
                      page, re.M | re.S)
    tables = re.findall(r'^=+ [= ]+\n[^\n]+\n=+ [= ]+\n(.*?)^=+ [= ]+$',
                        match.group(1), re.M | re.S)
    return set(re.findall(r'^``([\w/-]+)[^`\n]*``', '\n'.join(tables), re.M))


def differences(what, known, told):
    """A line for each that is in one of both."""
    return ([f'{what}: {name} is not documented'
             for name in sorted(known - told)]
            + [f'{what}: {name} is not in the code'
               for name in sorted(told - known)])


def compare_reference(top):
    """Documentation/reference.rst."""
    page = (top / 'Documentation/reference.rst').read_text()
    stock = {'dpdk-init', 'dpdk-extra', 'hw-offload', 'n-offload-threads'}
    devargs = code(top, 'emulator/emu-devargs.c',
                   r'{ "(\w+)", emu_devargs_\w+ },') | {'vfN'}
    commands = code(top, 'utilities/ovs-dpuctl.c', r'{ "([a-z]+)", \w+ }')
    guard = code(top, 'utilities/guard/ovs-dpu-guard.c',
                 r'{ "([\w-]+)", required_argument')
    return (differences('other_config', other_config(top) | stock,
                        section(page, '``other_config`` of the table '
                                      'Open_vSwitch'))
            + differences('options', options(top),
                          section(page, '``options`` of an Interface of type '
                                        '``dpu``'))
            + differences('ovs-appctl', unixctl(top),
                          section(page, '``ovs-appctl``'))
            + differences('ovs-dpuctl', commands - {'help', 'version'},
                          section(page, '``ovs-dpuctl``'))
            + differences('ovs-dpu-guard', {'--' + name for name in
                                            guard | SSL_OPTIONS},
                          section(page, '``ovs-dpu-guard``'))
            + differences('net_dpu_emu', devargs,
                          section(page, 'Arguments of ``net_dpu_emuN``')))


def other_config(top):
    """Keys of other_config that are ours."""
    return code(top, 'ofproto-dpif-dpu/**/*.c',
                r'set_\w+\(other_config, "([\w-]+)"',
                r'smap_get\w*\((?:ovs_)?other_config, "([\w-]+)"')


def options(top):
    """Keys of options."""
    return code(top, 'netdev-dpu/dpu-config.c', r'{ "([\w-]+)", check_\w+ }')


def unixctl(top):
    """Commands of ovs-appctl."""
    return code(top, '*-dpu/**/*.c',
                r'unixctl_command_register\(\s*"([^"]+)"')


def manual(top, name):
    """The text of a manual page, without its markup."""
    text = (top / 'utilities' / name).read_text()
    return re.sub(r'\\f[BIR]', '', text).replace('\\-', '-')


def missing(page, names, text):
    """A line for each of 'names' that 'text' does not have as a word."""
    return [f'{page}: {name} is not there' for name in sorted(names)
            if not re.search(r'(?<![\w/-])%s(?![\w/-])' % re.escape(name),
                             text)]


def missing_completion(top, program, names):
    """A line for each of 'names' that is not completed in bash."""
    page = top / 'utilities/bash-completion' / program
    return missing(f'completion of {program}', names, page.read_text())


def compare_manuals(top):
    """Manual pages and completion."""
    commands = code(top, 'utilities/ovs-dpuctl.c', r'{ "([a-z]+)", \w+ }')
    long_options = {'--' + name for name in
                    code(top, 'utilities/dpuctl-*.c',
                         r'{ "([\w-]+)", (?:no|required)_argument')}
    lab = code(top, 'utilities/ovs-dpu-lab', r'add_argument\("(--[\w-]+)"',
               r'\badd\("(\w+)", command_')
    host = code(top, 'utilities/ovs-dpu-host', r'add_argument\("(--[\w-]+)"',
                r'\("([a-z]+)", \w+, "')
    guard = {'--' + name for name in
             code(top, 'utilities/guard/ovs-dpu-guard.c', r'{ "([\w-]+)", \w+_argument')
             | SSL_OPTIONS}
    guard_commands = code(top, 'utilities/guard/ovs-dpu-guard.c',
                          r'unixctl_command_register\("([^"]+)"')
    return (missing('ovs-dpuctl.8', commands | long_options,
                    manual(top, 'ovs-dpuctl.8'))
            + missing_completion(top, 'ovs-dpuctl', commands | long_options)
            + missing_completion(top, 'ovs-dpu-lab', lab)
            + missing_completion(top, 'ovs-dpu-guard', guard)
            + missing('ovs-dpu-guard.8', (guard - {'--help', '--version'})
                      | guard_commands, manual(top, 'ovs-dpu-guard.8'))
            + missing_completion(top, 'ovs-dpu-host', host)
            + missing('ovs-dpu-host.8', host, manual(top, 'ovs-dpu-host.8'))
            + missing('ovs-dpu-lab.8', lab, manual(top, 'ovs-dpu-lab.8'))
            + missing('ovs-vswitchd-dpu.8',
                      other_config(top) | options(top) | unixctl(top),
                      manual(top, 'ovs-vswitchd-dpu.8')))


def main():
    top = pathlib.Path(sys.argv[1])
    found = compare_reference(top) + compare_manuals(top)
    print('\n'.join(found) if found else 'all is documented')


if __name__ == '__main__':
    main()
