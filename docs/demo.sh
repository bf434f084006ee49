#!/bin/sh
# Runs the main job of fluxsum on a throw-away copy of the example repository:
# sh docs/demo.sh PATH-OF-FLUXSUM
set -eu
fluxsum=$(cd "$(dirname "$1")" && pwd)
PATH=$fluxsum:$PATH
here=$(cd "$(dirname "$0")/.." && pwd)
dir=$(mktemp -d)
trap 'rm -rf "$dir"' EXIT
cp -R "$here/testdata/matrix-gitops" "$dir/matrix-gitops"
cd "$dir/matrix-gitops"
rm .fluxsum.yaml
git init -q
git config user.name demo
git config user.email demo@example.org
git add -A
git commit -qm 'example repository'

say() { printf '\n# %s\n' "$1"; }
run() {
	printf '$ %s\n' "$1"
	status=0
	sh -c "$1" 2>&1 || status=$?
	[ "$status" = "$2" ] || { echo "demo: exit status $status, expected $2" >&2; exit 1; }
}

say 'fluxsum finds what the repository needs: two checksums stand there, on keys that Flux does not act on.'
run 'fluxsum init' 0
say 'fluxsum update writes the one that Flux acts on. Nothing else in the file changes.'
run 'fluxsum update' 0
run 'git --no-pager diff -U0' 0
run 'git add -A && git commit -qm "Checksums that Flux acts on" && fluxsum verify' 0
say 'A values file changes, and its checksums are stale: Flux would not see it at once.'
run "sed -i.old 's/Example Chat/Example Talk/' apps/production/custom-configs/element-values.yaml && rm apps/production/custom-configs/*.old" 0
run 'fluxsum verify' 1
say 'What was never rolled out: the recorded checksum names a content, and Git has it.'
run 'fluxsum diff matrix-stack' 0
say 'Installed once per clone, the hook sets them right in every commit, for what is staged.'
run 'fluxsum hooks install' 0
run 'git commit -q -a -m "A new name"' 0
run 'git --no-pager show --stat --format=%s' 0
run 'fluxsum verify --rev HEAD' 0
say 'What a pull request of this commit would do.'
run 'fluxsum diff --range HEAD~1..HEAD' 0
say 'The way of the file to the rollout, and what Flux will do.'
run 'fluxsum explain matrix-stack' 0
