# shellcheck shell=sh
# What the scripts of the action share.

# What is not an input is as fluxsum has it by default, whatever the workflow sets for
# other steps: FLUXSUM_OUTPUT would take the annotations away, FLUXSUM_DRY_RUN the fix.
# Only the config of a repository is the same for all.
for name in $(env | sed -n 's/^\(FLUXSUM_[A-Z_]*\)=.*/\1/p'); do
	[ "$name" = FLUXSUM_CONFIG ] || unset "$name"
done

# refuse ends the step with what is wrong and what to do, as an annotation.
refuse() {
	annotate error "$1" "$2"
	exit 2
}

# warn goes on after the same.
warn() { annotate warning "$1" "$2"; }

annotate() { printf '::%s title=fluxsum::%s%%0Ahint: %s\n' "$1" "$(escaped "$2")" "$(escaped "$3")"; }

# escaped is a text as one line of a workflow command.
escaped() { printf '%s' "$1" | tr '\r\n' '  ' | sed 's/%/%25/g'; }

# output sets an output of the step. Set again, the last counts; set at all, it wins
# over the old command ::set-output, which a path in the log might look like.
output() { printf '%s=%s\n' "$1" "$2" >>"$GITHUB_OUTPUT"; }

# enter goes to where fluxsum is to run, and takes over what all its commands are
# given.
enter() {
	case $INPUT_WORKING_DIRECTORY in
	/* | [A-Za-z]:*) directory=$INPUT_WORKING_DIRECTORY ;;
	*) directory=./$INPUT_WORKING_DIRECTORY ;; # "-" is no folder to go back to
	esac
	cd -- "$directory" 2>/dev/null ||
		refuse "working-directory is \"$INPUT_WORKING_DIRECTORY\", which is no folder here" "it starts where actions/checkout puts the repository; a step with that comes first"
	[ -z "$INPUT_CONFIG" ] || export FLUXSUM_CONFIG="$INPUT_CONFIG"
	git_setting safe.directory "$GITHUB_WORKSPACE" # in a container it belongs to somebody else
	use_token
}

# use_token makes git show the token, in place of the one that actions/checkout has
# left. It stands in the environment: arguments are for everybody on the machine to read.
use_token() {
	[ -n "$INPUT_TOKEN" ] || return 0
	basic=$(printf 'x-access-token:%s' "$INPUT_TOKEN" | base64 | tr -d '\n')
	echo "::add-mask::$basic"
	git_setting "http.$GITHUB_SERVER_URL/.extraheader" "" # forgets those before
	git_setting "http.$GITHUB_SERVER_URL/.extraheader" "AUTHORIZATION: basic $basic"
}

# git_setting is for all git commands of the step.
git_setting() {
	count=${GIT_CONFIG_COUNT:-0}
	export "GIT_CONFIG_KEY_$count=$1" "GIT_CONFIG_VALUE_$count=$2" "GIT_CONFIG_COUNT=$((count + 1))"
}
