dnl SPDX-License-Identifier: Apache-2.0
dnl Copyright (c) 2026 The ovs-dpu authors

dnl DPU_CHECK_OVS
dnl
dnl Finds a built Open vSwitch source tree.  Its private headers are used and
dnl its objects are linked anew, so that it must have been built with DPDK and
dnl with -DALLOW_EXPERIMENTAL_API (packet recovery is compiled out otherwise).
AC_DEFUN([DPU_CHECK_OVS], [
  AC_ARG_WITH([ovs-source],
    [AS_HELP_STRING([--with-ovs-source=DIR],
      [Open vSwitch source tree])],
    [], [AC_MSG_ERROR([--with-ovs-source=DIR is required: a source tree of Open vSwitch, built with DPDK (or run "make" in a fresh clone, which sets one up)])])
  AC_ARG_WITH([ovs-build],
    [AS_HELP_STRING([--with-ovs-build=DIR],
      [Open vSwitch build tree, if not the source tree])],
    [], [with_ovs_build=$with_ovs_source])
  AC_MSG_CHECKING([for Open vSwitch])
  OVS_SRCDIR=`cd "$with_ovs_source" 2>/dev/null && pwd`
  OVS_BUILDDIR=`cd "$with_ovs_build" 2>/dev/null && pwd`
  AS_IF([test -z "$OVS_SRCDIR" || test ! -f "$OVS_SRCDIR/lib/netdev-provider.h"],
    [AC_MSG_ERROR([$with_ovs_source is not a source tree of Open vSwitch])])
  AS_IF([test -z "$OVS_BUILDDIR" || test ! -f "$OVS_BUILDDIR/config.h"],
    [AC_MSG_ERROR([$with_ovs_build is not a configured build tree of Open vSwitch])])
  for dpu_f in vswitchd/bridge.o lib/libopenvswitch.la ofproto/libofproto.la; do
    AS_IF([test ! -f "$OVS_BUILDDIR/$dpu_f"],
      [AC_MSG_ERROR([$OVS_BUILDDIR/$dpu_f is missing: build Open vSwitch first])])
  done
  AC_MSG_RESULT([$OVS_SRCDIR])

  AC_MSG_CHECKING([whether Open vSwitch was built with DPDK])
  AS_IF([grep -q '^#define DPDK_NETDEV 1' "$OVS_BUILDDIR/config.h"],
    [AC_MSG_RESULT([yes])],
    [AC_MSG_RESULT([no])
     AC_MSG_ERROR([build Open vSwitch with --with-dpdk=shared])])
  AC_MSG_CHECKING([whether Open vSwitch was built with -DALLOW_EXPERIMENTAL_API])
  AS_IF([grep -q '^CFLAGS = .*-DALLOW_EXPERIMENTAL_API' "$OVS_BUILDDIR/Makefile"],
    [AC_MSG_RESULT([yes])],
    [AC_MSG_RESULT([no])
     AC_MSG_ERROR([configure Open vSwitch with CFLAGS="... -DALLOW_EXPERIMENTAL_API"])])

  OVS_VERSION=`sed -n 's/^#define PACKAGE_VERSION "\(.*\)"$/\1/p' "$OVS_BUILDDIR/config.h"`
  OVS_CPPFLAGS="-I$OVS_BUILDDIR -I$OVS_BUILDDIR/include -I$OVS_BUILDDIR/lib -I$OVS_SRCDIR -I$OVS_SRCDIR/include -I$OVS_SRCDIR/lib"
  OVS_LDFLAGS=`sed -n 's/^DPDK_vswitchd_LDFLAGS = //p' "$OVS_BUILDDIR/Makefile"`
  AC_SUBST([OVS_SRCDIR])
  AC_SUBST([OVS_BUILDDIR])
  AC_SUBST([OVS_VERSION])
  AC_SUBST([OVS_CPPFLAGS])
  AC_SUBST([OVS_LDFLAGS])
])

dnl DPU_CHECK_DPDK
dnl
dnl DPDK's libraries, and the headers of its source for drivers, which
dnl distributions do not package.
AC_DEFUN([DPU_CHECK_DPDK], [
  PKG_CHECK_MODULES([DPDK], [libdpdk >= 22.11])
  AC_ARG_WITH([dpdk-source],
    [AS_HELP_STRING([--with-dpdk-source=DIR],
      [DPDK source tree of the version that is installed, for the headers of drivers])],
    [], [AC_MSG_ERROR([--with-dpdk-source=DIR is required: DPDK's source, of the version that is installed])])
  AC_MSG_CHECKING([for DPDK's driver headers])
  DPDK_SRCDIR=`cd "$with_dpdk_source" 2>/dev/null && pwd`
  AS_IF([test -z "$DPDK_SRCDIR" || test ! -f "$DPDK_SRCDIR/lib/ethdev/ethdev_driver.h"],
    [AC_MSG_ERROR([$with_dpdk_source is not a source tree of DPDK])])
  AC_MSG_RESULT([$DPDK_SRCDIR])

  AC_MSG_CHECKING([that DPDK's source is of the version that is installed])
  dpu_src=`sed 's/^\([[0-9]]*\.[[0-9]]*\).*/\1/' "$DPDK_SRCDIR/VERSION"`
  dpu_lib=`$PKG_CONFIG --modversion libdpdk | sed 's/^\([[0-9]]*\.[[0-9]]*\).*/\1/'`
  AS_IF([test "$dpu_src" = "$dpu_lib"], [AC_MSG_RESULT([yes, $dpu_lib])],
    [AC_MSG_ERROR([the source is $dpu_src, the libraries are $dpu_lib])])

  DPDK_DRIVER_CPPFLAGS="-I$DPDK_SRCDIR/lib/ethdev -I$DPDK_SRCDIR/drivers/bus/vdev -I$DPDK_SRCDIR/lib/eal/include -DALLOW_INTERNAL_API -DALLOW_EXPERIMENTAL_API"
  DPDK_ABI=`sed 's/\.[[0-9]]*$//' "$DPDK_SRCDIR/ABI_VERSION"`
  AC_ARG_WITH([dpdk-plugindir],
    [AS_HELP_STRING([--with-dpdk-plugindir=DIR],
      [where DPDK looks for drivers (default: LIBDIR/dpdk/pmds-ABI)])],
    [dpdkplugindir=$withval],
    [dpdkplugindir=`$PKG_CONFIG --variable=libdir libdpdk`/dpdk/pmds-`sed 's/\.[[0-9]]*$//' "$DPDK_SRCDIR/ABI_VERSION"`.0])
  AC_SUBST([DPDK_SRCDIR])
  AC_SUBST([DPDK_DRIVER_CPPFLAGS])
  AC_SUBST([dpdkplugindir])
])

dnl DPU_WARNINGS
AC_DEFUN([DPU_WARNINGS], [
  AC_ARG_ENABLE([Werror],
    [AS_HELP_STRING([--enable-Werror], [make warnings errors])])
  WARNING_CFLAGS="-Wall -Wextra -Wno-sign-compare -Wno-unused-parameter -Wpointer-arith -Wformat-security -Wstrict-prototypes -Wold-style-definition -Wmissing-prototypes -Wshadow -fno-strict-aliasing"
  AS_IF([test "$enable_Werror" = yes],
    [WARNING_CFLAGS="$WARNING_CFLAGS -Werror"])
  AC_SUBST([WARNING_CFLAGS])
])

dnl DPU_INSTRUMENT
AC_DEFUN([DPU_INSTRUMENT], [
  AC_ARG_ENABLE([asan],
    [AS_HELP_STRING([--enable-asan], [build with the address sanitizer])])
  AC_ARG_ENABLE([ubsan],
    [AS_HELP_STRING([--enable-ubsan], [build with the undefined behaviour sanitizer])])
  AC_ARG_ENABLE([tsan],
    [AS_HELP_STRING([--enable-tsan], [build with the thread sanitizer, on an Open vSwitch that is built so, too])])
  AC_ARG_ENABLE([coverage],
    [AS_HELP_STRING([--enable-coverage], [build for gcov])])
  AC_ARG_ENABLE([fuzzers],
    [AS_HELP_STRING([--enable-fuzzers], [with CC=clang: build tests/fuzz/fuzz-* as libFuzzer's])])
  INSTRUMENT_CFLAGS=
  INSTRUMENT_EMU_CPPFLAGS=
  dnl DPDK's headers have assembler, which the sanitizer cannot see, or these.
  DPU_TSAN_CFLAGS="-fsanitize=thread -DRTE_FORCE_INTRINSICS -DRTE_USE_C11_MEM_MODEL"
  AS_IF([test "$enable_asan" = yes],
    [INSTRUMENT_CFLAGS="$INSTRUMENT_CFLAGS -fsanitize=address -fno-omit-frame-pointer"])
  AS_IF([test "$enable_ubsan" = yes],
    [INSTRUMENT_CFLAGS="$INSTRUMENT_CFLAGS -fsanitize=undefined -fno-sanitize-recover=undefined"])
  AS_IF([test "$enable_tsan" = yes],
    [INSTRUMENT_CFLAGS="$INSTRUMENT_CFLAGS $DPU_TSAN_CFLAGS"
     INSTRUMENT_EMU_CPPFLAGS='-include $(top_srcdir)/tests/tsan.h'])
  AS_IF([test "$enable_coverage" = yes],
    [INSTRUMENT_CFLAGS="$INSTRUMENT_CFLAGS --coverage -O0"])
  AS_IF([test "$enable_fuzzers" = yes],
    [INSTRUMENT_CFLAGS="$INSTRUMENT_CFLAGS -fsanitize=fuzzer-no-link,address,undefined -fno-sanitize-recover=undefined"])
  AC_SUBST([INSTRUMENT_CFLAGS])
  AC_SUBST([INSTRUMENT_EMU_CPPFLAGS])
  AC_SUBST([DPU_TSAN_CFLAGS])
  AM_CONDITIONAL([FUZZERS], [test "$enable_fuzzers" = yes])
  AC_CHECK_PROGS([CLANG], [clang clang-14])
])
