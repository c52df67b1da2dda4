# One image for the edge, the processor and the command line:
#   docker run verdikt producer | processor | topics apply | ...
# The base can be pinned by digest: --build-arg NODE_IMAGE=node:24-bookworm-slim@sha256:...
ARG NODE_IMAGE=node:24-bookworm-slim

# hadolint ignore=DL3006
FROM ${NODE_IMAGE} AS builder
WORKDIR /app
# First what the dependencies depend on, so that a change of our code fetches nothing again.
COPY package.json package-lock.json .npmrc ./
COPY core/package.json core/
COPY schemas/package.json schemas/
COPY kafka/package.json kafka/
COPY engine/package.json engine/
COPY operate/package.json operate/
COPY producer/package.json producer/
COPY processor/package.json processor/
COPY cli/package.json cli/
COPY local/package.json local/
COPY bench/package.json bench/
COPY test/package.json test/
COPY client/package.json client/
COPY testing/package.json testing/
RUN npm ci --omit=dev --ignore-scripts --no-update-notifier \
      --workspace core --workspace schemas --workspace kafka --workspace engine --workspace operate \
      --workspace producer --workspace processor --workspace cli \
 && rm -rf node_modules/@verdikt/local node_modules/@verdikt/bench node_modules/@verdikt/test* node_modules/.package-lock.json \
 && find node_modules -type f \( -name '*.map' -o -name '*.d.ts' -o -name '*.d.mts' -o -name '*.d.cts' \) -delete
COPY deploy/image/assemble.sh /tmp/
RUN sh /tmp/assemble.sh /root-of-image /app/node_modules
COPY . ./
RUN rm -rf package-lock.json .npmrc local bench test testing deploy/image/assemble.sh && mv node_modules /node_modules

# No shell, no package manager: node, the libraries that it needs, and our code, which Node runs as it is.
FROM scratch
COPY --from=builder /root-of-image/ /
COPY --from=builder /node_modules /app/node_modules
COPY --from=builder /app /app
ENV NODE_ENV=production \
    NODE_COMPILE_CACHE=/app/.compiled \
    SSL_CERT_FILE=/etc/ssl/certs/ca-certificates.crt
WORKDIR /app
RUN ["/usr/local/bin/node", "deploy/image/compile.ts"]
USER 65532:65532
# REST API of the edge; probes and metrics of both services.
EXPOSE 8080 9464
STOPSIGNAL SIGTERM
HEALTHCHECK --interval=10s --timeout=5s --start-period=60s --retries=3 \
  CMD ["/usr/local/bin/node", "/app/deploy/image/health.ts"]
ENTRYPOINT ["/usr/local/bin/node", "/app/deploy/image/main.ts"]
CMD ["--help"]

ARG VERSION=0.1.0
ARG REVISION=unknown
ARG SOURCE=unknown
LABEL org.opencontainers.image.title="verdikt" \
      org.opencontainers.image.description="Ordered, exactly-once verdicts on Apache Kafka" \
      org.opencontainers.image.licenses="Apache-2.0" \
      org.opencontainers.image.version="${VERSION}" \
      org.opencontainers.image.revision="${REVISION}" \
      org.opencontainers.image.source="${SOURCE}"
