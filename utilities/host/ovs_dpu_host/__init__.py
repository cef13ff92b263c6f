# SPDX-License-Identifier: Apache-2.0
# Copyright (c) 2026 The ovs-dpu authors

"""A host that has VFs and no Open vSwitch.  For Python 3.6, as in XCP-ng's
dom0."""

