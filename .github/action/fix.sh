#!/bin/sh
# mode: fix. One commit with the checksums that are not true, pushed to the branch that
# is checked out, never by force. Without such checksums: no commit, no push.
set -eu
. "$GITHUB_ACTION_PATH/.github/action/lib.sh"

# find_branch sets the branch of the event, and says how it is checked out.
find_branch() {
	case $GITHUB_EVENT_NAME in
	pull_request | pull_request_target)
		[ "$HEAD_REPOSITORY" = "$GITHUB_REPOSITORY" ] ||
			refuse "the pull request comes from ${HEAD_REPOSITORY:-a fork that is gone}, where this job may not push" "its author runs \`fluxsum update --commit\`; leave such pull requests out with \`if: github.event.pull_request.head.repo.full_name == github.repository\`"
		branch=$GITHUB_HEAD_REF
		# shellcheck disable=SC2016 # GitHub is to expand it
		checkout='give actions/checkout `ref: ${{ github.head_ref }}`: by default it takes a trial merge'
		;;
	*)
		if [ "$GITHUB_REF_TYPE" != branch ] || [ "$GITHUB_EVENT_NAME" = merge_group ]; then
			refuse "there is no branch to push to: this run is for $GITHUB_REF_NAME, of the event $GITHUB_EVENT_NAME" "run mode: fix for pull requests, or for pushes to a branch"
		fi
		branch=$GITHUB_REF_NAME
		# shellcheck disable=SC2016
		checkout='give actions/checkout `ref: ${{ github.ref_name }}`'
		;;
	esac
}

# find_tip sets the commit at which the branch stands on the server now.
find_tip() {
	refs=$(git ls-remote origin "refs/heads/$branch") ||
		refuse "origin does not answer" "what git said stands above"
	tip=$(printf '%s\n' "$refs" | while read -r id name; do
		if [ "$name" = "refs/heads/$branch" ]; then echo "$id"; fi
	done)
}

refuse_moved() {
	[ -n "$tip" ] || refuse "the branch $branch is gone" "it was merged or deleted meanwhile, so there is nothing to do"
	refuse "the branch $branch has moved to $(short "$tip") meanwhile, so nothing was pushed" "the run for that commit does it; or run this one again"
}

short() { printf %.8s "$1"; }

# check_head refuses a checkout whose commit would not continue the branch.
check_head() {
	head=$(git rev-parse --verify --quiet 'HEAD^{commit}') ||
		refuse "no commit is checked out here" "a step with actions/checkout comes first"
	find_tip
	[ "$head" != "$tip" ] || return 0
	if [ -z "$tip" ] || [ "$head" = "$EVENT_HEAD" ]; then refuse_moved; fi
	refuse "$(short "$head") is checked out, and not $(short "$tip"), where the branch $branch stands" "$checkout"
}

# be_somebody makes commits those of the bot, unless git knows whose they are.
be_somebody() {
	for who in AUTHOR COMMITTER; do
		git -c user.useConfigOnly=true var "GIT_${who}_IDENT" >/dev/null 2>&1 ||
			export "GIT_${who}_NAME=github-actions[bot]" "GIT_${who}_EMAIL=41898282+github-actions[bot]@users.noreply.github.com"
	done
}

push() {
	git push --quiet origin "HEAD:refs/heads/$branch" && return
	find_tip
	[ "$tip" = "$head" ] || refuse_moved
	refuse "origin does not take the push to $branch" "the job needs \`permissions: contents: write\`; where rules protect the branch, a token that may pass them"
}

output ok ""
output commit ""
enter
find_branch
check_head
be_somebody
set -- update --commit
[ -z "$INPUT_MESSAGE" ] || set -- "$@" --message "$INPUT_MESSAGE"
"$FLUXSUM" "$@"
commit=$(git rev-parse HEAD)
if [ "$commit" != "$head" ]; then
	push
	echo "pushed $(short "$commit") to $branch"
	output commit "$commit"
fi
output ok true
