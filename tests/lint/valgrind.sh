#!/bin/sh
# One unit test under memcheck: what reads or writes what is not its own, asks
# of bytes that were never set, or loses memory fails.
# valgrind.sh STAND_IN TEST    the paths of valgrind.so, which answers what
#                               valgrind does not know, and of a built test
set -eu
stand_in=$1 name=${2##*/}

# A test that a signal or exit(3) ends needs a process of its own; one for all
# of them is looked over once at its end, and quicker by far.
if grep -qE "raise_signal|exit_test" "tests/unit/$name.c"; then
	export CK_FORK=yes
else
	export CK_FORK=no
fi
export CK_TIMEOUT_MULTIPLIER=50
# Registers are right at each look at memory: our handler of SIGBUS jumps.
TMPDIR=$(mktemp -d)
export TMPDIR
trap 'rm -rf "$TMPDIR"' EXIT
trap 'exit 1' HUP INT TERM
chmod 755 "$TMPDIR"
said=$(LD_PRELOAD=$stand_in valgrind --quiet --vgdb=no --error-exitcode=9 \
	--vex-iropt-register-updates=allregs-at-mem-access --leak-check=full \
	--show-leak-kinds=definite --errors-for-leak-kinds=definite \
	--child-silent-after-fork=yes \
	"$2" 2>&1) || { printf '== %s\n%s\n' "$name" "$said"; exit 1; }
echo "$said" | tail -n 1 | sed "s/^/$name /"
