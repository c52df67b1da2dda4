# Stand-in for apache/kafka: the same jars from Maven Central, set up by the wrapper that Kafka itself ships for its image.
FROM debian:bookworm-slim
COPY jre /opt/java/openjdk
ENV JAVA_HOME=/opt/java/openjdk PATH=/opt/java/openjdk/bin:/usr/local/bin:/usr/sbin:/usr/bin:/bin
COPY libs /opt/kafka/libs
COPY etc /etc/kafka/docker
COPY bin /opt/kafka/bin
RUN useradd --create-home appuser && mkdir -p /opt/kafka/config /opt/kafka/logs /var/lib/kafka/data /etc/kafka/secrets /mnt/shared/config \
 && cp /etc/kafka/docker/*.yaml /opt/kafka/config && chown -R appuser /opt/kafka/config /opt/kafka/logs /var/lib/kafka /etc/kafka/secrets /mnt/shared
USER appuser
EXPOSE 9092
VOLUME ["/etc/kafka/secrets", "/var/lib/kafka/data", "/mnt/shared/config"]
CMD ["/etc/kafka/docker/run"]
LABEL verdikt.stand-in="true"
