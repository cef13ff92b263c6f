/* SPDX-License-Identifier: Apache-2.0
 * Copyright (c) 2026 The ovs-dpu authors
 *
 * fake-sysfs: a folder in place of /sys.  What cannot be made fails the
 * test.  'path' is relative to it, and the folders above it are made. */

#ifndef FAKE_SYSFS_H
#define FAKE_SYSFS_H 1

/* Where it is, once it is made. */
extern char fake_sysfs[];

void fake_sysfs_make(void);

/* Removes all of it.  Returns 0 if that was possible. */
int fake_sysfs_remove(void);

void fake_sysfs_write(const char *path, const char *text);
void fake_sysfs_link(const char *path, const char *target);

/* Reads the first line of 'path', with its newline. */
void fake_sysfs_read(const char *path, char text[128]);

#endif /* tests/unit/fake-sysfs.h */
