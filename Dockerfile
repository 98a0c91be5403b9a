# One image, many roles: `docker run sluice run /etc/sluice/pipeline.yaml --role source`.
# Without the servers that the demo starts: name Kafka, registry and databases in the pipeline file.
FROM maven:3.9-eclipse-temurin-17 AS build
WORKDIR /build
COPY . .
RUN --mount=type=cache,target=/root/.m2 mvn -B -ntp -q -DskipTests package -pl app -am

FROM eclipse-temurin:17-jre
RUN groupadd --system --gid 10001 sluice \
 && useradd --system --uid 10001 --gid sluice --home-dir /var/lib/sluice --create-home --shell /usr/sbin/nologin sluice
# Libraries change rarely and come first, so that a new version of Sluice is a small layer.
COPY --from=build /build/app/target/sluice/lib/ /opt/sluice/lib/
COPY --from=build /build/app/target/sluice/*.jar /opt/sluice/
USER 10001:10001
WORKDIR /var/lib/sluice
VOLUME /var/lib/sluice
ENV SLUICE_LOG_FORMAT=json
# Native libraries are unpacked into the temporary folder, so it must allow to run what lies there. More options: JAVA_TOOL_OPTIONS.
ENTRYPOINT ["java", "-XX:MaxRAMPercentage=70", "-XX:+UseParallelGC", "-XX:+ExitOnOutOfMemoryError", "-Djava.io.tmpdir=/var/lib/sluice", "-cp", "/opt/sluice/*:/opt/sluice/lib/*", "io.sluice.app.Main"]
CMD ["--help"]
