# OVN on two emulated DPUs, with Debian's packages of it, which are downloaded
# and unpacked below OVN_CACHE.  OVNFLAGS goes to "run": "--shell",
# "--profile mlx5 --no-csum".
EXTRA_DIST += \
	tests/ovn/network.py \
	tests/ovn/packages.py \
	tests/ovn/run \
	tests/ovn/topology.py

OVN_CACHE = tests/ovn-cache
check-ovn: all
	@PYTHONDONTWRITEBYTECODE=1 $(PYTHON3) $(srcdir)/tests/ovn/run . \
	  $(OVN_CACHE) $(OVNFLAGS)
.PHONY: check-ovn
