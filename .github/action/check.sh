#!/bin/sh
# The first step: what cannot work is refused before anything is installed.
set -eu
. "$GITHUB_ACTION_PATH/.github/action/lib.sh"

case $INPUT_MODE in
verify | fix) ;;
*) refuse "mode is \"$INPUT_MODE\", expected verify or fix" "verify says whether the checksums are true, fix commits and pushes those that are not" ;;
esac
