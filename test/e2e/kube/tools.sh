#!/usr/bin/env bash
# Prints the folder that holds the named tools. Those that are not in PROOF_BIN are built once from the Go module proxy into
# .cache/bin, at the versions below (kfake: of its own go.mod); all share Go's module and build caches.
#   tools.sh helm kubectl ...
set -euo pipefail
root=$(cd "$(dirname "$0")/../../.." && pwd)
bin=$root/.cache/bin
mkdir -p "$bin"
# One at a time: a tool that is being written would look as if it were there.
exec 9>"$bin/.lock"
flock 9

KUBERNETES=1.35.0
declare -A MODULE=(
  [actionlint]=github.com/rhysd/actionlint/cmd/actionlint@v1.7.12
  [helm]=helm.sh/helm/v4/cmd/helm@v4.3.1
  [helm-docs]=github.com/norwoodj/helm-docs/cmd/helm-docs@v1.14.2
  [kube-score]=github.com/zegl/kube-score/cmd/kube-score@v1.20.0
  [kwok]=sigs.k8s.io/kwok/cmd/kwok@v0.8.0
  [registry]=github.com/google/go-containerregistry/cmd/registry@v0.20.6
)
KUBE='kube-apiserver kube-controller-manager kube-scheduler kubectl'

have_go() {
  command -v go >/dev/null 2>&1 && return
  echo 'Go 1.24 or newer is needed to build these tools; or set PROOF_BIN to a folder that holds them.' >&2
  exit 1
}
# A module of its own for tools whose go.mod replaces others: `go install` refuses those.
scratch() {
  work=$(mktemp -d)
  trap 'rm -rf "$work"' EXIT
  cd "$work"
  go mod init tools >/dev/null 2>&1
}
build_kube() {
  scratch
  local from module flags
  from=$(go mod download -json "k8s.io/kubernetes@v$KUBERNETES" | sed -n 's/.*"GoMod": "\(.*\)",*/\1/p')
  for module in $(awk '$1 ~ /^k8s.io\// && $2 == "v0.0.0" { print $1 }' "$from" | sort -u); do
    go mod edit -replace "$module=$module@v0${KUBERNETES#1}"
  done
  go get $(for t in $KUBE; do echo "k8s.io/kubernetes/cmd/$t@v$KUBERNETES"; done)
  flags="-s -w -X k8s.io/component-base/version.gitVersion=v$KUBERNETES -X k8s.io/component-base/version.gitMajor=1"
  flags+=" -X k8s.io/component-base/version.gitMinor=$(echo "$KUBERNETES" | cut -d. -f2)"
  go build -trimpath -ldflags "$flags" -o "$bin/" $(for t in $KUBE; do echo "k8s.io/kubernetes/cmd/$t"; done)
}
build_etcd() {
  scratch
  go get go.etcd.io/etcd/server/v3@v3.6.5
  go build -o "$bin/etcd" go.etcd.io/etcd/server/v3
}
build_unittest() {
  scratch
  go mod edit -replace github.com/vmware-labs/yaml-jsonpath@v0.3.2=github.com/helm-unittest/yaml-jsonpath@v0.4.0
  go get github.com/helm-unittest/helm-unittest/cmd/helm-unittest@v1.1.2
  go build -o "$bin/untt" github.com/helm-unittest/helm-unittest/cmd/helm-unittest
}
build_kfake() {
  cd "$root/test/e2e/kfake"
  go build -o "$bin/kfake" .
}

for tool in "$@"; do
  [ -x "$bin/$tool" ] && continue
  if [ -n "${PROOF_BIN:-}" ] && [ -x "$PROOF_BIN/$tool" ]; then
    ln -sf "$(cd "$PROOF_BIN" && pwd)/$tool" "$bin/$tool"
    continue
  fi
  have_go
  begun=$SECONDS
  case " $KUBE " in *" $tool "*) kind=kube ;; *) kind=$tool ;; esac
  case $kind in
    kube) (build_kube) ;;
    etcd) (build_etcd) ;;
    untt) (build_unittest) ;;
    kfake) (build_kfake) ;;
    *) GOBIN=$bin go install "${MODULE[$tool]}" ;;
  esac >&2
  echo "built $kind in $((SECONDS - begun)) s" >&2
done
echo "$bin"
