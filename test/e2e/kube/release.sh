#!/usr/bin/env bash
# release.sh BIN: what a release does with the chart, against a registry on this machine. What is pulled from there must render as the
# sources do with the image of the release. The push of the image needs Docker: .ci/compose tests it.
set -euo pipefail
cd "$(dirname "$0")/../../.."
export PATH=$1:$PATH
out=$(mktemp -d)
registry=
end() {
  [ -z "$registry" ] || kill "$registry" 2>/dev/null || true
  rm -rf "$out"
}
trap end EXIT
fail() {
  echo "release: $*" >&2
  exit 1
}

version=$(sed -n 's/^version: *//p' charts/verdikt/Chart.yaml)
[ "$(deploy/release/version.sh "v$version")" = "$version" ] || fail "v$version is not the tag of version $version"
if deploy/release/version.sh v999.0.0 2>"$out/refused"; then fail 'a tag of another version passes'; fi
grep -q 'The tag is v999.0.0' "$out/refused" || fail 'a tag of another version is not named'

registry -port 0 >"$out/registry.log" 2>&1 &
registry=$!
port=
for _ in $(seq 150); do
  port=$(sed -n 's/.*serving on port \([0-9]*\).*/\1/p' "$out/registry.log")
  [ -z "$port" ] || break
  kill -0 "$registry" 2>/dev/null || fail "the registry ended: $(cat "$out/registry.log")"
  sleep 0.2
done
[ -n "$port" ] || fail 'the registry does not start'

# Settings and logins of helm are none of this test.
export HELM_CONFIG_HOME=$out/config HELM_CACHE_HOME=$out/cache HELM_DATA_HOME=$out/data
charts=127.0.0.1:$port/somebody/verdikt/charts
image=registry.example/somebody/verdikt
digest=$(deploy/release/push-chart.sh "$image" "$charts" --plain-http 2>"$out/push.log") || fail "push: $(cat "$out/push.log")"
helm pull "oci://$charts/verdikt" --version "$version" --plain-http --destination "$out" >"$out/pull.log" 2>&1 ||
  fail "pull: $(cat "$out/pull.log")"
grep -q "$digest" "$out/pull.log" || fail "pushed $digest, pulled something else: $(cat "$out/pull.log")"

render() { helm template words "$@" --kube-version 1.35.0; }
# The others need a cluster that knows more kinds.
for values in charts/verdikt/ci/{minimal,mutual-tls,secured}-values.yaml; do
  render "$out/verdikt-$version.tgz" --values "$values" >"$out/pulled.yaml"
  render charts/verdikt --values "$values" --set "image.repository=$image" >"$out/sources.yaml"
  cmp "$out/pulled.yaml" "$out/sources.yaml" || fail "with $values the pulled chart renders something else than the sources"
  grep -q "image: [\"']\?$image:$version" "$out/pulled.yaml" || fail "with $values no container has the image $image:$version"
done
echo "release: chart $version pushed, pulled and rendered ($digest)"
