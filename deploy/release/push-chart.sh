#!/usr/bin/env bash
# push-chart.sh IMAGE CHARTS [FLAG...]: pushes the chart to oci://CHARTS, with IMAGE as its image, and prints the digest. The flags
# go to `helm push`.
set -euo pipefail
cd "$(dirname "$0")/../.."
image=$1 charts=$2
shift 2
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cp -r charts/verdikt "$work/verdikt"
sed -i "s|^  repository: verdikt$|  repository: $image|" "$work/verdikt/values.yaml"
grep -qx "  repository: $image" "$work/verdikt/values.yaml" || { echo 'values.yaml names no image to replace.' >&2; exit 1; }
helm lint --quiet --strict "$work/verdikt" >&2
helm package "$work/verdikt" --destination "$work" >&2
helm push "$work"/verdikt-*.tgz "oci://$charts" "$@" 2>&1 | tee "$work/log" >&2
digest=$(sed -n 's/^Digest: *//p' "$work/log")
[ -n "$digest" ] || { echo 'helm push told no digest.' >&2; exit 1; }
echo "$digest"
