#!/bin/sh
# mode: verify. The exit status is that of fluxsum verify; the summary of the job says
# what the commits do.
set -eu
. "$GITHUB_ACTION_PATH/.github/action/lib.sh"

# is_commit says whether an id of an event is one: where there is no commit, it is
# empty or zeros.
is_commit() { case $1 in *[!0]*) true ;; *) false ;; esac }

# bring_history fetches what a range needs and the clone lacks: the history, and these
# commits. actions/checkout brings one commit, by default that of a trial merge.
bring_history() {
	shallow=$(git rev-parse --is-shallow-repository 2>/dev/null) || return 0
	if [ "$shallow" = true ]; then
		set -- --unshallow origin "$@"
	elif [ $# -gt 0 ] && ! { git cat-file -e "$1^{commit}" && git cat-file -e "$2^{commit}"; } 2>/dev/null; then
		set -- origin "$@"
	else
		return 0
	fi
	git fetch --quiet --no-tags --no-recurse-submodules "$@" ||
		echo "The history could not be fetched: give actions/checkout \`fetch-depth: 0\`" >&2
}

output ok ""
output summary ""
enter
export FLUXSUM_STRICT="$INPUT_STRICT"

range=
if is_commit "$EVENT_BASE" && is_commit "$EVENT_HEAD" && [ "$EVENT_FORCED" != true ]; then
	range=$EVENT_BASE..$EVENT_HEAD
fi
case $INPUT_RANGE in
*..*)
	range=$INPUT_RANGE
	bring_history
	;;
*) [ -z "$range" ] || bring_history "$EVENT_BASE" "$EVENT_HEAD" ;;
esac

# What is verified: the range, or the one commit that is named, or that is all there is.
commit=${INPUT_RANGE:-HEAD}
if [ -n "$range" ] && [ "${INPUT_RANGE:-$range}" = "$range" ]; then
	set -- --range "$range"
else
	set -- --rev "$commit"
fi
[ -z "$INPUT_SARIF" ] || set -- "$@" -o sarif --output-file "$INPUT_SARIF"
status=0
"$FLUXSUM" verify "$@" || status=$?

# The summary is of the range where there is one, and must not change the status.
if [ -n "$range" ]; then
	set -- --range "$range"
else
	set -- --rev "$commit"
fi
summary=$(mktemp "$RUNNER_TEMP/fluxsum-summary.XXXXXX")
if ! "$FLUXSUM" diff "$@" -o markdown >"$summary" && [ "$status" -eq 0 ]; then
	warn "verify has nothing to object, but there is no summary" "the log says why; where no commit has a config, see the inputs working-directory and config"
fi
cat "$summary" >>"$GITHUB_STEP_SUMMARY"

output summary "$summary"
case $status in
0) output ok true ;;
1) output ok false ;;
esac
exit "$status"
