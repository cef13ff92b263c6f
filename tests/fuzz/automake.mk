# SPDX-License-Identifier: Apache-2.0
# Copyright (c) 2026 The ovs-dpu authors

EXTRA_DIST += \
	$(FUZZ_CASES) \
	tests/fuzz/fuzz.py \
	tests/fuzz/generate.py \
	tests/fuzz/pipeline.py \
	tests/fuzz/rig.py \
	tests/fuzz/shrink.py \
	tests/fuzz/traffic.py

# Pipelines on which hardware once did something else.
FUZZ_CASES = \
	tests/data/fuzz/ct-behind-pushed-vlan.json

# Pipelines made by chance, through software and through hardware: "make fuzz
# SECONDS=600 SEED=1 PROFILES='full mlx5'".  What it says is in fuzz.log.
SECONDS = 600
SEED = 1
FUZZ_PROFILES = full
fuzz: all $(TESTSUITE) tests/atlocal
	@echo "fuzz: $(SECONDS) seconds from seed $(SEED) on, see fuzz.log"
	@FUZZ_SECONDS=$(SECONDS) FUZZ_SEED=$(SEED) \
	  FUZZ_PROFILES='$(FUZZ_PROFILES)' FUZZ_LOG=$(abs_builddir)/fuzz.log \
	  $(SHELL) $(TESTSUITE) -C tests -k fuzz-run >fuzz.out 2>&1; rc=$$?; \
	test -f fuzz.log || cat fuzz.out; cat fuzz.log; exit $$rc
.PHONY: fuzz
CLEANFILES += fuzz.log fuzz.out
