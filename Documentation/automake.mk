EXTRA_DIST += Documentation/emulator.rst
