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
git init -q
git add -A
git -c user.name=demo -c user.email=demo@example.org commit -qm 'example repository'

say() { printf '\n# %s\n' "$1"; }
run() {
	printf '$ %s\n' "$1"
	status=0
	sh -c "$1" 2>&1 || status=$?
	[ "$status" = "$2" ] || { echo "demo: exit status $status, expected $2" >&2; exit 1; }
}

say 'Every checksum is true.'
run 'fluxsum verify' 0
say 'A values file changes, and its checksum is stale: Flux would not see it.'
run "sed -i.old 's/Example Chat/Example Talk/' apps/production/custom-configs/element-values.yaml && rm apps/production/custom-configs/*.old" 0
run 'fluxsum verify' 1
say 'fluxsum update writes the new one. Nothing else in the file changes.'
run 'fluxsum update' 0
run 'fluxsum verify' 0
run 'git --no-pager diff -U0 apps/production/kustomization.yaml' 0
say 'Installed once per clone, the hook does this in every commit, for what is staged.'
run 'git checkout -q .' 0
run 'fluxsum hooks install' 0
run "sed -i.old 's/Example Chat/Example Talk/' apps/production/custom-configs/element-values.yaml && rm apps/production/custom-configs/*.old" 0
run 'git -c user.name=demo -c user.email=demo@example.org commit -q -a -m "A new name"' 0
run 'git --no-pager show --stat --format=%s' 0
run 'fluxsum verify --rev HEAD' 0
