# Debian packages, see debian/README.source.
DEBIAN_FILES = \
	debian/README.source \
	debian/changelog \
	debian/control \
	debian/copyright \
	debian/librte-net-dpu-emu.install \
	debian/make-packages \
	debian/not-installed \
	debian/openvswitch-switch-dpu.README.Debian \
	debian/openvswitch-switch-dpu.install \
	debian/openvswitch-switch-dpu.postinst \
	debian/openvswitch-switch-dpu.prerm \
	debian/ovs-dpu-host.README.Debian \
	debian/ovs-dpu-host.default \
	debian/ovs-dpu-host.install \
	debian/ovs-dpu-host.postrm \
	debian/ovs-dpu-lab.install \
	debian/ovs-dpu-tools.install \
	debian/ovs-dpu-tools.ovs-dpu-guard.default \
	debian/ovs-dpu-tools.ovs-dpu-guard.service \
	debian/ovs-dpu-tools.ovs-dpu-setup.default \
	debian/ovs-dpu-tools.ovs-dpu-setup.service \
	debian/ovs-vswitchd.service.conf \
	debian/rules \
	debian/source/format
EXTRA_DIST += $(DEBIAN_FILES)

deb: dist
	$(srcdir)/debian/make-packages $(distdir).tar.xz $(DPDK_SRCDIR) deb \
		$(DEB_FLAGS)

# What becomes of a machine that gets them.
EXTRA_DIST += tests/deb/boot tests/deb/guest tests/deb/run
check-deb: deb
	@$(srcdir)/tests/deb/run deb
.PHONY: deb check-deb
