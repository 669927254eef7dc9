#!/bin/sh
# Builds the programs and the Debian package twice, each time in another folder,
# at another time, in another language and time zone, with another umask and
# number of jobs and, for root, as another user; what differs by a byte fails.
# reproducible.sh FOLDER    FOLDER: an empty one, removed if all is the same
#
# Not compared: .buildinfo and .changes, which tell when and where.
set -eu
dir=$1 status=0
export DEB_BUILD_OPTIONS=nocheck

# The files that git knows, as they stand, or all where there is no git.
copy() {
	mkdir -p "$1"
	{ git ls-files -z 2>/dev/null || find . -name build -prune -o -type f \
		-print0; } | tar -c --null --ignore-failed-read -T - |
		tar -x -C "$1"
}

build='umask "$1"; cd "$2"; shift 2
	dpkg-buildpackage -us -uc && make -s "$@" all'

first() {
	env TZ=UTC LC_ALL=C sh -c "$build" - 022 "$dir/a/tree" -j2
}

# dpkg asks the user's name and folder; files have the time of the build then.
second() {
	as=
	if test "$(id -u)" = 0; then
		chown -R nobody: "$dir/elsewhere"
		as='setpriv --reuid=nobody --regid=nogroup --clear-groups'
	else
		echo "not root: both builds are of one user"
	fi
	$as env TZ=Asia/Kolkata LC_ALL=C.UTF-8 HOME="$dir/elsewhere" \
		NO_FAKE_STAT=1 faketime -f +400d \
		sh -c "$build" - 027 "$dir/elsewhere/deeper/tree" -j1
}

compare() {
	if cmp "$1" "$2"; then
		echo "${1##*/}: the same bytes"
	else
		status=1
	fi
}

copy "$dir/a/tree"
copy "$dir/elsewhere/deeper/tree"
chmod -R go+rX "$dir" # another user has to get there
first >"$dir/a.log" 2>&1 || { tail -n 30 "$dir/a.log"; exit 1; }
second >"$dir/elsewhere.log" 2>&1 ||
	{ tail -n 30 "$dir/elsewhere.log"; exit 1; }
compared=0
for file in "$dir"/a/tree/build/release/bin/* "$dir"/a/*.deb "$dir"/a/*.dsc \
		"$dir"/a/*.tar.*; do
	name=${file#"$dir/a/"}
	compare "$file" "$dir/elsewhere/deeper/$name"
	compared=$((compared + 1))
done
test $compared -ge 6 || { echo "only $compared files"; exit 1; }
test $status != 0 || rm -rf "$dir"
exit $status
