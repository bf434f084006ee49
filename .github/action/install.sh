#!/bin/sh
# The program: the one that the input fluxsum names, or else one that is built of the
# sources beside this script, which are those of the version that `uses:` names.
set -eu
. "$GITHUB_ACTION_PATH/.github/action/lib.sh"

if [ -n "$INPUT_FLUXSUM" ]; then
	program=$(command -v "$INPUT_FLUXSUM") ||
		refuse "fluxsum is \"$INPUT_FLUXSUM\", which is no program here" "name one on PATH, or leave it out: then the action builds its own"
	case $program in
	/* | [A-Za-z]:*) ;;
	*) program=$PWD/$program ;;
	esac
else
	cd "$GITHUB_ACTION_PATH"
	GOFLAGS='' CGO_ENABLED=0 go build -trimpath -buildvcs=false -o "$RUNNER_TEMP/fluxsum/" ./cmd/fluxsum
	program=$RUNNER_TEMP/fluxsum/fluxsum
	echo "$RUNNER_TEMP/fluxsum" >>"$GITHUB_PATH"
fi
"$program" version
output program "$program"
