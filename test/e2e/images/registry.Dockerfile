# Stand-in for apicurio/apicurio-registry: the same application from Maven Central.
FROM debian:bookworm-slim
COPY jre /opt/java/openjdk
COPY app /deployments
USER 1001
EXPOSE 8080 9000
CMD ["/opt/java/openjdk/bin/java", "-Dquarkus.http.host=0.0.0.0", "-XX:+ExitOnOutOfMemoryError", "-jar", "/deployments/quarkus-run.jar"]
LABEL verdikt.stand-in="true"
