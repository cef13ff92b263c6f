# Mininet on emulated DPUs.  Wants Debian's package mininet.
EXTRA_DIST += tests/mininet/run

check-mininet: all
	@PYTHONDONTWRITEBYTECODE=1 $(PYTHON3) $(srcdir)/tests/mininet/run .
.PHONY: check-mininet
