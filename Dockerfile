# docker build -t finetunechat .                                          on the processor, for amd64 and arm64
# docker build -t finetunechat:cuda --build-arg ACCELERATOR=cuda .        on an NVIDIA GPU (run with --gpus all), amd64
# docs/install.md says how to run it; compose.yml does.
ARG ACCELERATOR=cpu

# Published here for any platform: nothing of it runs in an emulator.
FROM --platform=$BUILDPLATFORM mcr.microsoft.com/dotnet/sdk:10.0-noble AS build
COPY --from=node:20-bookworm-slim /usr/local/bin/node /usr/local/bin/
COPY --from=node:20-bookworm-slim /usr/local/lib/node_modules /usr/local/lib/node_modules
RUN ln -s ../lib/node_modules/npm/bin/npm-cli.js /usr/local/bin/npm
WORKDIR /source
COPY . .
ARG ACCELERATOR
ARG TARGETARCH
RUN platform=$(echo "linux-$TARGETARCH" | sed 's/amd64/x64/') \
    && dotnet publish src/FineTuneChat -p:PublishProfile="$platform" -p:Accelerator="$ACCELERATOR" -p:PublishDir=/app/ \
    && mkdir -m 700 /data

FROM mcr.microsoft.com/dotnet/runtime-deps:10.0-noble AS cpu
FROM nvidia/cuda:13.0.1-runtime-ubuntu24.04 AS cuda
RUN apt-get update && apt-get install -y --no-install-recommends ca-certificates libssl3t64 && rm -rf /var/lib/apt/lists/*

FROM ${ACCELERATOR}
COPY --from=build /app /app
COPY --from=build --chown=10001:10001 /data /data
USER 10001:10001
VOLUME /data
EXPOSE 1234
# Other machines reach it, so it needs a key (docs/install.md), unless Security:AllowRemoteWithoutKey says that something else keeps them out.
ENV FINETUNECHAT_HOME=/data FINETUNECHAT__Server__Urls=http://0.0.0.0:1234 FINETUNECHAT__Server__OpenBrowser=off
HEALTHCHECK --start-period=60s --interval=30s --timeout=5s CMD ["bash", "-c", \
    "exec 3<>/dev/tcp/127.0.0.1/1234 && printf 'GET /health HTTP/1.0\\r\\nHost: 127.0.0.1\\r\\n\\r\\n' >&3 && head -n 1 <&3 | grep -q ' 200 '"]
ENTRYPOINT ["/app/finetunechat"]
