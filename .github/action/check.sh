#!/bin/sh
# The first step: what cannot work is refused before anything is installed.
set -eu
. "$GITHUB_ACTION_PATH/.github/action/lib.sh"

# only_for refuses an input that is set, and that another mode alone looks at.
only_for() { [ -z "$3" ] || refuse "$2 is \"$3\", which mode: $INPUT_MODE does not look at" "leave it out, or set mode: $1"; }

case $INPUT_MODE in
verify) only_for fix message "$INPUT_MESSAGE" ;;
fix)
	only_for verify range "$INPUT_RANGE"
	[ "$INPUT_STRICT" = false ] || only_for verify strict "$INPUT_STRICT"
	only_for verify sarif "$INPUT_SARIF"
	;;
*) refuse "mode is \"$INPUT_MODE\", expected verify or fix" "verify says whether the checksums are true, fix commits and pushes those that are not" ;;
esac
