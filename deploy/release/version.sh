#!/usr/bin/env bash
# version.sh TAG: prints the version that the tag v1.2.3 names. Fails where the sources have another.
set -euo pipefail
cd "$(dirname "$0")/../.."
version=${1#v}
of_chart() { sed -n "s/^$1: *//p" charts/verdikt/Chart.yaml | tr -d "'\""; }
package=$(node -p 'require("./package.json").version')
chart=$(of_chart version)
app=$(of_chart appVersion)
for found in "$package" "$chart" "$app"; do
  [ "$found" = "$version" ] && continue
  echo "::error::The tag is $1, but package.json has $package, the chart $chart and its appVersion $app." >&2
  exit 1
done
echo "$version"
