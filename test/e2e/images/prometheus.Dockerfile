# Stand-in for prom/prometheus: Debian's older build at the paths of the image.
FROM debian:bookworm-slim
COPY prometheus /bin/prometheus
COPY promtool /bin/promtool
RUN mkdir /etc/prometheus /prometheus && chown nobody:nogroup /etc/prometheus /prometheus
USER nobody
EXPOSE 9090
VOLUME ["/prometheus"]
ENTRYPOINT ["/bin/prometheus"]
CMD ["--config.file=/etc/prometheus/prometheus.yml", "--storage.tsdb.path=/prometheus"]
LABEL verdikt.stand-in="true"
