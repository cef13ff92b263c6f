EXTRA_DIST += \
	Documentation/architecture.rst \
	Documentation/conformance.rst \
	Documentation/conntrack.rst \
	Documentation/emulator.rst \
	Documentation/features.rst \
	Documentation/metrics.rst \
	Documentation/netdev-dpu.rst \
	Documentation/offload.rst \
	Documentation/performance.rst \
	Documentation/reasons.rst \
	Documentation/reference.rst \
	Documentation/setup.rst \
	Documentation/translation.rst \
	Documentation/tutorial-lab.rst \
	Documentation/tutorial-host.rst \
	Documentation/tutorial-mininet.rst \
	Documentation/tutorial-ovn.rst
