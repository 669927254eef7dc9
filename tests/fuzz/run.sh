#!/bin/sh
# One target under libFuzzer: run.sh FUZZDIR TARGET SECONDS.
# Begins with the seeds and with what earlier runs found new; what breaks it
# is left in FUZZDIR/found/TARGET-*, to be copied to tests/fuzz/TARGET/ once
# it is mended.
set -eu
dir=$1 target=$2 seconds=$3

mkdir -p "$dir/corpus/$target" "$dir/found"
# Its files stand in memory, and go with it whatever becomes of it.
TMPDIR=$(mktemp -d -p /dev/shm postshare-fuzz-XXXXXX)
export TMPDIR
trap 'rm -rf "$TMPDIR"' EXIT
trap 'exit 1' HUP INT TERM

export ASAN_OPTIONS=quarantine_size_mb=32${ASAN_OPTIONS:+:$ASAN_OPTIONS}
status=0
log=$dir/found/$target.log
"$dir/fuzzers/$target" -max_total_time="$seconds" -timeout=10 \
	-rss_limit_mb=2048 -print_final_stats=1 \
	-artifact_prefix="$dir/found/$target-" \
	-dict="tests/fuzz/$target.dict" \
	"$dir/corpus/$target" "tests/fuzz/$target" >"$log" 2>&1 || status=$?
python3 tests/fuzz/summary.py "$target" "$log" || status=1
exit "$status"
