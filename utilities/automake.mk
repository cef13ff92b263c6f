dist_sbin_SCRIPTS = utilities/ovs-dpu-lab
dist_man8_MANS = utilities/ovs-dpu-lab.8
EXTRA_DIST += \
	utilities/debian-packages \
	utilities/demo \
	utilities/setup-clone

demo: all
	@$(srcdir)/utilities/demo
.PHONY: demo
