EXTRA_DIST += \
	Documentation/architecture.rst \
	Documentation/emulator.rst \
	Documentation/netdev-dpu.rst \
	Documentation/offload.rst \
	Documentation/reasons.rst \
	Documentation/translation.rst
