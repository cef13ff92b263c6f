EXTRA_DIST += tests/atlocal.in

# Measurements: programs that `make bench` builds and runs, one after another.
# Each prints what it measured, with units.
BENCHES =
EXTRA_PROGRAMS =

bench: $(BENCHES)
	@for b in $(BENCHES); do \
	    echo "== $$b"; \
	    ./$$b || exit 1; \
	done
.PHONY: bench
CLEANFILES += $(BENCHES)
