EXTRA_DIST += \
	utilities/debian-packages \
	utilities/setup-clone
